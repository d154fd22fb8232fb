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
  var scanDataType: UPOSScanDataType
  /// The add-on or second line that came as a scan of its own.
  var companion: Scan.Companion?
  /// Members of one verb alone, behind the common ones.
  var more: JSONLine = [:]
  private let content: CodeContent

  init(
    aim: AIMIdentifier?, symbology: Symbology, bytes: [UInt8], pieces: Int, isTruncated: Bool
  ) {
    self.aim = aim
    self.symbology = symbology
    self.bytes = bytes
    self.pieces = pieces
    self.isTruncated = isTruncated
    scanDataType = UPOSScanDataType(aim: aim, symbology: symbology, dataLength: bytes.count)
    content = CodeContent(aim: aim, symbology: symbology, bytes: bytes)
  }

  init(_ code: DecodedCode) {
    self.init(
      aim: code.aim, symbology: code.symbology, bytes: code.bytes, pieces: code.pieces,
      isTruncated: code.isTruncated)
    scanDataType = code.scanDataType ?? scanDataType
    more["raw"] = .string(HexText.text(code.raw))
  }

  init(_ scan: Scan) {
    self.init(
      aim: scan.aim, symbology: scan.symbology, bytes: scan.bytes, pieces: scan.reports,
      isTruncated: scan.isTruncated)
    scanDataType = scan.scanDataType
    companion = scan.companion
    more["raw"] = .string(HexText.text(scan.raw))
  }

  private var contentText: String { String(decoding: content.utf8, as: UTF8.self) }

  private var aimText: String? { aim.map { String(decoding: $0.bytes, as: UTF8.self) } }

  /// The JSON line (DESIGN §4).
  var json: JSONLine {
    var line: JSONLine = [
      "type": "scan", "aim": JSONValue(aimText), "symbology": .string("\(symbology.name)"),
      "text": .string(contentText), "text_from": .string("\(content.basis.name)"),
      "bytes": .string(HexText.text(bytes)), "reports": JSONValue(pieces), "truncated": .bool(isTruncated),
      "upos": JSONValue(scanDataType.rawValue),
    ]
    if !content.interpretations.isEmpty {
      line["eci"] = .array(content.interpretations.map { JSONValue($0) })
    }
    if let gs1 = content.gs1 {
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
    if let retail = content.retail { describe(retail, in: &line) }
    if let companion {
      line[companion.role == .addOn ? "add_on" : "second_line"] = .string(Scan.text(of: companion.bytes))
      if companion.role == .secondLine { describeSecondLine(companion.bytes, in: &line) }
    }
    for member in more.members { line[member.key] = member.value }
    return line
  }

  private func describe(_ retail: RetailCode, in line: inout JSONLine) {
    line["gtin"] = JSONValue(retail.gtin14.map { Scan.text(of: $0) })
    if let isValid = retail.hasValidCheckDigit { line["check_digit_valid"] = .bool(isValid) }
    if !retail.addOn.isEmpty { line["add_on"] = .string(Scan.text(of: retail.addOn)) }
    if retail.kind == .ambiguous8 || retail.kind == .ambiguous7 {
      line["ambiguous"] = .array(retail.readings.map { .string("\($0.name)") })
    }
    switch retail.meaning {
    case .article: break
    case .book(let isbn10):
      line["isbn"] = .string(Scan.text(of: retail.digits))
      line["isbn10"] = JSONValue(isbn10.map { Scan.text(of: $0) })
    case .periodical(let issn): line["issn"] = .string(Scan.text(of: issn))
    case .japaneseBookPrice: describeSecondLine(retail.digits, in: &line)
    case .storeDefined: line["store_defined"] = .bool(true)
    }
  }

  private func describeSecondLine(_ digits: [UInt8], in line: inout JSONLine) {
    guard
      case .japaneseBookPrice(let classification, let yen)? = RetailCode(symbology: .ean13, digits: digits)?
        .meaning
    else { return }
    line["c_code"] = .string(Scan.text(of: classification))
    line["yen"] = JSONValue(yen)
  }

  /// The same for people.
  var text: String {
    let cut = isTruncated ? ", truncated" : ""
    let count = pieces == 1 ? "1 report" : "\(pieces) reports"
    let other = companion.map { " + \(Self.printable(Scan.text(of: $0.bytes)))" } ?? ""
    var text =
      "\(symbology.name) \(aimText ?? "without AIM id"): \(Self.printable(contentText))\(other) (\(count)\(cut))"
    for element in content.gs1?.elements ?? [] {
      let title = String(decoding: element.identifier.title, as: UTF8.self)
      text +=
        "\n  (\(Self.identifierText(element.identifier))) \(title): \(Self.printable(Scan.text(of: element.value)))"
    }
    for finding in content.gs1?.findings ?? [] {
      text += "\n  offset \(finding.offset): \(finding.reason.name) in \(finding.field)"
    }
    return text
  }

  private static func identifierText(_ identifier: GS1Identifier) -> String {
    let digits = String(identifier.number)
    return String(repeating: "0", count: max(0, identifier.digits - digits.count)) + digits
  }

  /// Control characters as their pictures: a code must not move a technician's cursor.
  static func printable(_ text: String) -> String {
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
