import Foundation
import TestSupport
import Testing

/// Other programs, above all the built `posctl`.
enum Program {
  struct Result: CustomStringConvertible {
    /// Negative for the number of the signal that ended it.
    var status: Int32
    var output: String
    var complaints: String

    var description: String { "status \(status)\n\(output)\n\(complaints)" }
  }

  /// The folder of the test runner, where `posctl` is too.
  private static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()

  static var posctl: URL { folder.appending(path: "posctl") }

  /// The sample check.
  static var order: String { root + "/Examples/burger.json" }

  /// What the programs are to print.
  static var goldens: String { root + "/Tests/Fixtures/lab" }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// What the sandbox takes for keys.
  static let keys = [
    "PUNCHH_LOCATION_KEY": "sandbox-location-key", "PUNCHH_BUSINESS_KEY": "sandbox-business-key",
  ]

  /// A new folder.
  static func folder(forPlainUser isPlain: Bool = false) throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/lab-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true,
      attributes: [.posixPermissions: isPlain ? 0o777 : 0o700])
    if isPlain { try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path) }
    return path
  }

  /// Runs `posctl` to its end, if wanted as a user without any rights.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], asPlainUser: Bool = false,
    inGroup group: String? = nil
  ) async throws -> Result {
    let user = asPlainUser || group != nil ? plainUser(inGroup: group) : []
    return try await run(user.isEmpty ? posctl : plainly, user + arguments, environment)
  }

  private static let plainly = URL(filePath: "/usr/bin/setpriv")
  private static func plainUser(inGroup group: String? = nil) -> [String] {
    ["--reuid=12345", "--regid=12345", group.map { "--groups=\($0)" } ?? "--clear-groups", "--", posctl.path]
  }

  /// Waits until udev has applied its rules.
  static func settleRules() async throws {
    _ = try await run(URL(filePath: "/usr/bin/udevadm"), ["settle", "-t", "10"], [:])
  }

  /// Waits until udev has made a node.
  static func wait(for node: String) async throws {
    let result = try await run(URL(filePath: "/usr/bin/udevadm"), ["wait", "--timeout=30", node], [:])
    try #require(result.status == 0, "\(result)")
  }

  /// Runs another program to its end.
  static func run(
    _ program: URL, _ arguments: [String], _ environment: [String: String]
  ) async throws -> Result {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = environment.merging([
      "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent",
    ]) {
      given, _ in given
    }
    let folder = try folder()
    let files = ["/stdout", "/stderr"].map { folder + $0 }
    for file in files { try Data().write(to: URL(filePath: file)) }
    let handles = try files.map { try FileHandle(forWritingTo: URL(filePath: $0)) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    try await process.runToEnd()
    for handle in handles { try handle.close() }
    let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
    let sign: Int32 = process.terminationReason == .uncaughtSignal ? -1 : 1
    return Result(status: sign * process.terminationStatus, output: texts[0], complaints: texts[1])
  }

  /// Ends a program that was started here. It has inherited the blocked signals of the thread that started it, so
  /// `terminate()` would not end it.
  static func end(_ process: Process) { kill(process.processIdentifier, SIGKILL) }

  /// Starts a program that does nothing but hold `node` open, under the name `name`, until it is ended. It opens the node
  /// itself: the driver may ask the device, whose task needs the thread that a call from here would block.
  static func hold(_ node: String, as name: String) async throws -> Process {
    let program = try folder() + "/" + name
    try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: program)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "exec 3<>\"$1\" && echo held && exec \"$0\" 600", program, node]
    _ = try await start(process, lines: 1)
    return process
  }

  /// Starts a program that takes the interface `number` of the USB device at `node` from the kernel's driver, as
  /// libusb does (USBDEVFS_DISCONNECT_CLAIM of linux/usbdevice_fs.h), and keeps it until it is ended.
  static func takeThroughUSBFS(_ node: String, interface number: UInt8) async throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [
      "-c",
      """
      import fcntl, os, struct, time
      node = os.open("\(node)", os.O_RDWR)
      fcntl.ioctl(node, 0x8108551b, struct.pack("II256s", \(number), 0, b""))
      print("taken", flush=True)
      time.sleep(600)
      """,
    ]
    _ = try await start(process, lines: 1)
    return process
  }

  /// The node of the whole USB device of this vendor, four digits.
  static func usbNode(vendor: String) throws -> String? {
    let folder = "/sys/bus/usb/devices"
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      func value(_ attribute: String) -> String? {
        (try? String(contentsOfFile: "\(folder)/\(name)/\(attribute)", encoding: .utf8))?
          .trimmingCharacters(in: .whitespacesAndNewlines)
      }
      guard value("idVendor") == vendor, let bus = value("busnum").flatMap({ Int($0) }),
        let number = value("devnum").flatMap({ Int($0) })
      else { continue }
      return String(format: "/dev/bus/usb/%03d/%03d", bus, number)
    }
    return nil
  }

  /// Starts a program and waits for its first `count` lines.
  static func start(_ process: Process, lines count: Int) async throws -> [String] {
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    var text = ""
    for await piece in pieces(from: pipe) {
      text += String(decoding: piece, as: UTF8.self)
      if text.split(separator: "\n", omittingEmptySubsequences: false).count > count { break }
    }
    let lines = text.split(separator: "\n").prefix(count).map(String.init)
    try #require(lines.count == count, "\(text)")
    return lines
  }

  /// Starts `posctl simulate …` and waits for its first `count` lines, "kind address" each.
  static func simulate(
    _ arguments: [String], lines count: Int, asPlainUser: Bool = false
  ) async throws -> (process: Process, addresses: [String: String]) {
    let process = Process()
    process.executableURL = asPlainUser ? plainly : posctl
    process.arguments = (asPlainUser ? plainUser() : []) + ["simulate"] + arguments
    var addresses: [String: String] = [:]
    for line in try await start(process, lines: count) {
      let words = line.split(separator: " ", maxSplits: 1)
      if words.count == 2 { addresses[String(words[0])] = String(words[1]) }
    }
    try #require(addresses.count == count)
    return (process, addresses)
  }
}
