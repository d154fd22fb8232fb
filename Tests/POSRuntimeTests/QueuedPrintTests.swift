import Conformance
import ESCPOS
import Foundation
import POSDrivers
import POSJournal
import POSLinux
import POSModel
import POSRuntime
import POSSimulation
import Testing

/// Prints for somebody who waits for the outcome, as a sale does.
@Suite("Print queue: one receipt at a time")
struct QueuedPrintTests {
  private let folder = FileManager.default.temporaryDirectory.path + "/prints-\(UUID().uuidString)"
  private let id = DeviceID("sweep")

  /// What prints one line and cuts.
  static func commands(_ text: String) throws -> [UInt8] {
    var receipt = ReceiptDocument()
    receipt.text(text)
    receipt.cut()
    return try ReceiptLayout(.epsonTMT20II).escpos(receipt)
  }

  private static func lines(_ printer: SweepPrinter) async -> [String] {
    await printer.endLink()
    return await printer.pages.flatMap(\.lines).map { String(String.UnicodeScalarView($0)) }
  }

  @Test("prints at once what several callers want, each whole, after what waited before, and none twice")
  func several() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await Journal.open(in: folder)
    let printer = PrintQueueSweepTests.tcp.printer(.cablePulled, breaksAfter: .max)
    let queue = printer.queue(journal)
    try await queue.connect()
    _ = try await queue.add("earlier", commands: try Self.commands("earlier"))
    let names = (0..<8).map { "receipt \($0)" }
    await withTaskGroup(of: Void.self) { group in
      for name in names {
        group.addTask {
          for _ in 0..<2 {
            #expect(await queue.print(name, commands: (try? Self.commands(name)) ?? []) == .printed)
          }
        }
      }
    }
    for name in names { #expect(try await queue.outcome(of: name) == .printed) }
    await queue.close()
    await journal.close()
    let lines = await Self.lines(printer)
    #expect(lines.first == "earlier")
    #expect(lines.sorted() == (names + ["earlier"]).sorted())
  }

  @Test("what was not printed is not left in the queue: whoever wanted it decides")
  func notPrinted() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await Journal.open(in: folder)
    let refused = DeviceError(.connectionRefused, during: "opening")
    let queue = PrintQueue(for: id, journal: journal) { (_) async throws(DeviceError) in throw refused }
    #expect(await queue.print("A", commands: [0x0A]) == .notPrinted(refused))
    #expect(try await journal.print(named: "A")?.state == .cancelled)
    guard case .notPrinted = try await queue.outcome(of: "A") else {
      Issue.record("it may have been printed")
      return
    }
    await journal.close()
  }

  @Test("commands that end inside one, queued by a program that did not look, keep nobody else waiting")
  func halfCommands() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await Journal.open(in: folder)
    let half: [UInt8] = [0x1D, 0x76, 0x30, 0, 72, 0, 10, 0, 0x55]
    var batch = JournalBatch()
    for name in ["begun", "waits"] { batch.enqueue(QueuedPrint(name: name, printer: id, commands: half)) }
    try await journal.commit(batch)
    let begun = try #require(try await journal.print(named: "begun")).id
    try await journal.beginPrint(begun)
    try await journal.endPrint(begun, with: .unknown(DeviceError(.printUnknown, during: "printing")))
    let printer = PrintQueueSweepTests.tcp.printer(.cablePulled, breaksAfter: .max)
    let queue = printer.queue(journal)
    // What may have been printed stays what it is, whatever is wrong with asking again.
    guard case .unknown = await queue.print("begun", commands: half) else {
      Issue.record("another outcome")
      return
    }
    guard case .notPrinted(let error) = await queue.print("new", commands: half) else {
      Issue.record("queued")
      return
    }
    #expect(error.code == .badInput)
    #expect(try await journal.print(named: "new") == nil)
    #expect(await queue.print("receipt", commands: try Self.commands("receipt")) == .printed)
    #expect(try await journal.print(named: "waits")?.state == .cancelled)
    await queue.close()
    await journal.close()
    #expect(await Self.lines(printer) == ["receipt"])
  }

  @Test("a drawer behind a link that has died opens with the next call")
  func drawerAfterDeadLink() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await Journal.open(in: folder)
    let listener = try TCPListener()
    let serving = Task {
      // Switched off and on once.
      try await listener.accept(until: nil).close()
      let device = SimulatedPrinter(
        over: try await listener.accept(until: nil), PrinterProfile.epsonTMT20II.geometry)
      await device.run()
    }
    var opener = DeviceOpener()
    opener.printerProfile = .epsonTMT20II
    let address = DeviceAddress(route: .tcp(host: "127.0.0.1", port: listener.port))
    let printer = try await QueuedPrinter.open(at: address, with: opener, journal: journal)
    guard case .notOpened = await printer.openDrawer(DrawerPulse()) else {
      Issue.record("opened through a dead link")
      return
    }
    #expect(await printer.openDrawer(DrawerPulse()) == .opened)
    await printer.close()
    await listener.close()
    try await serving.value
    await journal.close()
  }

  @Test("a crash before the first byte is not printed, one after it unknown, and neither prints by itself")
  func crashes() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let before = try await Journal.open(in: folder)
    let nobody = PrintQueueSweepTests.tcp.printer(.cablePulled, breaksAfter: .max)
    _ = try await nobody.queue(before).add("waits", commands: try Self.commands("waits"))
    _ = try await nobody.queue(before).add("begun", commands: try Self.commands("begun"))
    let entry = try #require(try await before.print(named: "begun"))
    try await before.beginPrint(entry.id)
    await before.close()
    // Another process.
    let journal = try await Journal.open(in: folder)
    let printer = PrintQueueSweepTests.tcp.printer(.cablePulled, breaksAfter: .max)
    let queue = printer.queue(journal)
    guard case .notPrinted = try await queue.outcome(of: "waits"),
      case .notPrinted = try await queue.outcome(of: "never heard of"),
      case .unknown = try await queue.outcome(of: "begun")
    else {
      Issue.record("another outcome")
      return
    }
    guard case .unknown = await queue.print("begun", commands: try Self.commands("begun")) else {
      Issue.record("printed twice, perhaps")
      return
    }
    #expect(await queue.print("waits again", commands: try Self.commands("waits again")) == .printed)
    // A person has looked.
    try await journal.resolvePrint("begun", as: .printed)
    #expect(try await queue.outcome(of: "begun") == .printed)
    await queue.close()
    await journal.close()
    let lines = await Self.lines(printer)
    #expect(lines == ["waits again"])
  }
}
