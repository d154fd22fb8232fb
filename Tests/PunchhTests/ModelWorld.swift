import Foundation
import POSJournal
import POSModel
import PunchhSandbox
import TestSupport
import Testing

/// One world of the model: a sandbox, a card network, a state folder, and the tills that live and die on it.
final class ModelWorld {
  /// Sales in one world.
  static let most = 250
  /// Rewards of a guest at the beginning; a world of 250 sales redeems some ten of them.
  private static let rewards: Int64 = 40

  /// What a call may meet; what is a lasting refusal is left out where it would rightly end the item's way.
  private static let faults: [(SandboxRoute?, [SandboxFault])] = [
    (nil, [.down]), (.configuration, [.failing, .notJSON]),
    (.find, [.busy, .failing, .dropped, .expired, .truncated, .notJSON]),
    (.lookup, [.locked, .dropped, .failing, .notJSON, .truncated]),
    (.quote, [.dropped, .failing, .locked, .huge]),
    (.commit, [.down, .dropped, .failing, .notJSON, .truncated, .busy, .huge]),
    (.active, [.failing, .dropped, .busy]), (.unlock, [.failing, .dropped, .down, .truncated]),
    (.checkin, [.down, .dropped, .failing, .notJSON, .busy, .truncated, .huge]),
    (.receipt, [.down, .dropped, .failing, .busy, .truncated]),
  ]

  private let seed: UInt64
  private let sandbox: SandboxServer
  private let guests: [SandboxGuest]
  private let folder = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString)")
    .path
  private var random: SeededGenerator
  private var counts = ModelCounts()
  private var now: Int64 = 1_790_000_000_000
  private var till: ModelTillProcess?
  /// How long a call of the till takes, about: the measure of instants.
  private var pace = Duration.milliseconds(40)
  /// Ids of sales of which the till has said that they are complete, with a receipt key.
  private var sold: [String] = []
  /// Codes that were shown.
  private var codes: Set<String> = []

  private var state: String { folder + "/state" }
  private var book: String { folder + "/network" }

  private init(seed: UInt64, sandbox: SandboxServer, guests: [SandboxGuest]) {
    self.seed = seed
    self.sandbox = sandbox
    self.guests = guests
    random = SeededGenerator(seed: seed)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static func run(seed: UInt64, sales: Int) async throws -> ModelCounts {
    let guests = (1...6).map { number in
      SandboxGuest(
        id: Int64(30_000_000 + number), firstName: "Guest", lastName: "\(number)",
        email: "guest\(number)@example.com", phone: "202555020\(number)", codes: [],
        rewards: (0..<rewards).map {
          SandboxReward(
            id: 50_000_000_000 + Int64(number) * 10_000_000 + $0, name: "1.00 off", amount: 100,
            isSelected: false)
        }, points: 0)
    }
    var settings = Lane.settings
    settings.guests = guests
    var counts = ModelCounts()
    try await Lane.run(settings) { lane in
      let world = ModelWorld(seed: seed, sandbox: lane.sandbox, guests: guests)
      try FileManager.default.createDirectory(atPath: world.folder, withIntermediateDirectories: true)
      try await world.sell(sales)
      try await world.settle()
      try await world.check()
      counts = world.counts
    }
    return counts
  }

  private func chance(_ one: UInt64, in all: UInt64) -> Bool { random.next() % all < one }
  private func pick(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

  // MARK: - Selling

  private func sell(_ sales: Int) async throws {
    while counts.sales < sales {
      let lanes = min(1 + pick(3), sales - counts.sales)
      planFaults()
      // The clock of a till may be set, to and fro.
      now += chance(1, in: 25) ? Int64(pick(129_600_000)) - 64_800_000 : 5_000
      let commands = command(lanes)
      let till = try await livingTill()
      try await run(commands, on: till)
      if chance(1, in: 5) { sandbox.clearFaults() }
      if self.till == nil || chance(1, in: 3) { try await recover(mayDie: chance(1, in: 4)) }
    }
  }

  private func planFaults() {
    for _ in 0..<pick(3) {
      let (route, kinds) = Self.faults[pick(Self.faults.count)]
      let times = 1 + pick(3)
      sandbox.inject(kinds[pick(kinds.count)], on: route, times: times)
      counts.faults += times
    }
  }

  /// Commands to sell something to so many guests at once.
  private func command(_ lanes: Int) -> [String] {
    let first = pick(guests.count)
    return (0..<lanes).map { lane in
      let guest = guests[(first + lane) % guests.count]
      let code = "c0de" + String(0x10000 + counts.sales, radix: 16)
      counts.sales += 1
      sandbox.issue(code, for: guest.id)
      codes.insert(code)
      for _ in 0..<pick(3) { sandbox.choose(guest.rewards[pick(guest.rewards.count)].id, for: guest.id) }
      let shown =
        chance(1, in: 8) ? "- -" : chance(1, in: 2) ? "singleScan \(code)" : "phone \(guest.phone)"
      return "sell \(lane) \(now) \(100 + pick(2000)) \(pick(6)) \(shown)"
    }
  }

  /// Gives the till its commands and waits for the answers, unless chance kills it before.
  private func run(_ commands: [String], on till: ModelTillProcess) async throws {
    let (dies, isAtWrite) = (chance(1, in: 3), chance(1, in: 2))
    let fraction = Double(pick(1000)) / 1000
    if dies, isAtWrite {
      till.tell("die \(chance(1, in: 2) ? "before" : "after") \(1 + pick(14 * commands.count))")
    }
    for command in commands { till.tell(command) }
    if dies, !isAtWrite {
      await till.kill(after: pace * (1.5 * fraction * Double(commands.count)))
    }
    let begin = ContinuousClock.now
    for _ in commands {
      guard let answer = await till.answer() else { return bury(till, wasAtWrite: isAtWrite) }
      let words = answer.split(separator: " ").map(String.init)
      switch words.first {
      case "sold" where words.count == 5:
        if words[3] == "completed", words[4] != "-" { sold.append(words[2]) }
      case "unsold": break
      default: Issue.record("seed \(seed): the till says \(answer)")
      }
    }
    let took = (ContinuousClock.now - begin) / commands.count
    pace = (pace * 7 + took) / 8
  }

  /// Counts a till that was killed and looks at what it has left.
  private func bury(_ till: ModelTillProcess, wasAtWrite: Bool) {
    if wasAtWrite { counts.killsAtAWrite += 1 } else { counts.killsAtAnInstant += 1 }
    #expect(till.signal == SIGKILL, "seed \(seed): ended by \(till.signal)")
    self.till = nil
    lookForGuests()
  }

  /// No code and no contact of a guest can be read in the files of the state folder.
  private func lookForGuests() {
    let needles = guests.flatMap { [$0.phone, $0.email] } + codes.sorted().suffix(9)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: state)) ?? [] {
      guard let file = FileManager.default.contents(atPath: state + "/" + name) else { continue }
      for needle in needles where file.range(of: Data(needle.utf8)) != nil {
        Issue.record("seed \(seed): \(needle) in \(name)")
      }
    }
  }

  private func livingTill() async throws -> ModelTillProcess {
    while true {
      if let till { return till }
      let till = try ModelTillProcess(state: state, network: book, port: sandbox.port)
      self.till = till
      if chance(1, in: 12) { await till.kill(after: .microseconds(pick(60_000))) }
      guard let answer = await till.answer() else {
        bury(till, wasAtWrite: false)
        continue
      }
      #expect(answer == "ready", "seed \(seed)")
    }
  }

  // MARK: - Recovering

  private func recover(mayDie: Bool) async throws {
    let till = try await livingTill()
    let isAtWrite = chance(1, in: 2)
    if mayDie, isAtWrite { till.tell("die \(chance(1, in: 2) ? "before" : "after") \(1 + pick(6))") }
    now += 2_000
    till.tell("recover \(now)")
    if mayDie, !isAtWrite { await till.kill(after: pace * (Double(pick(1500)) / 1000)) }
    guard let answer = await till.answer() else { return bury(till, wasAtWrite: isAtWrite) }
    let words = answer.split(separator: " ")
    guard words.count == 2, words[0] == "recovered", let time = Int64(words[1]) else {
      Issue.record("seed \(seed): the till says \(answer)")
      return
    }
    now = max(now, time)
  }

  /// Nothing goes wrong any more: everything that waits has to come to its end.
  private func settle() async throws {
    sandbox.clearFaults()
    for _ in 0..<4 { try await recover(mayDie: false) }
    await till?.end()
    till = nil
    lookForGuests()
  }

  // MARK: - One story

  /// The sandbox, the card network and the journal agree.
  private func check() async throws {
    let replay = Comment(rawValue: "POS_MODEL_SEED=\(seed) POS_MODEL_SALES=\(counts.sales)")
    let journal = try await Journal.open(in: state)
    let items = try await journal.outbox(limit: .max)
    #expect(try await journal.openSales() == [], replay)
    await journal.close()
    let ledger = sandbox.ledger
    // A code that was taken while the server was away may be dead when it is back: that guest claims the receipt.
    let refused = items.filter { $0.state == .parked && $0.reason.contains("Expired Single Scan Code") }
    let rest = items.filter { $0.state != .done && !refused.contains($0) }
    #expect(rest.map { "\($0.item.name): \($0.state) \($0.reason)" } == [], replay)
    let credited = ledger.checkIns.map(\.externalUID)
    #expect(Set(credited).count == credited.count, replay)
    func ids(_ kind: OutboxItem.Kind, _ items: some Sequence<OutboxEntry>) -> Set<String> {
      Set(items.filter { $0.item.kind == kind }.map { String($0.item.name.prefix { $0 != "/" }) })
    }
    // One whose first answer was lost may have been credited before its code died, and nobody can ask about that.
    let done = ids(.checkIn, items.filter { $0.state == .done })
    let doubtful = ids(.checkIn, refused.filter { $0.attempts > 1 })
    #expect(done.isSubset(of: credited), replay)
    #expect(Set(credited).subtracting(done).isSubset(of: doubtful), replay)
    // What the till has called complete is in the journal, whatever happened after.
    #expect(ids(.receipt, items).isSuperset(of: sold), replay)
    #expect(Set(ledger.receipts.map(\.externalUID)).isSuperset(of: sold), replay)
    let charges = String(
      decoding: FileManager.default.contents(atPath: book) ?? Data(), as: UTF8.self
    ).split(separator: "\n").map(String.init)
    #expect(Set(charges).count == charges.count, replay)
    for redemption in ledger.redemptions where !redemption.isVoided {
      let isFree = ledger.checkIns.first { $0.externalUID == redemption.externalUID }?.payable == 0
      #expect(charges.contains(redemption.externalUID) || isFree, "\(replay): \(redemption)")
    }
    #expect(ledger.accounts.filter { $0.basketLockedBy != nil } == [], replay)
    // A check-in does not wait for an unlock that fails again and again.
    let overtaking = "a check-in while its basket is locked and not committed"
    #expect(
      ledger.violations.filter { $0.rule != overtaking }.map { "\($0.route?.rawValue ?? ""): \($0.rule)" }
        == [], replay)
    counts.checkIns = credited.count
    counts.receipts = ledger.receipts.count
    counts.charges = charges.count
    counts.redemptions = ledger.redemptions.count { !$0.isVoided }
    counts.refused = refused.count
  }
}
