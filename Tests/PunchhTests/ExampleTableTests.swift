import Foundation
import Testing

@Suite("The worked examples of specs/punchh.md §11")
struct ExampleTableTests {
  /// Example → the test that holds to it: the file below Tests, and words of its name or comment.
  private static let rows: [(example: Int, file: String, words: String)] = [
    (1, "PunchhTests/BodyTests.swift", "X1: order 10, discount 2, service 3, tax 1"),
    (2, "PunchhTests/BodyTests.swift", "X2: 2.86 and 7.86 less 2.86"),
    (3, "PunchhTests/OperationTests.swift", "X3: two items, 8 off in two lines"),
    (4, "PunchhTests/AnswerTests.swift", "X3 and X4: reductions count by their size"),
    (5, "PunchhTests/BodyTests.swift", "X5: the quantity of a modifier"),
    (6, "PunchhTests/SaleTests.swift", "X6: 15 points and 10 make 25"),
    (7, "PunchhTests/OperationTests.swift", "X7: 40 points of 100 stay 40"),
    (8, "PunchhTests/SaleTests.swift", "X8: a code of 10:14:52 is dead at 10:19:52"),
    (9, "PunchhTests/SaleTests.swift", "taken back until its check-in is in (X9)"),
    (10, "PunchhTests/AnswerTests.swift", "X10: the published configuration"),
    (11, "PunchhTests/OperationTests.swift", "X11: a payment's reference is longer than 64 bits"),
    (12, "PunchhTests/AnswerTests.swift", "X11, X12: ids longer than a double's digits"),
    (13, "PunchhTests/OperationTests.swift", "X13: a coupon needs no guest"),
  ]

  @Test("each has its test, and none is missing")
  func complete() throws {
    #expect(Self.rows.map(\.example) == Array(1...13))
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    for row in Self.rows {
      let text = try String(contentsOf: tests.appending(path: row.file), encoding: .utf8)
      #expect(text.contains(row.words), "X\(row.example)")
    }
  }
}
