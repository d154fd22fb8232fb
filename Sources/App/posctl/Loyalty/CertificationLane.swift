import FoundationEssentials
import POSDrivers
import POSJournal
import POSLoyalty
import POSModel
import POSTransport
import Punchh
import PunchhSandbox

/// What a row of the certification works with: a client, a guest, and a server of its own when it is the sandbox.
struct CertificationLane: Sendable {
  let provider: PunchhProvider
  let server: String
  /// The sandbox; `nil` at a server of PAR's.
  let sandbox: SandboxServer?
  let guest: CertificationGuest
  /// Numbers of this run: no two checks have the same.
  let numbers: CertificationNumbers
  /// A folder for journals.
  let folder: String

  var api: PunchhAPI { provider.api }

  /// A check of one item.
  static func order(_ amount: Int64 = 1200, check: String = "C-1") -> Order {
    Order(
      checkNumber: check, currency: .usDollar,
      lines: [
        Order.Line(name: "Classic burger", amount: amount, itemID: "101", family: "burgers", group: "food"),
        Order.Line(name: "Sales tax", amount: amount / 10, kind: .tax),
      ])
  }

  /// A new check: every one has its own identity and key.
  func check(_ order: Order = order()) async throws -> CheckSnapshot {
    let number = numbers.next()
    var identity = CheckIdentity(
      externalID: "certify-\(number)", checkNumber: order.checkNumber, transactionNumber: number,
      receiptKey: "", openedAt: WallTime.now.iso8601(secondsFromUTC: 0))
    identity.receiptKey = try provider.receiptKey(
      for: identity, configuration: try await provider.configuration())
    return CheckSnapshot(identity: identity, order: order)
  }

  /// The guest, by telephone number.
  func member() async throws -> Guest {
    try await provider.findGuest(GuestCode(kind: .phone, value: guest.phone))
  }

  static func paid(_ check: CheckSnapshot, _ reductions: [Quote.Line] = []) -> ClosedCheck {
    ClosedCheck(
      snapshot: check, reductions: reductions,
      payable: (check.order.total ?? 0) - reductions.reduce(0) { $0 + $1.amount }, cardLast4: nil)
  }

  /// What an effect gave.
  func done<Value>(_ outcome: EffectOutcome<Value>) throws -> Value {
    switch outcome {
    case .done(let value): return value
    case .notDone(let error), .unknown(let error): throw error
    }
  }

  /// Fails the row unless `condition` holds.
  func expect(_ condition: Bool, _ words: String) throws {
    guard condition else { throw CertificationFailure(words: words) }
  }

  /// Fails the row unless the server refuses with `code`.
  func expectRefusal(_ code: DeviceError.Code, _ call: () async throws -> Void) async throws {
    do {
      try await call()
    } catch let error as DeviceError where error.code == code {
      return
    }
    throw CertificationFailure(words: "the server does not refuse with \(code.rawValue)")
  }

  /// A till with this client, whose terminal approves everything and whose paper is kept.
  func till(_ body: (SaleOrchestrator, OutboxSender, Journal, CertificationPaper) async throws -> Void)
    async throws
  {
    let journal = try await Journal.open(in: folder + "/till-\(numbers.next())")
    let paper = CertificationPaper()
    let outbox = OutboxSender(provider: provider, journal: journal, clock: .system)
    let till = SaleOrchestrator(
      provider: provider, terminal: CertificationTerminal(), printer: paper, journal: journal, outbox: outbox,
      clock: .system)
    do {
      try await body(till, outbox, journal, paper)
      await journal.close()
    } catch {
      await journal.close()
      throw error
    }
  }
}

/// Why a row failed.
struct CertificationFailure: Error {
  var words: String
}

/// Running numbers that no earlier run has used: tens of milliseconds since 2020.
final class CertificationNumbers: Sendable {
  private let last: Lock<Int64>

  init(now: WallTime = .now) { last = Lock((now.milliseconds - 1_577_836_800_000) / 10) }

  func next() -> Int64 {
    last.withLock { last in
      last += 1
      return last
    }
  }
}

/// The guest who takes part, and what the rows may use.
struct CertificationGuest: Sendable {
  var phone = SandboxGuest.generous.phone
  var email = SandboxGuest.generous.email
  var code: String? = SandboxGuest.generous.codes.first
  var card = SandboxGuest.generous.cardNumber
  var qr = SandboxGuest.generous.userQR
  var shortCode = SandboxGuest.generous.shortCode
  var nfc = SandboxGuest.generous.nfc
  var redemptionCode: String? = "8106394"
  var coupon: String? = "7738989"

  /// Something a row needs, by the option that gives it.
  enum Need: String, Sendable, CaseIterable {
    case code, card, qr, nfc, coupon
    case shortCode = "short-code"
    case redemptionCode = "redemption-code"
  }

  /// What is missing of `needs`.
  func missing(_ needs: [Need]) -> [Need] {
    needs.filter { need in
      switch need {
      case .code: code == nil
      case .card: card == nil
      case .qr: qr == nil
      case .nfc: nfc == nil
      case .coupon: coupon == nil
      case .shortCode: shortCode == nil
      case .redemptionCode: redemptionCode == nil
      }
    }
  }
}

/// A terminal that approves.
struct CertificationTerminal: PaymentTerminal {
  let descriptor = DeviceDescriptor(
    id: DeviceID("certification-terminal"), kind: .terminal,
    address: DeviceAddress(route: .file(path: "none")),
    name: "approves everything")

  func pay(_ request: PaymentRequest) async -> PaymentOutcome {
    .approved(PaymentRecord(amount: request.amount))
  }
  func recover(reference: String) async -> PaymentOutcome {
    .notStarted(DeviceError(.terminalNotReady, during: "recovering"))
  }
  func requestAbort() async {}
  func events() -> AsyncStream<TerminalEvent> { AsyncStream { $0.finish() } }
  func close() async {}
}

/// A printer that keeps what it is given.
final class CertificationPaper: ReceiptPrinter {
  let descriptor = DeviceDescriptor(
    id: DeviceID("certification-paper"), kind: .printer, address: DeviceAddress(route: .file(path: "none")),
    name: "keeps everything")
  private let kept = Lock<[ReceiptDocument]>([])

  var documents: [ReceiptDocument] { kept.withLock { $0 } }

  func print(_ job: PrintJob, watch: PrintWatch) async -> PrintOutcome {
    if case .document(let document) = job.content { kept.withLock { $0.append(document) } }
    return .printed
  }
  func status() async throws(DeviceError) -> PrinterStatus {
    PrinterStatus(isOnline: true, paper: .present, isCoverOpen: false, faults: [], isDrawerPinHigh: false)
  }
  func identity() async throws(DeviceError) -> PrinterIdentity { PrinterIdentity() }
  func openDrawer(_ pulse: DrawerPulse) async -> DrawerOutcome { .pulsed }
  func close() async {}
}
