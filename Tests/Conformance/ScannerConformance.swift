public import POSModel
import POSRuntime
import POSScan
public import Testing

/// What every scanner's driver promises, whatever the scanner is and however it is connected.
public enum ScannerConformance: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case readsInOrder
  case everySubscriberHearsAll
  case closingEndsTheEvents
  case opensAgain
  case goingIsTheLastEvent

  /// The name.
  public var testDescription: String { rawValue }

  /// A scanner to open, and who holds codes before it.
  public struct Bench: Sendable {
    /// Where it is.
    public var address: DeviceAddress
    /// Returns once a driver that is just being enabled hears what is scanned; `false` if that never comes.
    public var becomeReady: @Sendable () async throws -> Bool
    /// Holds a code before it.
    public var show: @Sendable (String) async throws -> Void
    /// Pulls it out.
    public var unplug: @Sendable () async -> Void

    /// One of these parts.
    public init(
      address: DeviceAddress, becomeReady: @escaping @Sendable () async throws -> Bool = { true },
      show: @escaping @Sendable (String) async throws -> Void, unplug: @escaping @Sendable () async -> Void
    ) {
      self.address = address
      self.becomeReady = becomeReady
      self.show = show
      self.unplug = unplug
    }
  }

  /// Checks this promise on a fresh bench.
  public func check(_ rig: Rig<Bench>) async throws {
    let bench = try await rig.open()
    do {
      try await check(bench, "\(rig.name): \(rawValue)")
    } catch {
      await bench.unplug()
      throw error
    }
    await bench.unplug()
  }

  private static func open(_ bench: Bench) async throws -> any Scanner {
    var opener = DeviceOpener()
    // A busy machine may take long between two keys.
    opener.scannerSettings.keyboard.terminator = .enter
    opener.scannerSettings.keyboard.gap = 20_000_000_000
    return try await opener.scanner(at: bench.address)
  }

  private static func text(_ event: ScannerEvent?) -> String {
    if case .scan(let scan) = event { scan.text } else { "\(String(describing: event))" }
  }

  private func check(_ bench: Bench, _ comment: Comment) async throws {
    let scanner = try await Self.open(bench)
    var events = scanner.events().makeAsyncIterator()
    var others = scanner.events().makeAsyncIterator()
    async let isReady = bench.becomeReady()
    try await scanner.enable()
    #expect(try await isReady, comment)
    switch self {
    case .readsInOrder:
      for number in 0..<20 {
        try await bench.show("code-\(number)")
        #expect(Self.text(await events.next()) == "code-\(number)", comment)
      }
    case .everySubscriberHearsAll:
      for number in 0..<3 {
        try await bench.show("both-\(number)")
        #expect(Self.text(await events.next()) == "both-\(number)", comment)
        #expect(Self.text(await others.next()) == "both-\(number)", comment)
      }
    case .closingEndsTheEvents:
      await scanner.close()
      #expect(await events.next() == nil, comment)
      #expect(await others.next() == nil, comment)
      await scanner.close()
    case .opensAgain:
      try await bench.show("before")
      #expect(Self.text(await events.next()) == "before", comment)
      await scanner.close()
      let again = try await Self.open(bench)
      var more = again.events().makeAsyncIterator()
      async let isReadyAgain = bench.becomeReady()
      try await again.enable()
      #expect(try await isReadyAgain, comment)
      try await bench.show("after")
      #expect(Self.text(await more.next()) == "after", comment)
      await again.close()
    case .goingIsTheLastEvent:
      try await bench.show("last")
      #expect(Self.text(await events.next()) == "last", comment)
      await bench.unplug()
      switch await events.next() {
      case .detached(let error), .interrupted(_, let error):
        #expect([.gone, .connectionLost].contains(error.code), "\(comment): \(error)")
      case let event: Issue.record("\(comment): \(String(describing: event))")
      }
      #expect(await events.next() == nil, comment)
    }
    await scanner.close()
  }
}
