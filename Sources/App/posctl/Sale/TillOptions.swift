import ArgumentParser
import FoundationEssentials
import POSDrivers
import POSModel
import POSRuntime
import POSTerminalWire

/// Which printer and which card terminal.
struct TillOptions: ParsableArguments {
  @Option(help: "The receipt printer's address.")
  var printer: String?

  @Option(help: "The printer's profile: \(ProfileOption.names).")
  var profile = PrinterProfile.epsonTMT20II.name

  @Option(help: "The card terminal's address. Its password is read from ZVT_PASSWORD.")
  var terminal: String?

  @Option(help: "The file of the shop's gift cards: lines such as 'issue CARD AMOUNT'.")
  var giftCards: String?

  /// The profile that was asked for.
  func printerProfile() throws(DeviceError) -> PrinterProfile { try ProfileOption.named(profile) }

  /// The password in the environment, if any.
  static func terminalPassword() throws(DeviceError) -> ZVTPassword? {
    guard let digits = ProcessInfo.processInfo.environment["ZVT_PASSWORD"] else { return nil }
    guard let password = ZVTPassword(digits: Array(digits.utf8)) else {
      throw DeviceError(
        .badConfiguration, during: "reading ZVT_PASSWORD", detail: "six digits are wanted")
    }
    return password
  }

  /// Sets what else the environment says of card terminals.
  static func setIdentifiers(of opener: inout DeviceOpener) throws(DeviceError) {
    let environment = ProcessInfo.processInfo.environment
    if let identifier = environment["CAISSE_AP_IDENTIFIER"] {
      guard identifier.utf8.count == 12, identifier.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        throw DeviceError(
          .badConfiguration, during: "reading CAISSE_AP_IDENTIFIER", detail: "twelve characters are wanted")
      }
      opener.tillIdentifier = identifier
    }
    opener.terminalID = environment["ECR17_TERMINAL_ID"] ?? ""
  }
}
