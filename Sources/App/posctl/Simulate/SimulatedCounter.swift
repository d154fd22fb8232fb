import ESCPOS
import FoundationEssentials
import POSDrivers
import POSJSON
import POSLinux
import POSModel
import POSSimulation
import POSTransport

/// A counter without hardware: simulated devices behind real sockets and ptys.
struct SimulatedCounter {
  /// The single scan code of the sandbox's guest.
  static let demoCode = "5ca1ab1e0ddba11"
  /// What its terminal asks of a till.
  static let terminalPassword = "000000"

  let scanner: Scanner
  let printer: Printer
  let terminal: Terminal

  /// Puts up the three devices, their files in `directory`.
  init(
    in directory: String, code: String = demoCode, terminalFault: TerminalFault? = nil,
    printerFaults: SimulatedPrinter.Faults = SimulatedPrinter.Faults(),
    onPaper: @escaping @Sendable (PrintedPaper) -> Void = { _ in }
  ) async throws(DeviceError) {
    try StateDirectory.make(directory)
    scanner = try Scanner(socket: directory + "/scanner", code: code)
    printer = try Printer(port: 0, faults: printerFaults, keep: directory, onPaper: onPaper)
    terminal = try await Terminal(
      link: directory + "/terminal", ledger: directory + "/terminal-ledger", fault: terminalFault)
  }

  /// Runs all three until the task is cancelled or one fails.
  func run() async throws(DeviceError) {
    await withTaskGroup(of: Void.self) { [scanner, printer, terminal] group in
      group.addTask { await Self.report { () throws(DeviceError) in try await scanner.run() } }
      group.addTask { await Self.report { () throws(DeviceError) in try await printer.run() } }
      group.addTask { await Self.report { () throws(DeviceError) in try await terminal.run() } }
      await group.next()
      group.cancelAll()
    }
  }

  private static func report(_ work: () async throws(DeviceError) -> Void) async {
    do throws(DeviceError) {
      try await work()
    } catch  where error.code != .cancelled && error.code != .closed {
      Console.complain(error)
    } catch {}
  }
}

/// What one till had printed.
struct PrintedPaper {
  /// Where the bytes were kept.
  var file: String?
  /// What is on the paper.
  var page: PrintedPage

  /// Shows it on standard output.
  static func show(json: Bool) -> @Sendable (PrintedPaper) -> Void {
    { paper in
      if json {
        Console.print([
          "type": "paper", "file": JSONValue(paper.file), "cuts": JSONValue(paper.page.cuts.count),
          "height": JSONValue(paper.page.height),
          "lines": .array(paper.page.textLines.map { .string($0) }),
        ])
      } else {
        Console.print("paper \(paper.file ?? "not kept"): \(paper.page.cuts.count) cut(s)")
      }
    }
  }
}

extension SimulatedCounter {
  /// A scanner that reads one code for each till that connects.
  struct Scanner {
    let address: DeviceAddress
    private let listener: ReportSocketListener
    private let code: SimulatedBarcode

    init(socket: String, code: String) throws(DeviceError) {
      address = DeviceAddress(route: .reportSocket(path: socket))
      listener = try ReportSocketListener(
        socket, reportDescriptor: SimulatedHIDPOSScanner.reportDescriptor)
      // Thirteen digits are what a receipt carries; everything else a guest shows is a QR code.
      let isRetail = code.utf8.count == 13 && code.utf8.allSatisfy { (0x30...0x39).contains($0) }
      self.code = isRetail ? .ean13(code) : .qr(code)
    }

    func run() async throws(DeviceError) {
      while true {
        let device = try await listener.accept(until: nil)
        let scanner = SimulatedHIDPOSScanner(device: device)
        do throws(DeviceError) {
          try await scanner.powerOn()
          if try await scanner.waitUntilTold(toRead: true, until: nil) {
            try await scanner.scan(code)
            // Stays plugged in until the till lets go.
            while try await scanner.waitUntilTold(toRead: false, until: nil) {}
          }
        } catch  where error.code == .cancelled {
          throw error
        } catch {}
        await device.close()
      }
    }
  }

  /// A printer that serves one till at a time.
  struct Printer {
    let address: DeviceAddress
    private let listener: TCPListener
    private let faults: SimulatedPrinter.Faults
    private let directory: String?
    private let onPaper: @Sendable (PrintedPaper) -> Void

    /// Puts it up; `onPaper` is told what was printed each time a till has hung up.
    init(
      port: UInt16, faults: SimulatedPrinter.Faults, keep directory: String?,
      onPaper: @escaping @Sendable (PrintedPaper) -> Void
    ) throws(DeviceError) {
      listener = try TCPListener(port: port)
      address = DeviceAddress(route: .tcp(host: "127.0.0.1", port: listener.port))
      self.faults = faults
      self.directory = directory
      self.onPaper = onPaper
    }

    func run() async throws(DeviceError) {
      var number = 0
      while true {
        let transport = try await listener.accept(until: nil)
        let printer = SimulatedPrinter(
          over: transport, PrinterProfile.epsonTMT20II.geometry, faults: faults)
        await printer.run()
        await transport.close()
        let bytes = await printer.receivedBytes
        guard !bytes.isEmpty else { continue }
        number += 1
        let file = directory.map { "\($0)/paper-\(number).escpos" }
        if let file { try OutputFile.write(bytes, to: file) }
        onPaper(PrintedPaper(file: file, page: await printer.page))
      }
    }
  }

  /// A card terminal that comes back on a new line whenever its link breaks.
  struct Terminal {
    let address: DeviceAddress
    private let link: String
    private let terminal: SimulatedTerminal
    private let first: PseudoTerminal

    init(link: String, ledger path: String, fault: TerminalFault?) async throws(DeviceError) {
      self.link = link
      address = DeviceAddress(scheme: "zvt", route: .serial(path: link, baud: nil))
      let ledger = try await AppendOnlyFile.open(path)
      var behaviour = SimulatedTerminalBehaviour(speaking: .zvtSerial)
      behaviour.password = SimulatedCounter.terminalPassword
      fault?.apply(to: &behaviour)
      terminal = SimulatedTerminal(behaviour) { entry throws(DeviceError) in
        try await ledger.append(entry.line)
      }
      first = try PseudoTerminal()
      try Self.point(link, to: first.path)
    }

    func run() async throws(DeviceError) {
      var line = first
      while true {
        await terminal.run(over: line)
        guard !Task.isCancelled else { return }
        line = try PseudoTerminal()
        try Self.point(link, to: line.path)
      }
    }

    private static func point(_ link: String, to path: String) throws(DeviceError) {
      try? FileManager.default.removeItem(atPath: link)
      do {
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
      } catch {
        throw DeviceError(
          .permissionDenied, during: "linking \(link) to \(path)",
          hint: "check that the folder exists and may be written")
      }
    }
  }
}

/// Folders that hold what nobody else should read.
enum StateDirectory {
  /// Makes `path` and what leads to it, for the owner alone.
  static func make(_ path: String) throws(DeviceError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw DeviceError(
        .permissionDenied, during: "making the folder \(path)", hint: "check the folders above it")
    }
  }
}
