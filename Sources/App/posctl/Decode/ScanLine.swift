import POSBarcode
import POSJSON
import POSModel
import POSScan
import POSWire

/// One scan as every verb prints it: what was read, and what can be told from it.
struct ScanLine {
  var aim: AIMIdentifier?
  var symbology: Symbology
  var bytes: [UInt8]
  var pieces: Int
  var isTruncated: Bool
  /// Members of one verb alone, behind the common ones.
  var more: JSONLine = [:]

  init(
    aim: AIMIdentifier?, symbology: Symbology, bytes: [UInt8], pieces: Int, isTruncated: Bool
  ) {
    self.aim = aim
    self.symbology = symbology
    self.bytes = bytes
    self.pieces = pieces
    self.isTruncated = isTruncated
  }

  init(_ code: DecodedCode) {
    self.init(
      aim: code.aim, symbology: code.symbology, bytes: code.bytes, pieces: code.pieces,
      isTruncated: code.isTruncated)
    more["raw"] = .string(HexText.text(code.raw))
  }

  /// The content as text: by its ECIs where it has them.
  private var content: String {
    if let aim, aim.usesECI, let text = ECIContent(bytes).utf8 {
      return String(decoding: text, as: UTF8.self)
    }
    return Scan.text(of: bytes)
  }

  private var aimText: String? { aim.map { String(decoding: $0.bytes, as: UTF8.self) } }

  /// The JSON line (DESIGN §4).
  var json: JSONLine {
    var line: JSONLine = [
      "type": "scan", "aim": JSONValue(aimText), "symbology": .string("\(symbology.name)"),
      "text": .string(content),
      "bytes": .string(HexText.text(bytes)), "reports": JSONValue(pieces), "truncated": .bool(isTruncated),
      "upos": JSONValue(UPOSScanDataType(aim: aim, symbology: symbology, dataLength: bytes.count).rawValue),
    ]
    if let gs1 = elements {
      line["gs1"] = .array(
        gs1.elements.map { element in
          .object([
            "ai": .string(Self.identifierText(element.identifier)),
            "title": .string(String(decoding: element.identifier.title, as: UTF8.self)),
            "value": .string(Scan.text(of: element.value)),
          ])
        })
      line["gs1_findings"] = .array(
        gs1.findings.map { finding in
          .object([
            "offset": JSONValue(finding.offset), "reason": .string("\(finding.reason.name)"),
            "field": .string("\(finding.field)"),
          ])
        })
    }
    if let retail = retailCode {
      line["gtin"] = JSONValue(retail.gtin14.map { Scan.text(of: $0) })
      if !retail.addOn.isEmpty { line["add_on"] = .string(Scan.text(of: retail.addOn)) }
      if retail.kind == .ambiguous8 {
        line["ambiguous"] = .array(retail.readings.map { .string("\($0.name)") })
      }
    }
    for member in more.members { line[member.key] = member.value }
    return line
  }

  /// The same for people.
  var text: String {
    let cut = isTruncated ? ", truncated" : ""
    let count = pieces == 1 ? "1 report" : "\(pieces) reports"
    var text = "\(symbology.name) \(aimText ?? "without AIM id"): \(Self.printable(content)) (\(count)\(cut))"
    for element in elements?.elements ?? [] {
      let title = String(decoding: element.identifier.title, as: UTF8.self)
      text +=
        "\n  (\(Self.identifierText(element.identifier))) \(title): \(Self.printable(Scan.text(of: element.value)))"
    }
    for finding in elements?.findings ?? [] {
      text += "\n  offset \(finding.offset): \(finding.reason.name) in \(finding.field)"
    }
    return text
  }

  private var elements: GS1ElementString? {
    let isGS1Symbol: Bool
    switch symbology {
    case .gs1128, .gs1QR, .gs1DataMatrix, .dataBar, .dataBarLimited, .dataBarExpanded: isGS1Symbol = true
    default: isGS1Symbol = aim?.isGS1 ?? false
    }
    return isGS1Symbol ? GS1ElementString(bytes.span) : GS1DigitalLink(bytes.span)?.elements
  }

  /// Digits of an unknown symbology are looked at only where eight of them may be two things.
  private var retailCode: RetailCode? {
    let code = RetailCode(symbology: symbology, digits: bytes)
    return symbology == .unknown && code?.kind != .ambiguous8 ? nil : code
  }

  private static func identifierText(_ identifier: GS1Identifier) -> String {
    let digits = String(identifier.number)
    return String(repeating: "0", count: max(0, identifier.digits - digits.count)) + digits
  }

  /// Control characters as their pictures: a code must not move a technician's cursor.
  private static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.value {
          case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? scalar
          case 0x7F: "\u{2421}"
          case 0x80..<0xA0: "\u{FFFD}"
          default: scalar
          }
        }))
  }
}
