import ArgumentParser
import POSJSON
import POSJournal
import POSLinux
import POSLoyalty
import POSModel
import POSPicture
import POSRuntime

/// `posctl sale run`: one whole sale.
struct SaleRun: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs one whole sale, from the guest's code to the printed receipt.",
    discussion: """
      Devices and server are those that are named. Without any of them the sale runs on a simulated counter \
      and a simulated Punchh server, over real sockets and ptys:

        posctl sale run

      With real ones, on a check in a file (see Examples/burger.json):

        posctl sale run --order check.json --server https://NAME.punchh.com \\
          --scanner hidraw:/dev/hidraw0 --printer tcp:192.0.2.7:9100 \\
          --terminal zvt+serial:/dev/ttyACM0

      Sales that an earlier run left open are taken up first.
      """
  )

  @Option(help: "The check, as a JSON file; - for standard input.")
  var order: String?

  @Option(
    help: "What the check becomes once the rewards are quoted, as --order; may be given several times.")
  var change: [String] = []

  @Option(help: "The scanner that reads the guest's code.")
  var scanner: String?

  @Option(help: "The guest's code, typed instead of scanned.")
  var code: String?

  @Flag(
    help:
      "The guest has agreed to the programme's terms: an unknown telephone number is signed up, where tills may."
  )
  var signUp = false

  @Option(help: "Seconds to wait for the guest's code before the sale goes on without.")
  var scanTimeout = 30

  @OptionGroup var till: TillOptions
  @OptionGroup var loyalty: LoyaltyOptions
  @OptionGroup var state: StateOptions

  @Option(
    help: "A folder for receipt.escpos, what was sent to the printer, and receipt.png, what it looks like.")
  var receipt: String?

  @Flag(help: "Prints one JSON line at the end.")
  var json = false

  func validate() throws {
    guard (1...3600).contains(scanTimeout) else {
      throw ValidationError("--scan-timeout is 1 to 3600 seconds")
    }
    guard scanner == nil || code == nil else { throw ValidationError("--scanner or --code, not both") }
    guard
      isSimulated || (till.printer != nil && till.terminal != nil && loyalty.server != nil && order != nil)
    else {
      throw ValidationError(
        "a sale on real devices needs --order, --printer, --terminal and --server; give none for a simulation"
      )
    }
  }

  private var isSimulated: Bool {
    till.printer == nil && till.terminal == nil && loyalty.server == nil && scanner == nil
  }

  func run() async throws {
    CurrentProcess.outliveReaders()
    let order = try order.map { path throws(DeviceError) in
      try OrderDocument(try InputOptions.read(path), name: path).order
    }
    let changes = try change.map { path throws(DeviceError) in
      try OrderDocument(try InputOptions.read(path), name: path).order
    }
    let exit: ErrorTable.ExitCode
    if isSimulated {
      exit = try await SimulatedSale.run(display: SaleDisplay(isQuiet: json)) { setting throws(DeviceError) in
        var setting = setting
        if let code {
          setting.scanner = nil
          setting.code = code
        }
        setting.giftCards = till.giftCards
        setting.policy = loyalty.policy
        setting.changes = changes
        setting.signsUp = signUp
        return try await sell(order ?? SimulatedSale.order, with: setting)
      }
    } else if let order {
      var setting = try setting(currency: order.currency)
      setting.changes = changes
      setting.signsUp = signUp
      exit = try await sell(order, with: setting)
    } else {
      exit = .usage
    }
    if exit != .ok { throw ExitCode(exit.rawValue) }
  }

  private func setting(currency: Currency) throws(DeviceError) -> SaleSetting {
    var setting = SaleSetting(
      printer: try DeviceAddress(till.printer ?? ""), terminal: try DeviceAddress(till.terminal ?? ""),
      scanner: try scanner.map { text throws(DeviceError) in try DeviceAddress(text) },
      provider: try loyalty.provider(currency: currency, state: state.place.directory),
      terminalPassword: try TillOptions.terminalPassword(),
      state: state.place)
    setting.code = code
    setting.giftCards = till.giftCards
    setting.policy = loyalty.policy
    return setting
  }

  private func sell(_ order: Order, with setting: SaleSetting) async throws(DeviceError)
    -> ErrorTable.ExitCode
  {
    // Before anybody pays, so that nothing but the disk can keep the receipt from being kept.
    if let receipt { try StateDirectory.make(receipt) }
    let paper = SentPaper()
    var opener = DeviceOpener()
    opener.printerProfile = try till.printerProfile()
    opener.glyphs = GlyphSource.system
    opener.terminalPassword = setting.terminalPassword
    try TillOptions.setIdentifiers(of: &opener)
    opener.currency = order.currency
    opener.wrap = { kind, transport in kind == .printer ? paper.copying(transport) : transport }

    let counter = try await Till(setting, opener: opener)
    do throws(DeviceError) {
      let display = SaleDisplay(isQuiet: json)
      let showing = Task { await display.show(counter.orchestrator.progress) }
      defer { showing.cancel() }
      for outcome in try await counter.recover() { display.show(outcome) }
      paper.clear()
      let attendant = try await SaleRunAttendant(
        setting, opener: opener, patience: .seconds(scanTimeout),
        couponPrefix: try await counter.couponPrefix(by: setting.provider))
      let summary = try await counter.sell(order, attendant: attendant)
      await attendant.close()
      // The sale is over: what fails from here on is complained of, and keeps nobody from learning how it ended.
      let deliveries = await counter.outbox.flush()
      let waiting = await complaining { () throws(DeviceError) in
        try await counter.journal.outbox([.pending, .inFlight, .parked]).count
      }
      await counter.close()
      let files = await complaining { () throws(DeviceError) in
        try receipt.flatMap { folder throws(DeviceError) in
          try paper.keep(in: folder, profile: opener.printerProfile)
        }
      }
      display.show(
        SaleReport(
          summary: summary, order: order, code: attendant.code, deliveries: deliveries, waiting: waiting,
          receipt: files ?? nil, page: paper.page(opener.printerProfile)))
      return summary.exit
    } catch {
      await counter.close()
      throw error
    }
  }

  /// What `work` gives; `nil` after an error, which is shown.
  private func complaining<Value>(_ work: () async throws(DeviceError) -> Value) async -> Value? {
    do throws(DeviceError) {
      return try await work()
    } catch {
      Console.complain(error)
      return nil
    }
  }
}
