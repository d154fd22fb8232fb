import POSTerminalWire
import POSWire

/// Called for each thing to do: the context, what (1 send these bytes, 2 the terminal sent this message, 3 our
/// message has arrived, 4 the link gave up), and the bytes, lent until it returns.
public typealias FirmwareLinkCallback =
  @convention(c) (UnsafeMutableRawPointer?, Int32, UnsafePointer<UInt8>?, Int) -> Void

/// Begins a serial ZVT link that takes messages of up to `maximum` bytes.
@c(pos_zvt_begin)
public func zvtBegin(_ storage: UnsafeMutableRawPointer?, _ size: Int, _ maximum: Int32) -> Int32 {
  guard (5...65_540).contains(maximum) else { return FirmwareResult.badArgument }
  return CallerStorage.begin(ZVTSerialLink(maximumLength: Int(maximum)), in: storage, size: size)
}

/// Sends a message, command and length included.
@c(pos_zvt_send)
public func zvtSend(
  _ link: UnsafeMutableRawPointer?, _ message: UnsafePointer<UInt8>?, _ count: Int, _ now: Int64,
  _ callback: FirmwareLinkCallback?, _ context: UnsafeMutableRawPointer?
) {
  guard let link else { return }
  deliver(zvt(link).pointee.send(Array(borrowed(message, count)), at: now), callback, context)
}

/// Takes what the terminal sent, in pieces of any size.
@c(pos_zvt_receive)
public func zvtReceive(
  _ link: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<UInt8>?, _ count: Int, _ now: Int64,
  _ callback: FirmwareLinkCallback?, _ context: UnsafeMutableRawPointer?
) {
  guard let link else { return }
  deliver(zvt(link).pointee.receive(borrowed(bytes, count).span, at: now), callback, context)
}

/// Does what time asks for.
@c(pos_zvt_advance)
public func zvtAdvance(
  _ link: UnsafeMutableRawPointer?, _ now: Int64, _ callback: FirmwareLinkCallback?,
  _ context: UnsafeMutableRawPointer?
) {
  guard let link else { return }
  deliver(zvt(link).pointee.advance(to: now), callback, context)
}

/// When ``zvtAdvance(_:_:_:_:)`` has something to do, in nanoseconds; the largest number while it has not.
@c(pos_zvt_deadline)
public func zvtDeadline(_ link: UnsafeMutableRawPointer?) -> Int64 {
  link.flatMap { zvt($0).pointee.deadline } ?? .max
}

/// Gives back what a link holds.
@c(pos_zvt_end)
public func zvtEnd(_ link: UnsafeMutableRawPointer?) {
  CallerStorage.end(ZVTSerialLink.self, in: link)
}

private func zvt(_ storage: UnsafeMutableRawPointer) -> UnsafeMutablePointer<ZVTSerialLink> {
  storage.assumingMemoryBound(to: ZVTSerialLink.self)
}

private func deliver(
  _ actions: [TerminalLinkAction], _ callback: FirmwareLinkCallback?, _ context: UnsafeMutableRawPointer?
) {
  guard let callback else { return }
  for action in actions {
    switch action {
    case .write(let bytes): bytes.withUnsafeBufferPointer { callback(context, 1, $0.baseAddress, $0.count) }
    case .deliver(let bytes): bytes.withUnsafeBufferPointer { callback(context, 2, $0.baseAddress, $0.count) }
    case .delivered: callback(context, 3, nil, 0)
    case .failed: callback(context, 4, nil, 0)
    }
  }
}
