public import POSModel

/// A print in the queue of one printer, as bytes the journal does not look into.
public struct QueuedPrint: Sendable, Equatable {
  /// Unique for ever: a print whose name was queued before is not taken again, so that no receipt doubles.
  public var name: String
  /// The printer it is for.
  public var printer: DeviceID
  /// The commands, laid out for that printer.
  public var commands: [UInt8]
  /// What the printer was taken for when they were laid out: the name of a printer profile. What the printer confirms
  /// depends on it, so a later turn of the print is to be taken with the same.
  public var profile: String?

  /// A print from its parts.
  public init(name: String, printer: DeviceID, commands: [UInt8], profile: String? = nil) {
    self.name = name
    self.printer = printer
    self.commands = commands
    self.profile = profile
  }
}

/// A print in the queue, and where it stands.
public struct PrintEntry: Sendable, Equatable {
  /// Where a print stands.
  public enum State: String, Sendable, CaseIterable {
    /// Nothing of it can have been printed.
    case waiting
    /// Its first byte may have left.
    case printing
    /// The printer has confirmed it.
    case printed
    /// Every byte has left for a printer that cannot confirm.
    case sent
    /// Nobody knows; a person looks at the paper (``Journal/resolvePrint(_:as:)``).
    case unknown
    /// Somebody has decided against it before it began.
    case cancelled
  }

  /// The place in the queue, growing.
  public var id: Int64
  /// What is printed; the commands of a print that is over are gone.
  public var print: QueuedPrint
  /// When it was queued.
  public var created: WallTime
  /// Where it stands.
  public var state: State
  /// How many times it was begun.
  public var attempts: Int
  /// Why it still waits, or why its outcome is unknown.
  public var error: DeviceError?
}

/// What a person has seen on the paper.
public enum PrintVerdict: String, Sendable, CaseIterable {
  /// The receipt is there.
  case printed
  /// It is not, or not whole: print it again.
  case again
}

extension JournalBatch {
  /// Puts a print at the end of its printer's queue; nothing happens when its name has been there before.
  public mutating func enqueue(_ print: QueuedPrint) { changes.append(.enqueuePrint(print)) }
}

extension Journal {
  /// The first print that waits for `printer`, `nil` when none does.
  public func nextPrint(on printer: DeviceID) throws(DeviceError) -> PrintEntry? {
    try prints(on: printer, [.waiting], limit: 1).first
  }

  /// Prints of one printer or of all, in the order of the queue, at most `limit`.
  public func prints(
    on printer: DeviceID? = nil, _ states: [PrintEntry.State] = PrintEntry.State.allCases, limit: Int = 1000
  ) throws(DeviceError) -> [PrintEntry] {
    let sealer = try sealer
    return try read("reading the print queue") { (database: inout Database) throws(DeviceError) in
      try database.rows(
        """
        SELECT id, name, printer, commands, created, state, attempts, error, profile FROM print
        WHERE (?1 IS NULL OR printer = ?1) AND instr(?2, state) > 0 ORDER BY id LIMIT ?3
        """,
        printer.map { .text($0.text) } ?? .null, .text(states.map(\.rawValue).joined(separator: " ")),
        .integer(Int64(limit))
      ) { (row) throws(DeviceError) in try Self.printEntry(row, opening: sealer) }
    }
  }

  /// The print called `name`, `nil` when it was never queued.
  public func print(named name: String) throws(DeviceError) -> PrintEntry? {
    let sealer = try sealer
    return try read("reading the print queue") { (database: inout Database) throws(DeviceError) in
      try database.rows(
        """
        SELECT id, name, printer, commands, created, state, attempts, error, profile FROM print
        WHERE name = ?
        """,
        .text(name)
      ) { (row) throws(DeviceError) in try Self.printEntry(row, opening: sealer) }.first
    }
  }

  /// The last print that was begun on `printer`, if it stopped in the middle, so that the printer may be in the middle
  /// of a command; `nil` if it is whole.
  public func interruptedPrint(on printer: DeviceID) throws(DeviceError) -> PrintEntry? {
    let sealer = try sealer
    return try read("reading the print queue") { (database: inout Database) throws(DeviceError) in
      try database.rows(
        """
        SELECT id, name, printer, commands, created, state, attempts, error, profile FROM print
        WHERE isWhole = 0 AND begun = (SELECT max(begun) FROM print WHERE printer = ?1 AND begun > 0) AND printer = ?1
        """,
        .text(printer.text)
      ) { (row) throws(DeviceError) in try Self.printEntry(row, opening: sealer) }.first
    }
  }

  /// Returns once it is on disk that the first byte of a print may have left.
  ///
  /// - Throws: `input.malformed` when it does not wait any more, `device.busy` while another print of its printer is
  ///   under way.
  public func beginPrint(_ id: Int64) throws(DeviceError) {
    try write("beginning a print") { (database: inout Database) throws(DeviceError) in
      let others = try database.rows(
        """
        SELECT 1 FROM print WHERE state = 'printing' AND printer = (SELECT printer FROM print WHERE id = ?)
        """, .integer(id)
      ) { _ in true }
      guard others.isEmpty else {
        throw DeviceError(.busy, during: database.purpose, detail: "another print is under way")
      }
      let begun = try database.run(
        """
        UPDATE print SET state = 'printing', attempts = attempts + 1, isWhole = 0,
          begun = (SELECT 1 + ifnull(max(begun), 0) FROM print)
        WHERE id = ? AND state = 'waiting'
        """, .integer(id))
      guard begun == 1 else {
        throw DeviceError(.badInput, during: database.purpose, detail: "the print \(id) does not wait")
      }
    }
  }

  /// Returns once the outcome of a print is on disk. One that was not printed waits for another turn.
  public func endPrint(_ id: Int64, with outcome: PrintOutcome) throws(DeviceError) {
    let error = try outcome.error.map { (error) throws(DeviceError) in
      Database.Value.blob(try Self.encoded(error))
    }
    try write("recording a print's outcome") { (database: inout Database) throws(DeviceError) in
      switch outcome {
      case .printed, .sent:
        // The receipt is a guest's: it does not stay here longer than it must.
        try database.run(
          "UPDATE print SET state = ?, isWhole = 1, commands = zeroblob(0), error = NULL WHERE id = ?",
          .text(outcome.name), .integer(id))
      case .notPrinted:
        // Before a print begins the printer is made to listen again. One that has not begun this time leaves the
        // printer as an earlier attempt left it.
        try database.run(
          """
          UPDATE print SET state = 'waiting', error = ?,
            isWhole = CASE WHEN state = 'printing' THEN 1 ELSE isWhole END
          WHERE id = ? AND state != 'cancelled'
          """, error ?? .null, .integer(id))
      case .unknown:
        try database.run(
          "UPDATE print SET state = 'unknown', error = ? WHERE id = ?", error ?? .null, .integer(id))
      }
    }
  }

  /// Ends a print whose outcome is unknown by what a person has seen; `false` when there is none such.
  @discardableResult
  public func resolvePrint(_ name: String, as verdict: PrintVerdict) throws(DeviceError) -> Bool {
    try write("resolving a print") { (database: inout Database) throws(DeviceError) in
      switch verdict {
      case .printed:
        try database.run(
          """
          UPDATE print SET state = 'printed', commands = zeroblob(0), error = NULL
          WHERE name = ? AND state = 'unknown'
          """, .text(name)) > 0
      case .again:
        try database.run(
          "UPDATE print SET state = 'waiting', error = NULL WHERE name = ? AND state = 'unknown'", .text(name)
        ) > 0
      }
    }
  }

  /// Takes a print that has not begun out of the queue; `false` when there is none such.
  @discardableResult
  public func cancelPrint(_ name: String) throws(DeviceError) -> Bool {
    try write("cancelling a print") { (database: inout Database) throws(DeviceError) in
      try database.run(
        "UPDATE print SET state = 'cancelled', commands = zeroblob(0) WHERE name = ? AND state = 'waiting'",
        .text(name)) > 0
    }
  }

  /// Marks the prints that were under way when the last holder of the journal ended: nobody knows of them.
  func loseTrackOfPrints() throws(DeviceError) {
    let stranded = try prints(on: nil, [.printing])
    guard !stranded.isEmpty else { return }
    let error = try Self.encoded(
      DeviceError(
        .printUnknown, during: "printing", detail: "the program ended before the printer confirmed"))
    try write("opening the journal") { (database: inout Database) throws(DeviceError) in
      try database.run("UPDATE print SET state = 'unknown', error = ? WHERE state = 'printing'", .blob(error))
    }
  }

  private static func printEntry(
    _ row: borrowing Database.Row, opening sealer: Sealer
  ) throws(DeviceError) -> PrintEntry {
    guard let state = PrintEntry.State(rawValue: row.text(5)) else {
      throw DeviceError(.journalDamaged, during: "reading the print queue", detail: "print \(row.integer(0))")
    }
    let name = row.text(1)
    // What is over has lost its commands.
    let sealed = row.blob(3)
    let commands = sealed.isEmpty ? [] : try sealer.open(sealed, at: Sealer.Place.print(name))
    return PrintEntry(
      id: row.integer(0),
      print: QueuedPrint(
        name: name, printer: DeviceID(row.text(2)), commands: commands,
        profile: row.isNull(8) ? nil : row.text(8)),
      created: WallTime(milliseconds: row.integer(4)), state: state, attempts: Int(row.integer(6)),
      error: row.isNull(7) ? nil : try Self.decoded(DeviceError.self, from: row.blob(7)))
  }
}
