import ArgumentParser
import FoundationEssentials
import POSLinux
import POSLoyalty
import POSModel
import Punchh

/// Which Punchh server, and with what keys.
struct LoyaltyOptions: ParsableArguments {
  @Option(help: "The Punchh server: https://NAME.punchh.com, or http:// on this machine.")
  var server: String?

  @Option(help: "The server of receipt details, where PAR names another one.")
  var receiptServer: String?

  @Option(
    help: "A file of mode 0600 with the keys; else PUNCHH_LOCATION_KEY and PUNCHH_BUSINESS_KEY are read.")
  var keys: String?

  @Option(help: "The key scheme file obtained from PAR.")
  var keyScheme: String?

  @Flag(help: "Issues sandbox keys to a real server. Guests cannot use such receipts.")
  var allowSandboxKeys = false

  @Option(help: "The redemptions that the location speaks: 2.0 or 1.0.")
  var redemptions = "2.0"

  @Option(
    help: "This till among those of the location, as 2/3: tills that share one never issue the same key.")
  var till = TillPlace(number: 1, count: 1)

  /// The client, for sales in `currency`.
  func provider(currency: Currency) throws(DeviceError) -> PunchhProvider {
    guard let server else {
      throw DeviceError(
        .badConfiguration, during: "choosing the loyalty server", detail: "there is none",
        hint: "give --server URL; for a trial: posctl simulate punchh")
    }
    var configuration = PunchhConfiguration(
      server: try ServerURL(server),
      receiptServer: try receiptServer.map { text throws(DeviceError) in try ServerURL(text) },
      keys: try readKeys(), userAgent: try Self.userAgent())
    configuration.currency = currency
    guard let generation = PunchhConfiguration.Redemptions(rawValue: redemptions) else {
      throw DeviceError(
        .badConfiguration, during: "choosing the redemptions",
        detail: "'\(redemptions)' is neither 2.0 nor 1.0")
    }
    configuration.redemptions = generation
    configuration.allowsSandboxKeys = allowSandboxKeys
    configuration.tillIndex = till.number - 1
    configuration.tillCount = till.count
    guard let keyScheme else { return PunchhProvider(configuration, clock: Reactor.shared) }
    return PunchhProvider(
      configuration, codec: try KeyScheme(json: try InputOptions.read(keyScheme)), clock: Reactor.shared)
  }

  /// What names this program to PAR.
  static func userAgent() throws(DeviceError) -> UserAgent {
    try UserAgent(integrator: "swift-pos-devices", version: "0.1")
  }

  private func readKeys() throws(DeviceError) -> PunchhKeys {
    if let keys { return try PunchhKeys(file: keys) }
    return try PunchhKeys(environment: ProcessInfo.processInfo.environment)
  }
}

/// One till among those that share a location.
struct TillPlace: ExpressibleByArgument {
  /// From 1.
  let number: Int
  let count: Int

  init(number: Int, count: Int) {
    self.number = number
    self.count = count
  }

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]), (1...999).contains(count),
      (1...count).contains(number)
    else { return nil }
    self.init(number: number, count: count)
  }

  var defaultValueDescription: String { "\(number)/\(count)" }
}
