/// The protocols that simulated terminals speak.
public enum SimulatedTerminalProtocol: String, Sendable, CaseIterable {
  /// ZVT in frames with checks and repeats.
  case zvtSerial = "zvt-serial"
  /// ZVT's bare messages, as over TCP.
  case zvtTCP = "zvt-tcp"
  /// Concert E+ on a serial line.
  case concert
  /// Caisse-AP over TCP.
  case caisseAP = "caisse-ap"
  /// ECR17 over TCP.
  case ecr17
  /// Transbank POS Integrado on a serial line.
  case transbank

  /// Whether it hangs on a serial line; the others listen on a TCP port.
  public var isSerial: Bool {
    switch self {
    case .zvtSerial, .concert, .transbank: true
    case .zvtTCP, .caisseAP, .ecr17: false
    }
  }

  func machine(_ behaviour: SimulatedTerminalBehaviour) -> any SimulatedTerminalMachine {
    switch self {
    case .zvtSerial, .zvtTCP: SimulatedZVTMachine(behaviour)
    case .concert: SimulatedExchangeMachine(behaviour, .bidding, SimulatedConcert())
    case .caisseAP: SimulatedExchangeMachine(behaviour, .bare, SimulatedCaisseAP())
    case .ecr17:
      SimulatedExchangeMachine(behaviour, .checkedControl(seed: behaviour.ecr17Check), SimulatedECR17())
    case .transbank: SimulatedExchangeMachine(behaviour, .acknowledged, SimulatedTransbank())
    }
  }
}

/// What a simulated terminal does, and what it does wrong.
public struct SimulatedTerminalBehaviour: Sendable {
  /// How a payment goes, faults apart.
  public enum Decision: Sendable, Equatable {
    /// The card is charged.
    case approve
    /// The host declines with this result code and these ASCII words.
    case decline(code: UInt8, text: String)
    /// The customer presses the stop key.
    case customerCancels
    /// The terminal refuses to begin.
    case busy
  }

  /// What becomes of a charge whose status information, or a receipt line of it, gets no answer. Both are found in
  /// the field (specs/terminals.md §2.12).
  public enum UnansweredCharge: Sendable {
    /// It is taken back; what has not been charged yet is dropped.
    case takenBack
    /// It stands; what has not been charged yet goes on without the till.
    case kept
  }

  /// What it speaks.
  public let speaks: SimulatedTerminalProtocol
  /// Eight digits.
  public var terminalID = "29001006"
  /// The six digits that a till must send.
  public var password = "000000"
  /// How payments go.
  public var decision = Decision.approve
  /// What becomes of charges without an answer.
  public var unanswered = UnansweredCharge.takenBack
  /// Codes of 04 FF that are shown one after another.
  public var intermediateStatuses: [UInt8] = [0x0A, 0x04]
  /// How long the customer takes; a stop is possible in that time.
  public var customerTime = Duration.zero
  /// How long the host takes after that.
  public var hostTime = Duration.zero
  /// The brand, ASCII.
  public var cardName = "girocard"
  /// The card type of BMP 8A.
  public var cardType: UInt8 = 5
  /// Whether receipts come as one block of text each, in place of lines.
  public var printsBlocks = false
  /// Whether a till that connects while a payment goes on without one is served, save for payments, and told 9C by 05 01;
  /// if not, it is refused everything with 84 9C. Either is allowed.
  public var servesWhileBusy = false
  /// Whether 06 20 names the last transaction; some terminals answer it with nothing.
  public var namesLastTransaction = true
  /// Number of the receipt before the first; a terminal in the field always has one. 0 to 9998.
  public var lastReceiptNumber = 41
  /// What the exclusive or of ECR17's checks starts from: 7F by the document, 7C, 7D and 7E in the field.
  public var ecr17Check: UInt8 = 0x7F
  /// Whether ZVT messages are numbered where the till asks for it.
  public var numbersMessages = false
  /// Whether a ZVT terminal tells the number of its last receipt with 1F1F, and takes that transaction back when the next
  /// order names the number before it (PA00P015 §4).
  public var takesBackWhatIsNotConfirmed = false
  /// What ZVT terminals add to an amount where the till lets customers tip, in minor units.
  public var tip = 0
  /// The most that the card holds, in minor units; where the till takes a part, so much is charged.
  public var cardLimit: Int?
  /// Whether the card is held to the terminal.
  public var isContactless = false
  /// The card that every customer pays with.
  public var cardNumber = "4111111111111111"
  /// Whether the card number goes to the till in full, though nobody asked for it.
  public var leaksCardNumber = false
  /// What goes wrong, each once.
  public var faults = SimulatedTerminalFaults()

  /// A terminal that approves everything and does nothing wrong.
  public init(speaking protocol: SimulatedTerminalProtocol) { speaks = `protocol` }
}

/// What goes wrong with a simulated terminal. Each fault happens once, then the terminal behaves.
public struct SimulatedTerminalFaults: Sendable, Equatable {
  /// The link breaks after the terminal has sent so many bytes in all.
  public var cutAfterSending: Int?
  /// The link breaks after the terminal has received so many bytes in all.
  public var cutAfterReceiving: Int?
  /// The link breaks right after the charge, before or after the status information has been sent.
  public var cutAfterCharge: ChargeCut?
  /// So many ACK bytes are not sent.
  public var withheldAcknowledgements = 0
  /// So many frames are sent with a wrong check.
  public var damagedFrames = 0
  /// So many bytes of noise come before the next frame; on serial lines.
  public var noise = 0
  /// After 80 00 to a payment the terminal says nothing more about it.
  public var fallsSilentAfterAcceptance = false

  /// Where a link breaks about a charge.
  public enum ChargeCut: Sendable, Equatable {
    case beforeStatusInformation
    case afterStatusInformation
  }

  /// No faults.
  public init() {}
}

/// One line of the truth: what happened to a customer's money.
public struct SimulatedLedgerEntry: Sendable, Equatable {
  /// Which way the money went.
  public enum Kind: String, Sendable {
    case charge
    /// A charge was taken back. With the receipt number of an entry before it: what that one did was undone.
    case reversal
    /// A customer was given money.
    case refund
    /// An amount was set aside on a card.
    case reservation
    /// A part of what was set aside was taken, the rest is free.
    case booking
    /// What was set aside is free, in part or whole.
    case release
    /// A customer paid more for what was charged.
    case tip
  }

  /// Which way the money went.
  public var kind: Kind
  /// The terminal's receipt number.
  public var receiptNumber: Int
  /// The trace number.
  public var trace: Int
  /// Minor units.
  public var amount: Int
  /// ISO 4217 number.
  public var currency: Int

  /// One line for a file: `charge receipt=42 trace=100 amount=1250 currency=978`.
  public var line: String {
    "\(kind.rawValue) receipt=\(receiptNumber) trace=\(trace) amount=\(amount) currency=\(currency)"
  }
}
