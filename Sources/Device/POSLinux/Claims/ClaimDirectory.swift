import CPOSLinux
import Glibc
import POSModel
import POSTransport

/// Where claims are: a directory of files that are locked as long as a device is claimed.
///
/// A file says how to reach its owner: the name of a local socket. Anybody may write to it, as anybody may come
/// to own the device; what it says is believed only as far as the kernel confirms it.
public struct ClaimDirectory: Sendable {
  /// Every program of this project on the machine shares it, and it is empty after a restart.
  public static let standard = ClaimDirectory("/run/lock/pos-devices")

  private let path: String

  /// A directory, which is made when it is first needed.
  public init(_ path: String) { self.path = path }

  private func file(of device: DeviceID) -> String {
    // An identity may come from a command line: it must not lead out of the directory.
    "\(path)/\(String(device.text.map { $0 == "/" ? "_" : $0 }.prefix(200))).claim"
  }

  /// Locks a device's file; `nil` when another process has it.
  func lock(_ device: DeviceID, during operation: String) throws(DeviceError) -> ClaimLease? {
    try translating(.opening, during: operation) { () throws(SystemError) in
      let file = try open(file(of: device))
      let locked = pos_lock_exclusively(file.number)
      guard locked != -EWOULDBLOCK else { return nil }
      _ = try SystemError.check(locked)

      let name = "pos-claim-\(String(UInt64.random(in: .min ... .max), radix: 16))"
      let socket = try OwnedDescriptor(returned: pos_packet_socket())
      try SocketAddress.abstract(name).listen(socket.number)
      guard ftruncate(file.number, 0) == 0 else { throw SystemError(errno) }
      _ = try SystemError.check(pwrite(file.number, name, name.utf8.count, 0) < 0 ? -Int(errno) : 0)
      return ClaimLease(
        lock: OwnedDescriptor(owning: file.release()),
        listener: try SharedDescriptor(socket, name: "the claim on \(device)"))
    }
  }

  private func open(_ file: String) throws(SystemError) -> OwnedDescriptor {
    if mkdir(path, 0o777) == 0 { chmod(path, 0o1777) }
    while true {
      // The kernel refuses to create in a directory of everybody's what is there as somebody else's: so first
      // the one, then the other (fs.protected_regular).
      do throws(SystemError) {
        return try OwnedDescriptor(opening: file, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
      } catch {
        guard error.number == ENOENT else { throw error }
      }
      do throws(SystemError) {
        let made = try OwnedDescriptor(opening: file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o666)
        _ = fchmod(made.number, 0o666)
        return made
      } catch {
        guard error.number == EEXIST else { throw error }
      }
    }
  }

  // MARK: Asking

  /// What an owner is asked.
  enum Question: UInt8 {
    /// Who it is.
    case name
    /// To let go.
    case release
  }

  /// What came of a question.
  struct Answer {
    /// The owner, if one listens.
    var owner: ProcessIdentity?
    /// Whether it has answered.
    var wasGiven: Bool
  }

  /// Asks the owner of a device.
  func ask(_ device: DeviceID, _ question: Question) async -> Answer {
    var answer = Answer(owner: nil, wasGiven: false)
    guard let name = try? SmallFile.read(file(of: device), upTo: 64), !name.isEmpty,
      let socket = try? connect(String(decoding: name, as: UTF8.self))
    else { return answer }
    answer.owner = ProcessIdentity(pid: pos_peer_process(socket.number))
    let deadline = Reactor.shared.now + Claim.timeToAnswer + .seconds(1)
    guard question == .release, (try? await socket.sendPacket([question.rawValue], until: deadline)) != nil
    else { return answer }
    // The end of the stream says that it has let go, a packet that it has not.
    answer.wasGiven =
      (try? await socket.receivePacket(upTo: 1, until: deadline, during: "asking")) != nil
    return answer
  }

  private func connect(_ name: String) throws(SystemError) -> SharedDescriptor {
    let socket = try OwnedDescriptor(returned: pos_packet_socket())
    if case .failed(let error) = try SocketAddress.abstract(name).connect(socket.number) { throw error }
    return try SharedDescriptor(socket, name: "the owner of a claim")
  }
}
