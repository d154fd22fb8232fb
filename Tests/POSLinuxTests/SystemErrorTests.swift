import Glibc
import POSLinux
import POSModel
import Testing

@Suite("Error numbers")
struct SystemErrorTests {
  static let expected: [(Int32, DeviceError.Code, DeviceError.Code)] = [
    (EACCES, .permissionDenied, .permissionDenied), (EPERM, .permissionDenied, .permissionDenied),
    (EROFS, .permissionDenied, .permissionDenied),
    (EBUSY, .busy, .busy), (ETXTBSY, .busy, .busy), (EWOULDBLOCK, .busy, .busy), (EADDRINUSE, .busy, .busy),
    (ENOENT, .notFound, .gone), (ENXIO, .notFound, .gone), (ENODEV, .notFound, .gone),
    (ENOTDIR, .notFound, .notFound), (EIO, .inputOutput, .gone), (ESHUTDOWN, .gone, .gone),
    (ECONNREFUSED, .connectionRefused, .connectionRefused),
    (EHOSTUNREACH, .connectionRefused, .connectionLost), (EHOSTDOWN, .connectionRefused, .connectionLost),
    (ENETUNREACH, .connectionRefused, .connectionLost), (ENETDOWN, .connectionRefused, .connectionLost),
    (EPIPE, .connectionLost, .connectionLost), (ECONNRESET, .connectionLost, .connectionLost),
    (ECONNABORTED, .connectionLost, .connectionLost), (ENETRESET, .connectionLost, .connectionLost),
    (ENOTCONN, .connectionLost, .connectionLost), (ETIMEDOUT, .timedOut, .timedOut),
    (EINVAL, .unsupported, .unsupported), (ENOTTY, .unsupported, .unsupported),
    (ENOSYS, .unsupported, .unsupported), (EOPNOTSUPP, .unsupported, .unsupported),
    (EAFNOSUPPORT, .unsupported, .unsupported), (EPROTONOSUPPORT, .unsupported, .unsupported),
    (EISDIR, .badAddress, .badAddress), (ENAMETOOLONG, .badAddress, .badAddress),
    (ELOOP, .badAddress, .badAddress), (EADDRNOTAVAIL, .badAddress, .badAddress),
    (EPROTO, .inputOutput, .inputOutput), (ENOSPC, .inputOutput, .inputOutput),
    (EDQUOT, .inputOutput, .inputOutput), (EMFILE, .inputOutput, .inputOutput),
    (ENFILE, .inputOutput, .inputOutput), (EBADF, .closed, .closed), (ECANCELED, .cancelled, .cancelled),
    (EILSEQ, .inputOutput, .inputOutput), (ETIME, .inputOutput, .inputOutput),
    (EOVERFLOW, .protocolViolation, .protocolViolation), (EINTR, .cancelled, .cancelled),
    // Not in the table.
    (EDOM, .inputOutput, .inputOutput),
  ]

  @Test("each number has its code, before and after opening", arguments: expected)
  func row(number: Int32, opening: DeviceError.Code, transferring: DeviceError.Code) {
    let first = SystemError(number).deviceError(.opening, during: "opening a test")
    #expect(first.code == opening)
    #expect(first.errno == number)
    #expect(!first.hint.isEmpty)
    #expect(!first.detail.isEmpty)
    #expect(first.detail != "unknown error")
    let second = SystemError(number).deviceError(.transferring, during: "reading a test", bytesMoved: 3)
    #expect(second.code == transferring)
    #expect(second.bytesMoved == 3)
  }

  @Test("the table has no number twice and none that is not tested")
  func complete() {
    let numbers = SystemError.rows.map(\.number)
    #expect(Set(numbers).count == numbers.count)
    #expect(Set(numbers).subtracting(Self.expected.map(\.0)).isEmpty)
  }

  @Test("a missing permission says which rule to install")
  func permission() {
    let error = SystemError(EACCES).deviceError(.opening, during: "opening hidraw:/dev/hidraw0")
    #expect(error.hint.contains("posctl rules install"))
  }

  @Test("a symbolic link that leads to itself is a bad address, whatever is to be opened")
  func linkLoop() async throws {
    let path = scratchPath("loop")
    #expect(symlink(path, path) == 0)
    defer { unlink(path) }
    let openings: [() async throws -> Void] = [
      { _ = try await HIDRaw.open(path) }, { _ = try await KeyboardEvents.open(path) },
      { _ = try await SerialPort.open(path) }, { _ = try await PrinterNode.open(path) },
      { _ = try await FileSink.open(path) },
    ]
    for opening in openings {
      let error = await #expect(throws: DeviceError.self) { try await opening() }
      #expect(error?.code == .badAddress)
      #expect(error?.hint == "mend the symbolic link")
    }
  }
}
