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
  /// How long an owner may think before it loses the device.
  public let timeToAnswer: Duration
  /// How much longer whoever asks waits for the answer, on a busy machine.
  private let patience: Duration

  /// A directory, which is made when it is first needed. `patience` is how much longer than the owner may think whoever
  /// asks waits for its answer.
  public init(_ path: String, timeToAnswer: Duration = .seconds(1), patience: Duration = .seconds(4)) {
    self.path = path
    self.timeToAnswer = timeToAnswer
    self.patience = patience
  }

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

      // All names are of one length, so that whoever reads the file meanwhile finds the old one or this.
      let name = "pos-claim-\(String(UInt64.random(in: 1 << 63 ... .max), radix: 16))"
      let socket = try OwnedDescriptor(returned: pos_packet_socket())
      try SocketAddress.abstract(name).listen(socket.number)
      _ = try SystemError.check(pwrite(file.number, name, name.utf8.count, 0) < 0 ? -Int(errno) : 0)
      guard ftruncate(file.number, name.utf8.count) == 0 else { throw SystemError(errno) }
      return ClaimLease(
        lock: OwnedDescriptor(owning: file.release()),
        listener: try SharedDescriptor(socket, name: "the claim on \(device)"),
        timeToAnswer: timeToAnswer)
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

  /// What an owner answers.
  enum Reply: UInt8 {
    case letGo
    case keep
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
    guard let socket = await owner(of: device) else { return answer }
    answer.owner = ProcessIdentity(pid: pos_peer_process(socket.number))
    let deadline = Reactor.shared.now + timeToAnswer + patience
    guard question == .release, (try? await socket.sendPacket([question.rawValue], until: deadline)) != nil
    else { return answer }
    // What comes makes no difference to the asker, who tries the lock again: believed is the kernel.
    answer.wasGiven =
      (try? await socket.receivePacket(upTo: 1, until: deadline, during: "asking")) != nil
    return answer
  }

  /// A connection to the owner. A new owner may not have written its name yet: looked at again are names at which
  /// nobody listens.
  private func owner(of device: DeviceID) async -> SharedDescriptor? {
    for attempt in 0..<3 {
      let clock = Reactor.shared
      if attempt > 0 { try? await clock.sleep(until: clock.now + .milliseconds(10)) }
      guard let name = try? SmallFile.read(file(of: device), upTo: 64) else { return nil }
      if !name.isEmpty, let socket = try? connect(String(decoding: name, as: UTF8.self)) { return socket }
    }
    return nil
  }

  private func connect(_ name: String) throws(SystemError) -> SharedDescriptor {
    let socket = try OwnedDescriptor(returned: pos_packet_socket())
    if case .failed(let error) = try SocketAddress.abstract(name).connect(socket.number) { throw error }
    return try SharedDescriptor(socket, name: "the owner of a claim")
  }
}
