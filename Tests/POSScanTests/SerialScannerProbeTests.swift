import POSScan
import Testing

@Suite("Asking a serial line which scanner is on it")
struct SerialScannerProbeTests {
  private static let second: Int64 = 1_000_000_000
  private static let revision: [UInt8] = [0x16, 0x4D, 0x0D] + Array("REVINF.".utf8)

  /// What the probe finds when `answers` come to its first, second and third question, each whole or byte by byte.
  private static func finding(_ answers: [[UInt8]], byByte: Bool) -> (SerialScannerProbe.Finding?, [[UInt8]])
  {
    var probe = SerialScannerProbe()
    var asked: [[UInt8]] = []
    var now: Int64 = 0
    var actions = probe.start(at: now)
    for answer in answers {
      for piece in byByte ? answer.map({ [$0] }) : [answer] {
        now += 1_000_000
        actions += probe.receive(piece.span, at: now)
      }
      now += second
      actions += probe.expire(at: now)
    }
    var finding: SerialScannerProbe.Finding?
    var ends = 0
    for action in actions {
      switch action {
      case .send(let bytes): asked.append(bytes)
      case .end(let found):
        finding = found
        ends += 1
      }
    }
    #expect(ends == 1 && probe.deadline == nil)
    return (finding, asked)
  }

  @Test("SSI, Honeywell and Datalogic answer each to their own question", arguments: [false, true])
  func everyMaker(byByte: Bool) {
    // REPLY_REVISION "R05"; its checksum is what the sum of all bytes lacks to 10000 hex (specs/scanners.md §1.5).
    let ssi: [UInt8] = [0x07, 0xA4, 0x00, 0x00, 0x52, 0x30, 0x35, 0xFE, 0x9E]
    #expect(Self.finding([ssi], byByte: byByte).0 == .ssi(revision: Array("R05".utf8)))
    let honeywell = Array("Product Name: Xenon\r\nREVINF\u{06}.".utf8)
    let second = Self.finding([[], honeywell], byByte: byByte)
    #expect(second.0 == .honeywell(revision: Array("Product Name: Xenon\n".utf8)))
    #expect(second.1.last == Self.revision)
    let datalogic = Array("\u{01}AGryphon\u{03}R2.1\u{03}\u{04}".utf8)
    let third = Self.finding([[], [], datalogic], byByte: byByte)
    #expect(third.0 == .datalogic(information: Array("AGryphon\u{03}R2.1\u{03}".utf8)))
    #expect(third.1.suffix(2) == [Self.revision, Array("i".utf8)])
    // Seven bits, odd parity.
    let sevenBits = datalogic.map { $0.nonzeroBitCount % 2 == 1 ? $0 : $0 | 0x80 }
    #expect(Self.finding([[], [], sevenBits], byByte: byByte).0 == third.0)
  }

  @Test("codes, an empty answer and noise prove nothing", arguments: [false, true])
  func nobody(byByte: Bool) {
    for line in ["4006381333931\r", "\u{01}\u{04}", "x\u{01}y\u{04}\r", "\u{01}never ends", ""] {
      let bytes = Array(line.utf8)
      #expect(Self.finding([bytes, bytes, bytes], byByte: byByte).0 == nil, "\(line)")
    }
    let long = [0x01] + [UInt8](repeating: 0x41, count: 100_000)
    #expect(Self.finding([[], [], long], byByte: byByte).0 == nil)
  }
}
