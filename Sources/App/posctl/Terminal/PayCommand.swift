import ArgumentParser
import FoundationEssentials
import POSModel

/// `posctl pay`: one movement of money at a card terminal.
struct PayCommand: AsyncParsableCommand, PrintsLines {
  static let configuration = CommandConfiguration(
    commandName: "pay",
    abstract: "Takes one payment at a card terminal, or gives money back.",
    discussion: """
      The intent is on disk before the terminal hears of it. Exit code 6 says that nobody knows whether the card was
      charged; until posctl terminal recover has found out, the terminal takes no other payment.

      Outcomes: approved; approved-unconfirmed (the terminal said yes, and may take it back: recover); declined;
      cancelled; not-started (the order never counted: safe to repeat); unknown (recover, never repeat before).

        posctl pay 12.50 --currency EUR --device zvt+serial:/dev/ttyACM0
        posctl pay 12.50 --currency EUR --device concert+serial:/dev/ttyACM0 --refund
        posctl pay 80 --currency EUR --device zvt+tcp:192.0.2.9:20007 --pre-authorise
        posctl pay 63.20 --currency EUR --device zvt+tcp:192.0.2.9:20007 --book 42

      Ctrl-C asks the terminal to stop; the payment ends when the terminal says so. A second one stops the waiting:
      the payment stays open until posctl terminal recover.
      """
  )

  @Argument(help: "The amount in units of the currency: 12.50.")
  var amount: String

  @Option(help: "The currency, as three letters of ISO 4217.")
  var currency: String

  @Option(help: "A name for this payment that was never used before; by default a random one.")
  var reference: String?

  @Flag(help: "Gives the amount to the customer's card.")
  var refund = false

  @Option(help: "Takes the payment with this receipt number of the terminal back.")
  var reverse: Int?

  @Flag(help: "Sets the amount aside on the card, for --book later (ZVT).")
  var preAuthorise = false

  @Option(help: "Takes the amount of what this receipt has set aside, and frees the rest (ZVT).")
  var book: Int?

  @Option(help: "Frees the amount of what this receipt has set aside (ZVT).")
  var release: Int?

  @Option(help: "Frees all that this receipt has set aside; AMOUNT says how much that is (ZVT).")
  var releaseAll: Int?

  @Option(help: "Adds the amount as a tip to the payment with this receipt number (ZVT).")
  var tip: Int?

  @Flag(help: "A part of the amount will do, where the card does not hold the whole (ZVT, Caisse-AP).")
  var acceptPart = false

  @Flag(help: "The customer may add a tip at the terminal (ZVT).")
  var acceptTip = false

  @OptionGroup var options: TerminalOptions

  func validate() throws {
    guard kinds.count <= 1 else {
      throw ValidationError(
        "one of --refund, --reverse, --pre-authorise, --book, --release, --release-all, --tip")
    }
    guard let currency = Currency(code: currency) else {
      throw ValidationError("--currency: not a known ISO 4217 code")
    }
    guard let money = Money(decimal: amount, currency: currency), money.minorUnits > 0 else {
      throw ValidationError(
        "AMOUNT is above zero, with at most \(currency.exponent) decimals in \(currency.code)")
    }
  }

  var printsJSON: Bool { options.printsJSON }

  private var kinds: [PaymentRequest.Kind] {
    [
      refund ? .refund : nil, reverse.map { .reversal(receipt: $0) }, preAuthorise ? .preAuthorisation : nil,
      book.map { .booking(receipt: $0) }, release.map { .partialReversal(receipt: $0) },
      releaseAll.map { .preAuthorisationReversal(receipt: $0) }, tip.map { .tip(receipt: $0) },
    ].compactMap(\.self)
  }

  func run() async throws {
    guard let currency = Currency(code: currency), let money = Money(decimal: amount, currency: currency)
    else {
      throw ValidationError("AMOUNT is no amount")
    }
    var request = PaymentRequest(
      reference: reference ?? UUID().uuidString, amount: money, kind: kinds.first ?? .payment)
    request.acceptsPart = acceptPart
    request.acceptsTip = acceptTip
    let report = try await options.withTerminal(currency: currency) {
      [request] (terminal, _) async throws(DeviceError) in
      let display = PaymentDisplay(terminal, reference: request.reference, isQuiet: options.isQuiet)
      return PaymentReport(try await display.follow { await terminal.pay(request) })
    }
    report.show(request, json: options.printsJSON)
    if report.exit != .ok { throw ExitCode(report.exit.rawValue) }
  }
}
