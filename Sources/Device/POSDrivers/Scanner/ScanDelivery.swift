public import POSBarcode

/// What happens to codes between the decoder and the subscribers. Nothing, unless it is set.
public struct ScanDelivery: Sendable, Equatable {
  /// How long a retail symbol waits for its add-on, and a line of a Japanese book for the other; zero for not at
  /// all. Each retail symbol is held back for as long.
  public var joinWindow: Duration = .zero
  /// How long a code that is read again counts as the same one and is dropped and counted; zero for not at all.
  public var sameCodeWindow: Duration = .zero
  /// For which symbologies; `nil` for all.
  public var sameCodeSymbologies: [Symbology]?

  /// Every code, as soon as it is decoded.
  public init() {}
}

extension Duration {
  /// Whole nanoseconds, saturating.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return isOver ? (seconds < 0 ? .min : .max) : scaled &+ attoseconds / 1_000_000_000
  }
}
