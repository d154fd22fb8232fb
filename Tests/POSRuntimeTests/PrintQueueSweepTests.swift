import Conformance
import ESCPOS
import Foundation
import POSJournal
import POSLinux
import POSModel
import POSRuntime
import Testing

/// The sweep over a socket and a pseudo-terminal. `tools/lab` has the same over usblp and libusb.
///
/// `POS_SWEEP=1` breaks the receipt off at every 512th byte, the ordinary run at every sixteenth of these places.
@Suite("Print queue: cable and power")
struct PrintQueueSweepTests {
  static let stride = ProcessInfo.processInfo.environment["POS_SWEEP"] == nil ? 16 * 512 : 512

  static let tcp = PrintQueueSweep("tcp") { () async throws(DeviceError) in
    let listener = try TCPListener()
    let near = try await TCPConnection.open(host: "127.0.0.1", port: listener.port)
    let far = try await listener.accept(until: nil)
    await listener.close()
    return SweepLink(near: near, far: far)
  }

  static let serial = PrintQueueSweep("serial") { () async throws(DeviceError) in
    let terminal = try PseudoTerminal()
    return SweepLink(
      near: try await SerialPort.open(terminal.path, SerialSettings(baud: 115_200)), far: terminal)
  }

  @Test(
    "at most once, exactly once when it says printed, and the next receipt comes out whole",
    arguments: [PrintQueueSweepTests.tcp, PrintQueueSweepTests.serial],
    PrintQueueSweep.Fault.allCases)
  func sweep(line: PrintQueueSweep, fault: PrintQueueSweep.Fault) async throws {
    #expect(PrintQueueSweep.commands.count > 60_000)
    let seen = try await line.check(fault, at: PrintQueueSweep.places(every: Self.stride))
    #expect(Set(seen.keys).isSuperset(of: [.printed, .unknown]))
  }

  @Test("copies have names of their own, and the same call again doubles none")
  func copies() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/prints-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await Journal.open(in: folder)
    let printer = Self.tcp.printer(.cablePulled, breaksAfter: .max)
    let queue = printer.queue(journal)
    for _ in 0..<2 {
      #expect(try await queue.add("B", commands: PrintQueueSweep.second, copies: 3) == ["B", "B#2", "B#3"])
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
    _ = try await queue.add("B", commands: PrintQueueSweep.second)
    #expect(try await queue.run().obstacle == refused)
    let entry = try await journal.nextPrint(on: DeviceID("sweep"))
    #expect(entry?.attempts == 0 && entry?.error == refused)
    await journal.close()
  }
}
