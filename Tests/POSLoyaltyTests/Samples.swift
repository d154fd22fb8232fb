import POSJournal
import POSLoyalty
import POSModel
import Synchronization

/// Values that tests share.
enum Sample {
  /// 9.00 burger with 1.50 cheese, 3.00 drink, 1.08 tax: 14.58.
  static let order = Order(
    checkNumber: "1042", currency: .euro,
    lines: [
      Order.Line(
        name: "Classic burger", amount: 900, itemID: "100",
        modifiers: [Order.Line(name: "Cheese", amount: 150)]),
      Order.Line(name: "Lemonade", quantity: 2, amount: 300, itemID: "200"),
      Order.Line(name: "Sales tax", amount: 108, kind: .tax),
    ])

  static let configuration = LocationConfiguration(
    locationName: "Burger Barn", shortKey: 6624, printsBarcodes: true, header: "Burger Barn\nMain Street 1",
    trailers: ["Scan to earn points", "", "Thank you"], updateInterval: 60, storesReceipts: true,
    allowsMultipleRedemptions: true)

  static let code = GuestCode(kind: .singleScan, value: "a1b2c3d4")

  static let guest = Guest(id: "77", displayName: "Ada L.", code: code)

  static let identity = CheckIdentity(
    externalID: "sale-1", checkNumber: "1042", transactionNumber: 1, receiptKey: "315788232640",
    openedAt: "2026-03-13T14:05:09+01:00")

  static let check = CheckSnapshot(identity: identity, order: order)

  static let opening = SaleOpening(check: check, configuration: configuration)

  static let reward = Discount(
    id: "r1", name: "Free lemonade", isSelected: true, isQualified: true, message: "")

  static let quote = Quote(
    lines: [Quote.Line(name: "Free lemonade", amount: 300, itemID: "200")], refusals: [])

  static let redemption = Redemption(reference: "ref-1", granted: quote)

  static let away = DeviceError(.loyaltyUnreachable, during: "asking")
  static let refused = DeviceError(.loyaltyRefused, during: "asking", detail: "not today")
  static let notFound = DeviceError(.loyaltyNotFound, during: "asking")
  static let lost = DeviceError(.timedOut, during: "asking")

  static func euros(_ cents: Int64) -> Money { Money(minorUnits: cents, currency: .euro) }

  static func charge(_ cents: Int64) -> PaymentRecord {
    var record = PaymentRecord(amount: euros(cents))
    record.cardName = "VISA"
    record.maskedPAN = "************1234"
    record.customerReceipt = ["AID A0000000031010", "Approved"]
    return record
  }
}

/// Civil time that a test sets.
final class HandClock: Sendable {
  private let milliseconds: Mutex<Int64>

  init(_ start: Int64 = 1_700_000_000_000) { milliseconds = Mutex(start) }

  var now: WallTime { WallTime(milliseconds: milliseconds.withLock { $0 }) }

  func advance(_ duration: Duration) {
    let next = (now + duration).milliseconds
    milliseconds.withLock { $0 = next }
  }
}
