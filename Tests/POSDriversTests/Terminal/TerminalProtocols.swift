import POSModel
import POSTerminalWire

@testable import POSDrivers
@testable import POSSimulation

extension SimulatedTerminalProtocol {
  var isZVT: Bool { self == .zvtSerial || self == .zvtTCP }

  /// Whether the protocol can say afterwards how every transaction of a kind ended, where the terminal is to approve or
  /// to refuse it.
  func canAlwaysTell(_ kind: PaymentRequest.Kind, isApproving: Bool) -> Bool {
    switch self {
    case .zvtSerial, .zvtTCP: true
    // A refusal that is asked for afterwards names no payment.
    case .ecr17: kind == .payment && isApproving
    case .transbank: kind == .payment
    case .concert, .caisseAP: false
    }
  }

  var hasChecks: Bool { self != .caisseAP && self != .zvtTCP }

  var currency: Currency { self == .transbank ? Currency(code: "CLP") ?? .euro : .euro }

  /// The driver that speaks to it.
  var driver: CardTerminalProtocol {
    switch self {
    case .zvtSerial: .zvt(.test(.serial))
    case .zvtTCP: .zvt(.test(.stream))
    case .concert: .concert(ConcertConfiguration())
    case .caisseAP: .caisseAP(CaisseAPConfiguration(identifier: "247300123456"))
    case .ecr17: .ecr17(ECR17Configuration(head: .test))
    case .transbank: .transbank(TransbankConfiguration())
    }
  }
}

extension ECR17Head {
  /// The numbers of the simulated terminal, till 1.
  static var test: ECR17Head {
    guard let head = ECR17Head(terminalID: Array("29001006".utf8), till: Array("00000001".utf8)) else {
      preconditionFailure("eight digits each")
    }
    return head
  }
}
