import Foundation
import Testing

/// Devices come from umockdev, whose fake `/sys` is in a child process: the test runner needs no preload.
/// `tools/install --tests` brings it.
@Suite("posctl devices, watch, wait, doctor and rules", .timeLimit(.minutes(2)))
struct DeviceTests {
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/umockdev").path
  static let ports = "/sys/devices/pci0000:00/0000:00:14.0/usb1"
  static let scannerID = "usb-0c2e-1007-15138B0001-if00"

  /// What starts a program with these devices plugged in.
  static func launcher(_ fixture: String, _ options: String...) -> [String] {
    ["/usr/bin/umockdev-run", "-d", "\(fixtures)/\(fixture).umockdev"] + options + ["--"]
  }

  /// What starts a program while the steps of testbed.py go by.
  static func testbed(_ steps: [String]) -> [String] {
    ["/usr/bin/umockdev-wrapper", "/usr/bin/python3", "\(fixtures)/testbed.py", fixtures] + steps + ["--"]
  }

  static let emptyBus = ["/usr/bin/umockdev-run", "--"]

  static func functions(_ line: [String: Any]) -> [[String: Any]] {
    line["functions"] as? [[String: Any]] ?? []
  }

  // MARK: Listing

  @Test("the tree of a lane: two scanners of one model are two, and the mouse is none of ours")
  func lane() async throws {
    let result = try await Posctl.run(["devices", "--json"], launcher: Self.launcher("lane"))
    #expect(result.status == 0)
    let lines = try result.lines
    #expect(lines.map { $0["port"] as? String } == ["1-1", "1-2", "1-3", "1-4.1", "1-5"])
    #expect(lines.map { $0["known"] as? Bool } == [true, true, true, true, false])
    let functions = lines.flatMap(Self.functions)
    #expect(
      functions.map { $0["id"] as? String } == [
        "usb-04b8-0e03-J8KF012345-if00", Self.scannerID, "usb-0c2e-1007-15138B0002-if00",
        "usb-0b00-0061@1-4.1-if00",
      ])
    #expect(functions.map { $0["kind"] as? String } == ["printer", "scanner", "scanner", "terminal"])
    #expect(
      functions.map { $0["address"] as? String } == [
        "usblp:/dev/usb/lp0", "hidraw:/dev/hidraw0", "hidraw:/dev/hidraw1", "serial:/dev/ttyACM0",
      ])
    #expect(functions.allSatisfy { $0["accessible"] as? Bool == true })
    let interfaces = lines.flatMap { $0["interfaces"] as? [[String: Any]] ?? [] }
    #expect(
      interfaces.map { $0["driver"] as? String } == [
        "usblp", "usbhid", "usbhid", "cdc_acm", "cdc_acm", "usbhid",
      ])
    #expect(interfaces.first?["ieee1284"] as? String == "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20;CLS:PRINTER;")
  }

  @Test("people read a tree")
  func tree() async throws {
    let result = try await Posctl.run(["devices"], launcher: Self.launcher("lane"))
    #expect(result.output.contains("1-2  Honeywell Xenon 1900 [0c2e:1007, serial 15138B0001]\n"))
    #expect(result.output.contains("interface 0: usbhid → /dev/hidraw0\n"))
    #expect(result.output.contains("1-5  Logitech USB Optical Mouse [046d:c077]\n  not a known POS device\n"))
  }

  /// Runs a program as an ordinary user to whom the node of the first scanner is closed.
  private func withoutAccess(_ arguments: String...) async throws -> Posctl.Result {
    // Root may open anything, so root becomes nobody first.
    let user =
      getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    let closing = ["/bin/sh", "-c", "chmod 0 \"$UMOCKDEV_DIR/dev/hidraw0\" && exec \"$@\"", "sh"]
    return try await Posctl.run(
      arguments, environment: ["HOME": NSTemporaryDirectory()],
      launcher: user + Self.launcher("lane") + closing)
  }

  @Test("what may not be opened is listed, with the reason and the command that mends it")
  func noAccess() async throws {
    let result = try await withoutAccess("devices", "--known", "--json")
    #expect(result.status == 0)
    let functions = try result.lines.flatMap(Self.functions)
    #expect(functions.map { $0["accessible"] as? Bool } == [true, false, true, true])
    let scanner = try #require(functions.first { $0["id"] as? String == Self.scannerID })
    #expect((scanner["reason"] as? String)?.contains("0000") == true)
    #expect(scanner["fix"] as? String == "sudo posctl rules install")
  }

  @Test("without devices there is nothing to list, and nothing to wait for")
  func nothing() async throws {
    #expect(try await Posctl.run(["devices", "--json"], launcher: Self.emptyBus).output.isEmpty)
    let wait = try await Posctl.run(["wait", "--for", "scanner", "--timeout", "0"], launcher: Self.emptyBus)
    #expect(wait.status == 3)
    #expect(wait.complaints.contains("device.not_found"))
  }

  // MARK: Coming and going

  @Test("plugging in, changing and pulling out are events, and a device in another port is the same")
  func hotplug() async throws {
    let steps = [
      "expect:watching", "add:wedge.umockdev", "expect:attached",
      "set:\(Self.ports)/1-2:bcdDevice:0200", "announce:change:\(Self.ports)/1-2", "expect:changed",
      "remove:\(Self.ports)/1-2", "expect:detached", "add:wedge-moved.umockdev", "expect:attached",
    ]
    let result = try await Posctl.run(["watch", "--json"], launcher: Self.testbed(steps))
    #expect(result.status == 0, "\(result.complaints)")
    let lines = try result.lines
    let types = lines.compactMap { $0["type"] as? String }
    // Nodes follow their device one by one, so changes may be many or few.
    #expect(types.filter { $0 != "changed" } == ["watching", "attached", "detached", "attached"])
    #expect(types.contains("changed"))
    let gone = try #require(lines.first { $0["type"] as? String == "detached" })
    let back = try #require(lines.last)
    #expect(gone["port"] as? String == "1-2")
    #expect(back["port"] as? String == "1-6")
    for line in [gone, back] { #expect(line["serial"] as? String == "S/N:99") }
  }

  @Test("waiting ends with the device it waits for")
  func wait() async throws {
    for wanted in ["terminal", "usb-0b00-0061@1-4.1-if00"] {
      let result = try await Posctl.run(["wait", "--for", wanted, "--json"], launcher: Self.launcher("lane"))
      #expect(result.status == 0)
      let line = try #require(try result.lines.first)
      #expect(line["type"] as? String == "found")
      #expect(line["address"] as? String == "serial:/dev/ttyACM0")
    }
    #expect(try await Posctl.run("wait", "--for", "scanner", "--timeout", "-1").status == 2)
  }

  // MARK: The doctor

  private func doctor(_ arguments: String..., launcher: [String], state: TemporaryDirectory) async throws
    -> Posctl.Result
  {
    try await Posctl.run(
      ["doctor", "--json", "--state", state.url.path] + arguments, launcher: launcher)
  }

  @Test("a scanner that works is found to, and what changes later is told")
  func healthy() async throws {
    let state = try TemporaryDirectory()
    let launcher = Self.launcher("lane", "-i", "/dev/hidraw0=\(Self.fixtures)/scanner.ioctl")
    let result = try await doctor(Self.scannerID, launcher: launcher, state: state)
    #expect(result.status == 0, "\(result.output)\(result.complaints)")
    let findings = try result.lines.dropLast()
    #expect(
      findings.map { $0["check"] as? String } == ["plugged", "seen", "access", "holder", "answer", "history"])
    #expect(findings.filter { $0["grade"] as? String == "ok" }.count == 5)
    #expect((findings[4]["text"] as? String)?.contains("56 bytes") == true)

    let later = try await doctor(Self.scannerID, launcher: launcher, state: state)
    let history = try #require(try later.lines.first { $0["check"] as? String == "history" })
    #expect((history["text"] as? String)?.hasPrefix("nothing has changed since 20") == true)

    let gone = try await doctor(Self.scannerID, launcher: Self.emptyBus, state: state)
    #expect(gone.status == 3)
    #expect(gone.output.contains("it last worked at 20"))
  }

  @Test("a scanner in keyboard mode is named, with the way to switch it")
  func wedge() async throws {
    let result = try await doctor(launcher: Self.launcher("wedge"), state: try TemporaryDirectory())
    #expect(result.status == 1)
    let problem = try #require(try result.lines.first { $0["grade"] as? String == "problem" })
    #expect(problem["check"] as? String == "seen")
    #expect((problem["text"] as? String)?.contains("types its codes as a keyboard") == true)
    #expect((problem["fix"] as? String)?.contains("HID POS") == true)
  }

  @Test("no access ends with exit code 4 and one command")
  func doctorWithoutAccess() async throws {
    let result = try await withoutAccess("doctor", Self.scannerID, "--json")
    #expect(result.status == 4, "\(result.output)\(result.complaints)")
    let problem = try #require(try result.lines.first { $0["grade"] as? String == "problem" })
    #expect(problem["check"] as? String == "access")
    #expect(problem["fix"] as? String == "sudo posctl rules install")
    #expect(try result.lines.last?["fix"] as? String == "sudo posctl rules install")
  }

  // MARK: Rules

  @Test("rules are shown, missed, installed, found current, and found different")
  func rules() async throws {
    let folder = try TemporaryDirectory()
    let directory = ["--directory", folder.url.path]
    let shown = try await Posctl.run("rules", "show").output
    let line = try #require(try await Posctl.run("rules", "show", "--json").lines.first)
    #expect(line["type"] as? String == "rules" && line["text"] as? String == shown)
    #expect(try await Posctl.run(["rules", "check"] + directory).status == 3)
    #expect(try await Posctl.run(["rules", "install"] + directory).status == 0)
    #expect(try String(contentsOf: folder.path("70-pos-devices.rules"), encoding: .utf8) == shown)
    let check = try await Posctl.run(["rules", "check", "--json"] + directory)
    #expect(check.status == 0)
    #expect(try check.lines.first?["state"] as? String == "current")
    try Data("# nothing\n".utf8).write(to: folder.path("70-pos-devices.rules"))
    let different = try await Posctl.run(["rules", "check", "--json"] + directory)
    #expect(different.status == 1)
    #expect(try different.lines.first?["fix"] as? String == "sudo posctl rules install")
    #expect(try await Posctl.run("rules", "install", "--directory", folder.path("none").path).status == 3)
  }

  @Test("installing the rules covers also what is plugged in and known by what it says of itself alone")
  func localRules() async throws {
    let folder = try TemporaryDirectory()
    let file = folder.path("69-pos-local-devices.rules")
    func text() throws -> String { try String(contentsOf: file, encoding: .utf8) }
    // The lane's scanners as those of a maker that nobody knows.
    let lane = folder.path("lane.umockdev")
    try String(contentsOfFile: "\(Self.fixtures)/lane.umockdev", encoding: .utf8)
      .replacingOccurrences(of: "idVendor=0c2e", with: "idVendor=dead")
      .write(to: lane, atomically: false, encoding: .utf8)
    let launcher = ["/usr/bin/umockdev-run", "-d", lane.path, "--"]
    let install = ["rules", "install", "--json", "--directory", folder.url.path]
    let first = try await Posctl.run(install, launcher: launcher)
    #expect(first.status == 0, "\(first.output)\(first.complaints)")
    #expect(try first.lines.first?["devices"] as? [String] == ["dead:1007"])
    let rule = "ATTRS{idVendor}==\"dead\", ATTRS{idProduct}==\"1007\", "
    let marks = "ENV{ID_POS_KIND}=\"scanner\", ENV{ID_POS_MODE}=\"hid-pos\"\n"
    let once = try text()
    #expect(once.components(separatedBy: rule + marks).count == 2, "\(once)")
    #expect(try await Posctl.run(install, launcher: launcher).status == 0)
    #expect(try text() == once)
    // Pulled out, and another one that is named by hand.
    let named = try await Posctl.run(install + ["--device", "0416:BEEF"], launcher: Self.emptyBus)
    #expect(named.status == 0, "\(named.output)\(named.complaints)")
    #expect(try text().hasPrefix(once))
    #expect(try text().contains("ATTRS{idVendor}==\"0416\", ATTRS{idProduct}==\"beef\""))
    #expect(try await Posctl.run(install + ["--device", "0416"], launcher: Self.emptyBus).status == 2)
  }
}
