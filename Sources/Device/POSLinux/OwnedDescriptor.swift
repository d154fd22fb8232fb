import CPOSLinux
import Glibc

/// A file descriptor with one owner. It is closed when the owner lets go of it.
public struct OwnedDescriptor: ~Copyable, Sendable {
  /// The number, 0 or more. Not to be closed.
  public let number: Int32

  /// Takes over an open descriptor.
  public init(owning number: Int32) { self.number = number }

  /// Takes over what a C function returned, or throws what it failed with.
  package init(returned: Int32) throws(SystemError) {
    number = try SystemError.check(returned)
  }

  /// Opens a file with `open(2)`; the descriptor does not survive `exec`.
  package init(opening path: String, _ flags: Int32, mode: UInt32 = 0) throws(SystemError) {
    try self.init(returned: pos_open(path, flags, mode))
  }

  /// Another descriptor of the same file, of which `number` keeps its owner.
  package init(duplicating number: Int32) throws(SystemError) {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw SystemError(errno) }
    self.number = copy
  }

  deinit {
    // The number is free again even when close is interrupted or fails: trying again would close another's.
    _ = Glibc.close(number)
  }

  /// Gives up ownership; the caller closes.
  public consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }
}
