import POSScan
import POSWire
import TestSupport
import Testing

@Suite("HID report descriptor")
struct ReportDescriptorTests {
  @Test("the captured descriptor comes out field for field")
  func captured() throws {
    let bytes = try Fixture.message("descriptor-honeywell-family")
    #expect(bytes.count == 127)
    let descriptor = try HIDReportDescriptor(bytes.span)
    #expect(descriptor.numbersReports)
    let runs: [(HIDUsage, HIDFieldRun)] = [
      (.byteCount, HIDFieldRun(reportID: 2, bitOffset: 8, elementBits: 8, count: 1)),
      (.symbologyIdentifier1, HIDFieldRun(reportID: 2, bitOffset: 16, elementBits: 8, count: 1)),
      (.symbologyIdentifier2, HIDFieldRun(reportID: 2, bitOffset: 24, elementBits: 8, count: 1)),
      (.symbologyIdentifier3, HIDFieldRun(reportID: 2, bitOffset: 32, elementBits: 8, count: 1)),
      (.decodedData, HIDFieldRun(reportID: 2, bitOffset: 40, elementBits: 8, count: 56)),
      (.honeywellVendorPair, HIDFieldRun(reportID: 2, bitOffset: 488, elementBits: 8, count: 2)),
      (.decodedDataContinued, HIDFieldRun(reportID: 2, bitOffset: 504, elementBits: 1, count: 8)),
    ]
    for (usage, run) in runs {
      #expect(descriptor.runs(of: usage, in: .input) == [run])
      #expect(descriptor.runs(of: usage, in: .output).isEmpty)
    }
    let outputs: [(HIDUsage, HIDFieldRun)] = [
      (.preventReadOfBarcodes, HIDFieldRun(reportID: 4, bitOffset: 8, elementBits: 1, count: 1)),
      (.initiateBarcodeRead, HIDFieldRun(reportID: 4, bitOffset: 9, elementBits: 1, count: 1)),
      (.soundErrorBeep, HIDFieldRun(reportID: 4, bitOffset: 10, elementBits: 1, count: 1)),
      (.soundGoodReadBeep, HIDFieldRun(reportID: 4, bitOffset: 11, elementBits: 1, count: 5)),
    ]
    for (usage, run) in outputs { #expect(descriptor.runs(of: usage, in: .output) == [run]) }
    #expect(descriptor.length(of: .input, id: 2) == 64)
    #expect(descriptor.length(of: .output, id: 4) == 2)
    #expect(descriptor.length(of: .input, id: 0xF0) == 64)
    #expect(descriptor.length(of: .output, id: 0xF0) == 64)
    #expect(descriptor.length(of: .input, id: 4) == nil)
    #expect(descriptor.collections.map(\.usage.id) == [0x02, 0x12, 0x14, 0x01])
    #expect(descriptor.collections.map(\.parent) == [nil, 0, 0, 0])
  }

  @Test("the captured descriptor cut at any byte is refused at the cut or before it")
  func everyPrefix() throws {
    let whole = try Fixture.message("descriptor-honeywell-family")
    for length in 1..<whole.count {
      let bytes = Array(whole[..<length])
      do throws(WireError) {
        let descriptor = try HIDReportDescriptor(bytes.span)
        // Before the first collection opens, a prefix is a descriptor of nothing.
        #expect(length <= 4 && descriptor.fields.isEmpty)
      } catch {
        #expect(error.reason == .truncated && error.offset <= length)
      }
    }
  }

  /// Item prefixes by name, so that the tables read as descriptors.
  private static let page: UInt8 = 0x05
  private static let usage: UInt8 = 0x09

  @Test(
    "numbers, ranges, pages and stacks follow HID 1.11 §6.2.2",
    arguments: [
      // The page that counts is the one at the main item, not the one at the usage.
      ("page after usage", [0x05, 0x01, 0x09, 0xFE, 0x05, 0x8C, 0x75, 8, 0x95, 2, 0x81, 2], 0, 2),
      ("extended usage", [0x05, 0x01, 0x0B, 0xFE, 0, 0x8C, 0, 0x75, 8, 0x95, 2, 0x81, 2], 0, 2),
      ("usage range", [0x05, 0x8C, 0x19, 0xFD, 0x29, 0xFF, 0x75, 8, 0x95, 3, 0x81, 2], 8, 1),
      ("range, maximum first", [0x05, 0x8C, 0x29, 0xFF, 0x19, 0xFD, 0x75, 8, 0x95, 3, 0x81, 2], 8, 1),
      (
        "extended range",
        [0x1B, 0xFD, 0, 0x8C, 0, 0x2B, 0xFE, 0, 0x8C, 0, 0x75, 8, 0x95, 3, 0x81, 2], 8, 2
      ),
      ("last usage repeats", [0x05, 0x8C, 0x09, 0xFD, 0x09, 0xFE, 0x75, 8, 0x95, 9, 0x81, 2], 8, 8),
      ("padding is counted", [0x05, 0x8C, 0x75, 3, 0x95, 1, 0x81, 3, 0x09, 0xFE, 0x75, 8, 0x81, 2], 3, 1),
      (
        "push and pop", [0x05, 0x8C, 0x75, 8, 0x95, 1, 0xA4, 0x05, 1, 0x75, 1, 0xB4, 0x09, 0xFE, 0x81, 2],
        0, 1
      ),
      ("id shifts fields", [0x05, 0x8C, 0x85, 7, 0x09, 0xFE, 0x75, 8, 0x95, 4, 0x81, 2], 8, 4),
      (
        "first name of a delimited set",
        [0x05, 0x8C, 0xA9, 1, 0x09, 0xFE, 0x09, 0xFD, 0xA9, 0, 0x09, 0xFD, 0x75, 8, 0x95, 2, 0x81, 2], 0, 1
      ),
      ("long item", [0xFE, 2, 0x10, 0xAA, 0xBB, 0x05, 0x8C, 0x09, 0xFE, 0x75, 8, 0x95, 1, 0x81, 2], 0, 1),
      ("report size in 4 bytes", [0x05, 0x8C, 0x09, 0xFE, 0x77, 8, 0, 0, 0, 0x96, 56, 0, 0x81, 2], 0, 56),
    ] as [(String, [UInt8], Int, Int)])
  func grammar(_ name: String, _ bytes: [UInt8], _ bitOffset: Int, _ count: Int) throws {
    let descriptor = try HIDReportDescriptor(bytes.span)
    let runs = descriptor.runs(of: .decodedData, in: .input)
    #expect(runs.map(\.bitOffset) == [bitOffset] && runs.map(\.count) == [count], "\(name)")
  }

  @Test(
    "a descriptor that lies is refused with the offset of the lie",
    arguments: [
      ("end without beginning", [0xC0], WireError(.framing, at: 0, field: "")),
      ("pop without push", [0x05, 0x8C, 0xB4], WireError(.framing, at: 2, field: "")),
      ("open collection", [0xA1, 1], WireError(.truncated, at: 2, field: "")),
      ("item cut short", [0x26, 0xFF], WireError(.truncated, at: 1, field: "")),
      ("long item cut short", [0xFE, 200, 1, 2], WireError(.truncated, at: 3, field: "")),
      ("report id 0", [0x85, 0], WireError(.value, at: 0, field: "")),
      ("report id 256", [0x86, 0, 1], WireError(.value, at: 0, field: "")),
      ("usage page of 17 bits", [0x07, 0, 0, 1, 0], WireError(.value, at: 0, field: "")),
      ("range backwards", [0x19, 5, 0x29, 4], WireError(.value, at: 2, field: "")),
      ("range over two pages", [0x1B, 1, 0, 1, 0, 0x2B, 2, 0, 2, 0], WireError(.value, at: 5, field: "")),
      ("element of 257 bits", [0x76, 1, 1], WireError(.lengthOverLimit, at: 0, field: "")),
      (
        "4 GB of elements", [0x97, 0xFF, 0xFF, 0xFF, 0xFF], WireError(.lengthOverLimit, at: 0, field: "")
      ),
      (
        "a report of 2 MB", [0x76, 0, 1, 0x97, 0, 0, 1, 0, 0x81, 2],
        WireError(.lengthOverLimit, at: 8, field: "")
      ),
      ("delimiter closed first", [0xA9, 0], WireError(.framing, at: 0, field: "")),
      ("delimiter opened twice", [0xA9, 1, 0xA9, 1], WireError(.framing, at: 2, field: "")),
    ] as [(String, [UInt8], WireError)])
  func lies(_ name: String, _ bytes: [UInt8], _ expected: WireError) {
    #expect(throws: expected, "\(name)") { try HIDReportDescriptor(bytes.span) }
  }

  @Test(
    "nothing grows past its limit",
    arguments: [
      ("fields", [0x75, 1, 0x95, 1], [0x81, 2], 4 + 2 * HIDReportDescriptor.Limit.fields),
      ("collections", [], [0xA1, 1], 2 * HIDReportDescriptor.Limit.collections),
      ("usages", [], [0x09, 1], 2 * HIDReportDescriptor.Limit.usages),
      ("pushes", [], [0xA4], HIDReportDescriptor.Limit.pushes),
    ] as [(String, [UInt8], [UInt8], Int)])
  func limits(_ name: String, _ head: [UInt8], _ repeated: [UInt8], _ offset: Int) {
    var bytes = head
    while bytes.count + repeated.count <= HIDReportDescriptor.Limit.bytes { bytes += repeated }
    #expect(throws: WireError(.lengthOverLimit, at: offset, field: ""), "\(name)") {
      try HIDReportDescriptor(bytes.span)
    }
    let tooLong = [UInt8](repeating: 0, count: HIDReportDescriptor.Limit.bytes + 1)
    #expect(throws: WireError(.lengthOverLimit, at: HIDReportDescriptor.Limit.bytes, field: "")) {
      try HIDReportDescriptor(tooLong.span)
    }
  }

  @Test("a numbered report may be as long as one without a number, and its id comes on top")
  func longestNumberedReport() throws {
    // 256 elements of 256 bits: the longest report there may be.
    let longest: [UInt8] = [0x76, 0, 1, 0x96, 0, 1, 0x81, 2]
    let bits = HIDReportDescriptor.Limit.reportBits
    #expect(try HIDReportDescriptor(longest.span).reports.map(\.bits) == [bits])
    #expect(try HIDReportDescriptor(([0x85, 7] + longest).span).reports.map(\.bits) == [bits + 8])
    #expect(throws: WireError(.lengthOverLimit, at: 14, field: "")) {
      try HIDReportDescriptor(([0x85, 7] + longest + [0x75, 1, 0x95, 1, 0x81, 2]).span)
    }
  }

  @Test("100 000 mutations of real descriptors parse or are refused, and their layouts read any report")
  func mutations() throws {
    let seeds = try ["descriptor-honeywell-family", "descriptor-tessaro", "descriptor-tessaro-no-count"]
      .map { try Fixture.message($0) }
    var random = SeededGenerator(seed: 0x8C02)
    var accepted = 0
    for round in 0..<100_000 {
      var bytes = seeds[round % seeds.count]
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2 where bytes.count > 1: bytes.remove(at: index)
        default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
        }
      }
      do throws(WireError) {
        let layout = try HIDPOSLayout(descriptor: bytes.span)
        accepted += 1
        guard round % 8 == 0 else { continue }
        read(layout, &random)
      } catch {
        #expect(error.offset <= bytes.count)
      }
    }
    // Most single changes leave a descriptor in order; none or all accepted would mean nothing was tried.
    #expect(accepted > 10_000 && accepted < 90_000)
  }

  /// Feeds three random reports through a layout of unknown worth.
  private func read(_ layout: HIDPOSLayout, _ random: inout SeededGenerator) {
    var decoder = HIDPOSDecoder(layout)
    for _ in 0..<3 {
      var report = (0..<Int.random(in: 0..<80, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      if let id = layout.reports.first?.id, !report.isEmpty { report[0] = id }
      var seen = 0
      do throws(WireError) {
        try decoder.receive(report.span, at: 0) { event in
          if case .scan(let scan) = event { seen += scan.bytes.count }
        }
      } catch {
        #expect(error.offset <= report.count)
      }
      #expect(seen <= HIDPOSDecoder.payloadLimit)
    }
    let everything = layout.output.report(setting: layout.output.declared)
    #expect((everything == nil) == layout.output.declared.isEmpty)
  }
}
