import POSBarcode
public import POSWire

/// The host's side of the Simple Serial Interface: bytes in, codes and answers out.
///
///     var decoder = SSIDecoder()
///     decoder.receive(bytes.span, at: now) { event in … }     // .send goes to the scanner
///
/// Each packet of the scanner is answered, and only once its data are here: an unanswered packet is sent
/// again. A packet that is marked as sent again and equals the last one is answered and not delivered twice.
/// Packets of a code that come after its time-out are truncated as it is. Time is in nanoseconds of any clock
/// that only goes forward.
public struct SSIDecoder: Sendable {
  /// What bytes, or the time, brought to light.
  public enum Event: Sendable, Equatable {
    /// A code was read, or the beginning of one.
    case scan(DecodedCode, type: ZebraCodeType)
    /// Bytes to send to the scanner.
    case send([UInt8])
    /// The scanner took a command.
    case acknowledged
    /// The scanner did not take a command; the cause as sent, 0 without one.
    case refused(cause: UInt8)
    /// Parameters, as number and value.
    case parameters([Parameter])
    /// Any other packet.
    case packet(SSIPacket)
    /// Bytes that cannot be read. Reading goes on.
    case undecodable(WireError)
  }

  /// One parameter.
  public struct Parameter: Sendable, Equatable {
    /// Its number: 0 to 239, and from 256 for those of the extended pages.
    public var number: UInt16
    /// Its value: a byte, or two for the wide parameters.
    public var value: UInt16

    /// A parameter from its parts.
    public init(number: UInt16, value: UInt16) {
      self.number = number
      self.value = value
    }
  }

  /// Bytes of one code; what goes beyond is dropped and the scan truncated.
  public static let payloadLimit = 8192

  /// How long the next byte of a packet or the next packet of a code may take, in nanoseconds.
  public let timeout: Int64

  private var framer = SSIFramer()
  private var lastTaken: SSIPacket?
  private var assembly: Assembly?
  private var lastByte: Int64 = 0
  /// The code may be the rest of one that the time-out ended.
  private var isRest = false
  /// The code that the time-out ended, and until when its rest may begin. Segments need none: they have
  /// numbers.
  private var lost: (type: ZebraCodeType, restDeadline: Int64)?

  /// A decoder that has seen nothing yet.
  public init(timeout: Int64 = 1_000_000_000) { self.timeout = timeout }

  /// Bytes of a code that has begun and not ended.
  public var pendingBytes: Int { assembly?.bytes.count ?? 0 }

  /// When ``expire(at:_:)`` has something to do, or `nil` while nothing is waited for.
  public var deadline: Int64? {
    guard framer.isInsidePacket || assembly != nil else { return nil }
    let (deadline, isOver) = lastByte.addingReportingOverflow(timeout)
    return isOver ? .max : deadline
  }

  /// Takes bytes that arrived at `now`.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Int64, _ emit: (Event) -> Void) {
    expire(at: now, emit)
    lastByte = now
    for index in bytes.indices {
      var found: [SSIFramer.Event] = []
      framer.push(bytes[index]) { found.append($0) }
      for event in found { take(event, emit) }
    }
  }

  /// Gives up what `now` is too late for.
  public mutating func expire(at now: Int64, _ emit: (Event) -> Void) {
    guard let deadline, deadline <= now else { return }
    var found: [SSIFramer.Event] = []
    framer.endOfBurst { found.append($0) }
    for event in found { take(event, emit) }
    if let assembly, assembly.declared == nil {
      lost = (assembly.type, LateRest.deadline(after: deadline, timeout: timeout))
    }
    finish(isTruncated: true, emit)
  }

  /// Ends everything unfinished, as ``expire(at:_:)`` does at the end of time.
  public mutating func flush(_ emit: (Event) -> Void) { expire(at: .max, emit) }
}

// MARK: - Packets

extension SSIDecoder {
  /// The host's answer to a packet.
  static func acknowledgement(_ opcode: UInt8 = SSIOpcode.acknowledge) -> [UInt8] {
    SSIPacket(opcode: opcode).bytes
  }

  /// The host's refusal of what it could not read.
  static func refusal(_ cause: SSIRefusal) -> [UInt8] {
    SSIPacket(opcode: SSIOpcode.refuse, data: [cause.rawValue]).bytes
  }

  private mutating func take(_ event: SSIFramer.Event, _ emit: (Event) -> Void) {
    switch event {
    case .damaged(let error):
      emit(.undecodable(error))
      // A length that cannot be is noise between packets, not a packet that could be sent again. Anything
      // else was a packet that has never been taken, so what is sent again next is that one, and no repeat of
      // an equal one before it.
      if error.reason != .value { lastTaken = nil }
      if error.reason == .checksum { emit(.send(Self.refusal(.resend))) }
    case .packet(let packet): take(packet, emit)
    }
  }

  private mutating func take(_ packet: SSIPacket, _ emit: (Event) -> Void) {
    if packet.opcode == SSIOpcode.segment {
      takeSegment(packet, emit)
      return emit(.send(Self.acknowledgement(SSIOpcode.segmentAcknowledge)))
    }
    // Captures of the host's side hold its own packets.
    guard packet.source == SSIPacket.Source.decoder.rawValue else { return report(packet, emit) }
    // Answers are not answered, and never sent again: the packet before them may still be.
    if packet.opcode == SSIOpcode.acknowledge || packet.opcode == SSIOpcode.refuse {
      return report(packet, emit)
    }
    var fresh = packet
    fresh.status.remove(.retransmitted)
    let isRepeated = packet.status.contains(.retransmitted) && fresh == lastTaken
    lastTaken = fresh
    if !isRepeated { report(packet, emit) }
    emit(.send(Self.acknowledgement()))
  }

  private mutating func report(_ packet: SSIPacket, _ emit: (Event) -> Void) {
    switch packet.opcode {
    case SSIOpcode.acknowledge: emit(.acknowledged)
    case SSIOpcode.refuse: emit(.refused(cause: packet.data.first ?? 0))
    case SSIOpcode.parameters:
      if let parameters = Self.parameters(in: packet.data) {
        emit(.parameters(parameters))
      } else {
        emit(.undecodable(WireError(.truncated, at: 4 + packet.data.count, field: "SSI parameters")))
      }
    case SSIOpcode.decodeData: takeData(packet, emit)
    default: emit(.packet(packet))
    }
  }

  /// A beep code, then numbers and values. F0, F1 and F2 open the numbers from 256, 512 and 768 on; F4 makes the
  /// number two bytes and the value two.
  static func parameters(in data: [UInt8]) -> [Parameter]? {
    var parameters: [Parameter] = []
    var index = 1
    func byte() -> UInt16? {
      guard index < data.count else { return nil }
      defer { index += 1 }
      return UInt16(data[index])
    }
    while let first = byte() {
      var prefix = first
      var page: UInt16 = 0
      var isWide = false
      if prefix == 0xF4 {
        isWide = true
        guard let next = byte() else { return nil }
        prefix = next
      }
      if (0xF0...0xF2).contains(prefix) {
        page = (prefix - 0xEF) * 256
        guard let next = byte() else { return nil }
        prefix = next
      }
      guard var value = byte() else { return nil }
      if isWide {
        guard let low = byte() else { return nil }
        value = value << 8 | low
      }
      parameters.append(Parameter(number: page + prefix, value: value))
    }
    return parameters
  }
}

// MARK: - Codes

extension SSIDecoder {
  /// A code under construction.
  private struct Assembly: Sendable, Equatable {
    var type: ZebraCodeType
    /// The length that a segmented message declares, `nil` where packets say themselves when they end.
    var declared: Int?
    var bytes: [UInt8] = []
    var packets = 0
    /// The number of the last segment.
    var segment = 0
    var isOverLimit = false

    mutating func append(_ data: ArraySlice<UInt8>) {
      packets += 1
      let room = max(0, min(declared ?? .max, SSIDecoder.payloadLimit) - bytes.count)
      bytes.append(contentsOf: data.prefix(room))
      if data.count > room, declared == nil { isOverLimit = true }
    }
  }

  /// Either a type and the text, or a type, 01, a length of two bytes and the text: the length tells which.
  private mutating func takeData(_ packet: SSIPacket, _ emit: (Event) -> Void) {
    guard let first = packet.data.first else {
      return emit(.undecodable(WireError(.truncated, at: 4, field: "code type")))
    }
    let type = ZebraCodeType(rawValue: UInt16(first))
    var text = packet.data.dropFirst()
    if packet.data.count >= 4, packet.data[1] == 0x01,
      Int(packet.data[2]) << 8 | Int(packet.data[3]) == packet.data.count - 4
    {
      text = packet.data.dropFirst(4)
    }
    if let begun = assembly, begun.type != type || begun.declared != nil { finish(isTruncated: true, emit) }
    if assembly == nil, let lost {
      isRest = lost.type == type && lastByte < lost.restDeadline
      self.lost = nil
    }
    var code = assembly ?? Assembly(type: type)
    code.append(text)
    assembly = code
    if !packet.status.contains(.continued) { finish(isTruncated: code.isOverLimit, emit) }
  }

  /// A segment: flags where the source is, two bytes of number, then in the first one the header of the packet
  /// that was cut up, with opcode, four bytes, type, 01 and the length of the text.
  private mutating func takeSegment(_ packet: SSIPacket, _ emit: (Event) -> Void) {
    guard let low = packet.data.first else {
      return emit(.undecodable(WireError(.truncated, at: 4, field: "segment number")))
    }
    let number = Int(packet.status.rawValue) << 8 | Int(low)
    let content = packet.data.dropFirst()
    if packet.source & SSIPacket.Status.continued.rawValue != 0 {
      let begun = Self.beginning(number, content)
      // The same packet again. Another code that begins under the same number is told by what is in it.
      if let begun, assembly == begun { return }
      finish(isTruncated: true, emit)
      lost = nil
      guard let code = begun else {
        if content.first == SSIOpcode.decodeData || content.isEmpty {
          emit(.undecodable(WireError(.truncated, at: 5 + content.count, field: "segmented code")))
        } else {
          emit(.packet(packet))
        }
        return
      }
      assembly = code
    } else {
      guard var code = assembly, code.declared != nil else {
        return emit(.undecodable(WireError(.framing, at: 0, field: "segment without a beginning")))
      }
      guard number != code.segment else { return }
      guard number == code.segment + 1 else {
        finish(isTruncated: true, emit)
        return emit(.undecodable(WireError(.framing, at: 3, field: "segment number")))
      }
      code.segment = number
      code.append(content)
      assembly = code
    }
    if let code = assembly, let declared = code.declared {
      if code.bytes.count == declared {
        finish(isTruncated: false, emit)
      } else if code.bytes.count == Self.payloadLimit {
        finish(isTruncated: true, emit)
      }
    }
  }

  /// The code that a first segment begins; `nil` where it begins none.
  private static func beginning(_ number: Int, _ content: ArraySlice<UInt8>) -> Assembly? {
    let start = content.startIndex
    guard content.count >= 9, content[start] == SSIOpcode.decodeData else { return nil }
    var code = Assembly(type: ZebraCodeType(rawValue: UInt16(content[start + 5])))
    code.declared = Int(content[start + 7]) << 8 | Int(content[start + 8])
    code.segment = number
    code.append(content.dropFirst(9))
    return code
  }

  private mutating func finish(isTruncated: Bool, _ emit: (Event) -> Void) {
    guard let code = assembly else { return }
    let isTruncated = isTruncated || isRest
    assembly = nil
    isRest = false
    emit(
      .scan(
        DecodedCode(
          symbology: code.type.symbology, bytes: isTruncated ? code.bytes : code.type.data(of: code.bytes),
          raw: code.bytes, pieces: code.packets, isTruncated: isTruncated),
        type: code.type))
  }
}
