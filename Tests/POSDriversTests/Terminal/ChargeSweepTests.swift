import POSModel
import Testing

@testable import POSDrivers
@testable import POSSimulation

/// Promise 1 of DESIGN §2: nobody is charged twice, and nothing that is said about a charge is wrong, wherever the
/// link breaks.
@Suite struct ChargeSweepTests {
  struct Setting: CustomTestStringConvertible {
    var link: ZVTConfiguration.Link
    var unanswered: SimulatedTerminalBehaviour.UnansweredCharge
    var decision = SimulatedTerminalBehaviour.Decision.approve
    var hostTime = Duration.zero
    var servesWhileBusy = false
    var breakage: Lane.Breakage

    var testDescription: String {
      "\(link) \(unanswered) \(decision) host \(hostTime) \(servesWhileBusy ? "serving " : "")\(breakage)"
    }

    func lane() -> Lane {
      var behaviour = SimulatedTerminalBehaviour(speaking: link == .serial ? .zvtSerial : .zvtTCP)
      behaviour.unanswered = unanswered
      behaviour.decision = decision
      behaviour.hostTime = hostTime
      behaviour.servesWhileBusy = servesWhileBusy
      return Lane(.test(link), behaviour)
    }
  }

  static let settings: [Setting] = {
    var settings: [Setting] = []
    for link in [ZVTConfiguration.Link.serial, .stream] {
      for unanswered in [SimulatedTerminalBehaviour.UnansweredCharge.takenBack, .kept] {
        for breakage in Lane.Breakage.allCases where link == .serial || breakage != .tillReplaced {
          settings.append(Setting(link: link, unanswered: unanswered, breakage: breakage))
        }
        for serves in [false, true] {
          settings.append(
            Setting(
              link: link, unanswered: unanswered, hostTime: .seconds(30), servesWhileBusy: serves,
              breakage: .noticed))
        }
        settings.append(
          Setting(
            link: link, unanswered: unanswered, decision: .decline(code: 0x05, text: "declined"),
            breakage: .noticed))
        settings.append(
          Setting(link: link, unanswered: unanswered, decision: .customerCancels, breakage: .silent))
      }
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
    #expect(undisturbed.isFinal)

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
        guard outcome.isFinal, setting.decision == .approve else { continue }

        // What a till does next: it asks again only if the first payment is known to have failed.
        if case .approved = outcome { continue }
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
    #expect(counts.unknown == 0)
  }
}

extension PaymentOutcome {
  var isApproved: Bool { if case .approved = self { true } else { false } }
}
