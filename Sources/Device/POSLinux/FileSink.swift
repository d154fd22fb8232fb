import CPOSLinux
import Glibc
public import POSModel
public import POSTransport

/// A device that is a file: what is written is appended to it, and it never answers (address form `file:PATH`).
public final class FileSink: ByteTransport {
  private enum Target: Sendable {
    /// On a disk, whose calls block.
    case file(SharedDescriptor)
    /// A named pipe or a device node.
    case stream(DescriptorTransport)
  }

  private let name: String
  private let target: Target
  private let isClosed = Lock(false)

  private init(_ target: Target, name: String) {
    self.name = name
    self.target = target
  }

  /// Opens a file to append to, and makes it if it is not there.
  ///
  /// - Throws: `device.not_found` when the directory is missing or nobody reads a named pipe,
  ///   `device.permission_denied`, `device.bad_address` for a directory.
  public static func open(_ path: String) async throws(DeviceError) -> FileSink {
    let name = DeviceAddress(route: .file(path: path)).description
    let operation = "opening \(name)"
    let (number, isFile) = try await BlockingCall("pos-open", during: operation) { () throws(DeviceError) in
      try translating(.opening, during: operation, hint: { $0.fileHint(path, for: .write) }) {
        () throws(SystemError) in
        let descriptor = try OwnedDescriptor(
          opening: path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK, mode: 0o644)
        let isPollable = [pos_file_pipe, pos_file_other].contains {
          pos_file_kind_of(descriptor.number) == Int32($0.rawValue)
        }
        return (descriptor.release(), !isPollable)
      }
    }.value()
    let descriptor = OwnedDescriptor(owning: number)
    if isFile { return FileSink(.file(SharedDescriptor(blocking: descriptor, name: name)), name: name) }
    return FileSink(.stream(try DescriptorTransport(descriptor, name: name)), name: name)
  }

  /// The machine's clock.
  public var clock: any TransportClock { Reactor.shared }

  /// Finds the end of the stream: a file has nothing to say.
  public func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult
  {
    guard !isClosed.withLock({ $0 }) else { throw DeviceError(.closed, during: "reading from \(name)") }
    return .endOfStream
  }

  /// Appends all of `bytes`. The deadline applies to pipes and nodes; a disk takes its time.
  public func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    switch target {
    case .stream(let stream): try await stream.write(bytes, until: deadline)
    case .file(let file):
      let moved = Lock(0)
      do {
        _ = try await file.block(.writing, during: "writing to") { number in
          writeAll(bytes, to: number) { count in moved.withLock { $0 = count } }
        }
      } catch {
        var error = error
        error.bytesMoved = moved.withLock { $0 }
        throw error
      }
    }
  }

  /// Waits for the write at hand and closes.
  public func close() async {
    isClosed.withLock { $0 = true }
    switch target {
    case .stream(let stream): await stream.close()
    case .file(let file):
      if await file.beginClose() { _ = file.endClose() }
    }
  }
}

/// Writes all of `bytes` to a blocking descriptor, telling how many have left after each step. Returns 0 or a
/// negated error number.
func writeAll(_ bytes: [UInt8], to number: Int32, progress: (Int) -> Void = { _ in }) -> Int {
  bytes.withUnsafeBytes { buffer in
    guard let start = buffer.baseAddress else { return 0 }
    var moved = 0
    while moved < buffer.count {
      let count = pos_write(number, start + moved, buffer.count - moved, Int32(pos_file_regular.rawValue))
      guard count > 0 else { return count == 0 ? -Int(EIO) : count }
      moved += count
      progress(moved)
    }
    return 0
  }
}
