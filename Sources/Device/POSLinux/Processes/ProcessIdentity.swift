import Glibc

/// A running process, as a technician needs to see it to end it.
public struct ProcessIdentity: Sendable, Hashable, CustomStringConvertible {
  /// Its number.
  public let pid: Int32
  /// Its short name, at most 15 characters: `cupsd`.
  public let name: String
  /// Its command line, at most 256 bytes of it.
  public let commandLine: String
  /// The systemd service that it is, `cups.service`; `nil` for what somebody has started by hand.
  public let unit: String?
  /// Whether that service is one of its user's own, which `systemctl --user` knows.
  public let isUserUnit: Bool
  /// The number of its user.
  public let user: UInt32
  /// Whether it has been stopped, as Ctrl-Z does: it hears nothing until it goes on.
  public let isStopped: Bool

  /// Looks up a running process; `nil` when there is none.
  public init?(pid: Int32) {
    let folder = "/proc/\(pid)"
    guard let name = try? SmallFile.read("\(folder)/comm", upTo: 64) else { return nil }
    self.init(
      pid: pid, name: name, commandLine: (try? SmallFile.read("\(folder)/cmdline", upTo: 256)) ?? [],
      controlGroups: (try? SmallFile.read("\(folder)/cgroup", upTo: 4096)) ?? [],
      status: (try? SmallFile.read("\(folder)/status", upTo: 4096)) ?? [])
  }

  /// A process by what the files of its folder in `/proc` say: `comm`, `cmdline`, `cgroup` and `status`.
  package init(
    pid: Int32, name: [UInt8], commandLine: [UInt8], controlGroups: [UInt8], status: [UInt8]
  ) {
    self.pid = pid
    self.name = Self.text(name.prefix { $0 != UInt8(ascii: "\n") })
    let line = Self.text(commandLine.split(separator: 0).joined(separator: [UInt8(ascii: " ")]))
    self.commandLine = line.isEmpty ? self.name : line
    let service = Self.service(inControlGroups: controlGroups)
    unit = service?.name
    isUserUnit = service?.isUsers ?? false
    // The real one, which is the first, decides who may send it signals.
    user = Self.field("Uid", of: status)?.split(separator: "\t").first.flatMap { UInt32($0) } ?? 0
    isStopped = Self.field("State", of: status)?.hasPrefix("T") ?? false
  }

  /// The command that ends it, for whoever looks at it now.
  public var ending: String { ending(for: Self.reader) }

  /// The command with which the user `reader` ends it.
  package func ending(for reader: UInt32) -> String {
    let isOwn = user == reader
    // systemd writes a hyphen of a program's name as \x2d, of which a shell would take the backslash.
    let unit = unit.map { $0.contains("\\") ? "'\($0)'" : $0 }
    switch (unit, isUserUnit) {
    case (let unit?, false): return "sudo systemctl stop \(unit)"
    case (let unit?, true):
      return isOwn
        ? "systemctl --user stop \(unit)"
        : "sudo systemctl --user --machine=\(AccountName.user(user))@.host stop \(unit)"
    case (nil, _): return "\(isOwn ? "" : "sudo ")kill \(isStopped ? "-KILL " : "")\(pid)"
    }
  }

  /// Whoever reads what is printed: behind sudo still the one who called it.
  private static var reader: UInt32 {
    let user = geteuid()
    guard user == 0, let caller = getenv("SUDO_UID") else { return user }
    return UInt32(String(cString: caller)) ?? user
  }

  // MARK: Services

  /// Services that start other people's programs: stopping one ends more than the process, and a session with it.
  private static let launchers = [
    "user@", "ssh.", "ssh@", "sshd.", "sshd@", "getty@", "serial-getty@", "console-getty.", "cron.", "crond.",
    "anacron.", "atd.",
  ]

  /// The service in the text of `/proc/PID/cgroup`. It is the last part of a path or none: what is further down has
  /// been started by somebody who works in that service, as a terminal of a desktop in `user@1000.service`.
  private static func service(inControlGroups bytes: [UInt8]) -> (name: String, isUsers: Bool)? {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      // Number, controllers, path: systemd's own hierarchy has no controllers, or, in an old system, a name.
      let fields = text(line).split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3, fields[1].isEmpty || fields[1] == "name=systemd" else { continue }
      let parts = fields[2].split(separator: "/")
      guard let last = parts.last, last.hasSuffix(".service"),
        !launchers.contains(where: { last.hasPrefix($0) }), last.first != "-",
        last.allSatisfy(isOfUnitName)
      else { continue }
      return (
        String(last), parts.dropLast().contains { $0.hasPrefix("user@") && $0.hasSuffix(".service") }
      )
    }
    return nil
  }

  /// Whether a unit's name may have a character (systemd.unit(5)). Users make control groups too: none of theirs
  /// makes a command of another kind of what is printed.
  private static func isOfUnitName(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || ":-_.\\@".contains(character))
  }

  // MARK: Texts

  /// A field of `/proc/PID/status`.
  private static func field(_ name: String, of status: [UInt8]) -> String? {
    let mark = Array("\(name):\t".utf8)
    return status.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: mark) }
      .map { String(decoding: $0.dropFirst(mark.count), as: UTF8.self) }
  }

  /// Processes name themselves: no control character of theirs reaches a terminal.
  private static func text(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
  }

  /// `cupsd (pid 812, cups.service): /usr/sbin/cupsd -l`.
  public var description: String {
    "\(name) (pid \(pid)\(unit.map { ", \($0)" } ?? "")): \(commandLine)"
  }
}
