import Foundation
import POSDrivers
import POSLinux
import POSModel
import POSRuntime
import POSScan
import POSSimulation
import POSTransport
import POSUdev
import Testing

/// A scanner that types: its keys are for the till, and for nobody else as long as the till has it.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct GrabCases {
  @Test func grabbedAlone() async throws {
    try await Self.check { _, input in try DeviceAddress("evdev:\(input)") }
  }

  @Test func grabbedBesideHidraw() async throws {
    try await Self.check { plugged, _ in try DeviceAddress("keyboard+hidraw:\(plugged.node)") }
  }

  /// Types one code before the till has the scanner, one while it has it, and one after it has let go. The first and
  /// the last must come out at the kernel's console, which shows that it listens; the one between must not.
  static func check(_ address: (PluggedIn, String) throws -> DeviceAddress) async throws {
    try await plug(.keyboardScanner(), as: .rawHID) { plugged in
      try await Program.settleRules()
      let nodes = try await UdevEnumerator().list().flatMap(\.nodes)
      let input = try #require(nodes.first { $0.kind == .input }?.path)
      try Self.stopRepeating(input)
      let simulator = SimulatedKeyboardScanner(device: plugged.device.reports)

      let seen = try Program.folder() + "/console"
      try Data().write(to: URL(filePath: seen))
      let console = Process()
      console.executableURL = URL(filePath: "/bin/cat")
      console.arguments = ["/dev/tty1"]
      console.standardInput = FileHandle.nullDevice
      console.standardOutput = try FileHandle(forWritingTo: URL(filePath: seen))
      try console.run()
      defer { Program.end(console) }
      func shown() throws -> String { try String(contentsOfFile: seen, encoding: .utf8) }

      // What is typed before somebody reads the console is not shown: so it is typed until it is, one code after the
      // other has left: six letters and Enter, down and up, 8 bytes each.
      var typed = 0
      while try shown().isEmpty {
        try await simulator.scan("before")
        typed += 7 * 2 * 8
        try await KernelLab.wait { await plugged.device.bytesMoved(.toHost) >= typed }
      }
      try await simulator.scan("ready")
      try await KernelLab.wait { try shown().contains("ready\n") }

      var opener = DeviceOpener()
      opener.scannerSettings.keyboard.terminator = .enter
      opener.scannerSettings.keyboard.gap = 20_000_000_000
      let scanner = try await opener.scanner(at: try address(plugged, input))
      var events = scanner.events().makeAsyncIterator()
      try await scanner.enable()
      try await simulator.scan("secret")
      guard case .scan(let scan) = await events.next() else {
        Issue.record("no scan")
        return
      }
      #expect(scan.text == "secret")
      await scanner.close()

      try await simulator.scan("after")
      try await KernelLab.wait { try shown().contains("after\n") }
      let lines = try shown().split(separator: "\n")
      // What an earlier case typed may still have waited for a reader.
      #expect(!lines.contains("secret"), "\(lines)")
      #expect(lines.suffix(2) == ["ready", "after"], "\(lines)")
    }
  }

  /// Has the kernel not repeat a key that is down for long, as it is on a machine with other things to do: writes an
  /// event that sets the delay to nothing (linux/input.h; EV_REP, REP_DELAY).
  private static func stopRepeating(_ input: String) throws {
    let node = try FileHandle(forWritingTo: URL(filePath: input))
    // The time, 16 bytes, then type, code and value.
    try node.write(contentsOf: Data([UInt8](repeating: 0, count: 16) + [0x14, 0, 0, 0] + [0, 0, 0, 0]))
    try node.close()
  }

  /// The Caps Lock lamp as the kernel keeps it, lit by whoever may write to the event node, as a desktop does. A grab
  /// keeps the console from it, not another program with that node: so it is looked at each time.
  @Test func capsLockLamp() async throws {
    try await plug(.keyboardScanner(), as: .rawHID) { plugged in
      try await Program.settleRules()
      let nodes = try await UdevEnumerator().list().flatMap(\.nodes)
      let input = try #require(nodes.first { $0.kind == .input }?.path)
      func light(_ isLit: Bool) throws {
        let node = try FileHandle(forWritingTo: URL(filePath: input))
        // struct input_event: 16 bytes of time, EV_LED, LED_CAPSL, the value.
        let event: [UInt8] = [UInt8](repeating: 0, count: 16) + [0x11, 0, 1, 0, isLit ? 1 : 0, 0, 0, 0]
        try node.write(contentsOf: Data(event))
        try node.close()
      }
      for isLit in [true, false] {
        try light(isLit)
        let keys = try await KeyboardEvents.open(input)
        let seen = await keys.capsLockLamp()
        await keys.close()
        #expect(seen == isLit)
      }
      try light(true)
      let raw = try await HIDRaw.open(plugged.node, grabbingKeys: true)
      let before = await raw.capsLockLamp()
      try light(false)
      let after = await raw.capsLockLamp()
      await raw.close()
      #expect(before == true && after == false)
      let open = try await HIDRaw.open(plugged.node)
      let unseen = await open.capsLockLamp()
      await open.close()
      #expect(unseen == nil)
    }
  }
}
