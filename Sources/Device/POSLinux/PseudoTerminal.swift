import CPOSLinux
import Glibc
public import POSModel
public import POSTransport

/// The device's end of a serial line that exists in the kernel alone: what a simulated terminal or scanner
/// reads and writes while a driver has ``path`` open as a serial port.
///
///     let line = try PseudoTerminal()
///     print("serial:\(line.path)")
///
/// Drivers may come and go. The simulator does not notice: bytes wait for the next one, who drops them when it
/// opens the port. Closing this end is what pulling out the cable is to the driver.
public final class PseudoTerminal: ByteTransport {
  /// The serial port to give to a driver: `/dev/pts/7`, or the link that was asked for.
  public let path: String
  private let node: String
  private let transport: DescriptorTransport
  /// Kept open, because reading fails while nobody has the port open, and nothing tells when somebody does again.
  private let port: Lock<OwnedDescriptor?>

  /// Makes a new line. It is raw: no echo, no translation.
  ///
  /// - Parameter link: a path for a symbolic link to the port, the same each time the simulator runs. A link that
  ///   is there already is replaced; closing removes it.
  /// - Throws: `device.busy` when something else than a link is at that path.
  public init(link: String? = nil) throws(DeviceError) {
    var other: Int32 = -1
    var path = [CChar](repeating: 0, count: 64)
    let operation = "making a pseudo-terminal"
    let master = try translating(.opening, during: operation) { () throws(SystemError) in
      try OwnedDescriptor(returned: pos_pty_open(&other, &path, path.count))
    }
    port = Lock(OwnedDescriptor(owning: other))
    let node = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    self.path = link ?? node
    self.node = node
    transport = try DescriptorTransport(master, name: "the device end of \(node)", .stream)
    if let link {
      try translating(.opening, during: "linking \(link) to \(node)") { () throws(SystemError) in
        try Self.link(link, to: node)
      }
    }
  }

  private static func link(_ link: String, to node: String) throws(SystemError) {
    var status = stat()
    if lstat(link, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFLNK else { throw SystemError(EBUSY) }
      _ = unlink(link)
    }
    guard symlink(node, link) == 0 else { throw SystemError(errno) }
  }

  /// Whether `link` leads to a line that somebody serves: taking it would take it away from them.
  public static func isServed(_ link: String) -> Bool {
    var status = stat()
    guard lstat(link, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return false }
    // The kernel takes the node away with the last who has the device's end open.
    return stat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR
  }

  /// What a link points to: perhaps the line of a simulator that has replaced it since.
  private static func target(of link: String) -> String {
    var target = [CChar](repeating: 0, count: 256)
    let count = readlink(link, &target, target.count)
    return String(decoding: target.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The machine's clock.
  public var clock: any TransportClock { transport.clock }

  /// Waits for bytes from the driver; see ``ByteTransport``.
  public func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult
  {
    try await transport.read(upTo: limit, until: deadline)
  }

  /// Writes to the driver; see ``ByteTransport``. The kernel holds some 4 kB when nobody reads.
  public func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    try await transport.write(bytes, until: deadline)
  }

  /// Hangs up: the driver finds the device gone, and what it had not read yet is lost.
  public func close() async {
    if path != node, Self.target(of: path) == node { _ = unlink(path) }
    await transport.close()
    port.withLock { $0 = nil }
  }
}
