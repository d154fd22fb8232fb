public import ESCPOS
public import POSDrivers
public import POSModel
import POSRuntime
public import Testing

/// What every receipt printer's driver promises.
public enum PrinterConformance: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case printsAndSaysSo
  case jobsStayWhole
  case tellsHowItIs
  case goingIsNeverPrinted

  /// The name.
  public var testDescription: String { rawValue }

  /// A printer to open.
  public struct Bench: Sendable {
    /// Where it is.
    public var address: DeviceAddress
    /// What it is like.
    public var profile: PrinterProfile
    /// What has come out of it so far, a line each; `nil` where only a person can see it.
    public var paper: (@Sendable () async -> [String])?
    /// Takes away what is left.
    public var end: @Sendable () async -> Void

    /// One of these parts.
    public init(
      address: DeviceAddress, profile: PrinterProfile = .epsonTMT20II,
      paper: (@Sendable () async -> [String])? = nil, end: @escaping @Sendable () async -> Void = {}
    ) {
      self.address = address
      self.profile = profile
      self.paper = paper
      self.end = end
    }
  }

  /// How benches of one kind are made.
  public struct Rig: Sendable, CustomTestStringConvertible {
    /// What it is called in reports.
    public var name: String
    /// Whether its link can be broken without a person.
    public var canBreak: Bool
    /// Sets up a fresh one, whose link breaks when the printer has taken so many bytes.
    public var open: @Sendable (_ breakingAfter: Int?) async throws -> Bench

    /// One of these parts.
    public init(
      _ name: String, canBreak: Bool = true,
      open: @escaping @Sendable (_ breakingAfter: Int?) async throws -> Bench
    ) {
      self.name = name
      self.canBreak = canBreak
      self.open = open
    }

    /// The name.
    public var testDescription: String { name }
  }

  /// Checks this promise on a fresh bench.
  public func check(_ rig: Rig) async throws {
    guard self != .goingIsNeverPrinted || rig.canBreak else { return }
    let bench = try await rig.open(self == .goingIsNeverPrinted ? 4096 : nil)
    do {
      try await check(bench, "\(rig.name): \(rawValue)")
    } catch {
      await bench.end()
      throw error
    }
    await bench.end()
  }

  private static func job(_ name: String, lines: Int = 3) -> PrintJob {
    var receipt = ReceiptDocument()
    for line in 0..<lines { receipt.text("\(name) line \(line)") }
    receipt.cut()
    return PrintJob(id: name, document: receipt)
  }

  private func check(_ bench: Bench, _ comment: Comment) async throws {
    var opener = DeviceOpener()
    opener.printerProfile = bench.profile
    // A busy machine may take long to answer for a printer.
    opener.printerTiming = ESCPOSPrinter.Timing(
      status: .seconds(20), progress: .seconds(60), confirmation: .seconds(60))
    let printer = try await opener.printer(at: bench.address)
    switch self {
    case .printsAndSaysSo:
      #expect(await printer.print(Self.job("single")) == .printed, comment)
      if let paper = await bench.paper?() {
        #expect(
          paper.filter { $0.contains("line") } == (0..<3).map { "single line \($0)" }, comment)
      }
    case .jobsStayWhole:
      async let first = printer.print(Self.job("first"))
      async let second = printer.print(Self.job("second"))
      let outcomes = await [first, second]
      #expect(outcomes == [.printed, .printed], comment)
      if let paper = await bench.paper?() {
        let names = paper.compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(names.sorted() == names || names.sorted(by: >) == names, "\(comment): \(paper)")
        #expect(names.count == 6, "\(comment): \(paper)")
      }
    case .tellsHowItIs:
      let status = try await printer.status()
      #expect(status.isOnline && status.paper == .present && status.faults.isEmpty, "\(comment): \(status)")
    case .goingIsNeverPrinted:
      switch await printer.print(Self.job("long", lines: 5_000)) {
      case .notPrinted, .unknown: break
      case let other: Issue.record("\(comment): \(other)")
      }
    }
    await printer.close()
  }
}

extension PrintedPage {
  /// What is on the paper, a string each line.
  public var text: [String] { lines.map { String(String.UnicodeScalarView($0)) } }
}
