import Foundation
import POSDrivers
import POSLinux
import POSModel
import POSSimulation
import POSTransport
import Testing

/// One fault each, planted in front of the real drivers: `posctl doctor` must name it, and nothing else first.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct DoctorCases {
  static let printer = "usb-04b8-0202-PRINTER1-if00"
  static let scanner = "usb-05e0-2100-SCANNER1-if00"
  static let terminal = "usb-11ca-0219-TERMINAL1-if00"

  /// A printer that answers as long as it is plugged in.
  static func plugAnsweringPrinter(
    faults: SimulatedPrinter.Faults = .init(), _ body: (PluggedIn) async throws -> Void
  ) async throws {
    try await plug(.printer(), as: .printer) { plugged in
      let simulator = SimulatedPrinter(
        over: plugged.device.stream, PrinterProfile.epsonTMT20II.geometry, faults: faults)
      async let running: Void = simulator.run()
      try await Program.settleRules()
      try await body(plugged)
      await plugged.device.unplug()
      await running
    }
  }

  /// A program that is ended however the body ends.
  static func with(_ process: Process, _ body: () async throws -> Void) async throws {
    defer { Program.end(process) }
    try await body()
  }

  @Test func nothingIsWrong() async throws {
    try await Self.plugAnsweringPrinter { _ in
      let diagnosis = try await Diagnosis(of: Self.printer)
      diagnosis.expect(nil, at: nil, exit: 0)
      #expect(diagnosis.checks == Diagnosis.order, "\(diagnosis)")
      #expect(diagnosis.summary["problems"] as? Int == 0, "\(diagnosis)")
    }
  }

  @Test func notPluggedIn() async throws {
    let diagnosis = try await Diagnosis(of: Self.printer)
    diagnosis.expect("device.not_found", at: "plugged", exit: 3, fix: "cable")
    try await Diagnosis().expect("device.not_found", at: "plugged", exit: 3)
  }

  /// What it was like is remembered when it has gone, and when it comes back somewhere else.
  @Test func pulledOutAndMoved() async throws {
    let state = try Program.folder()
    try await Self.plugAnsweringPrinter { _ in
      try await Diagnosis(of: Self.printer, state: state).expect(nil, at: nil, exit: 0)
    }
    let gone = try await Diagnosis(of: Self.printer, state: state)
    gone.expect("device.not_found", at: "plugged", exit: 3)
    #expect((gone.problem?["text"] as? String)?.contains("last worked") == true, "\(gone)")
    // Something else takes the port it had.
    try await plug(.scanner(), as: .rawHID) { _ in
      try await Self.plugAnsweringPrinter { plugged in
        let moved = try await Diagnosis(of: Self.printer, state: state)
        moved.expect(nil, at: nil, exit: 0)
        let history = moved.findings.last?["text"] as? String ?? ""
        #expect(history.contains("port 1-2, was 1-1"), "\(moved)")
      }
    }
  }

  /// A user without rights is told the command; once root has given it and the user is in the group, all is well.
  @Test func noPermissionThenTheShippedRule() async throws {
    try await Self.plugAnsweringPrinter { plugged in
      let denied = try await Diagnosis(of: Self.printer, asPlainUser: true)
      denied.expect("device.permission_denied", at: "access", exit: 4)
      let list = try await Program.run(["devices", "--json"], asPlainUser: true)
      #expect(list.output.contains("\"accessible\":false"), "\(list)")

      let installed = try await Program.run(["rules", "install"])
      #expect(installed.status == 0, "\(installed)")
      // In the group's absence from the session the doctor still says no, and how to join.
      let outsider = try await Diagnosis(of: Self.printer, asPlainUser: true)
      outsider.expect("device.permission_denied", at: "access", exit: 4, fix: "usermod -aG pos")
      try await Diagnosis(of: Self.printer, inGroup: "pos").expect(nil, at: nil, exit: 0)
      let attributes = try FileManager.default.attributesOfItem(atPath: plugged.node)
      #expect(attributes[.groupOwnerAccountName] as? String == "pos")
      #expect(attributes[.posixPermissions] as? Int == 0o660)
    }
    // What is plugged in later has it from the start, and what is not ours does not.
    try await plug(.terminal(), as: .serial) { _ in
      try await Program.settleRules()
      try await Diagnosis(of: Self.terminal, inGroup: "pos").expect(nil, at: nil, exit: 0)
    }
    let check = try await Program.run(["rules", "check"])
    #expect(check.status == 0, "\(check)")
  }

  @Test func heldByAnotherProgram() async throws {
    try await plug(.scanner(), as: .rawHID) { plugged in
      try await Program.settleRules()
      let holder = try await Program.hold(plugged.node, as: "barcoded")
      try await Self.with(holder) {
        let diagnosis = try await Diagnosis(of: Self.scanner)
        diagnosis.expect("device.busy", at: "holder", exit: 5, fix: "kill \(holder.processIdentifier)")
        let text = diagnosis.problem?["text"] as? String ?? ""
        #expect(text.contains("barcoded (pid \(holder.processIdentifier)"), "\(diagnosis)")
      }
    }
  }

  /// Root sees who holds a device; others are told that they cannot, and what to run.
  @Test func heldUnseen() async throws {
    try await plug(.scanner(), as: .rawHID) { plugged in
      _ = try await Program.run(["rules", "install"])
      try await Self.with(try await Program.hold(plugged.node, as: "barcoded")) {
        let diagnosis = try await Diagnosis(of: Self.scanner, inGroup: "pos")
        let holder = diagnosis.findings.first { $0["check"] as? String == "holder" }
        #expect(holder?["grade"] as? String == "note", "\(diagnosis)")
        #expect((holder?["fix"] as? String)?.hasPrefix("sudo posctl doctor") == true, "\(diagnosis)")
      }
    }
  }

  /// The driver says that somebody is in, and only root sees who: the remedy is not to ask the same again.
  @Test func busyAndUnseen() async throws {
    try await Self.plugAnsweringPrinter { plugged in
      _ = try await Program.run(["rules", "install"])
      try await Self.with(try await Program.hold(plugged.node, as: "printerd")) {
        try await Diagnosis(of: Self.printer, inGroup: "pos").expect(
          "device.busy", at: "answer", exit: 5, fix: "sudo posctl doctor \(Self.printer)")
      }
    }
  }

  /// A printer that no profile names, known by its IEEE 1284 id alone: the same command covers it, and the node of the
  /// whole device, which that id does not.
  @Test func strangerGetsARule() async throws {
    var stranger = SimulatedUSBModel.printer()
    stranger.identity.vendor = 0xDEAD
    try await plug(stranger, as: .printer) { plugged in
      try await Program.settleRules()
      let installed = try await Program.run(["rules", "install"])
      #expect(installed.status == 0, "\(installed)")
      #expect(installed.output.contains("dead:0202"), "\(installed)")
      for node in [plugged.node, try #require(try Program.usbNode(vendor: "dead"))] {
        let attributes = try FileManager.default.attributesOfItem(atPath: node)
        #expect(attributes[.groupOwnerAccountName] as? String == "pos", "\(node)")
        #expect(attributes[.posixPermissions] as? Int == 0o660, "\(node)")
      }
    }
  }

  @Test func heldByModemManager() async throws {
    try await plug(.terminal(), as: .serial) { plugged in
      try await Program.settleRules()
      try await Self.with(try await Program.hold(plugged.node, as: "ModemManager")) {
        try await Diagnosis(of: Self.terminal).expect(
          "device.busy", at: "holder", exit: 5,
          fix: "sudo posctl rules install && sudo systemctl restart ModemManager")
      }
    }
  }

  /// One of our own: it has claimed the device, and says who it is.
  @Test func claimedByPosctl() async throws {
    try await plug(.scanner(), as: .rawHID) { plugged in
      try await Program.settleRules()
      let scanning = Process()
      scanning.executableURL = Program.posctl
      scanning.arguments = ["scan", Self.scanner]
      scanning.standardOutput = FileHandle.nullDevice
      try scanning.run()
      try await Self.with(scanning) {
        let simulator = SimulatedHIDPOSScanner(device: plugged.device.reports)
        #expect(try await simulator.waitUntilTold(toRead: true, until: KernelLab.patience))
        let diagnosis = try await Diagnosis(of: Self.scanner)
        diagnosis.expect("device.busy", at: "holder", exit: 5)
        #expect((diagnosis.problem?["text"] as? String)?.contains("posctl") == true, "\(diagnosis)")
      }
    }
  }

  /// A program that uses libusb has taken the printer from usblp, as CUPS does while it prints.
  @Test func takenFromUSBLP() async throws {
    try await plug(.printer(), as: .printer) { _ in
      try await Program.settleRules()
      let node = try #require(try Program.usbNode(vendor: "04b8"))
      let holder = try await Program.takeThroughUSBFS(node, interface: 0)
      try await Self.with(holder) {
        let diagnosis = try await Diagnosis(of: Self.printer)
        diagnosis.expect("device.busy", at: "holder", exit: 5)
        let text = diagnosis.problem?["text"] as? String ?? ""
        #expect(text.contains("pid \(holder.processIdentifier)"), "\(diagnosis)")
      }
    }
  }

  @Test func keyboardMode() async throws {
    try await plug(.keyboardScanner(), as: .rawHID) { _ in
      try await Program.settleRules()
      try await Diagnosis().expect("device.wrong_mode", at: "seen", exit: 1, fix: "Terminal ID")
    }
  }

  @Test func noDriver() async throws {
    try await plug(.printer(), as: .printer) { plugged in
      try await Program.settleRules()
      try Data("1-\(plugged.port.number + 1):1.0".utf8).write(
        to: URL(filePath: "/sys/bus/usb/drivers/usblp/unbind"))
      try await Program.settleRules()
      try await Diagnosis(of: Self.printer).expect(
        "device.no_driver", at: "seen", exit: 1, fix: "sudo modprobe usblp")
    }
  }

  /// A printer that takes bytes and says nothing.
  @Test func noAnswer() async throws {
    try await plug(.printer(), as: .printer) { plugged in
      try await Program.settleRules()
      async let swallowed = PrinterNodeCases.collecting(plugged.device).value
      try await Diagnosis(of: Self.printer).expect("link.timed_out", at: "answer", exit: 1)
      await plugged.device.unplug()
      #expect(await !swallowed.isEmpty)
    }
  }

  @Test func outOfPaper() async throws {
    var faults = SimulatedPrinter.Faults()
    faults.paperDots = 0
    try await Self.plugAnsweringPrinter(faults: faults) { _ in
      try await Diagnosis(of: Self.printer).expect("printer.paper_out", at: "answer", exit: 1)
    }
  }

  @Test func coverOpen() async throws {
    var faults = SimulatedPrinter.Faults()
    faults.isCoverOpen = true
    try await Self.plugAnsweringPrinter(faults: faults) { _ in
      try await Diagnosis(of: Self.printer).expect("printer.cover_open", at: "answer", exit: 1)
    }
  }
}
