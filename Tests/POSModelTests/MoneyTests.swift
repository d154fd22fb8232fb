import POSModel
import Testing

@Suite("Money")
struct MoneyTests {
  @Test(
    "decimals in and out",
    arguments: [("12.50", 1250), ("12", 1200), ("0.05", 5), ("-3.00", -300), ("-0.05", -5), ("12.5", 1250)])
  func decimals(text: String, cents: Int64) throws {
    let money = try #require(Money(decimal: text, currency: .euro))
    #expect(money.minorUnits == cents)
    #expect(Money(decimal: money.decimalText, currency: .euro) == money)
  }

  @Test(
    "what is not an amount is refused",
    arguments: ["", "-", ".", "1.", ".5", "1.234", "1,50", "1e3", " 1", "99999999999999999999", "+1", "１"])
  func refused(text: String) {
    #expect(Money(decimal: text, currency: .euro) == nil)
  }

  @Test("a currency without decimals has none")
  func yen() throws {
    let yen = try #require(Currency(code: "jpy"))
    #expect(Money(minorUnits: 300, currency: yen).description == "300 JPY")
    #expect(Money(decimal: "3.0", currency: yen) == nil)
  }

  @Test("sums neither mix currencies nor overflow")
  func sums() {
    let cent = Money(minorUnits: 1, currency: .euro)
    #expect(cent.adding(Money(minorUnits: 2, currency: .euro))?.minorUnits == 3)
    #expect(cent.adding(Money(minorUnits: 1, currency: .usDollar)) == nil)
    #expect(cent.adding(Money(minorUnits: .max, currency: .euro)) == nil)
  }
}
