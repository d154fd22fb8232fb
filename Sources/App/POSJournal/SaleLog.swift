public import POSModel

/// One event of a sale, as bytes the journal does not look into.
public struct SaleLogEntry: Sendable, Equatable {
  /// The place in the sale's log, from 0 without gaps. A place is written once.
  public var number: Int
  /// What happened, for people who read the log.
  public var kind: String
  /// The event itself.
  public var payload: [UInt8]
  /// When it was written; set by the journal.
  public var at: WallTime?

  /// An event to write.
  public init(number: Int, kind: String, payload: [UInt8]) {
    self.number = number
    self.kind = kind
    self.payload = payload
  }
}

extension Journal {
  /// The names of sales that have not ended, oldest first.
  public func openSales() throws(DeviceError) -> [String] {
    try read("listing open sales") { (database: inout Database) throws(DeviceError) in
      try database.rows("SELECT name FROM sale WHERE ended IS NULL ORDER BY id") { $0.text(0) }
    }
  }

  /// The names of the sales that were opened last, ended or not, the latest first.
  public func latestSales(limit: Int) throws(DeviceError) -> [String] {
    try read("listing sales") { (database: inout Database) throws(DeviceError) in
      try database.rows("SELECT name FROM sale ORDER BY id DESC LIMIT ?", .integer(Int64(max(0, limit)))) {
        $0.text(0)
      }
    }
  }

  /// The events of a sale from its opening; empty when there is no such sale.
  ///
  /// - Throws: `journal.damaged` when one of them does not open.
  public func events(of sale: String) throws(DeviceError) -> [SaleLogEntry] {
    let sealer = try sealer
    return try read("reading the sale \(sale)") { (database: inout Database) throws(DeviceError) in
      try database.rows(
        """
        SELECT number, kind, payload, at FROM event JOIN sale ON sale.id = event.sale
        WHERE sale.name = ? ORDER BY number
        """,
        .text(sale)
      ) { (row) throws(DeviceError) in
        let number = Int(row.integer(0))
        let payload = try sealer.open(row.blob(2), at: Sealer.Place.event(number, of: sale))
        var entry = SaleLogEntry(number: number, kind: row.text(1), payload: payload)
        entry.at = WallTime(milliseconds: row.integer(3))
        return entry
      }
    }
  }

  /// Deletes what ended before `limit`: sales, resolved payments, outbox items that were sent, refused or given up.
  ///
  /// Guests' contacts go with them.
  public func forget(endedBefore limit: WallTime) throws(DeviceError) {
    let time = Database.Value.integer(limit.milliseconds)
    try write("deleting old entries") { (database: inout Database) throws(DeviceError) in
      try database.run("DELETE FROM sale WHERE ended < ?", time)
      try database.run("DELETE FROM payment WHERE final = 1 AND begun < ?", time)
      try database.run("DELETE FROM outbox WHERE state IN ('done', 'parked') AND created < ?", time)
      // `due` says when it was given up.
      try database.run("DELETE FROM outbox WHERE state = 'expired' AND due < ?", time)
    }
  }
}
