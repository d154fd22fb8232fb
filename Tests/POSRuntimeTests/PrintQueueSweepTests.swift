import ESCPOS
import Foundation
import POSBarcode
import POSDrivers
import POSJournal
import POSModel
import POSRuntime
import TestSupport
import Testing

/// A receipt of 60 kB, broken off after every so many bytes: no receipt ever doubles.
///
/// `POS_SWEEP=1` breaks it off at every 512th byte, the ordinary run at every sixteenth of these places.
@Suite("Print queue: cable and power")
struct PrintQueueSweepTests {
  static let stride = ProcessInfo.processInfo.environment["POS_SWEEP"] == nil ? 16 * 512 : 512

  /// Text, a picture of 54 kB, text, cut.
  static let commands: [UInt8] = {
    var generator = SeededGenerator(seed: 11)
    let dots = (0..<(72 * 750)).map { _ in UInt8.random(in: 0...255, using: &generator) | 1 }
    var receipt = ReceiptDocument()
    receipt.text("begin A")
    for line in 0..<40 { receipt.columns("line \(line) of the long receipt", "\(line).00") }
    receipt.image(Bitmap(width: 576, packed: dots, height: 750) ?? Bitmap(width: 0, height: 0))
    for line in 40..<100 { receipt.columns("line \(line) of the long receipt", "\(line).00") }
    receipt.text("end A")
    receipt.cut()
    return (try? ReceiptLayout(SweepPrinter.profile).escpos(receipt)) ?? []
  }()

  static let second: [UInt8] = {
    var receipt = ReceiptDocument()
    receipt.text("begin B")
    receipt.text("end B")
    receipt.cut()
    return (try? ReceiptLayout(SweepPrinter.profile).escpos(receipt)) ?? []
  }()

  /// Places to break it off, the last of them after the whole.
  static let places =
    Array(Swift.stride(from: 0, to: commands.count + 512, by: stride)) + [commands.count + 64]

  @Test(
    "at most once, exactly once when it says printed, and the next receipt comes out whole",
    arguments: SweepPrinter.Line.allCases, SweepPrinter.Fault.allCases)
  func sweep(line: SweepPrinter.Line, fault: SweepPrinter.Fault) async throws {
    #expect(Self.commands.count > 60_000)
    var seen: Set<PrintEntry.State> = []
    for place in Self.places {
      seen.insert(try await breakOff(line, fault, after: place))
    }
    #expect(seen.isSuperset(of: [.printed, .unknown]))
  }

  private func breakOff(
    _ line: SweepPrinter.Line, _ fault: SweepPrinter.Fault, after place: Int
  ) async throws -> PrintEntry.State {
    let comment = Comment(rawValue: "\(line.rawValue), \(fault.rawValue) after \(place) bytes")
    let folder = FileManager.default.temporaryDirectory.path + "/prints-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await Journal.open(in: folder)
    let printer = SweepPrinter(line, fault, breaksAfter: place)
    let queue = PrintQueue(for: DeviceID("sweep"), journal: journal) {
      (isInterrupted) async throws(DeviceError) in
      try await printer.open(isInterrupted: isInterrupted)
    }
    _ = try await queue.add("A", commands: Self.commands)
    _ = try await queue.add("B", commands: Self.second)
    // Every run but the first has a link that holds.
    for _ in 0..<6 where try await queue.run().obstacle == nil { break }
    await printer.endLink()
    let states = try await journal.prints().map(\.state)
    await journal.close()
    let pages = await printer.pages
    let lines = pages.flatMap(\.lines).map { String(String.UnicodeScalarView($0)) }
    let (begins, ends) = (lines.count { $0 == "begin A" }, lines.count { $0 == "end A" })
    #expect(begins <= 1 && ends <= 1, comment)
    #expect(states.count == 2 && states.last == .printed, "\(comment): \(states)")
    #expect(lines.count { $0 == "begin B" } == 1 && lines.count { $0 == "end B" } == 1, comment)
    switch states.first {
    case .printed:
      #expect(begins == 1 && ends == 1, comment)
      #expect(lines.count { $0.hasPrefix("line ") } == 100, comment)
      // The picture too, and the cut after it.
      #expect(
        pages.contains { page in
          page.cuts.count >= 2
            && page.items.contains {
              if case .bitmap(let dots) = $0 { dots.bitmap.height > 0 } else { false }
            }
        } || pages.count > 1, comment)
    case .unknown: break
    default: Issue.record("\(comment): \(states)")
    }
    return states.first ?? .waiting
  }

  @Test("copies have names of their own, and the same call again doubles none")
  func copies() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/prints-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await Journal.open(in: folder)
    let printer = SweepPrinter(.tcp, .cablePulled, breaksAfter: .max)
    let queue = PrintQueue(for: DeviceID("sweep"), journal: journal) {
      (isInterrupted) async throws(DeviceError) in
      try await printer.open(isInterrupted: isInterrupted)
    }
    for _ in 0..<2 {
      #expect(try await queue.add("B", commands: Self.second, copies: 3) == ["B", "B#2", "B#3"])
      #expect(try await queue.run().obstacle == nil)
    }
    await printer.endLink()
    await journal.close()
    let lines = await printer.pages.flatMap(\.lines).map { String(String.UnicodeScalarView($0)) }
    #expect(lines.count { $0 == "end B" } == 3)
  }

  @Test("a printer that cannot be opened leaves everything waiting")
  func noPrinter() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/prints-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await Journal.open(in: folder)
    let refused = DeviceError(.connectionRefused, during: "opening")
    let queue = PrintQueue(for: DeviceID("sweep"), journal: journal) { (_) async throws(DeviceError) in
      throw refused
    }
    _ = try await queue.add("B", commands: Self.second)
    #expect(try await queue.run().obstacle == refused)
    let entry = try await journal.nextPrint(on: DeviceID("sweep"))
    #expect(entry?.attempts == 0 && entry?.error == refused)
    await journal.close()
  }
}
