import POSModel
import POSTerminalWire
import Testing

@testable import POSDrivers
@testable import POSSimulation

/// Promise 1 of DESIGN §2 for the protocols of one order and one answer: the link is cut after every byte in each
/// direction, and nobody is charged twice, nor told a falsehood.
@Suite struct ExchangeSweepTests {
  struct Setting: CustomTestStringConvertible {
    var speaks: SimulatedTerminalProtocol
    var decision = SimulatedTerminalBehaviour.Decision.approve
    var hostTime = Duration.zero
    var breakage: Lane.Breakage

    var testDescription: String { "\(speaks.rawValue) \(decision) host \(hostTime) \(breakage)" }

    /// A lane on which another customer has paid the same amount already.
    func lane() -> Lane {
      var behaviour = SimulatedTerminalBehaviour(speaking: speaks)
      behaviour.decision = decision
      behaviour.hostTime = hostTime
      var lane = Lane(speaks.driver, behaviour)
      lane.currency = speaks.currency
      lane.terminal.set(SimulatedTerminalBehaviour(speaking: speaks))
      _ = lane.pay("before")
      lane.terminal.set(behaviour)
      lane.moved = [:]
      lane.ledger = []
      return lane
    }
  }

  static let settings: [Setting] = {
    var settings: [Setting] = []
    for speaks in SimulatedTerminalProtocol.allCases where !speaks.isZVT {
      for breakage in Lane.Breakage.allCases where speaks.isSerial || breakage != .tillReplaced {
        for hostTime in [Duration.zero, .seconds(30)] {
          settings.append(Setting(speaks: speaks, hostTime: hostTime, breakage: breakage))
        }
      }
      settings.append(
        Setting(speaks: speaks, decision: .decline(code: 0x05, text: "declined"), breakage: .noticed))
      settings.append(Setting(speaks: speaks, decision: .customerCancels, breakage: .silent))
    }
    return settings
  }()

  struct Counts {
    var cuts = 0
    var finalAtOnce = 0
    var recovered = 0
    var unknown = 0
    var chargedTwice = 0
    var chargedButDenied = 0
    var approvedButNotCharged = 0
  }

  @Test(arguments: settings)
  func cuttingTheLinkAfterAnyByteNeverLies(setting: Setting) {
    var counts = Counts()
    var whole = setting.lane()
    let undisturbed = whole.pay("undisturbed")
    #expect(undisturbed.isFinal, "\(undisturbed)")
    #expect(whole.standingCharges == (setting.decision == .approve ? 1 : 0))

    for direction in Lane.Direction.allCases {
      for after in 0...whole.moved[direction, default: 0] {
        var lane = setting.lane()
        lane.cut = Lane.Cut(direction: direction, after: after, breakage: setting.breakage)
        var outcome = lane.pay("first")
        counts.cuts += 1
        if outcome.isFinal { counts.finalAtOnce += 1 }
        lane.mend()
        if !outcome.isFinal, let found = lane.recover("first") {
          outcome = found
          if outcome.isFinal { counts.recovered += 1 }
        }
        lane.settle()

        let charges = lane.standingCharges
        if charges > 1 { counts.chargedTwice += 1 }
        switch outcome {
        case .approved, .approvedUnconfirmed:
          if charges < 1 { counts.approvedButNotCharged += 1 }
        case .declined, .cancelled, .notStarted:
          if charges > 0 { counts.chargedButDenied += 1 }
        case .unknown:
          counts.unknown += 1
        }
        guard outcome.isFinal, setting.decision == .approve, !outcome.isApproved else { continue }

        // What a till does next: it asks again only if the first payment is known to have failed.
        let second = lane.pay("second")
        lane.settle()
        if lane.standingCharges > 1 { counts.chargedTwice += 1 }
        #expect(
          second.isApproved && lane.standingCharges == 1, "\(direction) \(after): \(outcome) then \(second)")
      }
    }
    print("\(setting.testDescription): \(counts)")
    #expect(counts.chargedTwice == 0)
    #expect(counts.chargedButDenied == 0)
    #expect(counts.approvedButNotCharged == 0)
    if setting.speaks.canAlwaysTell { #expect(counts.unknown == 0) }
  }

  /// One byte flipped, dropped or doubled on the way: never a wrong outcome, never two charges.
  @Test(arguments: SimulatedTerminalProtocol.allCases.filter { !$0.isZVT }, Lane.Damage.allCases)
  func noiseNeverLies(speaks: SimulatedTerminalProtocol, damage: Lane.Damage) {
    var counts = Counts()
    let setting = Setting(speaks: speaks, breakage: .noticed)
    var whole = setting.lane()
    _ = whole.pay("undisturbed")
    for direction in Lane.Direction.allCases {
      for place in 0..<whole.moved[direction, default: 0] {
        // TCP has checks of its own; there bytes are not spoilt on the way.
        guard speaks.isSerial || speaks.hasChecks else { continue }
        var lane = setting.lane()
        lane.spoil = (direction, place, damage)
        let outcome = lane.pay("first")
        lane.settle()
        counts.cuts += 1
        if outcome.isFinal { counts.finalAtOnce += 1 } else { counts.unknown += 1 }
        let charges = lane.standingCharges
        if charges > 1 { counts.chargedTwice += 1 }
        if outcome.isApproved, charges != 1 { counts.approvedButNotCharged += 1 }
        if outcome.isFinal, !outcome.isApproved, charges != 0 { counts.chargedButDenied += 1 }
      }
    }
    print("\(speaks.rawValue) \(damage): \(counts)")
    #expect(counts.chargedTwice == 0)
    #expect(counts.approvedButNotCharged == 0)
    #expect(counts.chargedButDenied == 0)
  }
}

extension SimulatedTerminalProtocol {
  var isZVT: Bool { self == .zvtSerial || self == .zvtTCP }

  /// Whether the protocol can say afterwards how every payment ended.
  var canAlwaysTell: Bool {
    switch self {
    case .zvtSerial, .zvtTCP, .ecr17, .transbank: true
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
