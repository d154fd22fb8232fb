import ArgumentParser
import POSJSON
import POSJournal
import POSLinux
import POSLoyalty
import POSModel
import POSRuntime

/// `posctl sale void`: a whole sale is taken back.
struct SaleVoid: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "void",
    abstract: "Takes a sale back that is over: receipt, points, money, rewards.",
    discussion: """
      The money goes back the way it came: a charge of the card terminal is reversed by its receipt number, else \
      refunded. As long as the check-in is pending, points and rewards go back with the receipt; what cannot be undone \
      is named. Asked again, it tries what was not done; nothing is done twice. A coupon is never credited back: then \
      it wants --forfeit, for which the operator tells the guest.
      """)

  @OptionGroup var taken: TakenBackOptions

  @OptionGroup var guest: GuestOptions

  @Flag(help: "Also where something is lost that nothing gives back.")
  var forfeit = false

  func run() async throws {
    try await taken.run(leaving: nil, guest: try guest.givenCode(), forfeits: forfeit)
  }
}

/// `posctl sale refund`: a part of a sale is taken back.
struct SaleRefund: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refund",
    abstract: "Takes a part of a sale back: what a smaller check lacks.",
    discussion: """
      --order is the check as it stands afterwards, under the same number. The receipt's new version takes points \
      along as long as the check-in is pending.
      """)

  @OptionGroup var taken: TakenBackOptions

  @Option(help: "The check without what comes back, as a JSON file; - for standard input.")
  var order: String

  func run() async throws {
    try await taken.run(
      leaving: try OrderDocument(try InputOptions.read(order), name: order).order, guest: nil)
  }
}

/// What both need.
struct TakenBackOptions: ParsableArguments {
  @Argument(help: "The sale's id, or the number of its check; posctl sale list shows both.")
  var sale: String

  @OptionGroup var till: TillOptions
  @OptionGroup var loyalty: LoyaltyOptions
  @OptionGroup var state: StateOptions

  @Option(help: "The currency of the sale.")
  var currency = "USD"

  @Flag(help: "Prints a JSON line.")
  var json = false

  func validate() throws {
    guard Currency(code: currency) != nil else {
      throw ValidationError("--currency: not a known ISO 4217 code")
    }
  }

  fileprivate func run(leaving order: Order?, guest: GuestCode?, forfeits: Bool = false) async throws {
    CurrentProcess.outliveReaders()
    let currency = Currency(code: currency) ?? .usDollar
    var opener = DeviceOpener()
    opener.printerProfile = try till.printerProfile()
    opener.terminalPassword = try TillOptions.terminalPassword()
    try TillOptions.setIdentifiers(of: &opener)
    opener.currency = currency
    var setting = SaleSetting(
      printer: try till.printer.map { text throws(DeviceError) in try DeviceAddress(text) },
      terminal: try till.terminal.map { text throws(DeviceError) in try DeviceAddress(text) },
      provider: try loyalty.provider(currency: currency, state: state.place.directory), state: state.place)
    setting.giftCards = till.giftCards
    let counter = try await Till(setting, opener: opener)
    var summary: SaleSummary
    do throws(DeviceError) {
      summary = try await counter.orchestrator.takeBack(
        sale, leaving: order, guest: guest, forfeits: forfeits)
      _ = await counter.outbox.flush()
      // The receipt's void may have had to wait a second behind an earlier version, and the redemption's for it.
      if summary.state == .completedWithRest {
        summary = try await counter.orchestrator.resume(summary.id) ?? summary
      }
      await counter.close()
    } catch {
      await counter.close()
      throw error
    }
    show(summary)
    if summary.exit != .ok { throw ExitCode(summary.exit.rawValue) }
  }

  private func show(_ summary: SaleSummary) {
    guard !json else {
      Console.print([
        "type": "sale", "state": .string(summary.state.rawValue), "sale": .string(summary.id),
        "check": .string(summary.checkNumber), "currency": .string(summary.total.currency.code),
        "given_back": JSONValue(summary.givenBack?.minorUnits),
        "owed_back": JSONValue(summary.owedBack?.minorUnits),
        "redeemed": summary.isRedeemed.map(JSONValue.bool) ?? .null,
        "warnings": SaleReport.json(summary.warnings),
      ])
      return
    }
    Console.print("check \(summary.checkNumber): \(summary.state.rawValue)")
    if let given = summary.givenBack { Console.print("given back: \(given)") }
    if let owed = summary.owedBack { Console.print("not given back: \(owed)") }
    for line in SaleReport.lines(summary.warnings) { Console.print(line) }
  }
}

/// `posctl sale list`.
struct SaleList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the sales that the journal still has, the latest first.")

  @OptionGroup var state: StateOptions

  @Option(help: "How many, at most.")
  var limit = 50

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws {
    guard (1...5000).contains(limit) else { throw ValidationError("--limit is 1 to 5000") }
  }

  func run() async throws {
    let journal = try await state.place.openJournal()
    let summaries: [SaleSummary]
    do throws(DeviceError) {
      summaries = try await SaleHistory(journal).latest(limit)
      await journal.close()
    } catch {
      await journal.close()
      throw error
    }
    for summary in summaries {
      if json {
        Console.print([
          "type": "sale", "sale": .string(summary.id), "check": .string(summary.checkNumber),
          "state": .string(summary.state.rawValue), "payable": JSONValue(summary.payable.minorUnits),
          "currency": .string(summary.payable.currency.code),
          "punchh_key": JSONValue(summary.receiptKey.isEmpty ? nil : summary.receiptKey),
          "loss_of_void": .array((summary.lossOfVoid ?? []).map(JSONValue.string)),
        ])
      } else {
        Console.print("\(summary.id)  \(summary.checkNumber)  \(summary.payable)  \(summary.state.rawValue)")
      }
    }
    if summaries.isEmpty, !json { Console.print("no sale is kept") }
  }
}
