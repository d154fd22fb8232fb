import POSBarcode
import POSWire

/// Honeywell's decode header: a message that says how long the data are and of what symbology, so that they may
/// hold any byte (specs/scanners.md §1.6, DECHDR).
///
/// SYN FE, four bytes of length (lowest first), CR, `MSGGET`, four digits: bytes behind the GS; then Honeywell's
/// code id, AIM code and modifier, GS, the data and CR. The CR counts among those bytes.
struct HoneywellHeader: Sendable {
  /// SYN FE: what a message starts with.
  static let start: [UInt8] = [0x16, 0xFE]
  /// What ends the fixed part: length, CR, `MSGGET`, digits, three ids, GS.
  private static let fixedLength = 4 + 1 + 6 + 4 + 3 + 1
  private static let keyword: StaticString = "MSGGET"

  /// What a byte completed.
  enum Result {
    case needsMore
    case code(DecodedCode)
    case refused(WireError.Reason)
  }

  /// Everything behind ``start``.
  private(set) var bytes: [UInt8] = []

  /// Lines that what is still to come looks like: a CR behind the length, and one at the end.
  var linesToCome: Int { bytes.count <= 4 ? 2 : 1 }

  mutating func push(_ byte: UInt8) -> Result {
    bytes.append(byte)
    if bytes.count < Self.fixedLength { return isPlausible ? .needsMore : .refused(.framing) }
    guard bytes[Self.fixedLength - 1] == 0x1D else { return .refused(.framing) }
    guard let length else { return .refused(.value) }
    guard length <= SerialScanDecoder.payloadLimit + 1 else { return .refused(.lengthOverLimit) }
    guard bytes.count == Self.fixedLength + length else { return .needsMore }
    return .code(code(length))
  }

  /// Whether the last byte fits its fixed place.
  private var isPlausible: Bool {
    let index = bytes.count - 1
    switch index {
    case 4: return bytes[index] == 0x0D
    case 5..<11: return Self.keyword.withUTF8Buffer { $0[index - 5] } == bytes[index]
    case 11..<15: return (0x30...0x39).contains(bytes[index])
    default: return true
    }
  }

  /// The digits: bytes behind the GS, the final CR among them. One at least.
  private var length: Int? {
    let value = bytes[11..<15].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    return value > 0 ? value : nil
  }

  private func code(_ length: Int) -> DecodedCode {
    var data = bytes[Self.fixedLength...]
    if data.last == 0x0D { data = data.dropLast() }
    let aim = AIMIdentifier(code: bytes[16], modifier: bytes[17])
    return DecodedCode(
      aim: aim,
      symbology: Symbology(aim: aim, codeID: Symbology(honeywellCodeID: bytes[15]), dataLength: data.count),
      bytes: Array(data), raw: Self.start + bytes)
  }
}
