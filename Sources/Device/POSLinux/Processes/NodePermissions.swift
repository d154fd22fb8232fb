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
      owner: AccountName.user(status.st_uid), group: AccountName.group(status.st_gid),
      user: AccountName.user(geteuid()), membership: membership)
  }
}
