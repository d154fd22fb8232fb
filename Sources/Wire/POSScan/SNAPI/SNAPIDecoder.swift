import POSBarcode
public import POSWire

/// Turns the input reports of a Symbol or Zebra scanner in SNAPI mode (05e0:1900) into codes (specs/scanners.md
/// §1.4).
///
/// Known from one open driver, not from the maker: scans, status and acknowledgements, and the ids of
/// ``SNAPICommand``. Images, parameters and firmware are not covered. Every report but the scanner's own
/// acknowledgements has to be acknowledged, or it comes again.
public struct SNAPIDecoder: Sendable {
  /// What a report, or the time, brought to light.
  public enum Event: Sendable, Equatable {
    /// A code was read, or the beginning of one.
    case scan(DecodedCode, type: ZebraCodeType)
    /// An output report to send to the scanner.
    case send([UInt8])
    /// How the scanner took a command.
    case status(command: UInt8, status: UInt8)
    /// Any other report.
    case other(reportID: UInt8)
  }

  /// Bytes of one code; what goes beyond is dropped and the scan truncated.
  public static let payloadLimit = 8192

  /// How long the next packet of a code may take, in nanoseconds.
  public let timeout: Int64

  private var type: ZebraCodeType?
  private var bytes: [UInt8] = []
  private var packets = 0
  private var nextIndex = 0
  /// How many packets the code at hand declared.
  private var count = 0
  /// The last packet that was taken, to know it again.
  private var last: [UInt8] = []
  private var packetDeadline: Int64 = 0

  /// A decoder that has seen nothing yet.
  public init(timeout: Int64 = 1_000_000_000) { self.timeout = timeout }

  /// Bytes of a code that has begun and not ended.
  public var pendingBytes: Int { bytes.count }

  /// When ``expire(at:_:)`` has something to do, or `nil` while nothing is waited for.
  public var deadline: Int64? { type == nil ? nil : packetDeadline }

  /// Takes one input report, id first, that arrived at `now`.
  ///
  /// - Throws: ``WireError`` `truncated` for a report shorter than it says. It is acknowledged all the same, for
  ///   it would not be longer the next time.
  public mutating func receive(
    _ report: Span<UInt8>, at now: Int64, _ emit: (Event) -> Void
  ) throws(WireError) {
    expire(at: now, emit)
    guard report.count > 0 else { throw WireError(.truncated, at: 0, field: "report") }
    let id = report[0]
    defer { if (0x22...0x26).contains(id) { emit(.send(SNAPICommand.acknowledge(report: id).report)) } }
    switch id {
    case 0x21:
      guard report.count >= 3 else { throw WireError(.truncated, at: report.count, field: "SNAPI status") }
      // The high halves of the bytes are not the status.
      emit(.status(command: report[1], status: report[2] & 0x0F))
    case 0x22:
      guard report.count >= 6 else { throw WireError(.truncated, at: report.count, field: "SNAPI scan") }
      try take(
        report, count: Int(report[1]), index: Int(report[2]), length: Int(report[3]),
        type: UInt16(report[4]) | UInt16(report[5]) << 8, from: 6, at: now, emit)
    case 0x26:
      guard report.count >= 8 else { throw WireError(.truncated, at: report.count, field: "SNAPI scan") }
      try take(
        report, count: Int(report[1]) << 8 | Int(report[2]), index: Int(report[3]) << 8 | Int(report[4]),
        length: Int(report[5]), type: UInt16(report[6]) | UInt16(report[7]) << 8, from: 8, at: now, emit)
    default: emit(.other(reportID: id))
    }
  }

  /// Ends a code whose next packet is late.
  public mutating func expire(at now: Int64, _ emit: (Event) -> Void) {
    if let deadline, deadline <= now { finish(isTruncated: true, emit) }
  }

  /// Ends everything unfinished, as ``expire(at:_:)`` does at the end of time.
  public mutating func flush(_ emit: (Event) -> Void) { expire(at: .max, emit) }

  private mutating func take(
    _ report: Span<UInt8>, count: Int, index: Int, length: Int, type code: UInt16, from start: Int,
    at now: Int64,
    _ emit: (Event) -> Void
  ) throws(WireError) {
    // Empty reports occur and mean nothing.
    guard length > 0 || count > 1 else { return }
    guard start + length <= report.count else {
      finish(isTruncated: true, emit)
      throw WireError(.truncated, at: report.count, field: "SNAPI scan")
    }
    // An unacknowledged packet, again. A code of one packet may as well have been read twice.
    if index > 0 || type != nil, Self.isEqual(report, last) { return }
    last = []
    for offset in report.indices { last.append(report[offset]) }
    if index == 0 {
      finish(isTruncated: true, emit)
      type = ZebraCodeType(rawValue: code)
      self.count = count
    } else if index != nextIndex || type?.rawValue != code || self.count != count {
      finish(isTruncated: true, emit)
      throw WireError(.framing, at: start - 4, field: "SNAPI packet index")
    }
    nextIndex = index + 1
    packets += 1
    let room = Self.payloadLimit - bytes.count
    for offset in 0..<min(length, room) { bytes.append(report[start + offset]) }
    let (deadline, isOver) = now.addingReportingOverflow(timeout)
    packetDeadline = isOver ? .max : deadline
    if index + 1 >= count || length > room { finish(isTruncated: length > room, emit) }
  }

  private static func isEqual(_ report: Span<UInt8>, _ other: [UInt8]) -> Bool {
    guard report.count == other.count else { return false }
    for index in report.indices where report[index] != other[index] { return false }
    return true
  }

  private mutating func finish(isTruncated: Bool, _ emit: (Event) -> Void) {
    defer {
      bytes = []
      packets = 0
    }
    guard let type else { return }
    self.type = nil
    emit(
      .scan(
        DecodedCode(
          symbology: type.symbology, bytes: isTruncated ? bytes : type.data(of: bytes), raw: bytes,
          pieces: packets, isTruncated: isTruncated),
        type: type))
  }
}
