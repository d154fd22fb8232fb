import POSModel
import POSTerminalWire

/// How a terminal is, by its own account.
public struct ZVTStatusReport: Sendable, Equatable {
  /// The status byte as the protocol writes it: `00` is ready.
  public let code: String
  /// What it means, in this project's words.
  public let text: String
  /// The terminal's id, if it told.
  public let terminalID: String?
  /// Its software version, if it told.
  public let softwareVersion: String?

  /// Whether it takes a payment now.
  public var isReady: Bool { code == "00" }

  init(_ message: ZVTMessage, terminalID: UInt64?) {
    let status = message.terminalStatus ?? .ready
    code = hexadecimal(status.rawValue)
    text = status.name.description
    self.terminalID = terminalID.map { number in
      let digits = String(number)
      return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }
    softwareVersion = message.text(.softwareVersion).map { String(decoding: $0, as: UTF8.self) }
  }
}
