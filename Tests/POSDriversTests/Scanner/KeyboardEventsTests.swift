import POSLinux
import POSScan
import Testing

/// What the kernel made of a scanner's keystrokes, made reports again, and read by the decoder of reports.
@Suite("Scans from the kernel's keys")
struct KeyboardEventsTests {
  /// The code that events (key code, value) decode to; a report after each.
  static func decoded(_ events: [(UInt16, Int32)], dropAt: Int? = nil) throws -> [KeyboardScan] {
    var keys = KeyReports()
    let descriptor = KeyReports.descriptor
    var decoder = KeyboardDecoder(try KeyboardReportShape(descriptor: descriptor.span), KeyboardSettings())
    var scans: [KeyboardScan] = []
    var now: Int64 = 0
    for (index, (code, value)) in events.enumerated() {
      if index == dropAt { _ = keys.on(type: 0, code: 3, value: 0) }
      _ = keys.on(type: 1, code: code, value: value)
      guard let report = keys.on(type: 0, code: 0, value: 0) else { continue }
      now += 1_000_000
      try decoder.receive(report.span, at: now) { if case .scan(let scan) = $0 { scans.append(scan) } }
    }
    decoder.expire(at: .max) { if case .scan(let scan) = $0 { scans.append(scan) } }
    return scans
  }

  static let typed: [(UInt16, Int32)] = [
    (42, 1), (30, 1), (30, 0), (42, 0), (48, 1), (48, 0), (2, 1), (2, 0), (2, 1), (2, 0), (28, 1), (28, 0),
  ]

  @Test("a code is read")
  func whole() throws {
    let scans = try Self.decoded(Self.typed)
    #expect(scans.map(\.code.bytes) == [Array("Ab11".utf8)])
    #expect(scans.first?.flaws == [])
  }

  @Test("a code with lost events is flawed")
  func lost() throws {
    let scans = try Self.decoded(Self.typed, dropAt: 6)
    #expect(scans.contains { $0.flaws.contains(.rollover) })
  }
}
