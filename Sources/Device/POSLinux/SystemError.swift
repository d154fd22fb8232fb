import CPOSLinux
import Glibc
package import POSModel

/// An error number of the operating system.
package struct SystemError: Error, Sendable, Hashable {
  /// The number, above 0: `ENOENT`.
  package let number: Int32

  /// Wraps a number.
  package init(_ number: Int32) { self.number = number }

  /// There is no memory left.
  package static let outOfMemory = SystemError(ENOMEM)

  /// What a C function returned: 0 or more, or a negated error number.
  package static func check<Value: SignedInteger>(_ returned: Value) throws(SystemError) -> Value {
    guard returned >= 0 else { throw SystemError(Int32(clamping: -returned)) }
    return returned
  }

  /// The kernel's words for it.
  package var text: String { String(cString: pos_error_text(number)) }
}

// MARK: - The table

extension SystemError {
  /// When an error came up: the same number means other things before and after a device has been opened.
  package enum Phase: Sendable {
    /// Finding, opening, connecting.
    case opening
    /// Reading and writing.
    case transferring
    /// Sending what is left, before the end.
    case closing
  }

  /// One row: what an error number means in either phase.
  package struct Row: Sendable {
    package let number: Int32
    package let opening: DeviceError.Code
    package let transferring: DeviceError.Code
    /// Replaces the hint of the code.
    package let hint: String?

    init(
      _ number: Int32, _ opening: DeviceError.Code, _ transferring: DeviceError.Code? = nil,
      hint: String? = nil
    ) {
      self.number = number
      self.opening = opening
      self.transferring = transferring ?? opening
      self.hint = hint
    }
  }

  /// Every number with a meaning of its own; the others are `device.io`.
  package static let rows: [Row] = [
    Row(EACCES, .permissionDenied),
    Row(EPERM, .permissionDenied),
    Row(EROFS, .permissionDenied, hint: "choose a file on a file system that can be written to"),

    Row(EBUSY, .busy),
    Row(ETXTBSY, .busy),
    Row(EWOULDBLOCK, .busy),
    Row(EADDRINUSE, .busy, hint: "choose another port, or end the program that uses it: ss -ltnp"),

    Row(ENOENT, .notFound, .gone),
    Row(ENXIO, .notFound, .gone),
    Row(ENODEV, .notFound, .gone),
    Row(ENOTDIR, .notFound),
    Row(EIO, .inputOutput, .gone),
    Row(ESHUTDOWN, .gone),

    Row(ECONNREFUSED, .connectionRefused),
    Row(EHOSTUNREACH, .connectionRefused, .connectionLost),
    Row(EHOSTDOWN, .connectionRefused, .connectionLost),
    Row(ENETUNREACH, .connectionRefused, .connectionLost),
    Row(ENETDOWN, .connectionRefused, .connectionLost),
    Row(EPIPE, .connectionLost),
    Row(ECONNRESET, .connectionLost),
    Row(ECONNABORTED, .connectionLost),
    Row(ENETRESET, .connectionLost),
    Row(ENOTCONN, .connectionLost),
    Row(ETIMEDOUT, .timedOut),

    Row(EINVAL, .unsupported),
    Row(ENOTTY, .unsupported),
    Row(ENOSYS, .unsupported),
    Row(EOPNOTSUPP, .unsupported),
    Row(EAFNOSUPPORT, .unsupported),
    Row(EPROTONOSUPPORT, .unsupported),

    Row(EISDIR, .badAddress, hint: "name a file, not a directory"),
    Row(ENAMETOOLONG, .badAddress, hint: "choose a shorter path"),
    Row(ELOOP, .badAddress, hint: "mend the symbolic link"),
    Row(EADDRNOTAVAIL, .badAddress, hint: "choose an address of this machine: ip addr"),

    // What USB controllers say of a bad cable or hub, and of a device that sends more than it said.
    Row(EPROTO, .inputOutput, hint: "try another USB cable or port, without a hub"),
    Row(EILSEQ, .inputOutput, hint: "try another USB cable or port, without a hub"),
    Row(ETIME, .inputOutput, hint: "try another USB cable or port, without a hub"),
    Row(EOVERFLOW, .protocolViolation),
    Row(ENOSPC, .inputOutput, hint: "free some space on the disk: df -h"),
    Row(EDQUOT, .inputOutput, hint: "free some space on the disk: df -h"),
    Row(EMFILE, .inputOutput, hint: "raise the limit of open files: ulimit -n"),
    Row(ENFILE, .inputOutput, hint: "close programs that hold many files open"),

    Row(EBADF, .closed),
    Row(ECANCELED, .cancelled),
    Row(EINTR, .cancelled),
  ]

  /// The error that callers see.
  package func deviceError(
    _ phase: Phase, during operation: String, bytesMoved: Int = 0
  ) -> DeviceError {
    let row = Self.rows.first { $0.number == number } ?? Row(number, .inputOutput)
    return DeviceError(
      phase == .opening ? row.opening : row.transferring, during: operation, detail: text, hint: row.hint,
      bytesMoved: bytesMoved, errno: number)
  }
}

// MARK: - Plain files

/// What a plain file is opened for, as the end of "a file that you may".
package enum FileUse: String, Sendable {
  case read
  case write
}

extension SystemError {
  /// What mends the opening of a plain file; `nil` where the table's hint does. Neither a list of what is plugged in nor
  /// the rules for devices help with one.
  package func fileHint(_ path: String, for use: FileUse) -> String? {
    switch number {
    case ENOENT, ENOTDIR:
      "check the name: ls -l \(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".")"
    case EACCES, EPERM: "name a file that you may \(use.rawValue): ls -l \(path)"
    default: nil
    }
  }
}

/// Runs `body` and turns the system's error into the one that callers see.
///
/// - Parameter hint: what mends it; `nil` where the table's hint does.
package func translating<Value: ~Copyable>(
  _ phase: SystemError.Phase, during operation: @autoclosure () -> String,
  hint: (SystemError) -> String? = { _ in nil }, _ body: () throws(SystemError) -> Value
) throws(DeviceError) -> Value {
  do {
    return try body()
  } catch {
    var failure = error.deviceError(phase, during: operation())
    if let hint = hint(error) { failure.hint = hint }
    throw failure
  }
}
