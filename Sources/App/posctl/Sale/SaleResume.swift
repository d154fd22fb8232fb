import ArgumentParser
import POSJSON
import POSLinux
import POSLoyalty
import POSModel
import POSPicture
import POSRuntime

/// `posctl sale resume`: what an earlier run left open.
struct SaleResume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Takes up every sale that was cut off: asks for payments, frees baskets, prints, sends.",
    discussion: "sale run does the same before it starts a new sale."
  )

  @OptionGroup var till: TillOptions
  @OptionGroup var loyalty: LoyaltyOptions
  @OptionGroup var state: StateOptions

  @Option(help: "The currency of the sales.")
  var currency = "USD"

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws {
    guard till.printer != nil, till.terminal != nil else {
      throw ValidationError("--printer and --terminal are needed")
    }
    guard Currency(code: currency) != nil else {
      throw ValidationError("--currency: not a known ISO 4217 code")
    }
  }

  func run() async throws {
    CurrentProcess.outliveReaders()
    let currency = Currency(code: currency) ?? .usDollar
    var opener = DeviceOpener()
    opener.printerProfile = try till.printerProfile()
    opener.glyphs = GlyphSource.system
    opener.terminalPassword = try TillOptions.terminalPassword()
    try TillOptions.setIdentifiers(of: &opener)
    opener.currency = currency
    let counter = try await Till(
      SaleSetting(
        printer: try DeviceAddress(till.printer ?? ""), terminal: try DeviceAddress(till.terminal ?? ""),
        provider: try loyalty.provider(currency: currency, state: state.place.directory),
        giftCards: till.giftCards, state: state.place),
      opener: opener)
    var worst = ErrorTable.ExitCode.ok
    do throws(DeviceError) {
      let outcomes = try await counter.recover()
      if outcomes.isEmpty, !json { Console.print("nothing to take up") }
      for outcome in outcomes {
        switch outcome {
        case .resumed(let summary):
          show(summary)
          if summary.state == .paymentOpen || summary.state == .refundOpen { worst = .unknownOutcome }
        case .unreadable(let id, let error):
          Console.complain("sale \(id) cannot be read: \(error)")
          if worst == .ok { worst = .failed }
        }
      }
      _ = await counter.outbox.flush()
      await counter.close()
    } catch {
      await counter.close()
      throw error
    }
    if worst != .ok { throw ExitCode(worst.rawValue) }
  }

  private func show(_ summary: SaleSummary) {
    let payment = summary.payment.map { PaymentReport($0).name }
    if json {
      Console.print([
        "type": "sale", "state": .string(summary.state.rawValue), "sale": .string(summary.id),
        "check": .string(summary.checkNumber), "payment": JSONValue(payment),
        "print": JSONValue(summary.print?.name),
        "punchh_key": JSONValue(summary.receiptKey.isEmpty ? nil : summary.receiptKey),
      ])
    } else {
      Console.print("check \(summary.checkNumber): \(summary.state.rawValue), payment \(payment ?? "none")")
    }
  }
}
