import Glibc
package import POSModel

/// The least that puts something on the disk: one write at the end of a file and one `fdatasync`. What the journal
/// takes is compared with it, in one run (DESIGN §7).
package final class BareSync: Sendable {
  private let file: OwnedDescriptor

  /// Makes the file, for its owner alone.
  package init(_ path: String) throws(DeviceError) {
    let number = try translating(.opening, during: "opening \(path)") { () throws(SystemError) in
      try OwnedDescriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, mode: 0o600).release()
    }
    file = OwnedDescriptor(owning: number)
  }

  /// Writes so many bytes and returns how long they took to the disk. Blocks its thread.
  package func measure(bytes count: Int) throws(DeviceError) -> Duration {
    let bytes = [UInt8](repeating: 0x55, count: count)
    let start = Reactor.shared.now
    try translating(.transferring, during: "writing to a file") { () throws(SystemError) in
      _ = try SystemError.check(writeAll(bytes, to: file.number))
      guard fdatasync(file.number) == 0 else { throw SystemError(errno) }
    }
    return Reactor.shared.now - start
  }
}
