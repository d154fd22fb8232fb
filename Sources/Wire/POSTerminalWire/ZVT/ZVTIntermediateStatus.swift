/// What a terminal shows while a transaction runs: the code of 04 FF (specs/terminals.md §2.10).
public struct ZVTIntermediateStatus: RawRepresentable, Sendable, Hashable {
  /// The byte as the protocol writes it.
  public let rawValue: UInt8

  /// Any code, known here or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// What a cashier needs to know of a code.
  public enum Kind: Sendable, CaseIterable {
    /// The customer's turn.
    case waitingForCustomer
    /// The card should be taken out.
    case removeCard
    /// Terminal or host at work.
    case working
    /// The terminal takes the charge back.
    case reversing
    /// Something is wrong, the transaction still runs.
    case problem
    /// A text that speaks of success. No proof of payment.
    case approvalText
    /// Maintenance.
    case service
    /// Anything else.
    case other

    /// The name used in JSON: lower case with hyphens.
    public var name: StaticString {
      switch self {
      case .waitingForCustomer: "waiting-for-customer"
      case .removeCard: "remove-card"
      case .working: "working"
      case .reversing: "reversing"
      case .problem: "problem"
      case .approvalText: "approval-text"
      case .service: "service"
      case .other: "other"
      }
    }
  }

  /// The class of the code.
  public var kind: Kind {
    switch rawValue {
    case 0x05, 0x45: .reversing
    case 0x0B, 0x41...0x5D, 0x66, 0x67: .removeCard
    case 0x00, 0x01, 0x02, 0x0A, 0x26...0x2A, 0x2C, 0x69, 0xC7, 0xCC, 0xE0, 0xE1: .waitingForCustomer
    case 0x04, 0x06, 0x0E, 0x0F, 0x17, 0x2B, 0xC9, 0xCA, 0xD2, 0xD3, 0xF1...0xF3: .working
    case 0x03, 0x07...0x09, 0x0C, 0x0D, 0x10, 0x12...0x16, 0x18, 0x19, 0x1D: .problem
    case 0x1B, 0x1C: .approvalText
    case 0x1A, 0xCB, 0xE2: .service
    default: .other
    }
  }

  /// What the code means, in this project's words; the terminal's own text, if it sends one, says more.
  public var name: StaticString {
    switch rawValue {
    case 0x00: "confirm the amount"
    case 0x01, 0x02: "look at the PIN pad"
    case 0x04: "waiting for the host"
    case 0x06: "sending stored transactions"
    case 0x0A: "insert card"
    case 0x0B, 0x4B: "take the card out"
    case 0x0E, 0x17: "please wait"
    case 0x0F: "end of day running"
    case 0x11: "account balance"
    case 0x1B: "fill up"
    case 0x1C: "take the goods"
    case 0x26, 0x27: "enter the phone number"
    case 0x28, 0x29, 0x2A, 0x2C, 0xE0, 0xE1: "make a choice on the terminal"
    case 0x2B: "working off line"
    case 0x68: "card seen"
    case 0x69: "choose the currency"
    case 0xC7: "enter the mileage"
    case 0xC8: "waiting for the cashier"
    case 0xC9: "diagnosis running"
    case 0xCA: "initialisation running"
    case 0xCC: "enter the PIN"
    case 0xD2: "connecting"
    case 0xD3: "connected"
    default:
      switch kind {
      case .waitingForCustomer: "waiting for the customer"
      case .removeCard: "take the card out"
      case .working: "at work"
      case .reversing: "taking the charge back"
      case .problem: "a problem on the terminal"
      case .approvalText: "nearly done"
      case .service: "maintenance"
      case .other: "busy"
      }
    }
  }
}
