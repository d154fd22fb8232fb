import ArgumentParser
import FoundationEssentials
import POSModel

/// `posctl pay`: one movement of money at a card terminal.
struct PayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pay",
    abstract: "Takes one payment at a card terminal, or gives money back.",
    discussion: """
      The intent is on disk before the terminal hears of it. Exit code 6 says that nobody knows whether the card was
      charged; until posctl terminal recover has found out, the terminal takes no other payment.

        posctl pay 12.50 --currency EUR --device zvt+serial:/dev/ttyACM0
        posctl pay 12.50 --currency EUR --device concert+serial:/dev/ttyACM0 --refund
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

  @OptionGroup var options: TerminalOptions

  func validate() throws {
    guard !refund || reverse == nil else { throw ValidationError("--refund or --reverse, not both") }
    guard let currency = Currency(code: currency) else {
      throw ValidationError("--currency: not a known ISO 4217 code")
    }
    guard let money = Money(decimal: amount, currency: currency), money.minorUnits > 0 else {
      throw ValidationError(
        "AMOUNT is above zero, with at most \(currency.exponent) decimals in \(currency.code)")
    }
  }

  func run() async throws {
    guard let currency = Currency(code: currency), let money = Money(decimal: amount, currency: currency)
    else {
      throw ValidationError("AMOUNT is no amount")
    }
    let kind: PaymentRequest.Kind = reverse.map { .reversal(receipt: $0) } ?? (refund ? .refund : .payment)
    let request = PaymentRequest(reference: reference ?? UUID().uuidString, amount: money, kind: kind)
    let report = try await options.withTerminal(currency: currency) {
      (terminal, _) async throws(DeviceError) in
      let showing = Task { [json = options.printsJSON] in
        for await event in terminal.events() where !json { Console.complain(event.terminalText ?? event.text) }
      }
      defer { showing.cancel() }
      return PaymentReport(await terminal.pay(request))
    }
    report.show(request, json: options.printsJSON)
    if report.exit != .ok { throw ExitCode(report.exit.rawValue) }
  }
}
