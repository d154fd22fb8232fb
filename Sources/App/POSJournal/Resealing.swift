import POSModel

/// The record that tells a right key from a wrong one, and the sealing of a whole journal.
extension Sealer {
  /// Whether the journal's records were sealed with the current key.
  ///
  /// - Throws: `journal.key` when none of the keys opens them, `journal.damaged`.
  func isCurrent(in database: inout Database) throws(DeviceError) -> Bool {
    let proofs = try database.rows("SELECT proof FROM seal") { $0.blob(0) }
    guard let proof = proofs.first else {
      throw DeviceError(.journalDamaged, during: database.purpose, detail: "it does not say who sealed it")
    }
    _ = try open(proof, at: Place.proof)
    return proof.dropFirst().starts(with: current.id)
  }

  /// Records that everything in the journal is sealed with the current key. Call it inside a transaction.
  func prove(in database: inout Database) throws(DeviceError) {
    try database.run(
      "INSERT INTO seal VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET proof = excluded.proof",
      .blob(try seal([], at: Place.proof)))
  }

  /// Seals every record with the current key. Call it inside a transaction.
  ///
  /// - Parameter arePlain: the records come from a version that did not seal.
  func resealAll(in database: inout Database, arePlain: Bool) throws(DeviceError) {
    // In pieces, for the memory's sake.
    let piece: Database.Value = .integer(64)
    var last = (sale: Int64.min, number: Int64.min)
    while true {
      let events = try database.rows(
        """
        SELECT event.sale, event.number, sale.name, event.payload FROM event JOIN sale ON sale.id = event.sale
        WHERE (event.sale, event.number) > (?, ?) ORDER BY event.sale, event.number LIMIT ?
        """, .integer(last.sale), .integer(last.number), piece
      ) { (sale: $0.integer(0), number: $0.integer(1), name: $0.text(2), payload: $0.blob(3)) }
      guard let end = events.last else { break }
      for event in events {
        let place = Place.event(Int(event.number), of: event.name)
        try database.run(
          "UPDATE event SET payload = ? WHERE sale = ? AND number = ?",
          .blob(try reseal(event.payload, at: place, isPlain: arePlain)), .integer(event.sale),
          .integer(event.number))
      }
      last = (end.sale, end.number)
    }
    try reseal(
      in: &database, arePlain, Place.item,
      reading: "SELECT id, name, payload FROM outbox WHERE id > ? AND state != 'done' ORDER BY id LIMIT 64",
      writing: "UPDATE outbox SET payload = ? WHERE id = ?")
    try reseal(
      in: &database, arePlain, Place.print,
      reading: "SELECT id, name, commands FROM print WHERE id > ? AND commands != x'' ORDER BY id LIMIT 64",
      writing: "UPDATE print SET commands = ? WHERE id = ?")
    try prove(in: &database)
  }

  private func reseal(
    in database: inout Database, _ arePlain: Bool, _ place: (String) -> String, reading: StaticString,
    writing: StaticString
  ) throws(DeviceError) {
    var last = Int64.min
    while true {
      let rows = try database.rows(reading, .integer(last)) {
        (id: $0.integer(0), name: $0.text(1), content: $0.blob(2))
      }
      guard let end = rows.last else { return }
      for row in rows {
        let sealed = try reseal(row.content, at: place(row.name), isPlain: arePlain)
        try database.run(writing, .blob(sealed), .integer(row.id))
      }
      last = end.id
    }
  }

  private func reseal(_ content: [UInt8], at place: String, isPlain: Bool) throws(DeviceError) -> [UInt8] {
    guard !isPlain else { return try seal(content, at: place) }
    do throws(DeviceError) {
      return try seal(open(content, at: place), at: place)
    } catch {
      // A damaged record stays as it is; whoever needs it is told.
      guard error.code == .journalDamaged else { throw error }
      return content
    }
  }
}
