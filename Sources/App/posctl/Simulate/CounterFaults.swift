import ArgumentParser
import POSSimulation

/// What a simulated printer gets wrong.
struct PrinterFaults: ParsableArguments {
  @Option(help: "The printer runs out of paper after so many dots; 8 are a millimetre.")
  var paperDots: Int?

  @Option(help: "The printer's link breaks after so many bytes.")
  var cutPrinterAfter: Int?

  @Flag(help: "The printer's cover is open.")
  var coverOpen = false

  @Flag(help: "The printer never confirms that paper came out.")
  var silentPrinter = false

  /// The fault plan.
  var plan: SimulatedPrinter.Faults {
    var plan = SimulatedPrinter.Faults()
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
