import POSBarcode

/// Joins scans that belong together: an add-on that comes apart from its symbol, and the two lines of a Japanese
/// book (specs/scanners.md §3.4).
///
///     var joiner = SymbolJoiner(window: 200_000_000)
///     joiner.add(code, at: now) { joined, readAt in … }
///     // and once joiner.deadline has come:
///     joiner.expire(at: now) { joined, readAt in … }
///
/// Off unless used: it holds back each retail symbol for the window. One joiner a scanner; two scanners' halves
/// are never one. Time is in nanoseconds of any clock that only goes forward.
public struct SymbolJoiner: Sendable {
  /// What came out.
  public enum Joined: Sendable, Equatable {
    /// Nothing belonged to it.
    case single(DecodedCode)
    /// A symbol and its add-on, in this order whichever came first.
    case withAddOn(DecodedCode, addOn: DecodedCode)
    /// Both lines of a Japanese book, the ISBN first.
    case twoLines(DecodedCode, DecodedCode)
  }

  /// How long a half waits for the other, in nanoseconds.
  public let window: Int64

  private var waiting: (code: DecodedCode, readAt: Int64, deadline: Int64)?

  /// A joiner that holds nothing.
  public init(window: Int64) { self.window = window }

  /// When ``expire(at:_:)`` has something to do, or `nil` while nothing is waited for.
  public var deadline: Int64? { waiting?.deadline }

  /// Takes the next code, read at `now`. `emit` gets what came out and when its last part was read.
  public mutating func add(_ code: DecodedCode, at now: Int64, _ emit: (Joined, Int64) -> Void) {
    expire(at: now, emit)
    if let held = waiting {
      waiting = nil
      if let joined = Self.join(held.code, code) ?? Self.join(code, held.code) { return emit(joined, now) }
      emit(.single(held.code), held.readAt)
    }
    guard Self.mayBeHalf(code) else { return emit(.single(code), now) }
    let (deadline, isOver) = now.addingReportingOverflow(window)
    waiting = (code, now, isOver ? .max : deadline)
  }

  /// Delivers a half whose other half is late.
  public mutating func expire(at now: Int64, _ emit: (Joined, Int64) -> Void) {
    guard let held = waiting, held.deadline <= now else { return }
    waiting = nil
    emit(.single(held.code), held.readAt)
  }

  /// A beginning of a code is half of nothing.
  private static func mayBeHalf(_ code: DecodedCode) -> Bool {
    guard !code.isTruncated else { return false }
    switch code.symbology {
    case .upcA, .upcE, .ean8, .ean13:
      return RetailCode(symbology: code.symbology, digits: code.bytes)?.addOn.isEmpty ?? false
    case .upcAddOn2: return Self.areDigits(code.bytes, count: 2)
    case .upcAddOn5: return Self.areDigits(code.bytes, count: 5)
    default: return false
    }
  }

  private static func areDigits(_ bytes: [UInt8], count: Int) -> Bool {
    bytes.count == count && bytes.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func join(_ first: DecodedCode, _ second: DecodedCode) -> Joined? {
    guard mayBeHalf(second) else { return nil }
    switch (first.symbology, second.symbology) {
    case (.upcA, .upcAddOn2), (.upcA, .upcAddOn5), (.upcE, .upcAddOn2), (.upcE, .upcAddOn5),
      (.ean8, .upcAddOn2), (.ean8, .upcAddOn5), (.ean13, .upcAddOn2), (.ean13, .upcAddOn5):
      return mayBeHalf(first) ? .withAddOn(first, addOn: second) : nil
    case (.ean13, .ean13):
      guard case .book? = RetailCode(symbology: .ean13, digits: first.bytes)?.meaning,
        case .japaneseBookPrice? = RetailCode(symbology: .ean13, digits: second.bytes)?.meaning
      else { return nil }
      return .twoLines(first, second)
    default: return nil
    }
  }
}
