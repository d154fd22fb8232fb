import POSJournal
import POSLinux
import POSLoyalty
import POSModel
import POSRuntime
import POSTerminalWire
import Punchh

/// Everything a till is put together from.
struct SaleSetting {
  /// `nil` where nothing is to be printed.
  var printer: DeviceAddress?
  /// `nil` where no card is to be charged.
  var terminal: DeviceAddress?
  var scanner: DeviceAddress?
  /// The guest's code, typed.
  var code: String?
  /// Whether the guest has agreed to the programme's terms, in case it is not known there.
  var signsUp = false
  /// What the check becomes after the rewards are quoted, one after the other.
  var changes: [Order] = []
  var provider: PunchhProvider
  var terminalPassword: ZVTPassword?
  /// The file of the shop's gift cards.
  var giftCards: String?
  /// What is asked and printed here.
  var policy: SalePolicy?
  var state: StatePlace
}

/// An open till: journal, devices, programme, and the orchestrator over them.
struct Till {
  let journal: Journal
  let outbox: OutboxSender
  let orchestrator: SaleOrchestrator
  private let printer: any ReceiptPrinter
  private let terminal: any PaymentTerminal

  /// Opens the devices and puts the till together.
  init(_ setting: SaleSetting, opener: DeviceOpener) async throws(DeviceError) {
    try setting.provider.checkKeys()
    journal = try await setting.state.openJournal()
    do throws(DeviceError) {
      if let address = setting.terminal {
        terminal = try opener.terminal(at: address, journal: journal)
      } else {
        terminal = AbsentTerminal()
      }
      if let address = setting.printer {
        var opener = opener
        if let limit = setting.state.crashAfterBytes {
          opener.wrap = { [wrap = opener.wrap] kind, transport in
            kind == .printer ? CrashingTransport(wrap(kind, transport), after: limit) : wrap(kind, transport)
          }
        }
        printer = try await QueuedPrinter.open(at: address, with: opener, journal: journal)
      } else {
        printer = AbsentPrinter()
      }
    } catch {
      await journal.close()
      throw error
    }
    var tenders: [any GuestTender] = [AppPaymentTender(setting.provider.api, clock: Reactor.shared)]
    if let path = setting.giftCards {
      do throws(DeviceError) {
        tenders.insert(try await GiftCardBook(path: path), at: 0)
      } catch {
        await printer.close()
        await terminal.close()
        await journal.close()
        throw error
      }
    }
    outbox = OutboxSender(provider: setting.provider, journal: journal, clock: .system)
    orchestrator = SaleOrchestrator(
      provider: setting.provider, terminal: terminal, printer: printer, journal: journal, outbox: outbox,
      clock: .system, guestTenders: tenders, policy: setting.policy)
  }

  /// Sells what is on the order. A payment whose outcome got lost is asked for before anybody is told so.
  func sell(_ order: Order, attendant: some SaleAttendant) async throws(DeviceError) -> SaleSummary {
    let first = try await orchestrator.run(order, attendant: attendant)
    guard first.state == .paymentOpen, var resumed = try await orchestrator.resume(first.id) else {
      return first
    }
    resumed.steps = first.steps + resumed.steps
    return resumed
  }

  /// What the brand's coupons begin with, as far as this till has heard: its very first sale has not.
  func couponPrefix(by provider: PunchhProvider) async throws(DeviceError) -> String {
    try await ConfigurationCache(provider: provider, journal: journal, clock: .system).last()?.couponPrefix
      ?? ""
  }

  /// Takes up what an earlier run left behind and says what became of it.
  func recover() async throws(DeviceError) -> [SaleRecovery.Outcome] {
    try await SaleRecovery(orchestrator: orchestrator, journal: journal).run()
  }

  /// Lets go of devices and journal.
  func close() async {
    await printer.close()
    await terminal.close()
    await journal.close()
  }
}
