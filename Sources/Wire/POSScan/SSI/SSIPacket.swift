/// One packet of the Simple Serial Interface, without length and checksum (specs/scanners.md §1.5).
public struct SSIPacket: Sendable, Equatable {
  /// Bytes of data in one packet at most: the length byte counts four bytes of header.
  public static let dataLimit = 255 - 4

  /// Who sends.
  public enum Source: UInt8, Sendable {
    case decoder = 0x00
    case host = 0x04
  }

  /// The bits of the status byte that are known.
  public struct Status: OptionSet, Sendable, Hashable {
    /// The byte as sent.
    public let rawValue: UInt8

    /// A status from its byte.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The packet was sent before and not acknowledged.
    public static let retransmitted = Status(rawValue: 0x01)
    /// More packets of the same message follow.
    public static let continued = Status(rawValue: 0x02)
    /// The change is to be kept when the power goes.
    public static let permanent = Status(rawValue: 0x08)
  }

  /// What the packet is; see ``SSIOpcode``.
  public var opcode: UInt8
  /// The byte after the opcode: the sender, or the segment flags of a segmented message.
  public var source: UInt8
  /// The status byte, or the first byte of a segment's number.
  public var status: Status
  /// What follows: at most ``dataLimit`` bytes.
  public var data: [UInt8]

  /// A packet from its parts. Data beyond ``dataLimit`` are cut.
  public init(opcode: UInt8, source: UInt8 = Source.host.rawValue, status: Status = [], data: [UInt8] = []) {
    self.opcode = opcode
    self.source = source
    self.status = status
    self.data = data.count <= Self.dataLimit ? data : Array(data.prefix(Self.dataLimit))
  }

  /// The packet as it goes over the line, length and checksum included.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = [UInt8(4 + data.count), opcode, source, status.rawValue]
    bytes += data
    let check = Self.checksum(of: bytes.span)
    bytes.append(UInt8(truncatingIfNeeded: check >> 8))
    bytes.append(UInt8(truncatingIfNeeded: check))
    return bytes
  }

  /// 0x10000 less the sum of all bytes from the length on.
  public static func checksum(of bytes: Span<UInt8>) -> UInt16 {
    var sum: UInt16 = 0
    for index in bytes.indices { sum &-= UInt16(bytes[index]) }
    return sum
  }
}

/// The opcodes of the Simple Serial Interface that are used here (specs/scanners.md §1.5).
public enum SSIOpcode {
  /// A segment of a long message.
  public static let segment: UInt8 = 0x73
  /// The answer to a segment.
  public static let segmentAcknowledge: UInt8 = 0x74
  /// Ask for the firmware's revision.
  public static let requestRevision: UInt8 = 0xA3
  /// The firmware's revision.
  public static let revision: UInt8 = 0xA4
  /// Aim on and off.
  public static let aimOn: UInt8 = 0xC4
  /// Aim off.
  public static let aimOff: UInt8 = 0xC5
  /// Parameters and their values.
  public static let parameters: UInt8 = 0xC6
  /// Ask for parameters.
  public static let requestParameters: UInt8 = 0xC7
  /// Taken.
  public static let acknowledge: UInt8 = 0xD0
  /// Not taken; the data say why.
  public static let refuse: UInt8 = 0xD1
  /// Pull the trigger.
  public static let startSession: UInt8 = 0xE4
  /// Let the trigger go.
  public static let stopSession: UInt8 = 0xE5
  /// Beep.
  public static let beep: UInt8 = 0xE6
  /// Read codes.
  public static let enable: UInt8 = 0xE9
  /// Read no codes.
  public static let disable: UInt8 = 0xEA
  /// A code that was read.
  public static let decodeData: UInt8 = 0xF3
  /// An event.
  public static let event: UInt8 = 0xF6
}

/// Why a packet is not taken: the data of ``SSIOpcode/refuse``.
public enum SSIRefusal: UInt8, Sendable {
  /// Send it again.
  case resend = 0x01
  /// Not understood, or not possible now.
  case badContext = 0x02
  /// Not allowed.
  case denied = 0x06
}
