import POSLinux
import POSLoyalty
import POSModel

/// The shop's own gift cards, in a file of lines: `issue CARD AMOUNT`, `charge REFERENCE CARD AMOUNT .` and
/// `refund REFERENCE PAYMENT AMOUNT .`, amounts in the currency's smallest units; the full stop says that the line is
/// whole. A charge or a refund is on disk before it counts, and a reference counts once. A card that holds less than is
/// due gives what it holds.
actor GiftCardBook: GuestTender {
  private let file: AppendOnlyFile
  /// What the file says, and what is being written: two lanes must not spend the same money while the disk works.
  private var book: Book
  /// References of lines of which nobody knows whether they reached the disk. ``recover(reference:for:by:)`` looks.
  private var doubtful: Set<String> = []

  /// The book in the file at `path`, for this process alone.
  init(path: String) async throws(DeviceError) {
    file = try await AppendOnlyFile.open(path)
    book = Book(try await file.lines())
  }

  func pay(_ request: PaymentRequest, for check: ClosedCheck, by guest: Guest) async -> PaymentOutcome? {
    guard let card = guest.selectedGiftCard else { return nil }
    let reference = request.reference
    if doubtful.contains(reference) { return Self.unknown(reference) }
    if let charge = book.charges[reference] { return .approved(record(charge, of: request.amount)) }
    guard let balance = book.balances[card] else {
      return .declined(PaymentRefusal(code: "unknown", text: "the gift card is not one of the shop's"))
    }
    let amount = min(balance, request.amount.minorUnits, Book.largestAmount)
    guard amount > 0 else {
      return .declined(PaymentRefusal(code: "balance", text: "the gift card is empty"))
    }
    return await write("charge \(reference) \(card) \(amount) .", under: reference)
      ?? .approved(record((card, amount), of: request.amount))
  }

  func refund(
    _ amount: Money, of payment: String, as reference: String, for check: ClosedCheck, by guest: Guest
  ) async -> PaymentOutcome? {
    guard let charge = book.charges[payment] else { return nil }
    if doubtful.contains(reference) { return Self.unknown(reference) }
    if let earlier = book.refunds[reference] { return .approved(record((charge.card, earlier), of: amount)) }
    let back = min(amount.minorUnits, charge.amount - (book.refunded[payment] ?? 0))
    guard back > 0 else { return nil }
    return await write("refund \(reference) \(payment) \(back) .", under: reference)
      ?? .approved(PaymentRecord(amount: Money(minorUnits: back, currency: amount.currency)))
  }

  private static func unknown(_ reference: String) -> PaymentOutcome {
    .unknown(DeviceError(.inputOutput, during: "writing down what the gift card gave for \(reference)"))
  }

  /// Counts a line and writes it down; an outcome where the latter fails. Its money stays taken until the till starts
  /// anew: what is on the disk counts then.
  private func write(_ line: String, under reference: String) async -> PaymentOutcome? {
    book.take(line)
    doubtful.insert(reference)
    do throws(DeviceError) {
      try await file.append(line)
    } catch {
      return .unknown(error)
    }
    doubtful.remove(reference)
    return nil
  }

  func recover(reference: String, for check: ClosedCheck, by guest: Guest) async -> PaymentOutcome? {
    guard guest.selectedGiftCard != nil else { return nil }
    let amount = Money(minorUnits: check.payable, currency: check.snapshot.order.currency)
    do throws(DeviceError) {
      return Book(try await file.lines()).charges[reference].map { .approved(record($0, of: amount)) }
    } catch {
      return .unknown(error)
    }
  }

  /// What the lines come to; a line that was cut by a crash counts for nothing.
  private struct Book {
    var balances: [String: Int64] = [:]
    var charges: [String: (card: String, amount: Int64)] = [:]
    /// By their own reference.
    var refunds: [String: Int64] = [:]
    /// By the payment's.
    var refunded: [String: Int64] = [:]

    /// The most that one line moves. No file that can be read has so many lines that their sum leaves 64 bits.
    static let largestAmount: Int64 = 1_000_000_000_000

    init(_ lines: [String]) {
      for line in lines { take(line) }
    }

    mutating func take(_ line: String) {
      let words = line.split(separator: " ").map(String.init)
      if words.count == 3, words[0] == "issue", let amount = Int64(words[2]),
        (-Self.largestAmount...Self.largestAmount).contains(amount)
      {
        balances[words[1], default: 0] += amount
      } else if words.count == 5, words[4] == ".", let amount = Int64(words[3]),
        (1...Self.largestAmount).contains(amount)
      {
        if words[0] == "charge" {
          balances[words[2], default: 0] -= amount
          charges[words[1]] = (words[2], amount)
        } else if words[0] == "refund", let charge = charges[words[2]] {
          balances[charge.card, default: 0] += amount
          refunds[words[1]] = amount
          refunded[words[2], default: 0] += amount
        }
      }
    }
  }

  private func record(_ charge: (card: String, amount: Int64), of amount: Money) -> PaymentRecord {
    var record = PaymentRecord(amount: Money(minorUnits: charge.amount, currency: amount.currency))
    record.cardName = "Gift card"
    record.maskedPAN = "************" + charge.card.suffix(4)
    return record
  }
}
