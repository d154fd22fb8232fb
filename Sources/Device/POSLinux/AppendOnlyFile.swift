import CPOSLinux
import Glibc
public import POSModel

/// A file of lines that only grows, each line on the disk before ``append(_:)`` returns: what a simulated device
/// remembers across a crash.
public final class AppendOnlyFile: Sendable {
  /// The longest file that ``lines()`` reads, in bytes.
  public static let largestFile = 64 << 20

  private let descriptor: OwnedDescriptor
  private let path: String

  private init(_ descriptor: consuming OwnedDescriptor, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Closing alone would not unlock it at once: a child that was forked a moment ago holds a copy of the descriptor
  /// until it has become its program.
  deinit { _ = pos_unlock(descriptor.number) }

  /// Opens a file, and makes it, for its owner only, if it is not there. A line that a crash has cut short is
  /// ended, so that the next one stands alone.
  ///
  /// - Throws: `device.busy` when another process has it open, `device.not_found` when the directory is missing,
  ///   `device.permission_denied`.
  public static func open(_ path: String) async throws(DeviceError) -> AppendOnlyFile {
    let operation = "opening \(path)"
    let number = try await BlockingCall("pos-open", during: operation) { () throws(DeviceError) in
      try translating(.opening, during: operation) { () throws(SystemError) in
        let file = try OwnedDescriptor(opening: path, O_RDWR | O_CREAT | O_APPEND, mode: 0o600)
        _ = try SystemError.check(pos_lock_exclusively(file.number))
        // The name must survive a power cut as well as the lines.
        let directory = path.lastIndex(of: "/").map { path[...$0] } ?? "."
        _ = fsync(try OwnedDescriptor(opening: String(directory), O_RDONLY | O_DIRECTORY).number)
        var last: UInt8 = 0
        let size = lseek(file.number, 0, SEEK_END)
        if size > 0, pread(file.number, &last, 1, size - 1) == 1, last != UInt8(ascii: "\n") {
          _ = try SystemError.check(writeAll([UInt8(ascii: "\n")], to: file.number))
        }
        return file.release()
      }
    }.value()
    return AppendOnlyFile(OwnedDescriptor(owning: number), path: path)
  }

  /// Appends one line and waits until it is on the disk. Lines of concurrent calls stay whole.
  ///
  /// - Throws: `input.malformed` for a line with a line feed in it; when writing failed, nobody knows how much of
  ///   the line a crash would leave.
  public func append(_ line: String) async throws(DeviceError) {
    let operation = "appending to \(path)"
    var bytes = Array(line.utf8)
    guard !bytes.contains(UInt8(ascii: "\n")) else {
      throw DeviceError(.badInput, during: operation, detail: "the line contains a line feed")
    }
    bytes.append(UInt8(ascii: "\n"))
    let record = bytes
    try await BlockingCall("pos-append", during: operation) { () throws(DeviceError) in
      try translating(.transferring, during: operation) { () throws(SystemError) in
        _ = try SystemError.check(writeAll(record, to: self.descriptor.number))
        guard fdatasync(self.descriptor.number) == 0 else { throw SystemError(errno) }
      }
    }.value()
  }

  /// Reads all lines that are there, empty ones left out; the first of a crash may be cut short.
  ///
  /// - Throws: `device.io` for a file above ``largestFile``.
  public func lines() async throws(DeviceError) -> [String] {
    let operation = "reading \(path)"
    return try await BlockingCall("pos-read", during: operation) { () throws(DeviceError) in
      try translating(.transferring, during: operation) { () throws(SystemError) in
        let size = lseek(self.descriptor.number, 0, SEEK_END)
        guard size <= Self.largestFile else { throw SystemError(EFBIG) }
        var bytes = [UInt8](repeating: 0, count: max(0, size))
        var filled = 0
        while filled < bytes.count {
          let count = bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map {
              pread(self.descriptor.number, $0 + filled, buffer.count - filled, filled)
            } ?? 0
          }
          if count == 0 { break }
          guard count > 0 else { throw SystemError(errno) }
          filled += count
        }
        return bytes.prefix(filled).split(separator: UInt8(ascii: "\n")).map {
          String(decoding: $0, as: UTF8.self)
        }
      }
    }.value()
  }
}
