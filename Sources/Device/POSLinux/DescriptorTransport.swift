import CPOSLinux
import Glibc
public import POSModel
public import POSTransport

/// A stream of bytes over any descriptor that can be waited for: socket, terminal, pipe.
public final class DescriptorTransport: ByteTransport {
  /// What the descriptor is, as far as reading and closing differ.
  enum Kind: Sendable {
    /// The end of the stream is one, and closing needs no care.
    case stream
    /// Closing tells the other side, then waits until it has taken everything.
    case socket
    /// The end of the stream means that the device is gone; closing waits this long for the last bit to leave.
    case serial(drainAtMost: Duration)
  }

  /// The most that one read returns, in bytes.
  public static let largestRead = 65536

  private let descriptor: SharedDescriptor
  private let fileKind: Int32
  private let kind: Kind

  /// Takes over an open descriptor, and makes it non-blocking. Errors call it `name`.
  ///
  /// - Throws: `device.unsupported` for a plain file, which cannot be waited for: see ``FileSink``.
  public convenience init(_ descriptor: consuming OwnedDescriptor, name: String) throws(DeviceError) {
    let isSocket = pos_file_kind_of(descriptor.number) == pos_file_socket.rawValue
    try self.init(descriptor, name: name, isSocket ? .socket : .stream)
  }

  convenience init(_ descriptor: consuming OwnedDescriptor, name: String, _ kind: Kind) throws(DeviceError) {
    let operation = "opening \(name)"
    guard pos_file_kind_of(descriptor.number) != Int32(pos_file_regular.rawValue) else {
      throw DeviceError(.unsupported, during: operation, detail: "a plain file cannot be waited for")
    }
    do throws(SystemError) {
      _ = try SystemError.check(pos_set_nonblocking(descriptor.number))
      self.init(try SharedDescriptor(descriptor, name: name), kind)
    } catch {
      throw error.deviceError(.opening, during: operation)
    }
  }

  init(_ descriptor: SharedDescriptor, _ kind: Kind) {
    self.descriptor = descriptor
    self.kind = kind
    fileKind = max(0, pos_file_kind_of(descriptor.number))
  }

  /// What it is called in errors.
  public var name: String { descriptor.name }

  /// The descriptor's number, for calls that neither block nor close.
  var number: Int32 { descriptor.number }

  /// The machine's clock.
  public var clock: any TransportClock { Reactor.shared }

  /// Waits for bytes; see ``ByteTransport``. A second reader at the same time fails with `device.busy`.
  public func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult
  {
    let limit = min(max(1, limit), Self.largestRead)
    do {
      return try await descriptor.perform(.reading, until: deadline, during: "reading from") { number in
        self.readOnce(number, limit)
      }
    } catch {
      guard error.code == .timedOut, error.errno == nil else { throw error }
      return .timedOut
    }
  }

  private func readOnce(_ number: Int32, _ limit: Int) -> SharedDescriptor.Attempt<ReadResult> {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: limit) { buffer in
      guard let start = buffer.baseAddress else { return .wouldBlock }
      let count = pos_read(number, start, limit)
      switch count {
      case 1...: return .done(.bytes(Array(buffer.prefix(count))))
      case 0:
        switch kind {
        case .stream, .socket: return .done(.endOfStream)
        case .serial: return .failed(SystemError(EIO))
        }
      case Int(-EAGAIN): return .wouldBlock
      default: return .failed(SystemError(Int32(-count)))
      }
    }
  }

  /// Writes all of `bytes`; see ``ByteTransport``. A second writer at the same time fails with `device.busy`.
  public func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    var moved = 0
    do {
      try await descriptor.perform(.writing, until: deadline, during: "writing to") { number in
        guard moved < bytes.count else { return .done(()) }
        let count = bytes.withUnsafeBytes { buffer -> Int in
          guard let start = buffer.baseAddress else { return 0 }
          return pos_write(number, start + moved, bytes.count - moved, fileKind)
        }
        if count == -Int(EAGAIN) || count == 0 { return .wouldBlock }
        guard count > 0 else { return .failed(SystemError(Int32(-count))) }
        moved += count
        return moved == bytes.count ? .done(()) : .progressed
      }
    } catch {
      var error = error
      error.bytesMoved = moved
      throw error
    }
  }

  /// Runs a call that blocks, as the only writer; see ``SharedDescriptor/block(_:during:_:)``.
  func block(
    during verb: StaticString, _ body: @escaping @Sendable (Int32) -> Int
  ) async throws(DeviceError) -> Int {
    try await descriptor.block(.writing, during: verb, body)
  }

  /// Sends what is still buffered as far as the device takes it, then closes.
  public func close() async {
    guard await descriptor.beginClose() else { return }
    if case .socket = kind { await shutDown() }
    guard let descriptor = descriptor.endClose() else { return }
    guard case .serial(let limit) = kind else { return }
    await closeLine(descriptor.release(), drainAtMost: limit)
  }

  /// Says that nothing more comes, and reads what is there; from the network until the other side says so too, for a
  /// second at most without anything being taken. Closing with unread bytes, or receiving some later, resets the
  /// connection, and a printer that is reset may forget what it has not printed yet.
  private func shutDown() async {
    guard pos_shutdown_writing(number) >= 0 else { return }
    let isNetwork = pos_is_network_socket(number) != 0
    var progress = ProgressDeadline(clock.now + .seconds(1), now: clock.now)
    var waiting = pos_unacknowledged(number)
    while let limit = progress.deadline, clock.now < limit {
      let look = isNetwork ? min(limit, clock.now + .milliseconds(100)) : .start
      do throws(DeviceError) {
        let result = try await descriptor.perform(
          .reading, .closing, until: look, during: "closing", { self.readOnce($0, Self.largestRead) })
        guard case .bytes = result else { return }
      } catch {
        guard isNetwork, error.code == .timedOut, error.errno == nil else { return }
      }
      let left = pos_unacknowledged(number)
      if left < waiting { progress.renew(now: clock.now) }
      waiting = left
    }
  }

  /// How long a driver may take to let go of a line after it was told to give up: it may still talk to its adapter.
  private static let lettingGo = Duration.seconds(5)

  /// Waits until the last bit has left, throws away what has not left by then, and closes.
  ///
  /// Neither ends by itself on an adapter whose device takes nothing: usb-serial, and cdc_acm of Linux 6.1, cannot drop
  /// what they were given, so TCSBRK waits for ever and close(2) for half a minute. Both end at a signal.
  private func closeLine(_ number: Int32, drainAtMost limit: Duration) async {
    let deadline = Reactor.shared.now + limit
    do throws(SystemError) {
      let call = try InterruptibleCall("pos-close") { isToEnd in
        var drained: Int32
        repeat { drained = pos_serial_drain(number) } while drained == -EINTR && !isToEnd()
        if drained < 0 { _ = pos_serial_flush(number) }
        _ = Glibc.close(number)
      }
      // A driver that hangs all the same keeps its thread, and the port, but nobody who waits.
      _ = await call.end(interruptedFrom: deadline, until: deadline + Self.lettingGo)
    } catch {
      // Without room for a thread nothing may wait for ever.
      _ = pos_serial_flush(number)
      _ = Glibc.close(number)
    }
  }
}
