import Glibc
import POSLinux
import POSModel
import POSTransport

/// Two connected ends over each kind of descriptor that carries bytes both ways.
enum LinkedPair: CaseIterable {
  case socketPair, tcp, serial

  struct Ends {
    let host: any ByteTransport
    let device: any ByteTransport

    func close() async {
      async let closed: Void = device.close()
      await host.close()
      await closed
    }
  }

  func open() async throws -> Ends {
    switch self {
    case .socketPair:
      var numbers: [Int32] = [-1, -1]
      guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &numbers) == 0 else {
        throw SystemError(errno)
      }
      return Ends(
        host: try DescriptorTransport(OwnedDescriptor(owning: numbers[0]), name: "the host's socket"),
        device: try DescriptorTransport(OwnedDescriptor(owning: numbers[1]), name: "the device's socket"))
    case .tcp:
      let listener = try TCPListener()
      let host = try await TCPConnection.open(host: "127.0.0.1", port: listener.port)
      let device = try await listener.accept(until: nil)
      await listener.close()
      return Ends(host: host, device: device)
    case .serial:
      let line = try PseudoTerminal()
      return Ends(host: try await SerialPort.open(line.path, SerialSettings(baud: 115200)), device: line)
    }
  }

  /// A one-way pipe.
  static func pipe() throws -> (reader: DescriptorTransport, writer: DescriptorTransport) {
    var numbers: [Int32] = [-1, -1]
    guard Glibc.pipe(&numbers) == 0 else { throw SystemError(errno) }
    return (
      try DescriptorTransport(OwnedDescriptor(owning: numbers[0]), name: "a pipe"),
      try DescriptorTransport(OwnedDescriptor(owning: numbers[1]), name: "a pipe")
    )
  }
}

extension ByteTransport {
  /// Reads exactly `count` bytes, in pieces of at most `piece`.
  func read(exactly count: Int, piece: Int = 4096) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count,
      case .bytes(let some) = try await read(upTo: min(piece, count - bytes.count), until: nil)
    {
      bytes += some
    }
    return bytes
  }
}

/// A path for a test's file or socket, in a directory that only this process uses.
func scratchPath(_ name: String) -> String {
  let directory = "/tmp/pos-linux-tests-\(getpid())"
  _ = mkdir(directory, 0o700)
  return "\(directory)/\(name)-\(UInt32.random(in: 0...UInt32.max))"
}

/// Open descriptors of this process.
func openDescriptorCount() -> Int {
  guard let directory = opendir("/proc/self/fd") else { return -1 }
  defer { closedir(directory) }
  var count = 0
  while readdir(directory) != nil { count += 1 }
  return count
}
