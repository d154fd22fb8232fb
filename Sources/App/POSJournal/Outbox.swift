public import POSModel

/// Something to send to the loyalty programme, as bytes the journal does not look into.
public struct OutboxItem: Sendable, Equatable {
  /// Which call it is for.
  public enum Kind: String, Sendable, CaseIterable {
    case checkIn = "check-in"
    case receipt
  }

  /// Unique for ever: an item whose name was in the outbox before is not taken again.
  public var name: String
  /// Which call it is for.
  public var kind: Kind
  /// What it belongs to: items of one key keep a distance from each other.
  public var key: String
  /// What to send.
  public var payload: [UInt8]

  /// An item from its parts.
  public init(name: String, kind: Kind, key: String, payload: [UInt8]) {
    self.name = name
    self.kind = kind
    self.key = key
    self.payload = payload
  }
}

/// An item in the outbox.
public struct OutboxEntry: Sendable, Equatable {
  /// Where an item stands (specs/punchh.md §8).
  public enum State: String, Sendable, CaseIterable {
    /// Waits for its turn.
    case pending
    /// Is being sent.
    case inFlight = "in-flight"
    /// Was accepted. Its payload is gone.
    case done
    /// Was refused for good; the queue goes on without it.
    case parked
    /// Became too old, by the clock of that time.
    case expired
  }

  /// The place in the queue, growing.
  public var id: Int64
  /// What to send.
  public var item: OutboxItem
  /// When it was put in.
  public var created: WallTime
  /// Where it stands.
  public var state: State
  /// How many times it was sent.
  public var attempts: Int
  /// Not to be sent before.
  public var due: WallTime
  /// Why it is not done yet, or never will be.
  public var reason: String
}

/// What the head of the queue says.
public enum OutboxTurn: Sendable, Equatable {
  /// Send this one; it is marked as being sent, and the attempt is counted.
  case send(OutboxEntry)
  /// Nothing may be sent before this time.
  case wait(until: WallTime)
  /// An item is being sent; its turn has to end first.
  case busy
  /// Nothing is waiting.
  case empty
}

/// How a turn ended.
public enum OutboxVerdict: Sendable, Equatable {
  /// The other side has it.
  case done
  /// Again, not before `due`.
  case again(due: WallTime, reason: String)
  /// Never again by itself.
  case parked(reason: String)
}

/// Who may be sent when.
public struct OutboxOrder: Sendable, Equatable {
  /// The distance between two sendings for one key.
  public var gap: Duration
  /// Attempts after which an item that has to wait does not hold up the items of other keys any more.
  public var patience: Int
  /// The longest wait that is believed; a later `due` comes from a clock that was wrong.
  public var longestWait: Duration

  /// An order from its parts.
  public init(gap: Duration, patience: Int, longestWait: Duration) {
    self.gap = gap
    self.patience = patience
    self.longestWait = longestWait
  }
}

extension Journal {
  /// The next item to send: first in, first out.
  ///
  /// The head of the queue holds up everything behind it until it is due, unless it has used up the order's
  /// patience: then it steps aside, together with the later items of its key. Items of one key never overtake
  /// each other.
  ///
  /// - Parameter skipping: items that are none of the caller's business.
  public func takeTurn(
    _ order: OutboxOrder, skipping: Set<Int64> = []
  ) throws(DeviceError) -> OutboxTurn {
    let skipped = "[\(skipping.map(String.init).joined(separator: ","))]"
    let now = options.now()
    let latest = now + order.longestWait
    let sealer = try sealer
    while true {
      let (isBusy, head) = try read("reading the outbox") { (database: inout Database) throws(DeviceError) in
        let isBusy = try !database.rows("SELECT 1 FROM outbox WHERE state = 'in-flight' LIMIT 1") { _ in true
        }
        .isEmpty
        let head = try database.rows(
          """
          SELECT id, name, kind, key, payload, created, state, attempts, due, reason FROM outbox AS entry
          WHERE state = 'pending' AND (attempts < ?1 OR due <= ?2 OR due > ?3) AND NOT EXISTS (
            SELECT 1 FROM outbox WHERE state = 'pending' AND key = entry.key AND id < entry.id)
          AND (?4 = '[]' OR id NOT IN (SELECT value FROM json_each(?4)))
          ORDER BY id LIMIT 1
          """,
          .integer(Int64(order.patience)), .integer(now.milliseconds), .integer(latest.milliseconds),
          .text(skipped)
        ) { (row) throws(DeviceError) in try Self.entry(row, opening: sealer) }.first
        return (isBusy, head)
      }
      guard !isBusy else { return .busy }
      guard let head else {
        return try earliest(after: now, skipping: skipped).map { .wait(until: min($0, latest)) } ?? .empty
      }
      var entry = head.entry
      if let complaint = head.complaint {
        // Nobody can send it any more; the queue goes on.
        try setAside(entry.id, because: complaint)
        continue
      }
      var due = entry.due > latest ? now : entry.due
      if let last = try lastAttempt(for: entry.item.key), last <= now { due = max(due, last + order.gap) }
      guard due <= now else {
        return .wait(until: min(due, try earliest(after: now, skipping: skipped) ?? due))
      }
      try write("taking an item from the outbox") { (database: inout Database) throws(DeviceError) in
        try database.run(
          "UPDATE outbox SET state = 'in-flight', attempts = attempts + 1, attempted = ? WHERE id = ?",
          .integer(now.milliseconds), .integer(entry.id))
      }
      entry.state = .inFlight
      entry.attempts += 1
      return .send(entry)
    }
  }

  /// When the first of the items that wait out a pause is due.
  private func earliest(after now: WallTime, skipping skipped: String) throws(DeviceError) -> WallTime? {
    try read("reading the outbox") { (database: inout Database) throws(DeviceError) in
      try database.rows(
        """
        SELECT min(due) FROM outbox WHERE state = 'pending' AND due > ?1
        AND (?2 = '[]' OR id NOT IN (SELECT value FROM json_each(?2)))
        """, .integer(now.milliseconds), .text(skipped)
      ) { $0.isNull(0) ? nil : WallTime(milliseconds: $0.integer(0)) }.first ?? nil
    }
  }

  private func setAside(_ id: Int64, because complaint: DeviceError) throws(DeviceError) {
    try write("setting a damaged item aside") { (database: inout Database) throws(DeviceError) in
      try database.run(
        "UPDATE outbox SET state = 'parked', reason = ? WHERE id = ? AND state = 'pending'",
        .text("\(complaint.code.rawValue): \(complaint.detail)"), .integer(id))
    }
  }

  /// Ends the turn of an item that is being sent.
  public func endTurn(of id: Int64, with verdict: OutboxVerdict) throws(DeviceError) {
    let now = Database.Value.integer(options.now().milliseconds)
    try write("recording what became of a sending") { (database: inout Database) throws(DeviceError) in
      switch verdict {
      case .done:
        try database.run(
          """
          UPDATE outbox SET state = 'done', attempted = ?, payload = x'', reason = ''
          WHERE id = ? AND state = 'in-flight'
          """, now, .integer(id))
      case .again(let due, let reason):
        try database.run(
          """
          UPDATE outbox SET state = 'pending', attempted = ?, due = ?, reason = ?
          WHERE id = ? AND state = 'in-flight'
          """, now, .integer(due.milliseconds), .text(reason), .integer(id))
      case .parked(let reason):
        try database.run(
          "UPDATE outbox SET state = 'parked', attempted = ?, reason = ? WHERE id = ? AND state = 'in-flight'",
          now, .text(reason), .integer(id))
      }
    }
  }

  /// Gives up every waiting item that was put in before `limit` and has been tried; returns how many. One that was never
  /// tried may be young, by a clock that was behind when it was put in. Those that were given up and are not so old after
  /// all, because the clock was ahead then, wait for their turn again.
  @discardableResult
  public func expire(createdBefore limit: WallTime) throws(DeviceError) -> Int {
    let time = Database.Value.integer(limit.milliseconds)
    let (isOld, isYoung) = try read("reading the outbox") { (database: inout Database) throws(DeviceError) in
      let old = try database.rows(
        "SELECT 1 FROM outbox WHERE state = 'pending' AND created < ? AND attempts > 0 LIMIT 1", time
      ) { _ in true }
      let young = try database.rows(
        "SELECT 1 FROM outbox WHERE state = 'expired' AND created >= ? LIMIT 1", time
      ) { _ in true }
      return (!old.isEmpty, !young.isEmpty)
    }
    guard isOld || isYoung else { return 0 }
    let now = Database.Value.integer(options.now().milliseconds)
    return try write("expiring old items") { (database: inout Database) throws(DeviceError) in
      try database.run(
        "UPDATE outbox SET state = 'pending', due = ? WHERE state = 'expired' AND created >= ?", now, time)
      // When it was given up: it is kept from then on as long as everything else.
      return try database.run(
        "UPDATE outbox SET state = 'expired', due = ? WHERE state = 'pending' AND created < ? AND attempts > 0",
        now, time)
    }
  }

  /// Makes everything that waits out a pause due now. Distances between sendings of one key stay.
  public func skipPauses() throws(DeviceError) {
    let now = options.now()
    try write("skipping the outbox's pauses") { (database: inout Database) throws(DeviceError) in
      try database.run(
        "UPDATE outbox SET due = ? WHERE state = 'pending' AND due > ?",
        .integer(now.milliseconds), .integer(now.milliseconds))
    }
  }

  /// Lets a parked or expired item wait for its turn again, in its old place; `false` when there is none such.
  @discardableResult
  public func release(_ id: Int64) throws(DeviceError) -> Bool {
    let now = options.now()
    return try write("releasing an item") { (database: inout Database) throws(DeviceError) in
      try database.run(
        """
        UPDATE outbox SET state = 'pending', attempts = 0, created = ?, due = ?
        WHERE id = ? AND state IN ('parked', 'expired')
        """, .integer(now.milliseconds), .integer(now.milliseconds), .integer(id)) > 0
    }
  }

  /// The items in the given states, in the order of the queue, at most `limit`. What does not open any more has an
  /// empty payload.
  ///
  /// - Parameter after: only items behind this place of the queue: for reading a long queue in pieces.
  public func outbox(
    _ states: [OutboxEntry.State] = OutboxEntry.State.allCases, after: Int64 = 0, limit: Int = 1000
  ) throws(DeviceError) -> [OutboxEntry] {
    let sealer = try sealer
    return try read("listing the outbox") { (database: inout Database) throws(DeviceError) in
      try database.rows(
        """
        SELECT id, name, kind, key, payload, created, state, attempts, due, reason FROM outbox
        WHERE id > ? AND instr(?, state) > 0 ORDER BY id LIMIT ?
        """,
        .integer(after), .text(states.map(\.rawValue).joined(separator: " ")), .integer(Int64(limit))
      ) { (row) throws(DeviceError) in try Self.entry(row, opening: sealer).entry }
    }
  }

  private func lastAttempt(for key: String) throws(DeviceError) -> WallTime? {
    try read("reading the outbox") { (database: inout Database) throws(DeviceError) in
      try database.rows(
        "SELECT attempted FROM outbox WHERE key = ? AND attempted IS NOT NULL ORDER BY attempted DESC LIMIT 1",
        .text(key)
      ) { WallTime(milliseconds: $0.integer(0)) }.first
    }
  }

  /// The item in a row, and why its content does not open, if it does not.
  private static func entry(
    _ row: borrowing Database.Row, opening sealer: Sealer
  ) throws(DeviceError) -> (entry: OutboxEntry, complaint: DeviceError?) {
    guard let kind = OutboxItem.Kind(rawValue: row.text(2)),
      let state = OutboxEntry.State(rawValue: row.text(6))
    else {
      throw DeviceError(.journalDamaged, during: "reading the outbox", detail: "item \(row.integer(0))")
    }
    let name = row.text(1)
    let sealed = row.blob(4)
    var payload: [UInt8] = []
    var complaint: DeviceError?
    if state != .done {
      do throws(DeviceError) {
        payload = try sealer.open(sealed, at: Sealer.Place.item(name))
      } catch {
        complaint = error
      }
    }
    let entry = OutboxEntry(
      id: row.integer(0), item: OutboxItem(name: name, kind: kind, key: row.text(3), payload: payload),
      created: WallTime(milliseconds: row.integer(5)), state: state, attempts: Int(row.integer(7)),
      due: WallTime(milliseconds: row.integer(8)), reason: row.text(9))
    return (entry, complaint)
  }
}
