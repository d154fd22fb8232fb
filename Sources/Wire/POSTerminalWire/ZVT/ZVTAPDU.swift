public import POSWire

/// One message of ZVT: command, length in one byte or three, data (specs/terminals.md §2.4).
public struct ZVTAPDU: Sendable, Equatable {
  /// Class and instruction.
  public let command: ZVTCommand
  /// Positional data, then bitmaps; at most 65,535 bytes. May hold card data: never log it.
  public let data: [UInt8]

  /// Data bytes that the three-byte length can say.
  public static let maximumDataLength = 0xFFFF

  /// A message.
  ///
  /// - Throws: ``WireError`` with reason `lengthOverLimit` beyond ``maximumDataLength``.
  public init(_ command: ZVTCommand, data: [UInt8] = []) throws(WireError) {
    guard data.count <= Self.maximumDataLength else {
      throw WireError(.lengthOverLimit, at: 2, field: "length")
    }
    self.init(command, bounded: data)
  }

  /// For data that is short by construction.
  init(_ command: ZVTCommand, bounded data: [UInt8]) {
    self.command = command
    self.data = data
  }

  /// Reads exactly one message.
  ///
  /// - Throws: ``WireError``: `truncated` when bytes are missing, `framing` when some are left over.
  public init(_ bytes: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(bytes)
    let command = try reader.bigEndian(bytes: 2, "command")
    var length = Int(try reader.byte("length"))
    if length == 0xFF { length = Int(try reader.littleEndian(bytes: 2, "length")) }
    let body = try reader.bytes(length, "data")
    guard reader.isAtEnd else { throw WireError(.framing, at: reader.offset, field: "length") }
    var writer = ByteWriter(reservingCapacity: length)
    writer.append(body)
    self.init(ZVTCommand(rawValue: UInt16(truncatingIfNeeded: command)), bounded: writer.bytes)
  }

  /// The message as it goes into a TCP stream or a serial frame.
  public var bytes: [UInt8] {
    var writer = ByteWriter(reservingCapacity: data.count + 5)
    writer.bigEndian(UInt64(command.rawValue), bytes: 2)
    if data.count < 0xFF {
      writer.byte(UInt8(data.count))
    } else {
      writer.byte(0xFF)
      writer.littleEndian(UInt64(data.count), bytes: 2)
    }
    writer.append(data)
    return writer.bytes
  }
}

#if !hasFeature(Embedded)
  extension ZVTAPDU: CustomStringConvertible, CustomReflectable {
    /// Command and length only: the data may hold card numbers.
    public var description: String {
      "ZVT \(String(command.rawValue, radix: 16)), \(data.count) bytes of data"
    }

    /// Empty, so that dumping a value shows no data.
    public var customMirror: Mirror { Mirror(self, children: []) }
  }
#endif

/// Cuts a TCP stream of APDUs, which has no frames, by their lengths (specs/terminals.md §2.3).
///
/// There is nothing to resynchronise on: once there is a ``failure`` the connection is of no more use, and what
/// still comes is dropped.
public struct ZVTStreamReader: Sendable {
  /// Largest data of one message that is accepted, in bytes.
  public let maximumDataLength: Int
  /// Why the stream is given up: `lengthOverLimit` for a message beyond the limit.
  public private(set) var failure: WireError?
  private var pending: [UInt8] = []

  /// A reader at the start of a message.
  public init(maximumDataLength: Int) { self.maximumDataLength = maximumDataLength }

  /// Whether a message has begun and not ended.
  public var isInsideMessage: Bool { !pending.isEmpty }

  /// Takes a run of bytes and returns the whole messages they complete, header included; also those in front of
  /// one that fails.
  public mutating func push(_ bytes: Span<UInt8>) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    for index in bytes.indices where failure == nil {
      pending.append(bytes[index])
      do throws(WireError) {
        guard let length = try totalLength(), pending.count == length else { continue }
        messages.append(pending)
      } catch {
        failure = error
      }
      pending = []
    }
    return messages
  }

  /// Bytes of the message at hand, header included; `nil` until its length has arrived.
  private func totalLength() throws(WireError) -> Int? {
    guard pending.count >= 3 else { return nil }
    var header = 3
    var length = Int(pending[2])
    if length == 0xFF {
      guard pending.count >= 5 else { return nil }
      header = 5
      length = Int(pending[3]) | Int(pending[4]) << 8
    }
    guard length <= maximumDataLength else { throw WireError(.lengthOverLimit, at: 2, field: "length") }
    return header + length
  }
}
