import POSModel

/// The tables of a journal and how an older file is brought up to date.
enum Schema {
  /// What `PRAGMA user_version` says in files of this version.
  static let version: Int64 = 4
  /// From this version on, records that may hold something of a guest are sealed.
  static let firstSealedVersion: Int64 = 3
  /// What `PRAGMA application_id` says in every journal: `POSJ` in ASCII.
  static let application: Int64 = 0x504F_534A

  /// Takes the file for this process alone and sets it up so that a commit is on disk when it returns.
  ///
  /// - Throws: `journal.locked` when another process has it.
  static func claim(_ database: inout Database, maximumBytes: Int64) throws(DeviceError) {
    try database.run("PRAGMA locking_mode = EXCLUSIVE")
    try database.run("PRAGMA journal_mode = WAL")
    try database.run("PRAGMA synchronous = FULL")
    try database.run("PRAGMA foreign_keys = ON")
    try database.run("PRAGMA trusted_schema = OFF")
    try database.run("PRAGMA cell_size_check = ON")
    // What is deleted is overwritten, and nothing is laid aside in other files.
    try database.run("PRAGMA secure_delete = ON")
    try database.run("PRAGMA temp_store = MEMORY")
    let pageSize = try database.rows("PRAGMA page_size") { $0.integer(0) }.first ?? 4096
    try database.set("max_page_count", to: max(32, maximumBytes / max(512, pageSize)))
  }

  /// Whether the file has tables already.
  ///
  /// - Throws: `journal.newer` or `journal.damaged` when they are not ours to use.
  static func isPresent(in database: inout Database) throws(DeviceError) -> Bool {
    let tables = try database.rows("SELECT count(*) FROM sqlite_schema") { $0.integer(0) }.first ?? 0
    let application = try database.rows("PRAGMA application_id") { $0.integer(0) }.first ?? 0
    let version = try fileVersion(of: &database)
    guard tables > 0 || application != 0 else { return false }
    guard application == Self.application else {
      throw DeviceError(.journalDamaged, during: database.purpose, detail: "the file is not a journal")
    }
    guard version <= Self.version else {
      throw DeviceError(
        .journalNewer, during: database.purpose,
        detail: "it has version \(version), this program knows \(Self.version)")
    }
    let complaints = try database.rows("PRAGMA quick_check(1)") { $0.text(0) }
    guard complaints == ["ok"] else {
      throw DeviceError(
        .journalDamaged, during: database.purpose, detail: complaints.first ?? "the check gave no answer")
    }
    return true
  }

  /// Creates every table. Call it inside a transaction.
  static func create(in database: inout Database) throws(DeviceError) {
    for statement in tables + printTables + sealTables + printProfile { try database.run(statement) }
    try database.set("application_id", to: application)
    try database.set("user_version", to: version)
  }

  /// Brings a file of an older version up to this one. Call it inside a transaction.
  static func upgrade(_ database: inout Database) throws(DeviceError) {
    if try fileVersion(of: &database) < 2 {
      for statement in printTables { try database.run(statement) }
    }
    if try fileVersion(of: &database) < 3 {
      for statement in outboxMove.before + sealTables + outboxMove.after { try database.run(statement) }
    }
    if try fileVersion(of: &database) < 4 {
      for statement in printProfile { try database.run(statement) }
    }
    try database.set("user_version", to: version)
  }

  /// The version a file was written by.
  static func fileVersion(of database: inout Database) throws(DeviceError) -> Int64 {
    try database.rows("PRAGMA user_version") { $0.integer(0) }.first ?? 0
  }

  /// What version 2 has brought. `begun` numbers the beginnings of prints; `isWhole` is 0 while a print may have
  /// stopped in the middle.
  private static let printTables: [StaticString] = [
    """
    CREATE TABLE print (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      printer TEXT NOT NULL,
      commands BLOB NOT NULL,
      created INTEGER NOT NULL,
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      begun INTEGER NOT NULL DEFAULT 0,
      isWhole INTEGER NOT NULL DEFAULT 1,
      error BLOB
    ) STRICT
    """,
    "CREATE INDEX waiting_print ON print (printer, id) WHERE state IN ('waiting', 'printing')",
    "CREATE INDEX begun_print ON print (printer, begun)",
  ]

  /// What version 3 has brought, besides sealed records: the record that tells whether a key is the right one, and an
  /// outbox that writes three pages for an item and answers what is asked of a long queue from one index. SQLite
  /// uses an index of a part of the rows for a query that names one alternative of its OR.
  private static let sealTables: [StaticString] = [
    "CREATE TABLE seal (id INTEGER PRIMARY KEY CHECK (id = 1), proof BLOB NOT NULL) STRICT",
    """
    CREATE TABLE outbox (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL,
      key TEXT NOT NULL,
      created INTEGER NOT NULL,
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      attempted INTEGER,
      due INTEGER NOT NULL,
      reason TEXT NOT NULL DEFAULT '',
      payload BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE INDEX queue ON outbox (state, id, key, created, due) WHERE state = 'pending' OR state = 'in-flight'
    """,
    "CREATE INDEX attempted ON outbox (key, attempted) WHERE attempted IS NOT NULL",
    "CREATE INDEX expired ON outbox (created) WHERE state = 'expired'",
  ]

  /// What version 4 has brought: what the printer of a print was taken for.
  private static let printProfile: [StaticString] = ["ALTER TABLE print ADD COLUMN profile TEXT"]

  /// Moves the items of an older outbox into the one of version 3.
  private static let outboxMove: (before: [StaticString], after: [StaticString]) = (
    before: ["DROP INDEX waiting", "DROP INDEX attempted", "ALTER TABLE outbox RENAME TO outbox_2"],
    after: [
      """
      INSERT INTO outbox (id, name, kind, key, created, state, attempts, attempted, due, reason, payload)
      SELECT id, name, kind, key, created, state, attempts, attempted, due, reason, payload FROM outbox_2
      """,
      "DROP TABLE outbox_2",
    ]
  )

  private static let tables: [StaticString] = [
    """
    CREATE TABLE sale (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      opened INTEGER NOT NULL,
      ended INTEGER
    ) STRICT
    """,
    "CREATE INDEX open_sale ON sale (id) WHERE ended IS NULL",
    """
    CREATE TABLE event (
      sale INTEGER NOT NULL REFERENCES sale (id) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      kind TEXT NOT NULL,
      at INTEGER NOT NULL,
      payload BLOB NOT NULL,
      PRIMARY KEY (sale, number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE payment (
      reference TEXT PRIMARY KEY,
      terminal TEXT NOT NULL,
      begun INTEGER NOT NULL,
      intent BLOB NOT NULL,
      outcome BLOB,
      final INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    "CREATE UNIQUE INDEX unresolved_payment ON payment (terminal) WHERE final = 0",
    "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    """
    CREATE TABLE blob (
      name TEXT PRIMARY KEY,
      value BLOB NOT NULL,
      stored INTEGER NOT NULL
    ) STRICT
    """,
  ]
}
