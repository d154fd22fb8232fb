import Foundation
import POSJournal
import POSModel
import Synchronization
import Testing

/// Codes and contacts never lie readable in the files of a journal, and its key is never guessed.
@Suite struct SealingTests {
  let scratch = Scratch()
  let clock = HandClock()

  static let canaries = ["c0ffee5ca1ab1e", "canary@example.com", "5550001234"]
  static let secret = Array(
    "{\"code\":\"c0ffee5ca1ab1e\",\"email\":\"canary@example.com\",\"phone\":\"5550001234\"}".utf8)

  private var keyFile: String { scratch.path + "/journal.key" }

  /// Which canaries can be read in the files of the directory.
  static func readable(in directory: String) -> Set<String> {
    var found: Set<String> = []
    for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
      guard let bytes = FileManager.default.contents(atPath: directory + "/" + name) else { continue }
      found.formUnion(canaries.filter { bytes.range(of: Data($0.utf8)) != nil })
    }
    return found
  }

  private func batch(_ name: String) -> JournalBatch {
    var batch = JournalBatch()
    batch.openSale(name)
    batch.append(SaleLogEntry(number: 0, kind: "opened", payload: Self.secret), to: name)
    batch.enqueue(
      OutboxItem(name: "\(name)/check-in", kind: .checkIn, key: "k \(name)", payload: Self.secret))
    batch.enqueue(QueuedPrint(name: name, printer: DeviceID("p"), commands: Self.secret))
    return batch
  }

  private func expectAll(_ journal: Journal, _ names: [String]) async throws {
    for name in names { #expect(try await journal.events(of: name).map(\.payload) == [Self.secret]) }
    #expect(try await journal.outbox().map(\.item.payload) == names.map { _ in Self.secret })
    #expect(try await journal.prints().map(\.print.commands) == names.map { _ in Self.secret })
  }

  @Test func filesTellNothing() async throws {
    // The search finds what is there to be found.
    let control = Scratch()
    try FileManager.default.createDirectory(atPath: control.path, withIntermediateDirectories: true)
    try Data(Self.secret).write(to: URL(fileURLWithPath: control.file))
    #expect(Self.readable(in: control.path) == Set(Self.canaries))
    let found = Mutex<Set<String>>([])
    let path = scratch.path
    var options = clock.options
    options.onCommit = { _ in found.withLock { $0.formUnion(Self.readable(in: path)) } }
    var journal = try await Journal.open(in: scratch.path, options: options)
    for name in ["a", "b", "c"] { try await journal.commit(batch(name)) }
    try await expectAll(journal, ["a", "b", "c"])
    let order = OutboxOrder(gap: .zero, patience: 5, longestWait: .seconds(900))
    for verdict: OutboxVerdict in [.done, .parked(reason: "no"), .again(due: clock.now, reason: "later")] {
      guard case .send(let entry) = try await journal.takeTurn(order) else {
        Issue.record("nothing to send")
        return
      }
      #expect(entry.item.payload == Self.secret)
      try await journal.endTurn(of: entry.id, with: verdict)
    }
    var ending = JournalBatch()
    ending.replacePayload([1, 2], of: 0, in: "a")
    ending.endSale("a")
    try await journal.commit(ending)
    await journal.close()
    found.withLock { $0.formUnion(Self.readable(in: path)) }
    journal = try await Journal.open(in: scratch.path, options: options)
    #expect(try await journal.events(of: "a").map(\.payload) == [[1, 2]])
    #expect(try await journal.outbox([.parked, .pending]).map(\.item.payload) == [Self.secret, Self.secret])
    await journal.close()
    #expect(found.withLock { $0 } == [])
  }

  @Test func readableKeyIsRefused() async throws {
    let journal = try await Journal.open(in: scratch.path)
    await journal.close()
    #expect(try scratch.mode(of: keyFile) == 0o600)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: keyFile)
    let error = await #expect(throws: DeviceError.self) { try await Journal.open(in: scratch.path) }
    #expect(error?.code == .badConfiguration)
    #expect(error?.hint == "chmod 0600 '\(keyFile)'")
  }

  /// A lost or exchanged key changes nothing; the right one, put back, opens everything.
  @Test(arguments: ["lost", "empty", "cut short", "another"])
  func wrongKey(how: String) async throws {
    var journal = try await Journal.open(in: scratch.path)
    try await journal.commit(batch("a"))
    await journal.close()
    let key = try Data(contentsOf: URL(fileURLWithPath: keyFile))
    let database = try Data(contentsOf: URL(fileURLWithPath: scratch.file))
    try FileManager.default.removeItem(atPath: keyFile)
    let instead: Data? =
      switch how {
      case "lost": nil
      case "empty": Data()
      case "cut short": key.dropLast(10)
      default: Data("1 \(String(repeating: "5a", count: 32))\n".utf8)
      }
    if let instead {
      #expect(
        FileManager.default.createFile(
          atPath: keyFile, contents: instead, attributes: [.posixPermissions: 0o600]))
    }
    let error = await #expect(throws: DeviceError.self) { try await Journal.open(in: scratch.path) }
    #expect(error?.code == .journalKey)
    #expect(error?.hint.contains(keyFile) == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.file)) == database)
    try? FileManager.default.removeItem(atPath: keyFile)
    #expect(
      FileManager.default.createFile(atPath: keyFile, contents: key, attributes: [.posixPermissions: 0o600]))
    journal = try await Journal.open(in: scratch.path)
    try await expectAll(journal, ["a"])
    await journal.close()
  }

  /// A key from outside takes over from the file's, and nothing is left that the old one opens.
  @Test func givenKey() async throws {
    var journal = try await Journal.open(in: scratch.path)
    try await journal.commit(batch("a"))
    await journal.close()
    var options = Journal.Options()
    options.key = try JournalKey(bytes: [UInt8](0..<32))
    journal = try await Journal.open(in: scratch.path, options: options)
    try await journal.commit(batch("b"))
    try await expectAll(journal, ["a", "b"])
    await journal.close()
    #expect(await code { _ = try await Journal.open(in: scratch.path) } == .journalKey)
    try FileManager.default.removeItem(atPath: keyFile)
    journal = try await Journal.open(in: scratch.path, options: options)
    try await expectAll(journal, ["a", "b"])
    await journal.close()
    #expect(!FileManager.default.fileExists(atPath: keyFile))
    options.key = try JournalKey(bytes: [UInt8](1...32))
    let other = options
    #expect(await code { _ = try await Journal.open(in: scratch.path, options: other) } == .journalKey)
  }

  @Test func keysKeepQuiet() throws {
    let key = try JournalKey(bytes: [UInt8](repeating: 0xAB, count: 32))
    var dumped = ""
    dump(key, to: &dumped)
    for text in ["\(key)", String(reflecting: key), dumped] {
      #expect(!text.contains("abab") && !text.contains("171"))
    }
    #expect(throws: DeviceError.self) { try JournalKey(bytes: [1, 2, 3]) }
    #expect(try JournalKey.random() != JournalKey.random())
  }

  /// Before version 3 nothing was sealed: such a journal is read, sealed, and tells nothing any more.
  @Test func plainJournalIsSealed() async throws {
    try FileManager.default.copyItem(atPath: Scratch.version2, toPath: scratch.path)
    let code = Data("5ca1ab1e0ddba11".utf8)
    func found() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: scratch.path).filter {
        FileManager.default.contents(atPath: scratch.path + "/" + $0)?.range(of: code) != nil
      }
    }
    #expect(try found().sorted() == ["journal.sqlite3", "journal.sqlite3-wal"])
    var journal = try await Journal.open(in: scratch.path, options: clock.options)
    #expect(try found() == [])
    for _ in 0..<2 {
      let items = try await journal.outbox()
      #expect(items.map(\.state) == [.done, .done, .pending, .pending])
      #expect(Data(items[2].item.payload).range(of: code) != nil)
      let open = try await journal.openSales()
      #expect(open.count == 1)
      let events = try await journal.events(of: open.first ?? "")
      #expect(events.map(\.kind) == ["opened", "codes-presented", "loyalty-failed", "tender-started"])
      #expect(events.contains { Data($0.payload).range(of: code) != nil })
      await journal.close()
      #expect(try found() == [])
      journal = try await Journal.open(in: scratch.path, options: clock.options)
    }
    await journal.close()
  }

  /// The upgrade dies on either side of its write: the next opening does it, or finds it done.
  @Test(arguments: Journal.CommitPoint.Moment.allCases)
  func dyingWhileSealing(moment: Journal.CommitPoint.Moment) async throws {
    try FileManager.default.copyItem(atPath: Scratch.version2, toPath: scratch.path)
    var options = clock.options
    options.onCommit = { point throws(DeviceError) in
      if point.moment == moment { throw DeviceError(.cancelled, during: "dying") }
    }
    let dying = options
    #expect(await code { _ = try await Journal.open(in: scratch.path, options: dying) } == .cancelled)
    let journal = try await Journal.open(in: scratch.path, options: clock.options)
    #expect(try await journal.outbox([.pending]).count == 2)
    #expect(try await journal.openSales().count == 1)
    await journal.close()
    for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path) {
      let bytes = FileManager.default.contents(atPath: scratch.path + "/" + name)
      #expect(bytes?.range(of: Data("5ca1ab1e0ddba11".utf8)) == nil, "\(name)")
    }
  }

  /// An item that does not open any more steps aside; what is behind it goes on.
  @Test func damagedItemStepsAside() async throws {
    let journal = try await Journal.open(in: scratch.path, options: clock.options)
    var batch = JournalBatch()
    let marked = [UInt8](repeating: 0, count: 3000)
    batch.enqueue(OutboxItem(name: "damaged", kind: .checkIn, key: "1", payload: marked))
    batch.enqueue(OutboxItem(name: "whole", kind: .checkIn, key: "2", payload: [7]))
    try await journal.commit(batch)
    await journal.close()
    // In the row the content follows name, kind and key.
    var bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.file))
    let head = try #require(bytes.range(of: Data("damagedcheck-in1".utf8)))
    bytes[head.upperBound + 100] ^= 1
    try bytes.write(to: URL(fileURLWithPath: scratch.file))
    let again = try await Journal.open(in: scratch.path, options: clock.options)
    let order = OutboxOrder(gap: .zero, patience: 5, longestWait: .seconds(900))
    guard case .send(let entry) = try await again.takeTurn(order) else {
      Issue.record("the queue is blocked")
      return
    }
    #expect(entry.item.name == "whole")
    let parked = try await again.outbox([.parked])
    #expect(parked.map(\.item.name) == ["damaged"])
    #expect(parked.first?.reason.hasPrefix("journal.damaged") == true)
    #expect(parked.first?.item.payload == [])
    await again.close()
  }
}
