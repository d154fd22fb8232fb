import POSModel
import POSTerminalWire

extension TerminalStatus {
  /// What 06 0F says after 05 01.
  init(_ message: ZVTMessage, terminalID: UInt64?) {
    let status = message.terminalStatus ?? .ready
    self.init(
      code: hexadecimal(status.rawValue), text: status.name.description, isReady: status == .ready,
      terminalID: terminalID.map { number in
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
      }, softwareVersion: message.text(.softwareVersion).map { String(decoding: $0, as: UTF8.self) })
    hint =
      switch status.remedy {
      case .initialisation: "posctl terminal initialise --device ADDRESS"
      case .diagnosis: "posctl terminal diagnosis --device ADDRESS"
      case .endOfDay: "posctl terminal end-of-day --device ADDRESS"
      case .wait: "wait a minute and ask again"
      case .takeCard: "have the card taken out of the reader"
      case .technician: "call the terminal's service"
      case nil: ""
      }
  }
}
