public import POSWire

/// How a scanner on a plain serial line frames its codes. What cannot be seen in the bytes has to be declared.
public struct SerialScanSettings: Sendable, Equatable {
  /// What ends a code.
  public enum Terminator: Sendable, Equatable {
    /// CR, LF or CR LF.
    case line
    /// These bytes, one or more.
    case bytes([UInt8])
    /// Silence alone: the only way to carry codes that hold any byte.
    case silence
  }

  /// What the eighth bit is on a line of seven bits that was opened with eight.
  public enum Parity: UInt8, Sendable, CaseIterable {
    /// A bit of the data.
    case none
    /// Dropped unseen.
    case ignored
    /// Dropped; each byte must have an odd number of ones.
    case odd
    /// Dropped; each byte must have an even number of ones.
    case even
  }

  /// What ends a code.
  public var terminator = Terminator.line
  /// What the eighth bit is.
  public var parity = Parity.none
  /// What surrounds the data.
  public var envelope = ScanEnvelope()
  /// Silence after which a code is over, in nanoseconds.
  public var gap: Int64 = 100_000_000

  /// The settings of a scanner as it leaves the factory: data, then CR or CR LF.
  public init() {}
}

/// Turns the bytes of a scanner on a serial line, or one that pretends to be on one, into codes.
///
/// Honeywell's decode header is understood wherever it turns up. What begins soon after silence that came
/// instead of an end may be the rest of the same code, and is truncated as that is. Time is in nanoseconds of
/// any clock that only goes forward.
public struct SerialScanDecoder: Sendable {
  /// What bytes, or the time, brought to light.
  public enum Event: Sendable, Equatable {
    /// A code was read, or the beginning of one.
    case scan(DecodedCode)
    /// Bytes that cannot be read. The offset counts all bytes ever received.
    case undecodable(WireError)
  }

  /// Bytes of one code; what goes beyond is dropped and the scan truncated.
  public static let payloadLimit = 8192

  /// How the scanner is set up.
  public let settings: SerialScanSettings

  private var line: [UInt8] = []
  private var header: HoneywellHeader?
  /// The line went beyond the limit, or its decode header was none; the rest of it is swallowed.
  private var isSwallowing = false
  /// A byte of the line had the wrong parity: what is delivered may hold another one.
  private var isDamaged = false
  /// The last line ended with CR: an LF right behind it belongs to that.
  private var endedWithCR = false
  /// Lines, this one among them, that may be the rest of a code that silence cut.
  private var restLines = 0
  /// Until when such a rest may begin, and its lines; `nil` where silence was the end, or nothing was cut.
  private var lost: (restDeadline: Int64, lines: Int)?
  private var offset = 0
  private var lastByte: Int64 = 0

  /// A decoder that has seen nothing yet.
  public init(_ settings: SerialScanSettings = SerialScanSettings()) { self.settings = settings }

  /// Bytes of a code that has begun and not ended.
  public var pendingBytes: Int { line.count + (header?.bytes.count ?? 0) }

  /// Whether the next byte begins a code.
  public var isBetweenCodes: Bool { pendingBytes == 0 && !isSwallowing }

  /// When ``expire(at:_:)`` has something to do, or `nil` while nothing is waited for.
  public var deadline: Int64? {
    guard pendingBytes > 0 || isSwallowing else { return nil }
    let (deadline, isOver) = lastByte.addingReportingOverflow(settings.gap)
    return isOver ? .max : deadline
  }

  /// Takes bytes that arrived at `now`.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Int64, _ emit: (Event) -> Void) {
    expire(at: now, emit)
    lastByte = now
    if let lost, bytes.count > 0 {
      restLines = now < lost.restDeadline ? lost.lines : 0
      self.lost = nil
    }
    for index in bytes.indices {
      take(strip(bytes[index], emit), emit)
      offset += 1
    }
  }

  /// Ends what `now` is too late for.
  public mutating func expire(at now: Int64, _ emit: (Event) -> Void) {
    guard let deadline, deadline <= now else { return }
    endedWithCR = false
    if header != nil || settings.terminator != .silence {
      lost = (LateRest.deadline(after: deadline, timeout: settings.gap), header?.linesToCome ?? 1)
    }
    if header != nil {
      header = nil
      emit(.undecodable(WireError(.truncated, at: offset, field: "decode header")))
    }
    if isSwallowing {
      line = []
      isDamaged = false
    }
    isSwallowing = false
    deliver(isTruncated: settings.terminator != .silence, emit)
    restLines = 0
  }

  /// What silence ended was whole all the same, such as the answer to a command: nothing of it is to come.
  public mutating func expectNoRest() { lost = nil }

  /// Ends everything unfinished, as ``expire(at:_:)`` does at the end of time.
  public mutating func flush(_ emit: (Event) -> Void) { expire(at: .max, emit) }

  private mutating func strip(_ byte: UInt8, _ emit: (Event) -> Void) -> UInt8 {
    let isOdd = byte.nonzeroBitCount % 2 == 1
    switch settings.parity {
    case .none: return byte
    case .ignored: break
    case .odd where !isOdd, .even where isOdd:
      isDamaged = true
      emit(.undecodable(WireError(.checksum, at: offset, field: "parity")))
    case .odd, .even: break
    }
    return byte & 0x7F
  }

  private mutating func take(_ byte: UInt8, _ emit: (Event) -> Void) {
    if header != nil { return takeHeaded(byte, emit) }
    let followsCR = endedWithCR
    endedWithCR = false
    if isSwallowing {
      line.append(byte)
      if endLength != nil {
        isSwallowing = false
        endedWithCR = byte == 0x0D
        line = []
        // The damage was in what is gone.
        isDamaged = false
        restLines = max(0, restLines - 1)
      } else if line.count > 64 {
        line.removeFirst(32)
      }
      return
    }
    if settings.terminator == .line, byte == 0x0A, followsCR, line.isEmpty { return }
    line.append(byte)
    if line == HoneywellHeader.start, settings.parity == .none {
      line = []
      header = HoneywellHeader()
      restLines = 0
      return
    }
    if let length = endLength {
      line.removeLast(length)
      endedWithCR = byte == 0x0D
      deliver(isTruncated: false, emit)
      restLines = max(0, restLines - 1)
    } else if line.count > Self.payloadLimit {
      line.removeLast()
      deliver(isTruncated: true, emit)
      isSwallowing = true
    }
  }

  /// How many bytes at the end of the line are its terminator, if they are one.
  private var endLength: Int? {
    switch settings.terminator {
    case .silence: return nil
    case .line: return line.last == 0x0D || line.last == 0x0A ? 1 : nil
    case .bytes(let end):
      return !end.isEmpty && line.count >= end.count && line.suffix(end.count).elementsEqual(end)
        ? end.count : nil
    }
  }

  private mutating func takeHeaded(_ byte: UInt8, _ emit: (Event) -> Void) {
    guard var open = header else { return }
    let result = open.push(byte)
    header = open
    switch result {
    case .needsMore: break
    case .code(let code):
      header = nil
      // A CR ends the message, and counts as its own; what surrounds the data outside is not expected here.
      emit(.scan(code))
      endedWithCR = true
    case .refused(let reason):
      header = nil
      emit(.undecodable(WireError(reason, at: offset, field: "decode header")))
      // The rest of the line would pass for a code. The byte that does not fit may be the line's end.
      line = [byte]
      isSwallowing = endLength == nil
      line = []
    }
  }

  private mutating func deliver(isTruncated: Bool, _ emit: (Event) -> Void) {
    guard !line.isEmpty else { return }
    var bytes: [UInt8] = []
    swap(&bytes, &line)
    emit(.scan(settings.envelope.open(bytes, isTruncated: isTruncated || isDamaged || restLines > 0)))
    isDamaged = false
  }
}
