/// A file in `/dev` that reaches a device.
public struct DeviceNode: Sendable, Hashable {
  /// What kind of file it is.
  public enum Kind: String, Sendable, CaseIterable {
    /// The whole USB device, for libusb: `/dev/bus/usb/001/004`.
    case usb
    /// Raw HID reports: `/dev/hidraw0`.
    case hidraw
    /// Key strokes that the kernel made of reports: `/dev/input/event5`.
    case input
    /// A serial port: `/dev/ttyACM0`.
    case tty
    /// A printer: `/dev/usb/lp0`.
    case printer
  }

  /// Where it is.
  public var path: String
  /// What kind of file it is.
  public var kind: Kind
  /// Whether this process may open it, and why not.
  public var access: NodeAccess

  /// A node of these facts.
  public init(path: String, kind: Kind, access: NodeAccess) {
    self.path = path
    self.kind = kind
    self.access = access
  }
}

/// Whether a process may read and write a node, found out without opening it.
public struct NodeAccess: Sendable, Hashable {
  /// The kernel's answer.
  public enum Verdict: String, Sendable {
    /// It may.
    case granted
    /// It may not.
    case denied
    /// The node is not there: a container has no view of it, or udev has not made it yet.
    case missing
  }

  /// How the process and the node's group stand to each other.
  public enum Membership: String, Sendable {
    /// The process belongs to it.
    case member
    /// The user belongs to it by now, but logged in before.
    case sinceLogin
    /// The user does not belong to it.
    case none
  }

  /// The kernel's answer, access lists included.
  public var verdict: Verdict
  /// The node's permission bits.
  public var mode: UInt16
  /// The node's owner.
  public var owner: String
  /// The node's group.
  public var group: String
  /// Who asks.
  public var user: String
  /// How the asking process and the node's group stand to each other.
  public var membership: Membership

  /// Access by these facts.
  public init(
    _ verdict: Verdict, mode: UInt16 = 0, owner: String = "", group: String = "", user: String = "",
    membership: Membership = .none
  ) {
    self.verdict = verdict
    self.mode = mode
    self.owner = owner
    self.group = group
    self.user = user
    self.membership = membership
  }

  /// Whether the node can be opened.
  public var isGranted: Bool { verdict == .granted }

  /// Mode, owner and group as `ls` shows them: `0660 root:dialout`.
  public var modeText: String {
    let digits = String(mode & 0o7777, radix: 8)
    return "\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits) \(owner):\(group)"
  }

  /// Why not, in words; `nil` when access is granted.
  public var reason: String? {
    switch verdict {
    case .granted: return nil
    case .missing: return "the node is not there"
    case .denied:
      guard groupMayUse else { return "it is \(modeText), and you are \(user): only its owner may open it" }
      switch membership {
      case .none: return "it is \(modeText), and you, \(user), are not in group \(group)"
      case .sinceLogin: return "you, \(user), joined group \(group) after you logged in"
      case .member:
        return "it is \(modeText), yet something else forbids it: a container or a security module"
      }
    }
  }

  /// The command that installs the rules, those for recognised devices included that are plugged in and that no rule
  /// covers yet.
  public static let installingRules = "sudo posctl rules install"

  /// One command that mends it; `nil` when access is granted.
  public var remedy: String? {
    switch verdict {
    case .granted: return nil
    case .missing: return "ls -l /dev  # in a container, pass the device through"
    case .denied:
      // The group of root opens everything: joining it would mend too much.
      guard groupMayUse, group != "root" else { return Self.installingRules }
      switch membership {
      case .none: return "sudo usermod -aG \(group) \(user)  # then log in again"
      case .sinceLogin: return "newgrp \(group)  # or log in again"
      case .member:
        return "systemctl show -p DeviceAllow -p DevicePolicy UNIT  # of the service that runs this"
      }
    }
  }

  private var groupMayUse: Bool { mode & 0o060 == 0o060 }
}
