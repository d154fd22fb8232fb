import Foundation
import POSJournal
import POSModel
import Testing

@Suite struct JournalOpeningTests {
  let scratch = Scratch()

  @Test func createsPrivateFiles() async throws {
    let journal = try await Journal.open(in: scratch.path)
    #expect(try scratch.mode(of: scratch.path) == 0o700)
    for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path) {
      #expect(try scratch.mode(of: scratch.path + "/" + name) == 0o600, "\(name)")
    }
    await journal.close()
  }

  @Test func secondOpenerLearnsWhoHoldsIt() async throws {
    let journal = try await Journal.open(in: scratch.path)
    let error = await #expect(throws: DeviceError.self) { try await Journal.open(in: scratch.path) }
    #expect(error?.code == .journalLocked)
    #expect(error?.hint.contains("process \(ProcessInfo.processInfo.processIdentifier) ") == true)
    await journal.close()
    let next = try await Journal.open(in: scratch.path)
    await next.close()
  }

  @Test func closedJournalSaysSo() async throws {
    let journal = try await Journal.open(in: scratch.path)
    await journal.close()
    #expect(await code { _ = try await journal.openSales() } == .closed)
    var batch = JournalBatch()
    batch.openSale("a")
    let toWrite = batch
    #expect(await code { try await journal.commit(toWrite) } == .closed)
    #expect(await code { _ = try await journal.nextNumber(in: "transaction") } == .closed)
  }

  /// Every way to cut the file short is noticed, also the one that leaves nothing.
  @Test(arguments: [0, 1, 16, 99, 512, 4095, 4096, 8192, 12288])
  func truncatedFileIsDamaged(length: Int) async throws {
    let journal = try await Journal.open(in: scratch.path)
    var batch = JournalBatch()
    for number in 0..<200 {
      batch.openSale("sale \(number)")
      batch.append(
        SaleLogEntry(number: 0, kind: "opened", payload: [UInt8](repeating: 7, count: 200)),
        to: "sale \(number)")
    }
    try await journal.commit(batch)
    await journal.close()
    let handle = try #require(FileHandle(forUpdatingAtPath: scratch.file))
    #expect(try handle.seekToEnd() > 12288)
    try handle.truncate(atOffset: UInt64(length))
    try handle.close()
    #expect(await code { _ = try await Journal.open(in: scratch.path) } == .journalDamaged)
  }

  /// `/dev/full` takes nothing, like a disk that is full.
  @Test func fullDiskIsCalledFull() async throws {
    let journal = try await Journal.open(in: scratch.path)
    await journal.close()
    try FileManager.default.removeItem(atPath: scratch.path + "/journal.owner")
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path + "/journal.owner", withDestinationPath: "/dev/full")
    #expect(await code { _ = try await Journal.open(in: scratch.path) } == .journalFull)
  }

  @Test func missingFileOfAnOldJournalIsDamaged() async throws {
    let journal = try await Journal.open(in: scratch.path)
    await journal.close()
    try FileManager.default.removeItem(atPath: scratch.file)
    #expect(await code { _ = try await Journal.open(in: scratch.path) } == .journalDamaged)
  }

  @Test func garbageIsDamaged() async throws {
    try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: true)
    try Data(repeating: 0x5A, count: 20_000).write(to: URL(fileURLWithPath: scratch.file))
    #expect(await code { _ = try await Journal.open(in: scratch.path) } == .journalDamaged)
  }

  /// Overwriting any page but the unused end is noticed at opening.
  @Test func scribbledPagesAreDamaged() async throws {
    let journal = try await Journal.open(in: scratch.path)
    var batch = JournalBatch()
    for number in 0..<50 { batch.openSale("sale \(number)") }
    try await journal.commit(batch)
    await journal.close()
    let whole = try Data(contentsOf: URL(fileURLWithPath: scratch.file))
    for page in 0..<(whole.count / 4096) {
      var scribbled = whole
      for offset in 0..<64 { scribbled[page * 4096 + offset] = 0xA5 }
      try scribbled.write(to: URL(fileURLWithPath: scratch.file))
      #expect(await code { _ = try await Journal.open(in: scratch.path) } == .journalDamaged, "page \(page)")
    }
  }

  @Test func newerSchemaIsRefused() async throws {
    let journal = try await Journal.open(in: scratch.path)
    await journal.close()
    // user_version is the big-endian word at offset 60 of the header (SQLite file format, 1.3).
    var bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.file))
    bytes.replaceSubrange(60..<64, with: [0, 0, 0, 99])
    try bytes.write(to: URL(fileURLWithPath: scratch.file))
    let error = await #expect(throws: DeviceError.self) { try await Journal.open(in: scratch.path) }
    #expect(error?.code == .journalNewer)
    #expect(error?.detail.contains("99") == true)
  }

  @Test func foreignDatabaseIsDamaged() async throws {
    let journal = try await Journal.open(in: scratch.path)
    await journal.close()
    // application_id is the big-endian word at offset 68.
    var bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.file))
    bytes.replaceSubrange(68..<72, with: [0, 0, 0, 1])
    try bytes.write(to: URL(fileURLWithPath: scratch.file))
    #expect(await code { _ = try await Journal.open(in: scratch.path) } == .journalDamaged)
  }

  @Test func fullJournalTakesNothingAndKeepsWhatItHas() async throws {
    var options = Journal.Options()
    options.maximumBytes = 1 << 18
    let journal = try await Journal.open(in: scratch.path, options: options)
    var stored: [String] = []
    var failure: DeviceError?
    for number in 0..<500 {
      var batch = JournalBatch()
      batch.openSale("sale \(number)")
      batch.append(
        SaleLogEntry(number: 0, kind: "opened", payload: [UInt8](repeating: 1, count: 4000)),
        to: "sale \(number)")
      do {
        try await journal.commit(batch)
        stored.append("sale \(number)")
      } catch {
        failure = error
        break
      }
    }
    #expect(failure?.code == .journalFull)
    #expect(try await journal.openSales() == stored)
    await journal.close()
    let again = try await Journal.open(in: scratch.path)
    #expect(try await again.openSales() == stored)
    await again.close()
  }

  @Test func fileWhereTheDirectoryShouldBe() async throws {
    try Data().write(to: URL(fileURLWithPath: scratch.path))
    #expect(await code { _ = try await Journal.open(in: scratch.path) } == .journalFailed)
  }
}
