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
    in directory: String, code: String = demoCode, terminal speaks: SimulatedTerminalProtocol = .zvtSerial,
    terminalFault: TerminalFault? = nil,
    printerFaults: SimulatedPrinter.Faults = SimulatedPrinter.Faults(),
    onPaper: @escaping @Sendable (PrintedPaper) -> Void = { _ in }
  ) async throws(DeviceError) {
    try StateDirectory.make(directory)
    scanner = try Scanner(socket: directory + "/scanner", code: code)
    printer = try Printer(port: 0, faults: printerFaults, keep: directory, onPaper: onPaper)
    terminal = try await Terminal(
      speaks, link: directory + "/terminal", ledger: directory + "/terminal-ledger", fault: terminalFault)
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
    private let reading: SimulatedReading

    init(socket: String, code: String) throws(DeviceError) {
      try self.init(socket: socket, reading: SimulatedReading(code: Self.barcode(code)))
    }

    init(socket: String, reading: SimulatedReading) throws(DeviceError) {
      address = DeviceAddress(route: .reportSocket(path: socket))
      listener = try ReportSocketListener(
        socket, reportDescriptor: SimulatedHIDPOSScanner.reportDescriptor)
      self.reading = reading
    }

    /// Thirteen digits are what a receipt carries; everything else a guest shows is a QR code.
    static func barcode(_ code: String) -> SimulatedBarcode {
      let isRetail = code.utf8.count == 13 && code.utf8.allSatisfy { (0x30...0x39).contains($0) }
      return isRetail ? .ean13(code) : .qr(code)
    }

    func run() async throws(DeviceError) {
      while true {
        let device = try await listener.accept(until: nil)
        await Self.serve(device, reading.code, burst: reading.burst)
        guard !Task.isCancelled else { throw DeviceError(.cancelled, during: "simulating a scanner") }
        await device.close()
      }
    }

    /// Reads the code each time a till lets it, as long as it is plugged in.
    static func serve(_ device: any ReportDevice, _ code: SimulatedBarcode, burst: Int = 1) async {
      let scanner = SimulatedHIDPOSScanner(device: device)
      do throws(DeviceError) {
        try await scanner.powerOn()
        while try await scanner.waitUntilTold(toRead: true, until: nil) {
          for _ in 0..<burst { try await scanner.scan(code) }
          guard try await scanner.waitUntilTold(toRead: false, until: nil) else { return }
        }
      } catch {}
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
      if let directory { try StateDirectory.make(directory) }
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

  /// A card terminal: on a serial line, a new one whenever it breaks, or on a TCP port.
  struct Terminal {
    private enum Line {
      case serial(link: String, first: PseudoTerminal)
      case network(TCPListener)
    }

    let address: DeviceAddress
    private let terminal: SimulatedTerminal
    private let line: Line

    /// Puts it up; `link` is where the link to its serial line goes, `port` where it listens.
    init(
      _ speaks: SimulatedTerminalProtocol, link: String, port: UInt16 = 0, ledger path: String,
      fault: TerminalFault?, habits: (inout SimulatedTerminalBehaviour) -> Void = { _ in }
    ) async throws(DeviceError) {
      terminal = Self.simulator(
        speaks, fault: fault, habits: habits, ledger: try await AppendOnlyFile.open(path))
      let scheme = speaks == .zvtSerial || speaks == .zvtTCP ? "zvt" : speaks.rawValue
      if speaks.isSerial {
        line = .serial(link: link, first: try SimulatedLine.make(link))
        address = DeviceAddress(scheme: scheme, route: .serial(path: link, baud: nil))
      } else {
        let listener = try TCPListener(port: port)
        line = .network(listener)
        address = DeviceAddress(scheme: scheme, route: .tcp(host: "127.0.0.1", port: listener.port))
      }
    }

    /// A terminal that writes each movement of money into a file.
    static func simulator(
      _ speaks: SimulatedTerminalProtocol, fault: TerminalFault?,
      habits: (inout SimulatedTerminalBehaviour) -> Void = { _ in }, ledger: AppendOnlyFile
    ) -> SimulatedTerminal {
      var behaviour = SimulatedTerminalBehaviour(speaking: speaks)
      behaviour.password = SimulatedCounter.terminalPassword
      habits(&behaviour)
      fault?.apply(to: &behaviour)
      return SimulatedTerminal(behaviour) { entry throws(DeviceError) in
        try await ledger.append(entry.line)
      }
    }

    func run() async throws(DeviceError) {
      switch line {
      case .serial(let link, var line):
        while true {
          await terminal.run(over: line)
          guard !Task.isCancelled else { return }
          line = try PseudoTerminal(link: link)
        }
      case .network(let listener):
        // A till that comes back takes the place of one whose link is dead.
        let result = await withDiscardingTaskGroup { [terminal] group -> Result<Void, DeviceError> in
          while true {
            do throws(DeviceError) {
              let till = try await listener.accept(until: nil)
              group.addTask { await terminal.run(over: till) }
            } catch {
              group.cancelAll()
              return .failure(error)
            }
          }
        }
        try result.get()
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
