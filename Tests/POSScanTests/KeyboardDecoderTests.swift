import Foundation
import POSBarcode
import POSScan
import POSWire
import TestSupport
import Testing

/// A scanner's fingers: boot reports, made here and not by the decoder's tables.
struct Typist {
  var reports: [[UInt8]] = []

  static let up = [UInt8](repeating: 0, count: 8)

  mutating func press(_ keys: UInt8..., modifiers: UInt8 = 0) {
    reports.append([modifiers, 0] + keys + [UInt8](repeating: 0, count: 6 - keys.count))
    reports.append(Self.up)
  }

  /// Alt and three or four digits of the keypad, all in one report.
  mutating func alt(_ byte: UInt8, leadingZero: Bool = true) {
    let digits = (leadingZero ? "0" : "") + "\(byte)"
    let keys = digits.utf8.map { $0 == 0x30 ? 0x62 : $0 - 0x31 + 0x59 }
    reports.append([0x04, 0] + keys + [UInt8](repeating: 0, count: 6 - keys.count))
    reports.append(Self.up)
  }

  mutating func enter() { press(0x28) }
}

@Suite("Keyboard decoder")
struct KeyboardDecoderTests {
  private static func receive(
    _ decoder: inout KeyboardDecoder, _ report: [UInt8], at now: Int64, _ emit: (KeyboardEvent) -> Void
  ) throws(WireError) {
    try decoder.receive(report.span, at: now, emit)
  }

  /// The scans of `reports`, a millisecond apart, with silence at the end.
  static func scans(
    _ reports: [[UInt8]], _ settings: KeyboardSettings = .init(), shape: KeyboardReportShape = .boot,
    every step: Int64 = 1_000_000
  ) throws -> [KeyboardScan] {
    var decoder = KeyboardDecoder(shape, settings)
    var scans: [KeyboardScan] = []
    func note(_ event: KeyboardEvent) { if case .scan(let scan) = event { scans.append(scan) } }
    for (index, report) in reports.enumerated() {
      try receive(&decoder, report, at: Int64(index) * step, note)
    }
    decoder.flush(note)
    return scans
  }

  static func text(_ reports: [[UInt8]], _ settings: KeyboardSettings = .init()) throws -> [String] {
    try scans(reports, settings).map { String(decoding: $0.code.bytes, as: UTF8.self) }
  }

  // MARK: Captures

  @Test("Alt codes with a digit twice in one report, as captured: SIP-4-1")
  func altCodes() throws {
    let scans = try Self.scans(Fixture("keyboard-alt-codes").messages)
    #expect(scans.map(\.code.bytes) == [Array("SIP-4-1".utf8)])
    #expect(scans.first?.flaws == [] && scans.first?.burst.isTerminated == true)
    #expect(scans.first?.code.raw == Array("SIP-4-1\r".utf8))
  }

  @Test("Ctrl and usage 30 is GS, and a character twice is there twice")
  func separator() throws {
    #expect(
      try Self.scans(Fixture("keyboard-separator").messages).map(\.code.bytes) == [[0x1D] + Array("AAA".utf8)]
    )
  }

  // MARK: Layouts

  @Test("every key of specs/scanners.md §2.2 under its eight layouts")
  func layouts() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/scanners/keyboard-layouts.txt")
    let layouts: [KeyboardLayout] = [.us, .uk, .de, .fr, .es, .it, .be, .chDE]
    var cells = 0
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    where !line.hasPrefix("# ") {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
      let usage = try #require(UInt8(columns[0], radix: 16))
      for (layout, column) in zip(layouts, columns.dropFirst()) {
        for (level, cell) in zip([KeyboardLayout.Level.plain, .shift, .altGr], column.split(separator: " ")) {
          let key = layout.key(usage, level)
          let isDead = cell.hasPrefix("†")
          let scalar = try #require(cell.unicodeScalars.last)
          switch key {
          case .nothing: Issue.record("\(layout.name) \(columns[0]) types nothing")
          case .character(let character):
            #expect(!isDead && UInt32(character) == scalar.value, "\(layout.name) \(columns[0])")
          case .dead: #expect(isDead, "\(layout.name) \(columns[0])")
          }
          cells += 1
        }
      }
    }
    #expect(cells == 638)
  }

  @Test(
    "words typed under their layouts",
    arguments: [
      // AltGr and q, and Ctrl with Alt and q; Z and Y change places.
      (.de, [[0x40, 0x14], [0x05, 0x14], [0, 0x1C], [0, 0x1D]], "@@zy"),
      // Shift and the digit row.
      (.fr, [[0x02, 0x1E], [0, 0x1E], [0, 0x1F], [0, 0x14]], "1&\u{E9}a"),
      // Dead circumflex and e; dead circumflex and space; dead acute and a letter without one.
      (.fr, [[0, 0x2F], [0, 0x08], [0, 0x2F], [0, 0x2C]], "\u{EA}^"),
      (.de, [[0, 0x2E], [0, 0x07], [0, 0x2E], [0, 0x08]], "\u{B4}d\u{E9}"),
      // Two dead keys: the first stands alone.
      (.de, [[0, 0x35], [0, 0x2E], [0, 0x04]], "^\u{E1}"),
      (.uk, [[0x02, 0x1F], [0x02, 0x34], [0x02, 0x20]], "\"@\u{A3}"),
      (.se, [[0, 0x2F], [0, 0x34], [0, 0x33]], "\u{E5}\u{E4}\u{F6}"),
      (.cz, [[0x02, 0x1E], [0, 0x21], [0, 0x1C]], "1\u{10D}z"),
      (.it, [[0, 0x33]], "\u{F2}"), (.es, [[0, 0x33]], "\u{F1}"),
      (.be, [[0, 0x25]], "!"), (.chDE, [[0, 0x2D]], "'"),
    ] as [(KeyboardLayout, [[UInt8]], String)])
  func words(_ layout: KeyboardLayout, _ strokes: [[UInt8]], _ expected: String) throws {
    var typist = Typist()
    for stroke in strokes { typist.press(stroke[1], modifiers: stroke[0]) }
    typist.enter()
    let scans = try Self.scans(typist.reports, KeyboardSettings(layout: layout))
    let scan = try #require(scans.first)
    let text = String(String.UnicodeScalarView(scan.code.bytes.map { Unicode.Scalar($0) }))
    #expect((scan.encoding == .utf8 ? String(decoding: scan.code.bytes, as: UTF8.self) : text) == expected)
    #expect(scans.count == 1 && scan.flaws == [])
  }

  @Test("the self-test code tells every layout from the US one", arguments: KeyboardLayout.allCases)
  func selfTest(_ layout: KeyboardLayout) throws {
    // A scanner types each character by the first key of its layout that has it.
    let code = Array("\(KeyboardLayout.selfTest)".utf8)
    var typist = Typist()
    characters: for character in code {
      let levels: [(KeyboardLayout.Level, UInt8)] = [(.plain, 0), (.shift, 0x02), (.altGr, 0x40)]
      for (level, modifiers) in levels {
        for usage in UInt8(0x04)...0x64 where layout.key(usage, level) == .character(UInt16(character)) {
          typist.press(usage, modifiers: modifiers)
          continue characters
        }
      }
      typist.alt(character)
    }
    typist.enter()
    let candidates = KeyboardLayout.candidates(for: typist.reports, expecting: code)
    #expect(candidates.contains(layout))
    #expect(layout == .us || !candidates.contains(.us))
    #expect(KeyboardLayout.candidates(for: typist.reports, expecting: code + [0x21]).isEmpty)
  }

  // MARK: Ctrl, Caps, keypad

  @Test("Ctrl and a letter, and the positions of the US keys, on a French scanner")
  func controls() throws {
    var typist = Typist()
    for usage in [0x2F, 0x31, 0x30, 0x23, 0x2D, 0x1F, 0x14] as [UInt8] {
      typist.press(usage, modifiers: 0x01)
    }
    typist.enter()
    // The French key at 14 is a.
    #expect(
      try Self.scans(typist.reports, KeyboardSettings(layout: .fr)).map(\.code.bytes)
        == [[0x1B, 0x1C, 0x1D, 0x1E, 0x1F, 0x00, 0x01]])
  }

  @Test(
    "CapsLock is ignored, inverts, or is followed",
    arguments: [(.ignore, "aA1\u{FC}"), (.invert, "Aa1\u{DC}"), (.follow, "Aa1\u{DC}")]
      as [(KeyboardSettings.CapsLock, String)])
  func capsLock(_ policy: KeyboardSettings.CapsLock, _ expected: String) throws {
    var typist = Typist()
    if policy == .follow { typist.press(0x39) }
    typist.press(0x04)
    typist.press(0x04, modifiers: 0x20)
    typist.press(0x1E)
    typist.press(0x2F)
    typist.enter()
    var settings = KeyboardSettings(layout: .de)
    settings.capsLock = policy
    let bytes = try #require(try Self.scans(typist.reports, settings).first).code.bytes
    #expect(bytes == expected.unicodeScalars.map { UInt8($0.value) })
  }

  @Test("keypad digits without Alt are digits, and keypad Enter ends the code")
  func keypad() throws {
    var typist = Typist()
    for usage in [0x62, 0x59, 0x61, 0x63, 0x56] as [UInt8] { typist.press(usage) }
    typist.press(0x58)
    #expect(try Self.text(typist.reports) == ["019.-"])
  }

  @Test("Alt codes as bytes and as code pages")
  func altCodePages() throws {
    var typist = Typist()
    typist.alt(128)
    typist.alt(130, leadingZero: false)
    typist.alt(65, leadingZero: false)
    typist.enter()
    #expect(try Self.scans(typist.reports).map(\.code.bytes) == [[128, 130, 65]])
    var settings = KeyboardSettings()
    settings.altCodes = .codePages
    #expect(try Self.text(typist.reports, settings) == ["€éA"])
  }

  @Test("an Alt code typed digit by digit, and one whose Alt is held between the digits")
  func slowAltCode() throws {
    let held: [[UInt8]] = [
      [4, 0, 0, 0, 0, 0, 0, 0], [4, 0, 0x62, 0, 0, 0, 0, 0], [4, 0, 0, 0, 0, 0, 0, 0],
      [4, 0, 0x62, 0, 0, 0, 0, 0],
      [4, 0, 0, 0, 0, 0, 0, 0], [4, 0, 0x5A, 0, 0, 0, 0, 0], [4, 0, 0x61, 0, 0, 0, 0, 0], Typist.up,
    ]
    #expect(try Self.scans(held).map(\.code.bytes) == [[0x1D]])
  }

  @Test("numbers beyond a byte are Unicode, and beyond Unicode nothing traps")
  func largeAltCodes() throws {
    func alt(_ digits: String) -> [[UInt8]] {
      digits.utf8.flatMap { digit -> [[UInt8]] in
        let usage = digit == 0x30 ? 0x62 : digit - 0x31 + 0x59
        return [[4, 0, usage, 0, 0, 0, 0, 0], [4, 0, 0, 0, 0, 0, 0, 0]]
      } + [Typist.up]
    }
    #expect(try Self.text(alt("8364")) == ["€"])
    #expect(try Self.text(alt("999999999999")) == ["\u{FFFD}"])
    #expect(try Self.text(alt("55296")) == ["\u{FFFD}"])
  }

  @Test(
    "Alt, the keypad's plus and hexadecimal digits are Unicode, of either row, under any layout and setting")
  func hexadecimalAltCodes() throws {
    func alt(_ usages: [UInt8]) -> [[UInt8]] {
      usages.flatMap { [[4, 0, $0, 0, 0, 0, 0, 0], [4, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]] } + [Typist.up]
    }
    var settings = KeyboardSettings(layout: .fr)
    // + 2 0 A C, digits of the keypad, then of the upper row: the euro sign. + 8 0 is no code page's.
    #expect(try Self.text(alt([0x57, 0x5A, 0x62, 0x04, 0x06]), settings) == ["€"])
    #expect(try Self.text(alt([0x57, 0x1F, 0x27, 0x04, 0x06]), settings) == ["€"])
    #expect(try Self.scans(alt([0x57, 0x1E, 0x07]), settings).map(\.code.bytes) == [[0x1D]])
    settings.altCodes = .codePages
    #expect(try Self.scans(alt([0x57, 0x60, 0x62]), settings).map(\.code.bytes) == [[0x80]])
    // All at once in one report, as decimal ones are sent.
    #expect(try Self.scans([[4, 0, 0x57, 0x5C, 0x59, 0, 0, 0], Typist.up]).map(\.code.bytes) == [[0x41]])
    // Beyond the plane, surrogates, more digits than a number has, and none at all.
    #expect(try Self.text(alt([0x57, 0x59, 0x09, 0x60, 0x62, 0x62])) == ["\u{FFFD}"])
    #expect(try Self.text(alt([0x57, 0x07, 0x60, 0x62, 0x62])) == ["\u{FFFD}"])
    #expect(try Self.text(alt([0x57] + [UInt8](repeating: 0x09, count: 12))) == ["\u{FFFD}"])
    #expect(try Self.text(alt([0x57]) + [[0, 0, 4, 0, 0, 0, 0, 0], Typist.up]) == ["a"])
    // Without the plus, letters under Alt are not digits; without Alt the plus is a plus.
    #expect(try Self.text([[0, 0, 0x57, 0, 0, 0, 0, 0], Typist.up]) == ["+"])
  }

  // MARK: Ends

  @Test("terminators, one by one")
  func terminators() throws {
    var typist = Typist()
    typist.press(0x04)
    typist.press(0x2B)
    typist.press(0x05)
    typist.enter()
    typist.press(0x0D, modifiers: 1)  // Ctrl+J
    typist.press(0x06)
    func texts(_ terminator: KeyboardSettings.Terminator) throws -> [(String, Bool)] {
      var settings = KeyboardSettings()
      settings.terminator = terminator
      return try Self.scans(typist.reports, settings).map {
        (String(decoding: $0.code.bytes, as: UTF8.self), $0.code.isTruncated)
      }
    }
    func expect(_ found: [(String, Bool)], _ expected: [(String, Bool)]) {
      #expect(found.map(\.0) == expected.map(\.0) && found.map(\.1) == expected.map(\.1))
    }
    expect(try texts(.automatic), [("a\tb", false), ("c", false)])
    expect(try texts(.enter), [("a\tb", false), ("\nc", true)])
    expect(try texts(.enterAndLineFeed), [("a\tb", false), ("c", true)])
    expect(try texts(.tab), [("a", false), ("b\r\nc", true)])
    expect(try texts(.character(0x62)), [("a\t", false), ("\r\nc", true)])
    expect(try texts(.silence), [("a\tb\r\nc", false)])
  }

  @Test("silence ends a code; a slow scanner gets five times its own pace")
  func gaps() throws {
    var typist = Typist()
    for _ in 0..<4 { typist.press(0x04) }
    // A report every 30 ms: a key every 60 ms.
    #expect(try Self.scans(typist.reports, every: 30_000_000).map(\.code.bytes) == [Array("aaaa".utf8)])
    var decoder = KeyboardDecoder()
    for (index, report) in typist.reports.enumerated() {
      try Self.receive(&decoder, report, at: Int64(index) * 30_000_000) { _ in }
    }
    let deadline: Int64 = 6 * 30_000_000 + 5 * 60_000_000
    #expect(decoder.deadline == deadline)
    // Two keys more than a tenth of a second apart are two codes.
    #expect(try Self.scans(Array(typist.reports[0..<4]), every: 60_000_000).count == 2)
  }

  @Test("a dead key without its letter is an accent, never glued to the next code")
  func lonelyDeadKey() throws {
    var decoder = KeyboardDecoder(.boot, KeyboardSettings(layout: .de))
    var bytes: [[UInt8]] = []
    func note(_ event: KeyboardEvent) { if case .scan(let scan) = event { bytes.append(scan.code.bytes) } }
    try Self.receive(&decoder, [0, 0, 0x35, 0, 0, 0, 0, 0], at: 0, note)
    try Self.receive(&decoder, Typist.up, at: 1, note)
    try Self.receive(&decoder, [0, 0, 0x04, 0, 0, 0, 0, 0], at: 1_000_000_000, note)
    decoder.flush(note)
    #expect(bytes == [[0x5E], [0x61]])
  }

  @Test("prefix, suffix, AIM identifier and a substitute for GS come off; raw keeps them")
  func envelope() throws {
    var settings = KeyboardSettings()
    settings.envelope.prefix = Array("~".utf8)
    settings.envelope.suffix = Array("#".utf8)
    settings.envelope.identifiers = .aim
    settings.envelope.separatorSubstitute = Array("{GS}".utf8)
    var typist = Typist()
    for character in "~]C110ab{GS}21x#".utf8 { typist.alt(character) }
    typist.enter()
    let scan = try #require(try Self.scans(typist.reports, settings).first)
    #expect(scan.code.bytes == Array("10ab\u{1D}21x".utf8) && scan.code.symbology == .gs1128)
    #expect(scan.code.raw == Array("~]C110ab{GS}21x#\r".utf8))
  }

  @Test("F8 stands for GS where it is set to")
  func separatorKey() throws {
    var settings = KeyboardSettings()
    settings.separatorKey = 0x41
    var typist = Typist()
    typist.press(0x04)
    typist.press(0x41)
    typist.press(0x05)
    #expect(try Self.text(typist.reports, settings) == ["a\u{1D}b"])
    #expect(try Self.text(typist.reports) == ["ab"])
  }

  // MARK: Reports

  @Test("a rollover report types nothing and marks the code; what was down is not typed again")
  func rollover() throws {
    let reports: [[UInt8]] = [
      [0, 0, 4, 0, 0, 0, 0, 0], [0, 0, 1, 1, 1, 1, 1, 1], [0, 0, 4, 5, 0, 0, 0, 0], Typist.up,
    ]
    let scans = try Self.scans(reports)
    #expect(scans.map(\.code.bytes) == [Array("ab".utf8)] && scans.first?.flaws == .rollover)
  }

  @Test("keys that stay down while others come are typed once, in the order of the report")
  func overlap() throws {
    let reports: [[UInt8]] = [
      [0, 0, 4, 0, 0, 0, 0, 0], [0, 0, 4, 5, 0, 0, 0, 0], [0, 0, 5, 6, 4, 4, 0, 0], Typist.up,
    ]
    #expect(try Self.text(reports) == ["abca"])
  }

  /// Report 3: eight modifier bits, then 96 bits for the usages 04 to 63.
  private static let bitmapKeyboard: [UInt8] = [
    0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x85, 0x03, 0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x15, 0x00, 0x25,
    0x01,
    0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0x19, 0x04, 0x29, 0x63, 0x95, 0x60, 0x81, 0x02, 0xC0,
  ]

  @Test("a keyboard with a bit for each key, by its descriptor")
  func bitmap() throws {
    let descriptor = Self.bitmapKeyboard
    let shape = try KeyboardReportShape(descriptor: descriptor.span)
    #expect(shape.length(id: 3) == 14 && shape.length(id: 1) == nil)
    func report(_ modifiers: UInt8, _ usages: UInt8...) -> [UInt8] {
      var report: [UInt8] = [3, modifiers] + [UInt8](repeating: 0, count: 12)
      for usage in usages { report[2 + Int(usage - 4) / 8] |= 1 << ((usage - 4) % 8) }
      return report
    }
    let reports = [report(2, 4), report(0), report(0, 5), report(0, 5, 6), report(0), report(0, 0x28)]
    let scans = try Self.scans(reports, shape: shape)
    #expect(scans.map(\.code.bytes) == [Array("Abc".utf8)] && scans.first?.flaws == [])
    let together = try Self.scans([report(0, 4, 5), report(0)], shape: shape)
    #expect(together.first?.flaws == .unordered)
  }

  /// Report 1: modifiers and an array of three elements whose values start at 1 for usage 04.
  private static let offsetKeyboard: [UInt8] = [
    0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x85, 0x01, 0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x15, 0x00, 0x25,
    0x01,
    0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0x19, 0x04, 0x29, 0x63, 0x15, 0x01, 0x25, 0x60, 0x75, 0x08, 0x95,
    0x03,
    0x81, 0x00, 0xC0,
  ]

  @Test("an array field counts its usages from its logical minimum")
  func offsetArray() throws {
    let descriptor = Self.offsetKeyboard
    let shape = try KeyboardReportShape(descriptor: descriptor.span)
    #expect(
      try Self.scans([[1, 2, 1, 2, 0], [1, 0, 0, 0, 0]], shape: shape).map(\.code.bytes) == [Array("AB".utf8)]
    )
  }

  @Test("a descriptor without keys is refused, a short report is an error at its end")
  func refusals() throws {
    let mouse: [UInt8] = [
      0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x75, 0x08, 0x95, 0x02, 0x09, 0x30, 0x81, 0x02, 0xC0,
    ]
    #expect(throws: WireError(.unsupported, at: 15, field: "")) {
      try KeyboardReportShape(descriptor: mouse.span)
    }
    var decoder = KeyboardDecoder()
    #expect(throws: WireError(.truncated, at: 3, field: "")) {
      try Self.receive(&decoder, [0, 0, 4], at: 0) { _ in }
    }
  }

  // MARK: Speed

  @Test("bursts: a scanner, a person, and too few keys to tell")
  func bursts() throws {
    var typist = Typist()
    for _ in 0..<6 { typist.press(0x04) }
    typist.enter()
    func origin(_ step: Int64) throws -> KeyboardBurst.Origin? {
      var settings = KeyboardSettings()
      settings.gap = 1_000_000_000
      return try Self.scans(typist.reports, settings, every: step).first?.burst.classify()
    }
    #expect(try origin(3_000_000) == .scanner)
    #expect(try origin(90_000_000) == .person)
    #expect(try origin(20_000_000) == .unclear)
    #expect(try Self.scans(Array(typist.reports[0..<4])).first?.burst.classify() == .unclear)
  }

  // MARK: Properties

  @Test("2,953 bytes of any values, NUL and GS among them, come through Alt codes unharmed")
  func longest() throws {
    let data = (0..<2953).map { UInt8(truncatingIfNeeded: $0 &* 29 &+ $0 / 56) }
    var typist = Typist()
    for byte in data { typist.alt(byte) }
    typist.enter()
    let scan = try #require(try Self.scans(typist.reports).first)
    #expect(scan.code.bytes == data && !scan.code.isTruncated && scan.flaws == [])
  }

  @Test("8192 bytes are the limit also where characters take three of them")
  func wideLimit() throws {
    var reports: [[UInt8]] = []
    for _ in 0..<3000 { reports += [[4, 0, 0x57, 0x5A, 0x62, 0x04, 0x06, 0], Typist.up] }
    let scans = try Self.scans(reports)
    #expect(scans.map(\.code.bytes.count) == [8190] && scans[0].flaws.contains(.tooLong))
    #expect(scans[0].code.isTruncated)
  }

  @Test("the limit holds, and says so")
  func limit() throws {
    var typist = Typist()
    for _ in 0..<8200 { typist.press(0x04) }
    typist.enter()
    let scans = try Self.scans(typist.reports)
    #expect(scans.map(\.code.bytes.count) == [8192])
    #expect(scans.first?.flaws == .tooLong && scans.first?.code.isTruncated == true)
  }

  @Test("a report sent twice types nothing twice; a report lost costs no more than its own keys")
  func dropsAndDuplicates() throws {
    var typist = Typist()
    for byte in Array("Lane 7".utf8) { typist.alt(byte) }
    typist.enter()
    for index in typist.reports.indices {
      var doubled = typist.reports
      doubled.insert(doubled[index], at: index)
      #expect(try Self.text(doubled) == ["Lane 7"], "report \(index) twice")
      var dropped = typist.reports
      dropped.remove(at: index)
      let text = try Self.text(dropped).joined()
      #expect(text.count >= 4 && text.count <= 6, "report \(index) lost: \(text)")
    }
  }

  @Test("nothing traps or grows on random reports, under every layout")
  func noise() throws {
    var generator = SeededGenerator(seed: 4)
    for layout in KeyboardLayout.allCases {
      var settings = KeyboardSettings(layout: layout)
      settings.terminator = .silence
      var decoder = KeyboardDecoder(.boot, settings)
      for step in 0..<3000 {
        let length = Int.random(in: 0...9, using: &generator)
        let report = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        do throws(WireError) { try Self.receive(&decoder, report, at: Int64(step)) { _ in } } catch {}
        #expect(decoder.pendingCharacters <= KeyboardDecoder.characterLimit)
      }
    }
  }

  @Test("descriptors of any bytes are read or refused")
  func descriptorNoise() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<2000 {
      var descriptor = Self.bitmapKeyboard
      for _ in 0..<3 {
        descriptor[Int.random(in: descriptor.indices, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      do throws(WireError) {
        let shape = try KeyboardReportShape(descriptor: descriptor.span)
        let report = (0..<64).map { _ in UInt8.random(in: 0...255, using: &generator) }
        _ = try shape.read(report.span)
      } catch {}
    }
  }
}
