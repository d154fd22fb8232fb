import Glibc
public import POSModel

/// Which processes have a device node open.
public enum NodeHolders {
  /// Processes seen by this one: all of them as root, else those of the same user.
  public struct Report: Sendable, Hashable {
    /// Who has the node open, this process left out.
    public var holders: [ProcessIdentity]
    /// Whether every process could be looked at. If not, somebody else's may hold the node unseen.
    public var isComplete: Bool

    /// A report of these processes.
    public init(holders: [ProcessIdentity], isComplete: Bool) {
      self.holders = holders
      self.isComplete = isComplete
    }
  }

  /// Looks through the open files of all processes, on a thread of its own.
  public static func holders(of paths: [String]) async throws(DeviceError) -> Report {
    try await BlockingCall("pos-holders", during: "looking for who holds \(paths.joined(separator: ", "))") {
      () throws(DeviceError) in scan(Set(paths))
    }.value()
  }

  private static func scan(_ paths: Set<String>) -> Report {
    let devices = Set(paths.compactMap(characterDevice))
    var report = Report(holders: [], isComplete: true)
    for name in SmallFile.names(in: "/proc") {
      guard let pid = Int32(name), pid != getpid() else { continue }
      let folder = "/proc/\(pid)/fd"
      guard Glibc.access(folder, R_OK) == 0 else {
        // A process that has ended since is not one that hides.
        if errno == EACCES || errno == EPERM { report.isComplete = false }
        continue
      }
      let holds = SmallFile.names(in: folder).contains { number in
        let link = "\(folder)/\(number)"
        if let target = destination(of: link), paths.contains(target) { return true }
        return characterDevice(link).map(devices.contains) ?? false
      }
      if holds, let process = ProcessIdentity(pid: pid) { report.holders.append(process) }
    }
    report.holders.sort { $0.pid < $1.pid }
    return report
  }

  private static func destination(of link: String) -> String? {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(link, &target, target.count)
    guard count > 0 else { return nil }
    return String(decoding: target.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The number of a character device: a node may have been opened under another name.
  private static func characterDevice(_ path: String) -> UInt64? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFCHR else { return nil }
    return UInt64(status.st_rdev)
  }
}
