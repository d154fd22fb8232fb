/// Joins scans that belong together: an add-on that comes apart from its symbol, and the two lines of a Japanese
/// book (specs/scanners.md §3.4).
///
///     var joiner = SymbolJoiner(window: 200_000_000)
///     joiner.add(part, at: now) { joined in … }
///     // and once joiner.deadline has come:
///     joiner.expire(at: now) { joined in … }
///
/// Off unless used: it holds back each retail symbol for the window. One joiner a scanner; two scanners' halves
/// are never one. Time is in nanoseconds of any clock that only goes forward.
public struct SymbolJoiner: Sendable {
  /// One scan that may be half of something.
  public struct Part: Sendable, Equatable {
    /// The symbology of the scan.
    public var symbology: Symbology
    /// Its digits.
    public var digits: [UInt8]

    /// A scan from its parts.
    public init(symbology: Symbology, digits: [UInt8]) {
      self.symbology = symbology
      self.digits = digits
    }
  }

  /// What came out.
  public enum Joined: Sendable, Equatable {
    /// Nothing belonged to it.
    case single(Part)
    /// A symbol and its add-on, in this order whichever came first.
    case withAddOn(Part, addOn: Part)
    /// Both lines of a Japanese book, the ISBN first.
    case twoLines(Part, Part)
  }

  /// How long a half waits for the other, in nanoseconds.
  public let window: Int64

  private var waiting: (part: Part, deadline: Int64)?

  /// A joiner that holds nothing.
  public init(window: Int64) { self.window = window }

  /// When ``expire(at:_:)`` has something to do, or `nil` while nothing is waited for.
  public var deadline: Int64? { waiting?.deadline }

  /// Takes the next scan.
  public mutating func add(_ part: Part, at now: Int64, _ emit: (Joined) -> Void) {
    expire(at: now, emit)
    if let held = waiting?.part {
      waiting = nil
      if let joined = Self.join(held, part) ?? Self.join(part, held) { return emit(joined) }
      emit(.single(held))
    }
    guard Self.mayBeHalf(part) else { return emit(.single(part)) }
    let (deadline, isOver) = now.addingReportingOverflow(window)
    waiting = (part, isOver ? .max : deadline)
  }

  /// Delivers a half whose other half is late.
  public mutating func expire(at now: Int64, _ emit: (Joined) -> Void) {
    guard let held = waiting, held.deadline <= now else { return }
    waiting = nil
    emit(.single(held.part))
  }

  private static func mayBeHalf(_ part: Part) -> Bool {
    switch part.symbology {
    case .upcA, .upcE, .ean8, .ean13:
      RetailCode(symbology: part.symbology, digits: part.digits)?.addOn.isEmpty ?? false
    case .upcAddOn2, .upcAddOn5: true
    default: false
    }
  }

  private static func join(_ first: Part, _ second: Part) -> Joined? {
    switch (first.symbology, second.symbology) {
    case (.upcA, .upcAddOn2), (.upcA, .upcAddOn5), (.upcE, .upcAddOn2), (.upcE, .upcAddOn5),
      (.ean8, .upcAddOn2), (.ean8, .upcAddOn5), (.ean13, .upcAddOn2), (.ean13, .upcAddOn5):
      return .withAddOn(first, addOn: second)
    case (.ean13, .ean13):
      guard case .book? = RetailCode(symbology: .ean13, digits: first.digits)?.meaning,
        case .japaneseBookPrice? = RetailCode(symbology: .ean13, digits: second.digits)?.meaning
      else { return nil }
      return .twoLines(first, second)
    default: return nil
    }
  }
}
