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
