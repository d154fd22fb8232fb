import ESCPOS
import TestSupport
import Testing

@Suite("Command boundaries")
struct CommandBoundaryTests {
  static func lengths(_ job: [UInt8]) -> [Int] {
    var lengths: [Int] = []
    var offset = 0
    while case let length = CommandBoundary.length(in: job, at: offset), length > 0 {
      lengths.append(length)
      offset += length
    }
    return lengths
  }

  @Test(
    "commands are whole, with their data; words end after spaces",
    arguments: [
      ("1B 40", [2]), ("1B 45 01 41 42 20 43 0A", [3, 3, 1, 1]), ("0A 0A", [1, 1]),
      ("1D 76 30 00 01 00 02 00 10 04 0A", [10, 1]), ("1D 28 48 06 00 30 30 31 32 33 34 41", [11, 1]),
      ("1D 6B 04 41 42 00 41", [6, 1]), ("1D 6B 49 03 7B 42 41 41", [7, 1]),
      ("1B 2A 21 02 00 1 2 3 4 5 6 7", [11, 1]),
      ("10 04 01 41", [3, 1]), ("1C 26 93 FA 96 7B 20 41", [2, 5, 1]),
      // Cut off, unknown, and a prefix that takes another for its operation.
      ("1D 76 30 00 01 00 FF", [7]), ("1D 76 30 00 01 00 02 00 10", [9]), ("1B", [1]), ("1B 01 41", [2, 1]),
      ("1B 1B 40", [1, 2]), ("1D 6B 04 41", [4]), ("", []),
    ])
  func table(job: String, expected: [Int]) { #expect(Self.lengths(hex(job)) == expected) }

  /// Commands whose data spell a pulse to the drawer where they have room for it, and whether they are about pictures or
  /// characters, which nothing here draws (Epson, `FS q`, `ESC &`, `GS C`, `GS Q 0`, `FS 2`, `FS g 1`; kunif/EscPosUtils
  /// and Citizen, `GS D`).
  static let withData: [(String, Bool)] = [
    ("1C 71 01 01 00 01 00 1B 70 00 19 FA 00 00 00", true),
    ("1C 71 02 01 00 01 00 1B 70 00 19 FA 00 00 00 01 00 02 00 00 1B 70 00 19 FA 0 0 0 0 0 0 0 0 0 0", true),
    ("1C 71 02 00 00 01 00 01 00 01 00 1B 70 00 19 FA 00 00 00", true),
    ("1B 26 03 41 41 02 1B 70 00 19 FA 00", true),
    ("1B 26 03 41 43 02 1B 70 00 19 FA 00 00 02 1B 70 00 19 FA 00", true),
    ("1D 44 30 43 30 41 42 30 31 42 4D 0C 00 00 00 1B 70 00 19 FA 00", true),
    ("1D 44 30 53 30 41 42 34 31 42 4D 0B 00 00 00 1B 70 00 19 FA", true),
    ("1D 43 30 1B 70", true), ("1D 43 31 1B 70 00 19 FA 00", true), ("1D 43 32 1B 70", true),
    ("1D 43 3B 33 30 30 3B 31 3B 31 3B 32 3B 31 30 30 3B", true),
    ("1D 43 3B 3B 3B 35 3B 3B 36 35 35 33 35 3B", true),
    ("1D 51 30 00 03 00 02 00 1B 70 00 19 FA 00", true),
    ("1C 32 FE A1 1B 70 00 19 FA" + String(repeating: " 00", count: 67), true),
    ("1C 67 31 00 00 00 00 00 05 00 1B 70 00 19 FA", false), ("1C 67 32 00 1B 70 00 19 FA 00", false),
  ]

  @Test("a command goes as far as its data, and lacks some wherever it is cut off", arguments: withData)
  func data(command: String, isDrawing: Bool) {
    let bytes = hex(command)
    #expect(Self.lengths(bytes + hex("41 0A")) == [bytes.count, 1, 1])
    let whole = CommandBoundary.survey(bytes)
    #expect(whole.longest == bytes.count && whole.lacking == 0 && whole.isKnown)
    for end in 1..<bytes.count {
      let survey = CommandBoundary.survey(Array(bytes[..<end]))
      #expect(
        survey.longest == end && survey.isKnown && (1...UInt64(bytes.count - end)).contains(survey.lacking))
    }
  }

  @Test("the NUL behind 32 tabs is theirs, and a column that is not greater ends them (Epson, ESC D)")
  func tabs() {
    let full = hex("1B 44") + (1...32).map { UInt8($0) }
    #expect(Self.lengths(full + [0, 0x41]) == [35, 1])
    #expect(Self.lengths(full + [0x41]) == [34, 1])
    #expect(CommandBoundary.survey(full).lacking == 0)
    #expect(Self.lengths(hex("1B 44 08 10 08 41 42 43 00")) == [5, 3, 1])
    #expect(CommandBoundary.survey(hex("1B 44 08 10")).lacking == 1)
  }

  @Test(
    "a job's last command has all its bytes, or is known to lack some",
    arguments: [
      ("1B 40 41", 2, 0, true), ("", 0, 0, true), ("1D 76 30 00 01 00 02 00 10 04 0A", 10, 0, true),
      ("1D 76 30 00 01 00 FF", 7, 1, true), ("1D 76 30 00 01 00 02 00 10", 9, 1, true), ("41 1B", 1, 1, true),
      ("1D 6B 04 41", 4, 1, true), ("1D 76 30 00 FF FF FF FF 00", 9, 0xFFFF * 0xFFFF - 1, true),
      ("1B 01 41 1D 76", 2, 1, false),
    ] as [(String, Int, UInt64, Bool)])
  func survey(job: String, longest: Int, lacking: UInt64, isKnown: Bool) {
    let survey = CommandBoundary.survey(hex(job))
    #expect(survey.longest == longest && survey.lacking == lacking && survey.isKnown == isKnown, "\(survey)")
  }

  @Test(
    "a job is used up whatever it holds, and the interpreter agrees where commands end",
    arguments: 0..<50 as Range<UInt64>)
  func anything(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let likely: [UInt8] = [
      0x10, 0x1B, 0x1C, 0x1D, 0x0A, 0x20, 0x28, 0x4C, 0x76, 0x30, 0x2A, 0x21, 0x00, 0x01, 0x6B, 0x38,
      0x26, 0x32, 0x3B, 0x43, 0x44, 0x51, 0x67, 0x71,
    ]
    let job = (0..<2000).map { _ in
      Bool.random(using: &generator)
        ? likely.randomElement(using: &generator) ?? 0 : UInt8.random(in: 0...255, using: &generator)
    }
    #expect(Self.lengths(job).reduce(0, +) == job.count)
    // A printer that has obeyed everything up to a boundary answers a question there.
    var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203))
    var offset = 0
    for length in Self.lengths(job).dropLast() {
      printer.feed(job[offset..<(offset + length)].span)
      offset += length
      var asked = printer
      let answers = [0x10, 0x04, 0x01].compactMap { asked.feed($0) }
      #expect(answers == [.realTimeStatus(1, nil)], "after \(offset) bytes")
    }
  }
}
