import POSWire

/// A link to a ZVT terminal: serial with frames and repeats, or a plain TCP stream.
///
/// Times are nanoseconds of any clock that only goes forward.
public enum ZVTLink: Sendable {
  /// RS-232 or USB serial.
  case serial(ZVTSerialLink)
  /// TCP.
  case stream(ZVTStreamReader)

  /// A serial link that takes messages of up to `maximumDataLength` bytes of data.
  public static func serial(maximumDataLength: Int) -> ZVTLink {
    .serial(ZVTSerialLink(maximumLength: maximumDataLength + 5))
  }

  /// A TCP link that takes messages of up to `maximumDataLength` bytes of data.
  public static func stream(maximumDataLength: Int) -> ZVTLink {
    .stream(ZVTStreamReader(maximumDataLength: maximumDataLength))
  }

  /// When ``advance(to:)`` has something to do.
  public var deadline: Int64? {
    if case .serial(let link) = self { link.deadline } else { nil }
  }

  /// Whether what was sent last may have come to the other side twice.
  public var hasRepeatedUnheard: Bool {
    if case .serial(let link) = self { link.hasRepeatedUnheard } else { false }
  }

  /// Sends a message, or puts it behind the one that waits for its ACK.
  public mutating func send(_ apdu: ZVTAPDU, at now: Int64) -> [TerminalLinkAction] {
    switch self {
    case .serial(var link):
      let actions = link.send(apdu.bytes, at: now)
      self = .serial(link)
      return actions
    case .stream:
      return [.write(apdu.bytes)]
    }
  }

  /// Takes what the other side sent.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Int64) -> [TerminalLinkAction] {
    switch self {
    case .serial(var link):
      let actions = link.receive(bytes, at: now)
      self = .serial(link)
      return actions
    case .stream(var reader):
      let hadFailed = reader.failure != nil
      var actions: [TerminalLinkAction] = []
      for message in reader.push(bytes) { actions.append(.deliver(message)) }
      if reader.failure != nil, !hadFailed { actions.append(.failed(.oversizedMessage)) }
      self = .stream(reader)
      return actions
    }
  }

  /// Does what time asks for: NAK after a silence inside a frame, repeats after a missing ACK.
  public mutating func advance(to now: Int64) -> [TerminalLinkAction] {
    guard case .serial(var link) = self else { return [] }
    let actions = link.advance(to: now)
    self = .serial(link)
    return actions
  }
}
