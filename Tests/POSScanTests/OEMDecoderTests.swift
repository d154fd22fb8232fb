import POSBarcode
import POSScan
import POSWire
import TestSupport
import Testing

@Suite("USB-OEM decoder")
struct OEMDecoderTests {
  private static func receive(
    _ decoder: inout OEMDecoder, _ report: [UInt8], at now: Int64 = 0, _ emit: (OEMDecoder.Event) -> Void
  ) throws(WireError) {
    try decoder.receive(report.span, at: now, emit)
  }

  private static func events(_ reports: [[UInt8]], flush: Bool = true) throws -> [OEMDecoder.Event] {
    var decoder = OEMDecoder()
    var events: [OEMDecoder.Event] = []
    for report in reports { try receive(&decoder, report) { events.append($0) } }
    if flush { decoder.flush { events.append($0) } }
    return events
  }

  private static func codes(_ reports: [[UInt8]]) throws -> [DecodedCode] {
    try events(reports).compactMap { if case .scan(let code) = $0 { code } else { nil } }
  }

  private static func label(_ data: [UInt8], _ trailer: [UInt8]) -> [UInt8] {
    [UInt8(4 + data.count + trailer.count), 0x10, 3, 0] + data + trailer
  }

  @Test(
    "labels, one report each",
    arguments: [
      ("oem-ean-13", "9001475067933", .ean13), ("oem-code-39", "00004937", .code39),
      ("oem-table-top", "9001475067933", .ean13),
    ] as [(String, String, Symbology)])
  func labels(_ fixture: String, _ text: String, _ symbology: Symbology) throws {
    let codes = try Self.codes(Fixture(fixture).messages)
    #expect(codes.map(\.bytes) == [Array(text.utf8)] && codes.map(\.symbology) == [symbology])
    #expect(codes.first?.isTruncated == false)
  }

  @Test("segments are joined, in both forms of the mark")
  func segments() throws {
    let marked = try Self.codes(Fixture("oem-two-segments").messages)
    #expect(marked.map(\.bytes) == [Array("9001475067933".utf8)] && marked.first?.pieces == 2)
    let data = (0..<2953).map { UInt8(truncatingIfNeeded: $0 &* 29 &+ $0 / 57) }
    for ending in [[], [0x00]] as [[UInt8]] {
      let reports = stride(from: 0, to: data.count, by: 56).map { start in
        let end = min(start + 56, data.count)
        return Self.label(Array(data[start..<end]), [end < data.count ? 0x10 : 0, 0x33, 0x0B] + ending)
      }
      let codes = try Self.codes(reports)
      #expect(
        codes.map(\.bytes) == [data] && codes.first?.pieces == reports.count && codes.first?.symbology == .qr)
    }
  }

  @Test("every id of specs/scanners.md §3.3")
  func ids() throws {
    for (id, symbology, type) in [
      (0x16, .upcA, 111), (0x11, .upcA, 111), (0x12, .upcE, 112), (0x14, .upcE, 112), (0x17, .ean8, 118),
      (0x1D, .ean8, 118), (0x13, .ean13, 119), (0x15, .ean13, 119), (0x0A, .code39, 108),
      (0x0D, .interleaved2of5, 106), (0x0C, .standard2of5, 105), (0x0E, .codabar, 107), (0x18, .code128, 110),
      (0x19, .code93, 109), (0x25, .gs1128, 120), (0x2A, .dataBar, 131), (0x2B, .dataBarExpanded, 132),
      (0x20, .composite, 111), (0x21, .composite, 112), (0x22, .composite, 118), (0x23, .composite, 119),
      (0x2E, .pdf417, 201), (0x38, .microPDF417, 207), (0x2F, .maxiCode, 202), (0x30, .ocrA, 121),
      (0x31, .ocrB, 122), (0x32, .dataMatrix, 203), (0x36, .gs1DataMatrix, 208), (0x33, .qr, 204),
      (0x37, .gs1QR, 209), (0x34, .aztec, 206), (0x35, .code49, 210), (0xFF, .unknown, 0),
    ] as [(UInt8, Symbology, UInt16)] {
      let events = try Self.events([Self.label([0x41], [0, id, 0x0B])])
      guard case .scan(let code)? = events.first else {
        Issue.record("id \(id)")
        continue
      }
      #expect(code.symbology == symbology, "id \(id)")
      #expect(code.scanDataType?.rawValue == type, "id \(id)")
    }
    for (id, symbology, type) in [
      (0x0D, .upcA, 101), (0x0A, .upcE, 102), (0x0C, .ean8, 103), (0x16, .ean13, 104),
    ]
      as [(UInt8, Symbology, UInt16)]
    {
      let codes = try Self.codes([Self.label([0x31], [id])])
      #expect(codes.map(\.symbology) == [symbology] && codes.first?.scanDataType?.rawValue == type)
    }
  }

  @Test("status alone is status")
  func status() throws {
    let flags: [OEMStatus] = [
      .flashing, .hardwareError, .notReady, .checkDigitError, .commandRejected, .directNotAllowed,
      .directUndefined,
      .configurationData, .twoLabelData, [.directData, .directAccepted], .directAccepted,
    ]
    #expect(try Self.events(Fixture("oem-status").messages) == flags.map { .status($0) })
  }

  @Test("a label is not lost to the status bits beside it")
  func labelWithStatus() throws {
    let events = try Self.events([[0x0A, 0x30, 3, 0, 0x31, 0x32, 0x33, 0, 0x18, 0x0B]])
    #expect(events.count == 2)
    guard case .status(let status) = events[0], case .scan(let code) = events[1] else {
      Issue.record("\(events)")
      return
    }
    #expect(status.contains(.hardwareError) && code.bytes == Array("123".utf8))
  }

  @Test("configuration and answers are told from labels by the status")
  func otherPayloads() throws {
    #expect(
      try Self.events([[6, 0x02, 3, 0, 1, 2], [6, 0x04, 3, 0, 1, 2], [6, 0x40, 3, 8, 1, 2]]).filter {
        if case .status = $0 { false } else { true }
      } == [
        .configuration([1, 2], isTwoLabel: false), .configuration([1, 2], isTwoLabel: true), .direct([1, 2]),
      ])
  }

  @Test("a segment that is late leaves two truncated scans, glued to nothing; the next label is whole")
  func lostSegment() throws {
    let first = Self.label(Array("ABC".utf8), [0x10, 0x18, 0x0B])
    var decoder = OEMDecoder()
    var codes: [DecodedCode] = []
    func note(_ event: OEMDecoder.Event) { if case .scan(let code) = event { codes.append(code) } }
    try Self.receive(&decoder, first, at: 0, note)
    let deadline: Int64 = 500_000_000
    #expect(decoder.deadline == deadline)
    try Self.receive(&decoder, Self.label(Array("XYZ".utf8), [0, 0x18, 0x0B]), at: 600_000_000, note)
    #expect(codes.map(\.bytes) == [Array("ABC".utf8), Array("XYZ".utf8)])
    #expect(codes.map(\.isTruncated) == [true, true])
    try Self.receive(&decoder, Self.label(Array("next".utf8), [0, 0x18, 0x0B]), at: 600_000_001, note)
    // Another symbology's label is none of the rest.
    try Self.receive(&decoder, first, at: 700_000_000, note)
    try Self.receive(&decoder, Self.label(Array("7".utf8), [0, 0x0A, 0x0B]), at: 1_300_000_000, note)
    #expect(codes.map(\.isTruncated) == [true, true, false, true, false])
  }

  @Test(
    "damaged reports, by reason and offset",
    arguments: [
      ([], .truncated, 0), ([3, 0, 0, 0], .value, 0), ([65, 0, 0, 0], .lengthOverLimit, 0),
      ([8, 0, 0, 0, 1], .truncated, 5), ([6, 0x10, 0, 0, 0x41, 0x42], .truncated, 6),
    ] as [([UInt8], WireError.Reason, Int)])
  func damaged(_ report: [UInt8], _ reason: WireError.Reason, _ offset: Int) {
    var decoder = OEMDecoder()
    #expect(throws: WireError(reason, at: offset, field: "")) { try Self.receive(&decoder, report) { _ in } }
  }

  @Test("nothing traps or grows on random reports")
  func noise() {
    var generator = SeededGenerator(seed: 11)
    var decoder = OEMDecoder()
    for step in 0..<20_000 {
      let length = Int.random(in: 0...64, using: &generator)
      var report = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      if length > 4, Bool.random(using: &generator) {
        report[0] = UInt8(length)
        report[1] = 0x10
        report.replaceSubrange((length - 3)..., with: [0x10, 0x18, 0x0B])
      }
      do throws(WireError) { try Self.receive(&decoder, report, at: Int64(step)) { _ in } } catch {}
      #expect(decoder.pendingBytes <= OEMDecoder.payloadLimit)
    }
  }

  @Test("commands are eleven bytes")
  func commands() {
    #expect(OEMCommand.enable.bytes == [0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(OEMCommand.notOnFileBeep.bytes.prefix(4) == [0x30, 0, 6, 0])
    // The nine bytes stand behind a zero (datalogic/androidPOS-core, DLSUSBScanner, updateConfiguration).
    let configuration = OEMCommand.configure(OEMConfiguration([UInt8](repeating: 7, count: 20))).bytes
    #expect(configuration == [0x20, 0, 7, 7, 7, 7, 7, 7, 7, 7, 7])
  }

  @Test("each item of the configuration has bits of its own")
  func configuration() {
    var owners = [Int: String](minimumCapacity: 72)
    func claim(_ changed: OEMConfiguration, _ name: String) {
      var count = 0
      for (index, byte) in changed.bytes.enumerated() {
        for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 {
          #expect(owners.updateValue(name, forKey: index * 8 + bit) == nil, "\(name)")
          count += 1
        }
      }
      #expect(count > 0)
    }
    for item in OEMConfiguration.Switch.allCases {
      var configuration = OEMConfiguration()
      configuration[item] = true
      #expect(configuration[item])
      claim(configuration, "\(item.name)")
      configuration[item] = false
      #expect(configuration == OEMConfiguration())
    }
    for level in OEMConfiguration.Level.allCases {
      var configuration = OEMConfiguration()
      configuration[level] = 255
      #expect(configuration[level] == level.limit)
      claim(configuration, "\(level.name)")
      configuration[level] = 0
      #expect(configuration == OEMConfiguration())
    }
    var configuration = OEMConfiguration()
    configuration[.upcEAN] = true
    configuration[.upcAToEAN13] = true
    configuration[.goodReadBeep] = true
    configuration[.beepVolume] = 2
    configuration[.doubleReadTimeout] = 1
    #expect(configuration.bytes == [0x01, 0, 0x02, 0x05, 0x20, 0, 0, 0, 0])
  }
}
