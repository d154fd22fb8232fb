/// Sorts the bytes a printer sends into answers (specs/escpos.md §2.2, dispatcher).
///
///     for byte in received {
///       guard let message = parser.on(byte) else { continue }
///       …
///     }
///
/// Every byte is accepted. It holds at most one partial answer of ``maximumBlockLength`` bytes, and finds its
/// way back from any noise: only some bytes can start an answer, and a byte that cannot go on with the answer at
/// hand drops it and is read as a first byte.
public struct ESCPOSStatusParser: Sendable {
  /// One answer.
  public enum Message: Sendable, Equatable {
    /// To `DLE EOT`; which one was asked decides what the bits mean.
    case realTime(UInt8)
    /// Automatic status.
    case automatic(AutomaticStatus)
    /// The printer can take bytes again (serial links).
    case resume
    /// The printer cannot take more bytes (serial links).
    case pause
    /// From a header byte (0x35, 0x37, 0x3B, 0x3D, 0x5F) to the NUL, both left out of `data`.
    case block(header: UInt8, data: [UInt8])
    /// One byte for the oldest `GS r` or `GS I` that is not yet answered.
    case short(UInt8)
  }

  /// Longest block kept, header and NUL not counted. Longer ones are dropped.
  public static let maximumBlockLength = 128

  /// Bytes that belonged to no answer, so far.
  public private(set) var droppedBytes = 0

  private enum State {
    case idle
    case automatic([4 of UInt8], count: Int)
    case block(header: UInt8, data: [UInt8])
  }

  private var state = State.idle

  /// A parser at the start of an answer.
  public init() {}

  /// Forgets a partial answer, for instance after a silence.
  public mutating func reset() {
    dropPartial()
    state = .idle
  }

  /// Takes one byte and returns the answer it completes.
  public mutating func on(_ byte: UInt8) -> Message? {
    if byte == 0x11 { return .resume }
    if byte == 0x13 { return .pause }
    switch state {
    case .idle:
      return first(byte)
    case .automatic(var bytes, let count):
      guard byte & 0x90 == 0 else {
        reset()
        return first(byte)
      }
      bytes[count] = byte
      guard count == 3 else {
        state = .automatic(bytes, count: count + 1)
        return nil
      }
      state = .idle
      return .automatic(AutomaticStatus(bytes))
    case .block(let header, var data):
      if byte == 0 {
        state = .idle
        return .block(header: header, data: data)
      }
      guard data.count < Self.maximumBlockLength else {
        reset()
        return first(byte)
      }
      state = .idle  // so that the array is not shared while it grows
      data.append(byte)
      state = .block(header: header, data: data)
      return nil
    }
  }

  private mutating func first(_ byte: UInt8) -> Message? {
    switch byte {
    case _ where byte & 0x93 == 0x12: return .realTime(byte)
    case _ where byte & 0x93 == 0x10:
      state = .automatic([byte, 0, 0, 0], count: 1)
      return nil
    case 0x35, 0x37, 0x3B, 0x3D, 0x5F:
      state = .block(header: byte, data: [])
      return nil
    case _ where byte & 0x90 == 0: return .short(byte)
    default:
      droppedBytes &+= 1
      return nil
    }
  }

  private mutating func dropPartial() {
    switch state {
    case .idle: break
    case .automatic(_, let count): droppedBytes &+= count
    case .block(_, let data): droppedBytes &+= 1 + data.count
    }
  }
}

extension ESCPOSStatusParser.Message {
  /// The four characters of a process id, when this answers `GS ( H` function 48: `37 22 d1 d2 d3 d4 00`.
  public var processID: [UInt8]? {
    guard case .block(0x37, let data) = self, data.count == 5, data[0] == 0x22 else { return nil }
    return Array(data[1...])
  }
}
