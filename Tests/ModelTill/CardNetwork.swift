import Foundation
import POSModel
import Synchronization

/// A card network whose book, a file of references, outlives the till: what was charged stays charged.
final class CardNetwork: Sendable {
  private let path: String
  private let plans = Mutex<[String: Int]>([:])

  init(path: String) { self.path = path }

  /// What comes of the next payments at a terminal: 0 refused, 1 charged and the answer lost, 2 the question lost,
  /// else charged.
  func plan(_ plan: Int, for terminal: String) { plans.withLock { $0[terminal] = plan } }

  func charge(_ reference: String, _ amount: Money, at terminal: DeviceID) -> PaymentOutcome {
    let lost = DeviceError(.paymentUnknown, during: "paying")
    switch plans.withLock({ $0[terminal.text] }) {
    case 0: return .declined(PaymentRefusal(code: "05", text: "no"))
    case 2: return .unknown(lost)
    case 1:
      enter(reference)
      return .unknown(lost)
    default:
      enter(reference)
      return .approved(PaymentRecord(amount: amount))
    }
  }

  func hasCharged(_ reference: String) -> Bool {
    let book = FileManager.default.contents(atPath: path) ?? Data()
    return String(decoding: book, as: UTF8.self).split(separator: "\n").contains { $0 == reference }
  }

  private func enter(_ reference: String) {
    let book = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o600)
    defer { close(book) }
    let line = Array((reference + "\n").utf8)
    // A line is whole or not there: one write, and a killed process leaves the page to the kernel.
    guard write(book, line, line.count) == line.count else { exit(3) }
  }
}
