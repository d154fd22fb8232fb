import FoundationEssentials
public import POSModel

/// The durable memory of one till: what must survive a crash is here before its effect starts (DESIGN §2.2).
///
/// Five things live in it: the events of every sale, the payments of every terminal, the outbox for the
/// loyalty programme, the queue of every printer, and small values (configuration, counters). One process at a
/// time holds it. A write that returns has reached the disk; one that throws has not happened, except that after a
/// fault of the disk only the next opening can tell.
///
/// What may hold codes and contacts of guests (events, items of the outbox, prints) is sealed with AES-256-GCM under
/// a ``JournalKey``. Kept beside the journal, in a file of mode 0600, the key keeps guests out of copies of the
/// database and out of freed blocks of the disk, not from whoever may read the whole directory: for that, give the
/// journal a key that is kept elsewhere.
///
///     let journal = try await Journal.open(in: "/var/lib/pos")
///     var batch = JournalBatch()
///     batch.openSale("a1")
///     batch.append(SaleLogEntry(number: 0, kind: "opened", payload: bytes), to: "a1")
///     try await journal.commit(batch)
public actor Journal {
  /// How a journal behaves.
  public struct Options: Sendable {
    /// The clock that dates entries.
    public var now: @Sendable () -> WallTime = { .now }
    /// The size the file never exceeds; writes beyond fail with `journal.full`.
    public var maximumBytes: Int64 = 1 << 30
    /// The key that seals what the journal holds of guests; `nil`: the one in `journal.key` of the directory, made
    /// with the journal. A journal that was sealed with the file's key is sealed anew with the one given here.
    public var key: JournalKey?
    /// Called right before and right after each durable write, on the journal's thread.
    ///
    /// It is there to crash: a test kills the process in it, or throws. After a throw the journal behaves as
    /// if the process had died: nothing more is written.
    public var onCommit: (@Sendable (CommitPoint) throws(DeviceError) -> Void)?

    /// The machine's clock, at most a gibibyte, no hook.
    public init() {}
  }

  /// One side of one durable write.
  public struct CommitPoint: Sendable, Hashable {
    /// Which side.
    public enum Moment: String, Sendable, CaseIterable { case before, after }
    /// The running number of the write since the journal was opened, from 1.
    public var number: Int
    /// Which side.
    public var moment: Moment

    /// A side of the write with this number.
    public init(number: Int, moment: Moment) {
      self.number = number
      self.moment = moment
    }
  }

  /// The directory the journal lives in.
  public nonisolated let directory: String
  nonisolated let options: Options
  private nonisolated let thread = JournalThread()
  private var database: Database?
  /// Why nothing may be done with the file any more.
  private var ending = DeviceError(.closed, during: "using the journal", detail: "it is not open")
  private var counters: [String: Int64] = [:]
  private var dirtyCounters: Set<String> = []
  private var writes = 0
  private var openSealer: Sealer?
  /// Batches that wait for the next durable write.
  private var group: [GroupMember] = []

  /// The journal's own thread: SQLite blocks.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private init(directory: String, options: Options) {
    self.directory = directory
    self.options = options
  }

  /// Opens the journal in `directory`, creating both where they are missing: the directory with mode 0700,
  /// its files with 0600.
  ///
  /// - Throws: `journal.locked` when another process has it, with that process in the hint; `journal.damaged`,
  ///   `journal.newer`, `journal.key`, `journal.full` or `journal.failed`.
  public static func open(in directory: String, options: Options = Options()) async throws(DeviceError)
    -> Journal
  {
    let journal = Journal(directory: directory, options: options)
    try await journal.start()
    return journal
  }

  /// Closes the file and lets another process have it. Later calls throw `link.closed`.
  public func close() {
    commitGroup()
    database = nil
    openSealer = nil
  }

  /// Writes everything in `batch` or nothing, and returns once it is on disk.
  ///
  /// Calls that come while the disk is busy, and those that come right behind one another, share the next write of it;
  /// a call that is alone waits for nobody. One batch that cannot be written does not hurt the others.
  public func commit(_ batch: JournalBatch) async throws(DeviceError) {
    guard !batch.isEmpty || !dirtyCounters.isEmpty else { return }
    try await withCheckedContinuation { (waiter: CheckedContinuation<Result<Void, DeviceError>, Never>) in
      group.append(GroupMember(batch: batch, waiter: waiter))
      if group.count == 1 { commitGroup(whenNoMoreThan: 1) }
    }.get()
  }

  /// The next number of a series, from `first`; never the same again, crash or not, with gaps after a crash.
  ///
  /// It is on disk with the next ``commit(_:)``; let nobody outside see it before.
  public func nextNumber(in series: String, startingAt first: Int64 = 1) throws(DeviceError) -> Int64 {
    guard database != nil else { throw ending }
    let (next, overflow) = counters[series].map { $0.addingReportingOverflow(1) } ?? (first, false)
    guard !overflow else {
      throw DeviceError(.journalFailed, during: "numbering", detail: "the series \(series) is used up")
    }
    counters[series] = next
    dirtyCounters.insert(series)
    return next
  }

  /// The value last stored under `name`, and when.
  public func value(named name: String) throws(DeviceError) -> (bytes: [UInt8], stored: WallTime)? {
    try read("reading \(name) from the journal") { (database: inout Database) throws(DeviceError) in
      try database.rows("SELECT value, stored FROM blob WHERE name = ?", .text(name)) {
        ($0.blob(0), WallTime(milliseconds: $0.integer(1)))
      }.first
    }
  }
}

// MARK: - Opening

extension Journal {
  private static let fileName = "/journal.sqlite3"
  private var file: String { directory + Self.fileName }
  /// Holds the process number of the last holder. That it exists tells a lost journal from a new one.
  private var ownerFile: String { directory + "/journal.owner" }

  /// Whether there is a journal in `directory`.
  public static func exists(in directory: String) -> Bool {
    FileManager.default.fileExists(atPath: directory + fileName)
  }

  private func start() async throws(DeviceError) {
    let wasOwned = FileManager.default.fileExists(atPath: ownerFile)
    try createFiles()
    do throws(DeviceError) {
      var database = try Database(path: file)
      try Schema.claim(&database, maximumBytes: options.maximumBytes)
      let isPresent = try Schema.isPresent(in: &database)
      guard isPresent || !wasOwned else {
        throw DeviceError(
          .journalDamaged, during: database.purpose, detail: "a journal was here before and is empty now")
      }
      let version = isPresent ? try Schema.fileVersion(of: &database) : 0
      self.database = consume database
      let sealer = try await KeyRing.sealer(
        in: directory, given: options.key, mayMake: version < Schema.firstSealedVersion)
      openSealer = sealer
      if !isPresent {
        try write("creating the journal") { (database: inout Database) throws(DeviceError) in
          try Schema.create(in: &database)
          try sealer.prove(in: &database)
        }
      } else {
        try bringUpToDate(from: version, sealer)
      }
      try recordOwner()
      try reload()
    } catch {
      database = nil
      openSealer = nil
      throw error.code == .journalLocked ? naming(holderOf: error) : error
    }
  }

  private func bringUpToDate(from version: Int64, _ sealer: Sealer) throws(DeviceError) {
    if version < Schema.version {
      try write("bringing the journal up to date") { (database: inout Database) throws(DeviceError) in
        try Schema.upgrade(&database)
        if version < Schema.firstSealedVersion { try sealer.resealAll(in: &database, arePlain: true) }
      }
    }
    do throws(DeviceError) {
      let isCurrent = try read("opening the journal") { (database: inout Database) throws(DeviceError) in
        try sealer.isCurrent(in: &database)
      }
      if !isCurrent {
        try write("sealing the journal with another key") { (database: inout Database) throws(DeviceError) in
          try sealer.resealAll(in: &database, arePlain: false)
        }
      }
    } catch {
      guard error.code == .journalKey else { throw error }
      throw DeviceError(
        .journalKey, during: "opening \(directory)", detail: error.detail,
        hint: KeyRing.hint(KeyRing.file(in: directory)))
    }
    // Pages as they were before, plain ones among them, may still be in the write-ahead log.
    try read("opening the journal") { (database: inout Database) throws(DeviceError) in
      _ = try database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    }
  }

  private func createFiles() throws(DeviceError) {
    let manager = FileManager.default
    do {
      if !manager.fileExists(atPath: directory) {
        try manager.createDirectory(
          atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      }
    } catch {
      throw DeviceError(.journalFailed, during: "creating \(directory)", detail: "\(error)")
    }
    guard !manager.fileExists(atPath: file) else { return }
    guard manager.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o600]) else {
      throw DeviceError(
        .journalFailed, during: "creating \(file)", detail: "the directory takes no files",
        hint: "sudo chown $USER \(directory)")
    }
  }

  private func recordOwner() throws(DeviceError) {
    let text = "\(ProcessInfo.processInfo.processIdentifier)\n"
    let manager = FileManager.default
    if !manager.fileExists(atPath: ownerFile) {
      // What hinders it is told by the writing.
      _ = manager.createFile(atPath: ownerFile, contents: nil, attributes: [.posixPermissions: 0o600])
    }
    do {
      try Data(text.utf8).write(to: URL(filePath: ownerFile))
    } catch {
      // A full disk is mended in another way than a forbidden one.
      let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
      throw DeviceError(isFull ? .journalFull : .journalFailed, during: "creating \(ownerFile)")
    }
  }

  private func naming(holderOf error: DeviceError) -> DeviceError {
    var named = error
    guard let contents = FileManager.default.contents(atPath: ownerFile), contents.count < 32,
      let process = Int32(String(decoding: contents, as: UTF8.self).prefix { $0.isNumber })
    else { return error }
    named.hint = "process \(process) holds it: ps -p \(process); end it or use another --state directory"
    return named
  }

  /// Loads the counters and takes back what was under way when the last holder ended.
  private func reload() throws(DeviceError) {
    let (values, stranded) = try read("opening the journal") {
      (database: inout Database) throws(DeviceError) in
      let values = try database.rows("SELECT name, value FROM counter") { ($0.text(0), $0.integer(1)) }
      let stranded = try database.rows("SELECT count(*) FROM outbox WHERE state = 'in-flight'") {
        $0.integer(0)
      }
      return (values, stranded.first ?? 0)
    }
    counters = Dictionary(values, uniquingKeysWith: max)
    try loseTrackOfPrints()
    guard stranded > 0 else { return }
    try write("opening the journal") { (database: inout Database) throws(DeviceError) in
      try database.run("UPDATE outbox SET state = 'pending' WHERE state = 'in-flight'")
    }
  }
}

// MARK: - Reading and writing

extension Journal {
  /// What seals and opens the journal's records.
  var sealer: Sealer {
    get throws(DeviceError) {
      guard let openSealer else { throw ending }
      return openSealer
    }
  }

  /// Writes what waits once everybody who has come so far has been let in and nobody came with them: whom the last
  /// write released come back one after the other, and the first of them must not go without the rest.
  private func commitGroup(whenNoMoreThan count: Int) {
    thread.runLast {
      self.assumeIsolated { journal in
        let grown = journal.group.count
        if grown > count { journal.commitGroup(whenNoMoreThan: grown) } else { journal.commitGroup() }
      }
    }
  }

  /// Writes what waits, in one durable write; each batch for itself when that fails.
  private func commitGroup() {
    let members = group
    group = []
    guard !members.isEmpty else { return }
    let outcome = record(members)
    guard case .failure = outcome, members.count > 1, database != nil else {
      for member in members { member.waiter.resume(returning: outcome) }
      return
    }
    for member in members { member.waiter.resume(returning: record([member])) }
  }

  private func record(_ members: [GroupMember]) -> Result<Void, DeviceError> {
    do throws(DeviceError) {
      let now = options.now()
      let sealer = try sealer
      try write("recording a sale") { (database: inout Database) throws(DeviceError) in
        for member in members {
          for change in member.batch.changes { try change.apply(to: &database, sealing: sealer, at: now) }
        }
      }
      return .success(())
    } catch {
      return .failure(error)
    }
  }

  /// Reads; nothing is changed.
  func read<Result>(_ purpose: String, _ body: (inout Database) throws(DeviceError) -> Result)
    throws(DeviceError) -> Result
  {
    guard var open = database.take() else { throw ending }
    open.purpose = purpose
    let result: Swift.Result<Result, DeviceError>
    do throws(DeviceError) { result = .success(try body(&open)) } catch { result = .failure(error) }
    database = consume open
    return try result.get()
  }

  /// Changes everything or nothing; it is on disk when this returns.
  ///
  /// A failure that leaves it open whether the disk has the change ends the use of the journal: the next
  /// process reads what is really there.
  @discardableResult
  func write<Result>(_ purpose: String, _ body: (inout Database) throws(DeviceError) -> Result)
    throws(DeviceError) -> Result
  {
    let number = writes + 1
    let result = try read(purpose) { (database: inout Database) throws(DeviceError) in
      try database.run("BEGIN IMMEDIATE")
      do throws(DeviceError) {
        let result = try body(&database)
        for series in dirtyCounters {
          try database.run(
            "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            .text(series), .integer(counters[series] ?? 0))
        }
        return result
      } catch {
        database.rollBack()
        throw error
      }
    }
    writes = number
    try passHook(CommitPoint(number: number, moment: .before))
    do throws(DeviceError) {
      try read(purpose) { (database: inout Database) throws(DeviceError) in
        do throws(DeviceError) {
          try database.run("COMMIT")
        } catch {
          database.rollBack()
          throw error
        }
      }
    } catch {
      if error.code != .journalFull { end(because: error) }
      throw error
    }
    dirtyCounters.removeAll()
    try passHook(CommitPoint(number: number, moment: .after))
    return result
  }

  private func passHook(_ point: CommitPoint) throws(DeviceError) {
    guard let hook = options.onCommit else { return }
    do throws(DeviceError) {
      try hook(point)
    } catch {
      end(because: error)
      throw error
    }
  }

  private func end(because error: DeviceError) {
    ending = error
    database = nil
    openSealer = nil
  }
}

/// A batch whose caller waits until it is on disk.
private struct GroupMember {
  let batch: JournalBatch
  let waiter: CheckedContinuation<Result<Void, DeviceError>, Never>
}
