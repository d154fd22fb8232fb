import CPOSLinux
import Glibc
public import POSTransport

extension NodeAccess {
  /// Asks the kernel whether this process may read and write the node at `path`, without opening it.
  public init(node path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      self.init(.missing)
      return
    }
    let membership: Membership =
      switch pos_group_membership(status.st_gid) {
      case 2: .member
      case 1: .sinceLogin
      default: .none
      }
    self.init(
      Glibc.access(path, R_OK | W_OK) == 0 ? .granted : .denied,
      mode: UInt16(truncatingIfNeeded: status.st_mode & 0o7777),
      owner: Self.name { pos_user_name(status.st_uid, $0, $1) },
      group: Self.name { pos_group_name(status.st_gid, $0, $1) },
      user: Self.name { pos_user_name(geteuid(), $0, $1) }, membership: membership)
  }

  private static func name(_ store: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress else { return "" }
      store(start, buffer.count)
      return String(cString: start)
    }
  }
}
