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

  @Option(help: "The redemptions that are spoken: 2.0, 1.0, or auto for what brand and location have on.")
  var redemptions = "auto"

  @Option(help: "Where sales come from: \(SaleChannel.allCases.map(\.rawValue).joined(separator: ", ")).")
  var channel = SaleChannel.pos

  @Option(
    help:
      "Who gets the bar code: \(SalePolicy.Barcodes.allCases.map(\.rawValue).joined(separator: ", ")).")
  var barcodes = BarcodeChoice(.always)

  @Option(
    help: "This till among those of the location, as 2/3: tills that share one never issue the same key.")
  var till = TillPlace(number: 1, count: 1)

  /// What the channel does differently from a counter.
  var policy: SalePolicy {
    var policy = channel.policy
    policy.barcodes = barcodes.barcodes
    return policy
  }

  /// The client, for sales in `currency`; what it has to remember of refused keys is in the folder `state`.
  func provider(
    currency: Currency, state: String = StatePlace.defaultDirectory
  ) throws(DeviceError) -> PunchhProvider {
    guard let server else {
      throw DeviceError(
        .badConfiguration, during: "choosing the loyalty server", detail: "there is none",
        hint: "give --server URL; for a trial: posctl simulate punchh")
    }
    var configuration = PunchhConfiguration(
      server: try ServerURL(server),
      receiptServer: try receiptServer.map { text throws(DeviceError) in try ServerURL(text) },
      keys: try readKeys(), userAgent: try Self.userAgent(type: channel.integrationType))
    configuration.currency = currency
    configuration.redemptions = PunchhConfiguration.Redemptions(rawValue: redemptions)
    guard configuration.redemptions != nil || redemptions == "auto" else {
      throw DeviceError(
        .badConfiguration, during: "choosing the redemptions",
        detail: "'\(redemptions)' is none of auto, 2.0 and 1.0")
    }
    configuration.channel = channel.wire
    configuration.refusedKeys = RefusedKeys(in: state)
    configuration.allowsSandboxKeys = allowSandboxKeys
    configuration.tillIndex = till.number - 1
    configuration.tillCount = till.count
    guard let keyScheme else { return PunchhProvider(configuration, clock: Reactor.shared) }
    return PunchhProvider(
      configuration, codec: try KeyScheme(json: try InputOptions.read(keyScheme)), clock: Reactor.shared)
  }

  /// What names this program to PAR.
  static func userAgent(type: String = "POS") throws(DeviceError) -> UserAgent {
    try UserAgent(integrator: "swift-pos-devices", type: type, version: "0.1")
  }

  /// The location's keys, from the file that was named or the environment.
  func readKeys() throws(DeviceError) -> PunchhKeys {
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

/// The kinds of place a sale comes from.
enum SaleChannel: String, CaseIterable, ExpressibleByArgument {
  /// A counter with a cashier.
  case pos
  /// A screen that guests order at alone.
  case kiosk
  /// A till that a cashier carries: a counter for the programme, off line more often.
  case handheld

  /// What calls say of it (specs/punchh.md §6.1).
  var wire: PunchhConfiguration.Channel { self == .kiosk ? .kiosk : .pos }

  /// The second part of the user agent (specs/punchh.md §3).
  var integrationType: String { self == .kiosk ? "Kiosk" : "POS" }

  /// What is asked and printed there.
  var policy: SalePolicy { self == .kiosk ? .kiosk : .counter }
}

/// Who gets the bar code, as an option.
struct BarcodeChoice: ExpressibleByArgument {
  let barcodes: SalePolicy.Barcodes

  init(_ barcodes: SalePolicy.Barcodes) { self.barcodes = barcodes }

  init?(argument: String) {
    guard let barcodes = SalePolicy.Barcodes(rawValue: argument) else { return nil }
    self.init(barcodes)
  }

  var defaultValueDescription: String { barcodes.rawValue }
}
