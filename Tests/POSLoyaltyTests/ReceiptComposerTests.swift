import POSBarcode
import POSLoyalty
import POSModel
import Testing

@Suite struct ReceiptComposerTests {
  /// A paid sale with everything on it.
  private func record(_ opening: SaleOpening = Sample.opening, charged: Int64 = 1158) -> SaleRecord {
    var machine = SaleMachine(opening)
    _ = machine.on(.codesPresented([Sample.code]))
    _ = machine.on(.guestFound(Sample.guest))
    _ = machine.on(.discountsFound([Sample.reward]))
    _ = machine.on(.quoted(Sample.quote))
    _ = machine.on(.tenderStarted(reference: "p"))
    _ = machine.on(.paymentEnded(.approved(Sample.charge(charged))))
    _ = machine.on(.commitEnded(.done(Sample.redemption)))
    return machine.record
  }

  @Test func everythingOnIt() {
    var opening = Sample.opening
    opening.check.order.employeeName = "Grace"
    var expected = ReceiptDocument()
    expected.text("Burger Barn\nMain Street 1", style: .bold, alignment: .centre)
    expected.feed()
    expected.columns("Check 1042", "2026-03-13 14:05")
    expected.text("Served by Grace")
    expected.rule()
    expected.columns("Classic burger", "9.00")
    expected.columns("  Cheese", "1.50")
    expected.columns("2 x Lemonade", "3.00")
    expected.columns("Free lemonade", "-3.00")
    expected.rule()
    expected.columns("Subtotal", "10.50")
    expected.columns("Sales tax", "1.08")
    expected.columns("TOTAL", "11.58 EUR", style: [.bold, .doubleHeight])
    expected.columns("VISA ************1234", "11.58 EUR")
    expected.rule()
    expected.text("AID A0000000031010")
    expected.text("Approved")
    expected.feed()
    expected.barcode(.ean13, "3157882326401")
    expected.feed()
    expected.text("Scan to earn points", alignment: .centre)
    expected.text("Thank you", alignment: .centre)
    expected.cut()
    #expect(ReceiptComposer().compose(record(opening)) == expected)
  }

  @Test func barcodeOnlyWhereItIsWanted() {
    func hasBarcode(_ record: SaleRecord) -> Bool {
      ReceiptComposer().compose(record).blocks.contains { if case .barcode = $0 { true } else { false } }
    }
    var opening = Sample.opening
    #expect(hasBarcode(record(opening)))
    opening.configuration?.printsBarcodes = false
    #expect(!hasBarcode(record(opening)))
    opening.away = Sample.away
    #expect(hasBarcode(record(opening)), "the guest claims it later")
    opening.check.identity.receiptKey = ""
    #expect(!hasBarcode(record(opening)))
    #expect(!hasBarcode(SaleMachine(SaleOpening(check: Sample.check, configuration: nil)).record))
  }

  @Test func modifierThatMakesItCheaper() {
    var opening = Sample.opening
    opening.check.order.lines[0].modifiers.append(Order.Line(name: "No onions", amount: -50))
    let blocks = ReceiptComposer().compose(record(opening, charged: 1108)).blocks
    #expect(blocks.contains(.columns(left: "  No onions", right: "-0.50", style: [])))
    #expect(blocks.contains(.columns(left: "TOTAL", right: "11.08 EUR", style: [.bold, .doubleHeight])))
  }

  @Test func whatTheCardDidNotCover() {
    let blocks = ReceiptComposer().compose(record(charged: 1000)).blocks
    #expect(blocks.contains(.columns(left: "Still to pay", right: "1.58 EUR", style: .bold)))
  }

  /// V1 to V5 of specs/punchh.md §1.5.
  @Test(arguments: [
    ("315788232640", "3157882326401"), ("374951002060", "3749510020609"), ("000000000000", "0000000000000"),
    ("549755813887", "5497558138876"), ("100000000000", "1000000000009"),
  ])
  func barcodeDigits(key: String, digits: String) {
    #expect(ReceiptComposer.barcode(forKey: key) == digits)
  }

  @Test(arguments: ["", "12345678901", "1234567890123", "12345678901x", "12345678９"])
  func noBarcode(key: String) {
    #expect(ReceiptComposer.barcode(forKey: key) == nil)
  }
}
