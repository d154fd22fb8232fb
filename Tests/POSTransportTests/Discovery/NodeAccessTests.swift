import POSTransport
import Testing

@Suite("Why a node may not be opened")
struct NodeAccessTests {
  static func denied(_ mode: UInt16, _ group: String, _ membership: NodeAccess.Membership) -> NodeAccess {
    NodeAccess(.denied, mode: mode, owner: "root", group: group, user: "till", membership: membership)
  }

  static let cases: [(access: NodeAccess, reason: String, remedy: String)] = [
    (denied(0o600, "root", .none), "only its owner may open it", "sudo posctl rules install"),
    // Root's group opens everything.
    (denied(0o660, "root", .none), "not in group root", "sudo posctl rules install"),
    (denied(0o660, "dialout", .none), "0660 root:dialout", "sudo usermod -aG dialout till"),
    (denied(0o660, "pos", .sinceLogin), "after you logged in", "newgrp pos"),
    (denied(0o660, "pos", .member), "something else forbids it", "systemctl show -p DeviceAllow"),
    (denied(0o640, "lp", .member), "only its owner may open it", "sudo posctl rules install"),
    (NodeAccess(.missing), "not there", "ls -l /dev"),
  ]

  @Test("each cause has its own words and its own command", arguments: cases.indices)
  func causes(index: Int) {
    let (access, reason, remedy) = Self.cases[index]
    #expect(access.reason?.contains(reason) == true)
    #expect(access.remedy?.hasPrefix(remedy) == true)
    #expect(!access.isGranted)
  }

  @Test("nothing is said of a node that may be opened")
  func granted() {
    let access = NodeAccess(.granted, mode: 0o600, owner: "root", group: "root", user: "root")
    #expect(access.reason == nil)
    #expect(access.remedy == nil)
  }
}
