import FoundationEssentials
import POSJSON
import POSLoyalty
import POSModel
import POSTerminalWire
import Punchh
import PunchhSandbox

/// A sale where nothing is real but the kernel: simulated devices and server, in a folder that goes afterwards.
enum SimulatedSale {
  /// A burger with cheese, fries, lemonade and tax: the check of Examples/burger.json.
  static let order = Order(
    checkNumber: "1042", currency: .usDollar,
    lines: [
      Order.Line(
        name: "Classic burger", amount: 900, itemID: "101", family: "burgers", group: "food",
        modifiers: [
          Order.Line(name: "Extra cheese", amount: 100, itemID: "201", family: "extras", group: "food")
        ]),
      Order.Line(name: "Fries", quantity: 2, amount: 500, itemID: "110", family: "sides", group: "food"),
      Order.Line(name: "Lemonade", amount: 250, itemID: "120", family: "drinks", group: "beverages"),
      Order.Line(name: "Sales tax", amount: 140, kind: .tax),
    ],
    employeeName: "Ada")

  /// Puts everything up, runs `sell` and takes everything down.
  static func run(
    display: SaleDisplay, sell: (SaleSetting) async throws(DeviceError) -> ErrorTable.ExitCode
  ) async throws(DeviceError) -> ErrorTable.ExitCode {
    let folder = FileManager.default.temporaryDirectory.appending(path: "posctl-\(UUID().uuidString)").path
    let counter = try await SimulatedCounter(in: folder)
    let running = Task { try await counter.run() }
    let server = try await SimulatePunchh.start()
    display.note("simulated: \(counter.scanner.address)")
    display.note("simulated: \(counter.printer.address)")
    display.note("simulated: \(counter.terminal.address)")
    display.note("simulated: http://127.0.0.1:\(server.port)\n")
    let result: Result<ErrorTable.ExitCode, DeviceError>
    do throws(DeviceError) {
      result = .success(try await sell(try setting(counter, server: server, folder: folder)))
    } catch {
      result = .failure(error)
    }
    running.cancel()
    await server.stop()
    try? FileManager.default.removeItem(atPath: folder)
    return try result.get()
  }

  private static func setting(
    _ counter: SimulatedCounter, server: SandboxServer, folder: String
  ) throws(DeviceError) -> SaleSetting {
    let settings = SandboxSettings()
    var configuration = PunchhConfiguration(
      server: try ServerURL("http://127.0.0.1:\(server.port)"),
      keys: try PunchhKeys(location: settings.locationKey, business: settings.businessKey),
      userAgent: try LoyaltyOptions.userAgent())
    configuration.currency = order.currency
    return SaleSetting(
      printer: counter.printer.address, terminal: counter.terminal.address, scanner: counter.scanner.address,
      provider: PunchhProvider(configuration),
      terminalPassword: ZVTPassword(digits: Array(SimulatedCounter.terminalPassword.utf8)),
      state: StatePlace(directory: folder + "/state"))
  }
}
