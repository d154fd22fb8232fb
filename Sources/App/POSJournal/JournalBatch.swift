import POSModel

/// Changes that are written together or not at all.
///
/// A plain value: whoever has several can hand them to the journal as one durable write.
public struct JournalBatch: Sendable {
  var changes: [Change] = []

  /// A batch that changes nothing.
  public init() {}

  /// Whether there is nothing to write.
  public var isEmpty: Bool { changes.isEmpty }

  /// Starts the log of a sale under a name that is unique for ever.
  public mutating func openSale(_ name: String) { changes.append(.openSale(name)) }

  /// Appends an event to the log of an open sale.
  public mutating func append(_ entry: SaleLogEntry, to sale: String) {
    changes.append(.append(entry, sale: sale))
  }

  /// Overwrites the payload of an event that is there already: for what must not be kept.
  public mutating func replacePayload(_ payload: [UInt8], of number: Int, in sale: String) {
    changes.append(.replacePayload(payload, number: number, sale: sale))
  }

  /// Marks a sale as ended: it is not listed as open any more.
  public mutating func endSale(_ name: String) { changes.append(.endSale(name)) }

  /// Opens the log of a sale that has ended again: something is taken back.
  public mutating func reopenSale(_ name: String) { changes.append(.reopenSale(name)) }

  /// Puts something at the end of the outbox; nothing happens when its name has been there before.
  public mutating func enqueue(_ item: OutboxItem) { changes.append(.enqueue(item)) }

  /// Keeps a small value, replacing the one under the same name.
  public mutating func store(_ value: [UInt8], named name: String) {
    changes.append(.store(value, name: name))
  }

  /// Appends everything in `other`.
  public mutating func append(contentsOf other: JournalBatch) { changes += other.changes }

  enum Change: Sendable {
    case openSale(String)
    case append(SaleLogEntry, sale: String)
    case replacePayload([UInt8], number: Int, sale: String)
    case endSale(String)
    case reopenSale(String)
    case enqueue(OutboxItem)
    case enqueuePrint(QueuedPrint)
    case store([UInt8], name: String)

    func apply(to database: inout Database, sealing sealer: Sealer, at now: WallTime) throws(DeviceError) {
      let time = Database.Value.integer(now.milliseconds)
      switch self {
      case .openSale(let name):
        try database.run("INSERT INTO sale (name, opened) VALUES (?, ?)", .text(name), time)
      case .append(let entry, let sale):
        let payload = try sealer.seal(entry.payload, at: Sealer.Place.event(entry.number, of: sale))
        let appended = try database.run(
          """
          INSERT INTO event (sale, number, kind, at, payload)
          SELECT id, ?, ?, ?, ? FROM sale WHERE name = ? AND ended IS NULL
          """,
          .integer(Int64(entry.number)), .text(entry.kind), time, .blob(payload), .text(sale))
        guard appended == 1 else {
          throw DeviceError(.journalFailed, during: database.purpose, detail: "no sale \(sale) is open")
        }
      case .replacePayload(let payload, let number, let sale):
        let payload = try sealer.seal(payload, at: Sealer.Place.event(number, of: sale))
        try database.run(
          "UPDATE event SET payload = ? WHERE number = ? AND sale = (SELECT id FROM sale WHERE name = ?)",
          .blob(payload), .integer(Int64(number)), .text(sale))
      case .endSale(let name):
        try database.run("UPDATE sale SET ended = ? WHERE name = ? AND ended IS NULL", time, .text(name))
      case .reopenSale(let name):
        try database.run("UPDATE sale SET ended = NULL WHERE name = ?", .text(name))
      case .enqueue(let item):
        let payload = try sealer.seal(item.payload, at: Sealer.Place.item(item.name))
        // A clock that was set back, to the year a till without a battery wakes up in, must not make an item old.
        try database.run(
          """
          INSERT INTO outbox (name, kind, key, payload, created, state, due)
          VALUES (?1, ?2, ?3, ?4, max(?5, ifnull((SELECT created FROM outbox ORDER BY id DESC LIMIT 1), ?5)),
            'pending', ?5)
          ON CONFLICT (name) DO NOTHING
          """,
          .text(item.name), .text(item.kind.rawValue), .text(item.key), .blob(payload), time)
      case .enqueuePrint(let print):
        let commands = try sealer.seal(print.commands, at: Sealer.Place.print(print.name))
        try database.run(
          """
          INSERT INTO print (name, printer, commands, created, state, profile)
          VALUES (?, ?, ?, ?, 'waiting', ?)
          ON CONFLICT (name) DO NOTHING
          """,
          .text(print.name), .text(print.printer.text), .blob(commands), time,
          print.profile.map { .text($0) } ?? .null)
      case .store(let value, let name):
        try database.run(
          """
          INSERT INTO blob VALUES (?, ?, ?)
          ON CONFLICT (name) DO UPDATE SET value = excluded.value, stored = excluded.stored
          """,
          .text(name), .blob(value), time)
      }
    }
  }
}
