import ArgumentParser
import POSSimulation

/// What a simulated printer is like, and gets wrong.
struct PrinterFaults: ParsableArguments {
  @Option(help: "The printer runs out of paper after so many dots; 8 are a millimetre.")
  var paperDots: Int?

  @Option(help: "The printer's link breaks after so many bytes.")
  var cutPrinterAfter: Int?

  @Option(help: "The printer moves its paper so many millimetres a second; by default it takes no time.")
  var printerSpeed: Int?

  @Flag(help: "The printer's cover is open.")
  var coverOpen = false

  @Flag(help: "The printer never confirms that paper came out.")
  var silentPrinter = false

  func validate() throws {
    if let printerSpeed, !(1...1000).contains(printerSpeed) {
      throw ValidationError("--printer-speed takes 1 to 1000 millimetres a second")
    }
  }

  /// The fault plan.
  var plan: SimulatedPrinter.Faults {
    var plan = SimulatedPrinter.Faults()
    // 203 dots an inch are 8 a millimetre.
    plan.dotsPerSecond = printerSpeed.map { $0 * 8 }
    plan.paperDots = paperDots
    plan.breaksLinkAfter = cutPrinterAfter
    plan.isCoverOpen = coverOpen
    if silentPrinter {
      plan.answersProcessID = false
      plan.answersPaperStatus = false
    }
    return plan
  }
}

/// What a simulated card terminal does instead of approving.
enum TerminalFault: String, ExpressibleByArgument, CaseIterable {
  case declined
  case cancelled
  case busy
  case silent
  case linkLostAfterApproval = "link-lost-after-approval"
  case linkLostBeforeStatus = "link-lost-before-status"
  case leaksCardNumber = "leaks-card-number"

  /// For `--help`.
  static let help = ArgumentHelp(
    "What goes wrong: \(allCases.map(\.rawValue).joined(separator: ", ")).")

  /// Puts the fault into a behaviour.
  func apply(to behaviour: inout SimulatedTerminalBehaviour) {
    switch self {
    case .declined: behaviour.decision = .decline(code: 0x05, text: "Declined by issuer")
    case .cancelled: behaviour.decision = .customerCancels
    case .busy: behaviour.decision = .busy
    case .silent: behaviour.faults.fallsSilentAfterAcceptance = true
    case .leaksCardNumber: behaviour.leaksCardNumber = true
    // A terminal that lets the charge stand although nobody acknowledged it: the dangerous kind.
    case .linkLostAfterApproval:
      behaviour.unanswered = .kept
      behaviour.faults.cutAfterCharge = .afterStatusInformation
    case .linkLostBeforeStatus:
      behaviour.unanswered = .kept
      behaviour.faults.cutAfterCharge = .beforeStatusInformation
    }
  }
}

/// Further things that a simulated card terminal does, each in its own measure.
struct TerminalHabits: ParsableArguments {
  @Option(help: "The link breaks after the terminal has sent so many bytes.")
  var cutAfterSending: Int?

  @Option(help: "The link breaks after the terminal has received so many bytes.")
  var cutAfterReceiving: Int?

  @Option(help: "So many acknowledgements are not sent.")
  var dropAcks = 0

  @Option(help: "So many frames have a wrong check.")
  var badChecks = 0

  @Option(help: "So many bytes of noise come before the first frame.")
  var noise = 0

  @Option(help: "Seconds that the customer takes; a stop is possible meanwhile.")
  var customerSeconds = 0

  @Option(help: "Seconds that the host takes after that.")
  var hostSeconds = 0

  @Flag(help: "A charge that nobody has acknowledged stands; otherwise a ZVT terminal takes it back.")
  var keepsUnanswered = false

  @Flag(help: "ZVT messages are numbered where the till asks for it.")
  var numbersMessages = false

  @Option(help: "The most that the card holds, in minor units (ZVT).")
  var cardLimit: Int?

  @Option(help: "What a customer who may tip adds, in minor units (ZVT).")
  var tip = 0

  func validate() throws {
    guard
      [dropAcks, badChecks, noise, customerSeconds, hostSeconds, tip].allSatisfy({ (0...10_000).contains($0) }
      )
    else { throw ValidationError("counts and seconds are 0 to 10000") }
  }

  /// Puts them into a behaviour.
  func apply(to behaviour: inout SimulatedTerminalBehaviour) {
    behaviour.faults.cutAfterSending = cutAfterSending
    behaviour.faults.cutAfterReceiving = cutAfterReceiving
    behaviour.faults.withheldAcknowledgements = dropAcks
    behaviour.faults.damagedFrames = badChecks
    behaviour.faults.noise = noise
    behaviour.customerTime = .seconds(customerSeconds)
    behaviour.hostTime = .seconds(hostSeconds)
    if keepsUnanswered { behaviour.unanswered = .kept }
    behaviour.numbersMessages = numbersMessages
    behaviour.cardLimit = cardLimit
    behaviour.tip = tip
  }
}

/// What a simulated card terminal speaks, on the command line.
struct TerminalChoice: ExpressibleByArgument {
  /// For `--help`.
  static let help = ArgumentHelp(
    "What it speaks: \(SimulatedTerminalProtocol.allCases.map(\.rawValue).joined(separator: ", ")).")

  let speaks: SimulatedTerminalProtocol

  init(_ speaks: SimulatedTerminalProtocol) { self.speaks = speaks }

  init?(argument: String) {
    guard let speaks = SimulatedTerminalProtocol(rawValue: argument) else { return nil }
    self.speaks = speaks
  }

  var defaultValueDescription: String { speaks.rawValue }

  static var allValueStrings: [String] { SimulatedTerminalProtocol.allCases.map(\.rawValue) }
}
