import POSModel
import Testing

@testable import POSDrivers
@testable import POSSimulation

/// Promise 1 of DESIGN §2: nobody is charged twice, and nothing that is said about a charge is wrong, wherever the link
/// breaks: after every byte in each direction, with terminals that let an unanswered charge stand and such that take it
/// back, and for everything that moves money.
@Suite struct ChargeSweepTests {
  struct Setting: CustomTestStringConvertible, Sendable {
    var speaks: SimulatedTerminalProtocol
    var kind = PaymentRequest.Kind.payment
    var unanswered = SimulatedTerminalBehaviour.UnansweredCharge.takenBack
    var decision = SimulatedTerminalBehaviour.Decision.approve
    var hostTime = Duration.zero
    var servesWhileBusy = false
    var numbers = false
    var breakage: Lane.Breakage

    var testDescription: String {
      "\(row) \(decision) host \(hostTime) \(servesWhileBusy ? "serving " : "")\(breakage)"
    }

    /// The row of the table; terminals of one order and one answer keep what they have begun.
    var row: String {
      let commit = speaks.isZVT ? (unanswered == .kept ? " kept" : " taken back") : ""
      return "\(speaks.rawValue) \(kind.name)\(commit)\(numbers ? " numbered" : "")"
    }

    /// A lane on which another customer has paid, or set aside, the same amount already; the ledger begins after that.
    func lane() -> Lane {
      var behaviour = SimulatedTerminalBehaviour(speaking: speaks)
      behaviour.numbersMessages = numbers
      var lane = Lane(speaks.driver, behaviour)
      lane.currency = speaks.currency
      if speaks.isZVT {
        switch kind {
        case .payment, .refund, .preAuthorisation: break
        case .reversal, .tip: _ = lane.pay("before")
        case .booking, .partialReversal, .preAuthorisationReversal:
          _ = lane.pay("before", kind: .preAuthorisation)
        }
      } else {
        _ = lane.pay("before")
      }
      behaviour.unanswered = unanswered
      behaviour.decision = decision
      behaviour.hostTime = hostTime
      behaviour.servesWhileBusy = servesWhileBusy
      lane.terminal.set(behaviour)
      lane.moved = [:]
      lane.ledger = []
      return lane
    }
  }

  static let settings: [Setting] = {
    var settings: [Setting] = []
    for speaks in SimulatedTerminalProtocol.allCases {
      let breakages = Lane.Breakage.allCases.filter { speaks.isSerial || $0 != .tillReplaced }
      let declined = SimulatedTerminalBehaviour.Decision.decline(code: 0x05, text: "declined")
      for commit in speaks.commits {
        for breakage in breakages {
          settings.append(Setting(speaks: speaks, unanswered: commit, breakage: breakage))
        }
        settings.append(Setting(speaks: speaks, unanswered: commit, decision: declined, breakage: .noticed))
        settings.append(
          Setting(speaks: speaks, unanswered: commit, decision: .customerCancels, breakage: .silent))
        for kind in speaks.otherKinds {
          settings.append(Setting(speaks: speaks, kind: kind, unanswered: commit, breakage: .noticed))
        }
        guard speaks.isZVT else {
          for breakage in [Lane.Breakage.noticed, .silentBothWays] {
            settings.append(Setting(speaks: speaks, hostTime: .seconds(30), breakage: breakage))
          }
          continue
        }
        for serves in [false, true] {
          settings.append(
            Setting(
              speaks: speaks, unanswered: commit, hostTime: .seconds(30), servesWhileBusy: serves,
              breakage: .noticed))
        }
        if (commit == .kept) == speaks.isSerial {
          settings.append(Setting(speaks: speaks, unanswered: commit, numbers: true, breakage: .noticed))
        }
      }
    }
    return settings
  }()

  static let table = SweepTable(settings: settings.count)

  @Test(arguments: settings)
  func cuttingTheLinkAfterAnyByteNeverLies(setting: Setting) {
    var counts = SweepCounts()
    let fresh = setting.lane()
    var whole = fresh
    let undisturbed = whole.pay("undisturbed", kind: setting.kind)
    let isApproving = setting.decision == .approve
    #expect(undisturbed.isFinal && undisturbed.isApproved == isApproving, "\(undisturbed)")
    #expect(whole.standing == (isApproving ? 1 : 0))

    for direction in Lane.Direction.allCases {
      // Up to its order every kind is as a payment is.
      let start = setting.kind == .payment ? 0 : whole.movedBeforeOrder[direction, default: 0]
      for after in start...whole.moved[direction, default: 0] {
        var lane = fresh
        lane.cut = Lane.Cut(direction: direction, after: after, breakage: setting.breakage)
        var outcome = lane.pay("first", kind: setting.kind)
        lane.mend()
        if !outcome.isFinal, let found = lane.recover("first") { outcome = found }
        lane.settle()
        counts.note(outcome, standing: lane.standing)
        guard outcome.isFinal, isApproving, !outcome.isApproved, after.isMultiple(of: 7) else { continue }

        // What a till does next: it asks again only if the first is known to have failed.
        let second = lane.pay("second", kind: setting.kind)
        lane.settle()
        if lane.standing > 1 { counts.chargedTwice += 1 }
        #expect(second.isApproved && lane.standing == 1, "\(direction) \(after): \(outcome) then \(second)")
      }
    }
    Self.table.add(counts, to: setting.row)
    counts.expectNoLies()
    if setting.speaks.canAlwaysTell(setting.kind, isApproving: isApproving) { #expect(counts.unknown == 0) }
  }
}

extension SimulatedTerminalProtocol {
  /// What becomes of a charge that nobody has acknowledged.
  fileprivate var commits: [SimulatedTerminalBehaviour.UnansweredCharge] {
    isZVT ? [.takenBack, .kept] : [.kept]
  }

  /// What else than payments moves money, about receipt 42 of the transaction before.
  fileprivate var otherKinds: [PaymentRequest.Kind] {
    switch self {
    case .zvtSerial: [.refund, .preAuthorisation, .booking(receipt: 42)]
    case .zvtTCP: [.reversal(receipt: 42), .partialReversal(receipt: 42), .tip(receipt: 42)]
    case .concert, .caisseAP: [.refund, .reversal(receipt: 0)]
    // These name the trace number.
    case .ecr17: [.reversal(receipt: 100)]
    case .transbank: [.reversal(receipt: 42)]
    }
  }
}

extension PaymentOutcome {
  var isApproved: Bool { if case .approved = self { true } else { false } }
}
