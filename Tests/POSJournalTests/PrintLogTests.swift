import Foundation
import POSModel
import Testing

@testable import POSJournal

@Suite struct PrintLogTests {
  let scratch = Scratch()
  static let printer = DeviceID("usb-1")

  static func queue(_ names: String..., on printer: DeviceID = printer) -> JournalBatch {
    var batch = JournalBatch()
    for name in names { batch.enqueue(QueuedPrint(name: name, printer: printer, commands: [1, 2, 3])) }
    return batch
  }

  @Test func firstInFirstOutForEachPrinter() async throws {
    let journal = try await Journal.open(in: scratch.path)
    try await journal.commit(Self.queue("a", "b"))
    try await journal.commit(Self.queue("c", on: DeviceID("usb-2")))
    // A name that has been there is not taken again.
    try await journal.commit(Self.queue("a"))
    #expect(try await journal.prints(on: Self.printer).map(\.print.name) == ["a", "b"])
    let first = try #require(try await journal.nextPrint(on: Self.printer))
    #expect(first.print.name == "a" && first.state == .waiting && first.print.commands == [1, 2, 3])
    #expect(try await journal.nextPrint(on: DeviceID("usb-2"))?.print.name == "c")
    await journal.close()
  }

  @Test func remembersWhatThePrinterWasTakenFor() async throws {
    let journal = try await Journal.open(in: scratch.path)
    var batch = Self.queue("a")
    batch.enqueue(QueuedPrint(name: "b", printer: Self.printer, commands: [1], profile: "generic-58"))
    try await journal.commit(batch)
    #expect(try await journal.prints().map(\.print.profile) == [nil, "generic-58"])
    #expect(try await journal.print(named: "b")?.print.profile == "generic-58")
    await journal.close()
  }

  @Test func outcomes() async throws {
    let journal = try await Journal.open(in: scratch.path)
    try await journal.commit(Self.queue("a", "b", "c", "d"))
    let ids = try await journal.prints().map(\.id)
    let error = DeviceError(.printUnknown, during: "printing", bytesMoved: 7)
    for (id, outcome) in zip(ids, [PrintOutcome.printed, .sent, .unknown(error), .notPrinted(error)]) {
      try await journal.beginPrint(id)
      try await journal.endPrint(id, with: outcome)
    }
    let entries = try await journal.prints()
    #expect(entries.map(\.state) == [.printed, .sent, .unknown, .waiting])
    // What is over holds no receipt any more.
    #expect(entries.map(\.print.commands.count) == [0, 0, 3, 3])
    #expect(entries.map(\.error) == [nil, nil, error, error])
    #expect(entries.map(\.attempts) == [1, 1, 1, 1])
    await journal.close()
  }

  @Test func onlyOneAtATimeAndOnlyOnce() async throws {
    let journal = try await Journal.open(in: scratch.path)
    try await journal.commit(Self.queue("a", "b"))
    let ids = try await journal.prints().map(\.id)
    try await journal.beginPrint(ids[0])
    #expect(await code { try await journal.beginPrint(ids[1]) } == .busy)
    try await journal.endPrint(ids[0], with: .printed)
    #expect(await code { try await journal.beginPrint(ids[0]) } == .badInput)
    try await journal.beginPrint(ids[1])
    await journal.close()
  }

  @Test func whatWasUnderWayIsUnknownAfterwards() async throws {
    var journal = try await Journal.open(in: scratch.path)
    try await journal.commit(Self.queue("a", "b"))
    #expect(try await journal.interruptedPrint(on: Self.printer) == nil)
    try await journal.beginPrint(try #require(try await journal.nextPrint(on: Self.printer)).id)
    await journal.close()
    journal = try await Journal.open(in: scratch.path)
    let entry = try #require(try await journal.print(named: "a"))
    #expect(entry.state == .unknown && entry.error?.code == .printUnknown)
    #expect(try await journal.interruptedPrint(on: Self.printer)?.print.name == "a")
    #expect(try await journal.nextPrint(on: Self.printer)?.print.name == "b")
    // The next whole print ends the interruption.
    let next = try #require(try await journal.nextPrint(on: Self.printer))
    try await journal.beginPrint(next.id)
    try await journal.endPrint(next.id, with: .printed)
    #expect(try await journal.interruptedPrint(on: Self.printer) == nil)
    await journal.close()
  }

  @Test("a print that broke off and has not begun again leaves the printer in the middle of a command")
  func brokenOffAndNotBegunAgain() async throws {
    let journal = try await Journal.open(in: scratch.path)
    try await journal.commit(Self.queue("a"))
    let id = try #require(try await journal.nextPrint(on: Self.printer)).id
    try await journal.beginPrint(id)
    try await journal.endPrint(id, with: .unknown(DeviceError(.printUnknown, during: "printing")))
    #expect(try await journal.resolvePrint("a", as: .again))
    let absent = DeviceError(.connectionLost, during: "printing")
    try await journal.endPrint(id, with: .notPrinted(absent))
    #expect(try await journal.print(named: "a")?.error == absent)
    #expect(try await journal.interruptedPrint(on: Self.printer)?.print.name == "a")
    // What begins has found the printer listening, and what was not printed has left it so.
    try await journal.beginPrint(id)
    try await journal.endPrint(id, with: .notPrinted(absent))
    #expect(try await journal.interruptedPrint(on: Self.printer) == nil)
    await journal.close()
  }

  @Test func aPersonDecides() async throws {
    let journal = try await Journal.open(in: scratch.path)
    try await journal.commit(Self.queue("a", "b"))
    for id in try await journal.prints().map(\.id) {
      try await journal.beginPrint(id)
      try await journal.endPrint(id, with: .unknown(DeviceError(.printUnknown, during: "printing")))
    }
    #expect(try await journal.resolvePrint("a", as: .printed))
    #expect(try await !journal.resolvePrint("a", as: .again))
    #expect(try await journal.resolvePrint("b", as: .again))
    #expect(try await journal.prints().map(\.state) == [.printed, .waiting])
    #expect(try await journal.cancelPrint("b"))
    #expect(try await !journal.cancelPrint("b"))
    #expect(try await journal.nextPrint(on: Self.printer) == nil)
    await journal.close()
  }

  /// A file of version 1 has no print queue; it gets one and keeps the rest.
  @Test func olderFile() async throws {
    try FileManager.default.copyItem(atPath: Scratch.version2, toPath: scratch.path)
    try Self.makeOlder(scratch.file)
    let journal = try await Journal.open(in: scratch.path)
    #expect(try await journal.openSales().count == 1)
    #expect(try await journal.outbox([.pending]).count == 2)
    try await journal.commit(Self.queue("a"))
    #expect(try await journal.nextPrint(on: Self.printer)?.print.name == "a")
    await journal.close()
  }

  /// Makes a file of version 2 one of version 1.
  private static func makeOlder(_ file: String) throws(DeviceError) {
    var database = try Database(path: file)
    try database.run("DROP TABLE print")
    try database.set("user_version", to: 1)
  }
}
