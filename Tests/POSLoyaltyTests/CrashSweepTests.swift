import POSJournal
import POSLoyalty
import POSModel
import Testing

/// The process dies on either side of every durable write of a sale, and again in every recovery from that.
///
/// Whatever happens: the guest is credited exactly once for a paid check and never otherwise, the card is charged
/// at most once, one receipt at most comes out, the basket is free in the end, and nothing starts in the world
/// once the journal does not take writes any more.
@Suite struct CrashSweepTests {
  /// What goes wrong in a sale besides the crash.
  struct Course: Sendable, CustomTestStringConvertible {
    let name: String
    let prepare: @Sendable (inout World.State) -> Void

    var testDescription: String { name }

    static let all = [
      Course(name: "nothing") { _ in },
      Course(name: "reward covers all") { state in
        state.quote = Quote(lines: [Quote.Line(name: "all", amount: 1350, itemID: "")], refusals: [])
      },
      Course(name: "no reward") { $0.rewards = [] },
      Course(name: "look-up fails after locking") { $0.failures["lookUpDiscounts"] = [.after(Sample.lost)] },
      Course(name: "declined") { $0.answers = [.declined(PaymentRefusal(code: "05", text: "no"))] },
      Course(name: "payment unknown") { state in
        state.answers = [.unknown(DeviceError(.paymentUnknown, during: "paying"))]
      },
      Course(name: "answer to the redemption lost") { $0.failures["commit"] = [.after(Sample.lost)] },
      Course(name: "redemption refused") { $0.failures["commit"] = [.before(Sample.refused)] },
      Course(name: "programme away for a moment at the redemption") { state in
        state.failures["commit"] = [.before(Sample.away)]
      },
      Course(name: "programme away at the redemption, and then the answer lost") { state in
        state.failures["commit"] = [.before(Sample.away), .after(Sample.lost)]
      },
      Course(name: "answers to check-in and unlock lost") { state in
        state.failures["checkIn"] = [.after(Sample.lost), .after(Sample.lost)]
        state.failures["unlock"] = [.after(Sample.lost)]
      },
      Course(name: "gift card and card") { $0.giveGiftCard(400) },
      Course(name: "gift card, and the card is declined") { state in
        state.giveGiftCard(400)
        state.answers = [.declined(PaymentRefusal(code: "05", text: "no"))]
      },
      Course(name: "gift card, and the card unknown") { state in
        state.giveGiftCard(400)
        state.answers = [.unknown(DeviceError(.paymentUnknown, during: "paying"))]
      },
      Course(name: "gift card covers all") { $0.giveGiftCard(5000) },
      Course(name: "no paper") { state in
        state.printAnswers = [.notPrinted(DeviceError(.paperOut, during: "printing"))]
      },
    ]
  }

  private static let order: Order = {
    var order = Sample.order
    order.lines.removeLast()  // without tax, so that a reward can cover all
    return order
  }()

  /// Runs a process until it has done everything, or dies at `crash`; returns whether it died.
  private func process(
    _ world: World, _ scratch: Scratch, _ clock: HandClock, _ crash: Journal.CommitPoint?, sells: Bool
  )
    async throws -> Bool
  {
    world.change { $0.isDead = false }
    let till: Till
    do {
      till = try await Till(in: world, at: scratch.path, clock: clock, crash: crash)
      _ = try await till.recover()
      if sells {
        _ = try await till.orchestrator.run(Self.order, attendant: UnattendedSale(codes: [Sample.code]))
      }
      _ = await till.sendEverything()
      // The process also ends orderly with a sale that rests.
      await till.journal.close()
    } catch {
      #expect(world.read { $0.isDead }, "\(error)")
    }
    return world.read { $0.isDead }
  }

  private func judge(_ world: World, _ scratch: Scratch, _ clock: HandClock, _ name: String) async throws {
    // Starts until nothing is left open: what rests is taken up at each.
    for _ in 0..<4 { _ = try await process(world, scratch, clock, nil, sells: false) }
    let journal = try await Journal.open(in: scratch.path)
    #expect(try await journal.openSales().isEmpty, "\(name)")
    #expect(try await journal.outbox([.pending, .inFlight, .parked, .expired]).isEmpty, "\(name)")
    await journal.close()
    world.read { state in
      #expect(state.violations.isEmpty, "\(name)")
      #expect(state.basketHolder == nil, "\(name): the basket is locked")
      #expect(state.charges.count <= 1, "\(name)")
      #expect(state.charges.values.allSatisfy { $0 <= 1350 }, "\(name): charged twice")
      #expect(state.redemptions.count <= 1, "\(name)")
      #expect(state.prints.count <= 1, "\(name): printed twice")
      #expect(state.credits.count <= 1, "\(name)")
      let gift = state.giftCharges.values.reduce(0, +) - state.giftRefunds.values.reduce(0, +)
      #expect(gift >= 0 && state.giftRefunds.values.reduce(0, +) <= state.giftCharges.values.reduce(0, +))
      let isSold = !state.credits.isEmpty
      #expect(isSold || (state.charges.isEmpty && gift == 0), "\(name): paid, and nothing sold")
      #expect(!isSold || gift == state.giftCharges.values.reduce(0, +), "\(name): sold, and given back")
      let kept = gift > 0 ? Set(state.giftCharges.keys) : []
      let sold = Set(state.charges.keys).union(state.redemptions).union(kept)
      #expect(Set(state.credits.keys) == sold, "\(name): credited \(state.credits), sold \(sold)")
      #expect(state.receipts.count == sold.count, "\(name)")
      #expect(sold.isSuperset(of: state.redemptions), "\(name)")
    }
  }

  @Test(arguments: Course.all)
  func oneCrash(course: Course) async throws {
    var crashes = 0
    for number in 1... {
      var survived = false
      for moment in Journal.CommitPoint.Moment.allCases {
        let (world, scratch, clock) = (World(), Scratch(), HandClock())
        world.change(course.prepare)
        let point = Journal.CommitPoint(number: number, moment: moment)
        let died = try await process(world, scratch, clock, point, sells: true)
        if died { crashes += 1 } else { survived = true }
        try await judge(world, scratch, clock, "\(point)")
      }
      if survived { break }
    }
    #expect(crashes >= 16, "a sale has more durable writes than that")
  }

  /// The recovery dies too, at every one of its writes.
  @Test(arguments: Course.all)
  func crashInRecovery(course: Course) async throws {
    for number in 2... {
      let first = Journal.CommitPoint(number: number, moment: number.isMultiple(of: 2) ? .before : .after)
      var died = false
      for second in 1... {
        let (world, scratch, clock) = (World(), Scratch(), HandClock())
        world.change(course.prepare)
        died = try await process(world, scratch, clock, first, sells: true)
        let point = Journal.CommitPoint(number: second, moment: second.isMultiple(of: 2) ? .after : .before)
        let diedAgain = try await process(world, scratch, clock, point, sells: false)
        try await judge(world, scratch, clock, "\(first), \(point)")
        if !diedAgain { break }
      }
      if !died { break }
    }
  }
}

extension World.State {
  /// The one member pays with a gift card that holds `cents`.
  mutating func giveGiftCard(_ cents: Int64) {
    giftBalance = cents
    members[Sample.code.value]?.selectedGiftCard = "6006"
  }
}
