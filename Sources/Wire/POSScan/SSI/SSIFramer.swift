public import POSWire

/// Finds SSI packets in a stream of bytes.
///
/// A packet begins with its length, so nothing marks its start. After damage the framer looks for the next place
/// where length and checksum agree; bytes that belong to no packet are skipped and counted.
public struct SSIFramer: Sendable {
  /// What was found.
  public enum Event: Sendable, Equatable {
    /// An intact packet.
    case packet(SSIPacket)
    /// Bytes that are no packet, once for each run of them. The offset counts all bytes ever pushed.
    case damaged(WireError)
  }

  /// Bytes so far that belonged to no packet.
  public private(set) var skippedBytes = 0
  private var buffer: [UInt8] = []
  private var consumed = 0
  private var isHunting = false

  /// A framer between packets.
  public init() {}

  /// Whether bytes of a packet are still to come: the time between two bytes is limited then.
  public var isInsidePacket: Bool { !buffer.isEmpty }

  /// Takes one byte and says what it completed.
  public mutating func push(_ byte: UInt8, _ emit: (Event) -> Void) {
    buffer.append(byte)
    scan(isFinal: false, emit)
  }

  /// The line has fallen silent: what is left in the buffer will not be completed, but may hold whole packets
  /// behind a wrong length.
  public mutating func endOfBurst(_ emit: (Event) -> Void) {
    scan(isFinal: true, emit)
    isHunting = false
  }

  private mutating func scan(isFinal: Bool, _ emit: (Event) -> Void) {
    while let length = buffer.first.map({ Int($0) }) {
      guard length >= 4 else {
        skip(.value, emit)
        continue
      }
      guard buffer.count >= length + 2 else {
        guard isFinal else { return }
        skip(.truncated, emit)
        continue
      }
      let check = UInt16(buffer[length]) << 8 | UInt16(buffer[length + 1])
      guard SSIPacket.checksum(of: buffer.span.extracting(0..<length)) == check else {
        skip(.checksum, emit)
        continue
      }
      isHunting = false
      let packet = SSIPacket(
        opcode: buffer[1], source: buffer[2], status: SSIPacket.Status(rawValue: buffer[3]),
        data: Array(buffer[4..<length]))
      buffer.removeFirst(length + 2)
      consumed += length + 2
      emit(.packet(packet))
    }
  }

  private mutating func skip(_ reason: WireError.Reason, _ emit: (Event) -> Void) {
    if !isHunting { emit(.damaged(WireError(reason, at: consumed, field: "SSI packet"))) }
    isHunting = true
    buffer.removeFirst()
    consumed += 1
    skippedBytes += 1
  }
}
