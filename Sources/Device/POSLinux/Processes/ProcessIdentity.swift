import Glibc

/// A running process, as a technician needs to see it to end it.
public struct ProcessIdentity: Sendable, Hashable, CustomStringConvertible {
  /// Its number.
  public let pid: Int32
  /// Its short name, at most 15 characters: `cupsd`.
  public let name: String
  /// Its command line, at most 256 bytes of it.
  public let commandLine: String
  /// The systemd unit it belongs to, `cups.service`.
  public let unit: String?

  /// Looks up a running process; `nil` when there is none.
  public init?(pid: Int32) {
    let folder = "/proc/\(pid)"
    guard let name = try? SmallFile.read("\(folder)/comm", upTo: 64) else { return nil }
    self.pid = pid
    self.name = Self.text(name.prefix { $0 != UInt8(ascii: "\n") })
    let words = (try? SmallFile.read("\(folder)/cmdline", upTo: 256)) ?? []
    let line = Self.text(words.split(separator: 0).joined(separator: [UInt8(ascii: " ")]))
    commandLine = line.isEmpty ? self.name : line
    unit = (try? SmallFile.read("\(folder)/cgroup", upTo: 4096)).flatMap(Self.unit(inControlGroups:))
  }

  /// The unit in the text of `/proc/PID/cgroup`: the last part that names a service.
  static func unit(inControlGroups bytes: [UInt8]) -> String? {
    text(bytes).split(separator: "\n").lazy
      .compactMap { line in line.split(separator: "/").last { $0.hasSuffix(".service") } }
      .first.map(String.init)
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
