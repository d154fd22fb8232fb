import POSBarcode
public import POSWire

/// Turns the input reports of one HID POS scanner into scans.
///
///     var decoder = HIDPOSDecoder(layout)
///     try decoder.receive(report.span, at: now) { event in … }
///     // and once decoder.deadline has come:
///     decoder.expire(at: now) { event in … }
///
/// Codes longer than a report arrive in pieces that carry no number. So a piece under another identifier, a
/// report that cannot be read and the time-out each end the code at hand as truncated, and nothing is glued
/// to it. What begins soon after a time-out under the same identifier may be the rest of that code, and is
/// truncated too. Time is in nanoseconds of any clock that only goes forward.
public struct HIDPOSDecoder: Sendable {
  /// Bytes of one scan; what goes beyond is dropped and the scan truncated. The longest symbol, a QR code of
  /// version 40, holds 2953.
  public static let payloadLimit = 8192

  /// Where the reports hold what.
  public let layout: HIDPOSLayout
  /// How long the next piece of a code may take, in nanoseconds.
  public let pieceTimeout: Int64

  private var assemblies: [Assembly]
  private var held = HeldReply()

  /// A decoder that has seen nothing yet.
  public init(_ layout: HIDPOSLayout, pieceTimeout: Int64 = 500_000_000) {
    self.layout = layout
    self.pieceTimeout = pieceTimeout
    assemblies = [Assembly](repeating: Assembly(), count: layout.reports.count)
  }

  /// Bytes of codes that have begun and not ended.
  public var pendingBytes: Int { assemblies.reduce(0) { $0 + $1.bytes.count } }

  /// Whether a code has begun and not ended.
  public var isInsideCode: Bool { assemblies.contains { $0.isOpen && !$0.isOverLimit } }

  /// When ``expire(at:_:)`` has something to do, or `nil` while nothing is waited for.
  public var deadline: Int64? {
    var earliest = held.deadline
    for assembly in assemblies where assembly.isOpen {
      earliest = min(earliest ?? assembly.deadline, assembly.deadline)
    }
    return earliest
  }

  /// Takes one input report, as hidraw reads it, that arrived at `now`.
  ///
  /// - Throws: ``WireError`` with the offset in the report: `truncated` when it is shorter than its layout,
  ///   `unsupported` for an id that the descriptor does not declare. Reading goes on.
  public mutating func receive(
    _ report: Span<UInt8>, at now: Int64, _ emit: (HIDPOSEvent) -> Void
  ) throws(WireError) {
    expire(at: now, emit)
    guard report.count > 0 else { throw WireError(.truncated, at: 0, field: "report") }
    let id = layout.numbersReports ? report[0] : 0
    guard let index = layout.reports.firstIndex(where: { $0.id == id }) else {
      guard layout.declaredIDs?.contains(id) ?? true else {
        throw WireError(.unsupported, at: 0, field: "report id")
      }
      emit(.notAScan(reportID: id))
      return
    }
    guard report.count >= layout.reports[index].length else {
      finish(index, isTruncated: true, emit)
      throw WireError(.truncated, at: report.count, field: "report")
    }
    take(Piece(report, layout.reports[index]), of: report, index, at: now, emit)
  }

  /// Ends what `now` is too late for: unfinished codes come out truncated, replies without an end as scans.
  public mutating func expire(at now: Int64, _ emit: (HIDPOSEvent) -> Void) {
    for index in assemblies.indices where assemblies[index].isOpen && assemblies[index].deadline <= now {
      let lost = Lost(
        aim: assemblies[index].aim, codeID: assemblies[index].codeID,
        restDeadline: LateRest.deadline(after: assemblies[index].deadline, timeout: pieceTimeout))
      finish(index, isTruncated: true, emit)
      assemblies[index].lost = lost
    }
    if let deadline = held.deadline, deadline <= now { release(emit) }
  }

  /// Ends everything unfinished, as ``expire(at:_:)`` does at the end of time.
  public mutating func flush(_ emit: (HIDPOSEvent) -> Void) { expire(at: .max, emit) }

  /// A menu command has been sent: until its `]Z6` or `deadline`, `]X0` is the answer and not a scan.
  public mutating func awaitReply(until deadline: Int64) { held.deadline = deadline }
}

// MARK: - Pieces

extension HIDPOSDecoder {
  /// A code under construction.
  private struct Assembly: Sendable {
    var isOpen = false
    /// The code was delivered already, cut at the limit; the rest of it is swallowed.
    var isOverLimit = false
    var aim: AIMIdentifier?
    var codeID: UInt8 = 0
    var bytes: [UInt8] = []
    var reports = 0
    var deadline: Int64 = 0
    /// It may be the rest of a code that the time-out ended.
    var isRest = false
    /// The code before this one, if the time-out ended it.
    var lost: Lost?
  }

  /// A code that the time-out ended.
  private struct Lost: Sendable {
    var aim: AIMIdentifier?
    var codeID: UInt8
    /// Until when its rest may begin.
    var restDeadline: Int64
  }

  /// What one report says.
  private struct Piece {
    var aim: AIMIdentifier?
    var codeID: UInt8
    var length: Int
    var isContinued: Bool
    /// The report claims more data than it has room for, and nothing follows.
    var isShort: Bool

    init(_ report: Span<UInt8>, _ shape: HIDPOSLayout.ScanReport) {
      isContinued = false
      for run in shape.continued where run.isAnySet(in: report) { isContinued = true }
      aim = nil
      if let runs = shape.aim, runs.flag.value(in: report) == 0x5D {
        aim = AIMIdentifier(
          code: UInt8(truncatingIfNeeded: runs.code.value(in: report)),
          modifier: UInt8(truncatingIfNeeded: runs.modifier.value(in: report)))
      }
      codeID = shape.codeID.map { UInt8(truncatingIfNeeded: $0.value(in: report)) } ?? 0
      length = shape.capacity
      isShort = false
      if let count = shape.byteCount {
        let declared = count.value(in: report)
        isShort = declared > UInt32(shape.capacity) && !isContinued
        length = Int(min(declared, UInt32(shape.capacity)))
      } else if !isContinued {
        while length > 0, shape.byte(length - 1, in: report) == 0 { length -= 1 }
      }
    }
  }

  private mutating func take(
    _ piece: Piece, of report: Span<UInt8>, _ index: Int, at now: Int64, _ emit: (HIDPOSEvent) -> Void
  ) {
    if isForeign(piece, to: assemblies[index]) { finish(index, isTruncated: true, emit) }
    if !assemblies[index].isOpen {
      let lost = assemblies[index].lost
      assemblies[index].lost = nil
      // A report without data and without a code before it is how some firmware ends a full last report.
      guard piece.length > 0 || piece.isContinued else { return }
      assemblies[index].isOpen = true
      assemblies[index].isRest = isRest(piece, of: lost, at: now)
      assemblies[index].bytes.reserveCapacity(piece.length)
    }
    if assemblies[index].aim == nil { assemblies[index].aim = piece.aim }
    if assemblies[index].codeID == 0 { assemblies[index].codeID = piece.codeID }
    assemblies[index].reports += 1
    if !assemblies[index].isOverLimit {
      let room = Self.payloadLimit - assemblies[index].bytes.count
      layout.reports[index].append(min(piece.length, room), of: report, to: &assemblies[index].bytes)
      if piece.length > room {
        deliver(index, isTruncated: true, emit)
        assemblies[index].isOverLimit = true
      }
    }
    if piece.isContinued {
      let (deadline, isOver) = now.addingReportingOverflow(pieceTimeout)
      assemblies[index].deadline = isOver ? .max : deadline
    } else {
      finish(index, isTruncated: piece.isShort, emit)
    }
  }

  /// Whether a piece belongs to another code: the identifiers of a code are in each of its pieces, or at least in
  /// the first.
  private func isForeign(_ piece: Piece, to begun: Assembly) -> Bool {
    begun.isOpen && isForeign(piece, to: begun.aim, begun.codeID)
  }

  private func isForeign(_ piece: Piece, to aim: AIMIdentifier?, _ codeID: UInt8) -> Bool {
    if let other = piece.aim, other != aim { return true }
    return piece.codeID != 0 && piece.codeID != codeID
  }

  /// Whether a piece that came at `now` may go on with a code that the time-out ended.
  private func isRest(_ piece: Piece, of lost: Lost?, at now: Int64) -> Bool {
    guard let lost, now < lost.restDeadline else { return false }
    return !isForeign(piece, to: lost.aim, lost.codeID)
  }

  /// Ends the code at hand, if there is one.
  private mutating func finish(_ index: Int, isTruncated: Bool, _ emit: (HIDPOSEvent) -> Void) {
    guard assemblies[index].isOpen else { return }
    if !assemblies[index].isOverLimit { deliver(index, isTruncated: isTruncated, emit) }
    assemblies[index] = Assembly()
  }

  private mutating func deliver(_ index: Int, isTruncated: Bool, _ emit: (HIDPOSEvent) -> Void) {
    var bytes: [UInt8] = []
    swap(&bytes, &assemblies[index].bytes)
    let codeID = assemblies[index].codeID
    let aim = assemblies[index].aim
    let scan = HIDPOSScan(
      aim: aim, codeID: codeID,
      symbology: Symbology(
        aim: aim, codeID: layout.codeIDs == .honeywell ? Symbology(honeywellCodeID: codeID) : .unknown,
        dataLength: bytes.count),
      bytes: bytes, reports: assemblies[index].reports,
      isTruncated: isTruncated || assemblies[index].isRest)
    route(scan, emit)
  }
}

extension HIDPOSLayout.ScanReport {
  /// One byte of the data; `offset` is below ``capacity``.
  fileprivate func byte(_ offset: Int, in report: Span<UInt8>) -> UInt8 {
    var rest = offset
    for run in data {
      let length = run.elementBits * run.count / 8
      if rest < length { return run.byte(rest, in: report) }
      rest -= length
    }
    return 0
  }

  /// Appends the first `count` bytes of the data; `count` is not above ``capacity``.
  fileprivate func append(_ count: Int, of report: Span<UInt8>, to bytes: inout [UInt8]) {
    var rest = count
    for run in data {
      let length = min(rest, run.elementBits * run.count / 8)
      for offset in 0..<length { bytes.append(run.byte(offset, in: report)) }
      rest -= length
    }
  }
}

extension HIDFieldRun {
  /// One byte of a run whose elements are wholes of bytes.
  fileprivate func byte(_ offset: Int, in report: Span<UInt8>) -> UInt8 {
    let bit = bitOffset + 8 * offset
    let index = bit / 8
    let shift = UInt16(bit % 8)
    let low = UInt16(report[index]) >> shift
    return shift == 0
      ? report[index] : UInt8(truncatingIfNeeded: low | UInt16(report[index + 1]) << (8 - shift))
  }
}

// MARK: - Replies

extension HIDPOSDecoder {
  /// Scans that may turn out to be the answer to a command.
  private struct HeldReply: Sendable {
    /// Scans held at most; no answer that has been seen comes near it.
    static let limit = 64
    var deadline: Int64?
    var scans: [HIDPOSScan] = []

    /// Whether they are too much for an answer.
    var isFull: Bool {
      scans.count >= Self.limit || scans.reduce(0) { $0 + $1.bytes.count } >= HIDPOSDecoder.payloadLimit
    }
  }

  private mutating func route(_ scan: HIDPOSScan, _ emit: (HIDPOSEvent) -> Void) {
    guard held.deadline != nil else { return emit(.scan(scan)) }
    switch scan.aim?.bytes {
    case [0x5D, 0x58, 0x30]:
      held.scans.append(scan)
      if held.isFull { release(emit) }
    case [0x5D, 0x5A, 0x36]:
      var text: [UInt8] = []
      for piece in held.scans { text.append(contentsOf: piece.bytes) }
      held = HeldReply()
      emit(.reply(HoneywellMenuReply(text: text, echo: scan.bytes)))
    default:
      emit(.scan(scan))
    }
  }

  /// No answer after all: what was held is delivered as what it looks like.
  private mutating func release(_ emit: (HIDPOSEvent) -> Void) {
    let scans = held.scans
    held = HeldReply()
    for scan in scans { emit(.scan(scan)) }
  }
}
