import POSDrivers
import POSLinux
import POSModel
import POSRuntime
import POSTransport
import Testing

@Suite("What a doctor makes of a device")
struct ExaminationTests {
  static let nobody = NodeHolders.Report(holders: [], isComplete: true)

  static func examination(
    _ device: USBDevice, holders: NodeHolders.Report = nobody, claimant: ProcessIdentity? = nil,
    answer: Examination.Answer = .given("answers: on line"), lastTime: DeviceSnapshot? = nil
  ) throws -> Examination {
    Examination(
      device: try #require(DeviceMatcher.recognise([device]).first), holders: holders, claimant: claimant,
      answer: answer, lastTime: lastTime)
  }

  @Test("a device that works is looked at in the order a technician asks, and nothing is to be done")
  func healthy() throws {
    let findings = try Self.examination(Sample.printer()).findings
    #expect(findings.map(\.check) == Finding.Check.allCases)
    #expect(findings.worst == nil)
    #expect(findings.allSatisfy { $0.remedy == nil && $0.exit == .ok })
  }

  @Test("no access: the reason, the command, exit code 4")
  func denied() throws {
    let access = NodeAccess(.denied, mode: 0o660, owner: "root", group: "pos", user: "till")
    let worst = try #require(
      try Self.examination(Sample.printer(access), answer: .notAsked("it cannot be opened")).findings.worst)
    #expect(worst.check == .access)
    #expect(worst.code == .permissionDenied)
    #expect(worst.exit == .permission)
    #expect(worst.remedy?.hasPrefix("sudo usermod -aG pos till") == true)
    #expect(worst.text.contains("/dev/usb/lp0") && worst.text.contains("0660 root:pos"))
  }

  @Test("a scanner that types: how to switch it goes before whether it may be opened")
  func wedge() throws {
    var device = Sample.wedge()
    device.interfaces[0].nodes[0].access = NodeAccess(
      .denied, mode: 0o600, owner: "root", group: "root", user: "till")
    let findings = try Self.examination(device, answer: .notAsked("")).findings
    #expect(findings.filter { $0.grade == .problem }.map(\.check) == [.seen, .access])
    let worst = try #require(findings.worst)
    #expect(worst.check == .seen)
    #expect(worst.text.contains("types"))
    #expect(worst.remedy?.contains("Terminal ID") == true)
    #expect(worst.code == .wrongMode)
    #expect(worst.exit == .failed)
  }

  @Test("no driver made a node: the command that loads it")
  func unbound() throws {
    var device = Sample.printer()
    device.interfaces[0].driver = nil
    device.interfaces[0].nodes = []
    let worst = try #require(try Self.examination(device, answer: .notAsked("")).findings.worst)
    #expect(worst.check == .seen)
    #expect(worst.remedy?.hasPrefix("sudo modprobe usblp") == true)
    #expect(worst.code == .noDriver)
  }

  @Test(
    "a program that has taken it from its driver is the cause, not the missing node",
    arguments: [true, false])
  func takenThroughUSBFS(isSeen: Bool) throws {
    var device = Sample.printer()
    device.interfaces[0].driver = "usbfs"
    device.interfaces[0].nodes = []
    let me = try #require(ProcessIdentity(pid: 1))
    let worst = try #require(
      try Self.examination(
        device, holders: .init(holders: isSeen ? [me] : [], isComplete: isSeen), answer: .notAsked("")
      ).findings.worst)
    #expect(worst.check == .holder)
    #expect(worst.code == .busy)
    #expect(worst.remedy?.hasPrefix("sudo posctl doctor usb-04b8-0e03-J8KF") == !isSeen)
    #expect(worst.text.contains("pid 1") == isSeen)
  }

  @Test("whoever holds it is named with number and unit, and how to end that")
  func held() throws {
    let me = try #require(ProcessIdentity(pid: 1))
    for examination in [
      try Self.examination(Sample.printer(), holders: .init(holders: [me], isComplete: true)),
      try Self.examination(Sample.printer(), claimant: me),
    ] {
      let worst = try #require(examination.findings.worst)
      #expect(worst.check == .holder)
      #expect(worst.text.contains("pid 1"))
      #expect(worst.exit == .busy)
      #expect(worst.remedy?.isEmpty == false)
    }
  }

  @Test(
    "busy, and nobody to be seen: whoever sees more is asked, not the doctor again",
    arguments: [true, false])
  func busyAndUnseen(isComplete: Bool) throws {
    let device = try #require(DeviceMatcher.recognise([Sample.printer()]).first)
    let report = NodeHolders.Report(holders: [], isComplete: isComplete)
    func remedy(_ error: DeviceError) throws -> String? {
      let worst = try #require(
        try Self.examination(
          Sample.printer(), holders: report, answer: .failure(error, of: device, report)
        ).findings.worst)
      #expect(worst.check == .answer && worst.code == .busy)
      return worst.remedy
    }
    let unknown = try #require(try remedy(DeviceError(.busy, during: "opening it")))
    #expect(
      unknown.hasPrefix(isComplete ? "sudo fuser -v /dev/usb/lp0" : "sudo posctl doctor usb-04b8"))
    // Who named the holder knows better.
    #expect(try remedy(DeviceError(.busy, during: "opening it", hint: "kill 812")) == "kill 812")
  }

  @Test("what cannot be seen is said, and is no problem")
  func incomplete() throws {
    let findings = try Self.examination(Sample.printer(), holders: .init(holders: [], isComplete: false))
      .findings
    #expect(findings.worst == nil)
    #expect(findings.first { $0.check == .holder }?.remedy?.hasPrefix("sudo posctl doctor usb-04b8") == true)
  }

  @Test("a device that may be put to sleep is worth a note")
  func suspended() throws {
    var device = Sample.printer()
    device.power.mayBeSuspended = true
    let first = try #require(try Self.examination(device).findings.first)
    #expect(first.grade == .note)
    #expect(first.remedy == "sudo posctl rules install")
  }

  @Test("what has changed since it last worked is listed with what it was")
  func changed() throws {
    let before = try #require(DeviceMatcher.recognise([Sample.printer()]).first)
    var moved = Sample.printer(port: "1-4", path: "/dev/usb/lp1")
    moved.release = 0x0210
    let history = try #require(
      try Self.examination(moved, lastTime: DeviceSnapshot(before)).findings.last)
    #expect(history.check == .history)
    #expect(history.text.contains("port 1-4, was 1-1"))
    #expect(history.text.contains("firmware 2.10, was 0.00"))
    #expect(history.text.contains("node /dev/usb/lp1, was /dev/usb/lp0"))
    #expect(!history.text.contains("driver"))
  }
}
