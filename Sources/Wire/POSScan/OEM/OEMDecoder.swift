import POSBarcode
public import POSWire

/// Turns the input reports of a scanner in USB-OEM mode into codes, status and answers.
///
///     var decoder = OEMDecoder()
///     try decoder.receive(report.span, at: now) { event in … }
///
/// Labels longer than a report come in segments, each with its trailer; all but the last say that more
/// follows. What begins soon after a segment that did not come may be the rest of that label, and is
/// truncated as it is. Status bits never hide a label that shares their report. Time is in nanoseconds of any
/// clock that only goes forward.
public struct OEMDecoder: Sendable {
  /// What a report, or the time, brought to light.
  public enum Event: Sendable, Equatable {
    /// A label was read, or the beginning of one.
    case scan(DecodedCode)
    /// Something other than the routine bits of a label.
    case status(OEMStatus)
    /// The scanner's configuration, or its two-label configuration.
    case configuration([UInt8], isTwoLabel: Bool)
    /// The answer to a direct command.
    case direct([UInt8])
  }

  /// Bytes of one label; what goes beyond is dropped and the scan truncated.
  public static let payloadLimit = 8192

  /// How long the next segment may take, in nanoseconds.
  public let segmentTimeout: Int64

  private var bytes: [UInt8] = []
  private var raw: [UInt8] = []
  private var symbol: OEMSymbol?
  private var segments = 0
  private var isCut = false
  private var segmentDeadline: Int64 = 0
  /// The label may be the rest of one that the time-out ended.
  private var isRest = false
  /// The label that the time-out ended, and until when its rest may begin.
  private var lost: (symbol: OEMSymbol, restDeadline: Int64)?

  /// A decoder that has seen nothing yet.
  public init(segmentTimeout: Int64 = 500_000_000) { self.segmentTimeout = segmentTimeout }

  /// Bytes of a label that has begun and not ended.
  public var pendingBytes: Int { bytes.count }

  /// When ``expire(at:_:)`` has something to do, or `nil` while nothing is waited for.
  public var deadline: Int64? { segments > 0 ? segmentDeadline : nil }

  /// Takes one input report that arrived at `now`.
  ///
  /// - Throws: ``WireError`` of ``OEMReport``, or `truncated` at the end of a label without a trailer. A label at
  ///   hand ends as truncated.
  public mutating func receive(
    _ report: Span<UInt8>, at now: Int64, _ emit: (Event) -> Void
  ) throws(WireError) {
    expire(at: now, emit)
    let reading: OEMReport
    do throws(WireError) {
      reading = try OEMReport(report)
    } catch {
      finish(isTruncated: true, emit)
      throw error
    }
    let status = reading.status
    if reading.payload.isEmpty || !status.isSubset(of: .routine) { emit(.status(status)) }
    guard !reading.payload.isEmpty else { return }
    if !status.isDisjoint(with: [.configurationData, .twoLabelData]) {
      emit(.configuration(reading.payload, isTwoLabel: status.contains(.twoLabelData)))
    } else if status.contains(.directData) {
      emit(.direct(reading.payload))
    } else {
      try take(label: reading.payload, at: now, emit)
    }
  }

  /// Ends a label whose next segment is late.
  public mutating func expire(at now: Int64, _ emit: (Event) -> Void) {
    guard let deadline, deadline <= now else { return }
    if let symbol { lost = (symbol, LateRest.deadline(after: deadline, timeout: segmentTimeout)) }
    finish(isTruncated: true, emit)
  }

  /// Ends everything unfinished, as ``expire(at:_:)`` does at the end of time.
  public mutating func flush(_ emit: (Event) -> Void) { expire(at: .max, emit) }

  private mutating func take(label: [UInt8], at now: Int64, _ emit: (Event) -> Void) throws(WireError) {
    guard let trailer = OEMTrailer(endOf: label) else {
      finish(isTruncated: true, emit)
      throw WireError(.truncated, at: OEMReport.headerLength + label.count, field: "label id")
    }
    if let begun = symbol, begun != trailer.symbol { finish(isTruncated: true, emit) }
    if let lost {
      isRest = lost.symbol == trailer.symbol && now < lost.restDeadline
      self.lost = nil
    }
    symbol = trailer.symbol
    segments += 1
    for byte in label.dropLast(trailer.length) {
      guard bytes.count < Self.payloadLimit else {
        isCut = true
        break
      }
      // Table-top scanners send retail digits as numbers.
      bytes.append(trailer.symbol.isRetail && byte <= 9 ? byte + 0x30 : byte)
    }
    if raw.count + label.count <= 2 * Self.payloadLimit { raw.append(contentsOf: label) }
    if trailer.isContinued {
      let (deadline, isOver) = now.addingReportingOverflow(segmentTimeout)
      segmentDeadline = isOver ? .max : deadline
    } else {
      finish(isTruncated: isCut, emit)
    }
  }

  private mutating func finish(isTruncated: Bool, _ emit: (Event) -> Void) {
    guard segments > 0, let symbol else { return }
    let code = DecodedCode(
      symbology: symbol.symbology, scanDataType: symbol.scanDataType, bytes: bytes, raw: raw,
      pieces: segments, isTruncated: isTruncated || isRest)
    bytes = []
    raw = []
    segments = 0
    isCut = false
    isRest = false
    self.symbol = nil
    emit(.scan(code))
  }
}
