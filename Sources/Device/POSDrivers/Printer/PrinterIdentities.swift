public import POSModel
import POSTransport

/// Who printers have said they are: one that is opened anew is asked for its serial number, and for the rest only when
/// that is another one.
///
/// Kept by place as well, for there are clones that all have the same number.
public final class PrinterIdentities: Sendable {
  private let known = Lock<[DeviceID: PrinterIdentity]>([:])

  /// Knows nobody.
  public init() {}

  /// Who was there last.
  public subscript(place: DeviceID) -> PrinterIdentity? {
    get { known.withLock { $0[place] } }
    set { known.withLock { $0[place] = newValue } }
  }
}
