import Foundation
import POSLoyalty
import POSModel
import Testing

@testable import posctl

@Suite("the shop's own gift cards")
struct GiftCardBookTests {
  private let path = FileManager.default.temporaryDirectory.appending(path: "gift-cards-\(UUID().uuidString)")
    .path

  private static let check = ClosedCheck(
    snapshot: CheckSnapshot(
      identity: CheckIdentity(
        externalID: "sale-1", checkNumber: "1042", transactionNumber: 1, receiptKey: "315788232640",
        openedAt: "2026-03-13T14:05:09+01:00"),
      order: Order(checkNumber: "1042", currency: .euro, lines: [])),
    reductions: [], payable: 1_000, cardLast4: nil)

  private static let guest = {
    var guest = Guest(id: "77", displayName: "Ada L.", code: GuestCode(kind: .singleScan, value: "a1b2c3d4"))
    guest.selectedGiftCard = "6000001"
    return guest
  }()

  private func pay(_ book: GiftCardBook, _ reference: String, _ cents: Int64) async -> PaymentOutcome? {
    let amount = Money(minorUnits: cents, currency: .euro)
    return await book.pay(
      PaymentRequest(reference: reference, amount: amount), for: Self.check, by: Self.guest)
  }

  private func taken(_ outcome: PaymentOutcome?) -> Int64 {
    if case .approved(let record) = outcome { record.amount.minorUnits } else { 0 }
  }

  @Test("ten lanes at once get no more from a card than it holds")
  func lanesAtOnce() async throws {
    try "issue 6000001 2500\n".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let book = try await GiftCardBook(path: path)
    let sum = await withTaskGroup(of: Int64.self) { group in
      for lane in 1...10 { group.addTask { taken(await pay(book, "lane-\(lane)", 1_000)) } }
      return await group.reduce(0, +)
    }
    #expect(sum == 2_500)
  }

  @Test("a charge that is being written down is never refused meanwhile: the terminal would charge it again")
  func askedAgainMeanwhile() async throws {
    try "issue 6000001 1000\n".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let book = try await GiftCardBook(path: path)
    let refusals = await withTaskGroup(of: Bool.self) { group in
      for _ in 1...10 {
        group.addTask {
          if case .declined = await pay(book, "sale-1", 1_000) { true } else { false }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(refusals == 0)
    #expect(taken(await pay(book, "sale-1", 1_000)) == 1_000)
  }

  @Test("a line whose amount no till deals in counts for nothing, and the others do")
  func absurdAmounts() async throws {
    let absurd = "issue 6000001 \(Int64.max)\ncharge old 6000001 \(Int64.min) .\n"
    try (absurd + absurd + "issue 6000001 700\n").write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let book = try await GiftCardBook(path: path)
    #expect(taken(await pay(book, "sale-1", 1_000)) == 700)
  }

  @Test("a reference counts once, also after the till has started anew")
  func once() async throws {
    try "issue 6000001 2500\n".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    do {
      let book = try await GiftCardBook(path: path)
      #expect(taken(await pay(book, "sale-1", 1_000)) == 1_000)
      #expect(taken(await pay(book, "sale-1", 1_000)) == 1_000)
    }
    let book = try await GiftCardBook(path: path)
    #expect(taken(await pay(book, "sale-1", 1_000)) == 1_000)
    #expect(taken(await pay(book, "sale-2", 2_000)) == 1_500)
    guard case .declined = await pay(book, "sale-3", 100) else {
      Issue.record("an empty card pays")
      return
    }
  }
}
