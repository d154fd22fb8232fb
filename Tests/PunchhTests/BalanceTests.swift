import Testing

@testable import Punchh

@Suite("What of a balance guests are shown")
struct BalanceTests {
  /// Every member that PAR documents, each with another number.
  private static let balance: PunchhUser.Balance = {
    var balance = PunchhUser.Balance()
    balance.bankedRewards = DecimalAmount(text: "3.50")
    balance.net = DecimalAmount(text: "30")
    balance.points = DecimalAmount(text: "12")
    balance.unredeemedCards = 2
    return balance
  }()

  @Test(
    "each programme has its figures (specs/punchh.md §4.2)",
    arguments: [
      ("visits", "none", [.init(.visits, "30"), .init(.cards, "2")]),
      ("points", "currency", [.init(.points, "12", goal: 25), .init(.banked, "3.50")]),
      ("points", "rewards", [.init(.points, "12", goal: 25), .init(.total, "30")]),
      ("points_unlock_redeemables", "none", [.init(.points, "30")]),
      ("points_unlock_redeemables", "rewards", [.init(.points, "30")]),
      ("points", "staged", [.init(.points, "12", goal: 25), .init(.banked, "3.50")]),
      ("", "", [.init(.points, "12", goal: 25), .init(.banked, "3.50")]),
    ] as [(String, String, [ProgramMeta.Figure])])
  func figures(program: String, conversion: String, figures: [ProgramMeta.Figure]) {
    var meta = ProgramMeta()
    meta.programType = program
    meta.conversionType = conversion
    meta.conversionThreshold = 25
    #expect(meta.figures(of: Self.balance) == figures)
    #expect(meta.figures(of: PunchhUser.Balance()).isEmpty)
  }
}
