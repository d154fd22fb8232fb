import Foundation
import POSLinux
import POSModel
import POSRuntime
import POSSimulation
import POSTransport
import POSUSB
import Testing

/// The same bytes and the same faults as in ``PrinterNodeCases``, through libusb: the kernel's usblp steps aside.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct USBStreamCases {
  /// Opens the plugged-in printer through libusb.
  static func open(_: PluggedIn? = nil) async throws -> USBStream {
    try await Program.settleRules()
    return try await USBStream.open(try #require(try Program.usbNode(vendor: "04b8")))
  }

  /// Writes the job; see ``PrinterNodeCases``.
  static func write(
    _ faults: [USBFault], after writing: (any ByteTransport) async throws -> Void = { _ in }
  ) async throws -> (got: [UInt8], failure: DeviceError?) {
    try await PrinterNodeCases.write(faults, through: open) { _, printer in try await writing(printer) }
  }

  static func isStart(_ bytes: [UInt8], _ count: Int) -> Bool { PrinterNodeCases.isStart(bytes, count) }

  @Test func everythingArrives() async throws {
    for faults in [[], PrinterNodeCases.busy, PrinterNodeCases.short] {
      let (got, failure) = try await Self.write(faults)
      #expect(failure == nil)
      #expect(Self.isStart(got, 200_000))
    }
  }

  /// The printer refuses: that is said, with what had left, and unlike usblp the next write finds it working.
  @Test func stall() async throws {
    let (got, failure) = try await Self.write([.writing(.stall, after: 20_000)]) { printer in
      try await printer.write([1, 2, 3], until: KernelLab.patience)
    }
    #expect(got.suffix(3) == [1, 2, 3])
    #expect(Self.isStart(Array(got.dropLast(3)), 20_000))
    let error = try #require(failure)
    #expect(error.code == .inputOutput, "\(error)")
    #expect((20_000...20_000 + 4_096).contains(error.bytesMoved), "\(error)")
  }

  @Test func badCable() async throws {
    let (got, failure) = try await Self.write([.writing(.fails(71), after: 20_000)])
    let error = try #require(failure)
    #expect(Self.isStart(got, 20_000))
    #expect(error.code == .inputOutput, "\(error)")
    #expect((20_000...20_000 + 4_096).contains(error.bytesMoved), "\(error)")
  }

  /// libusb says that 0 bytes of the last transfer went, though the printer has them: what left is said to have left.
  @Test func unplug() async throws {
    let (got, failure) = try await Self.write([.writing(.unplug, after: 100_000)])
    #expect(Self.isStart(got, 100_000))
    let error = try #require(failure)
    #expect(error.code == .gone, "\(error)")
    #expect((100_000...100_000 + 4_096).contains(error.bytesMoved), "\(error)")
  }

  @Test func deadPrinter() async throws {
    try await plug(.printer(), as: .printer, faults: [.writing(.notReady(nil), after: 10_000)]) { plugged in
      let collecting = PrinterNodeCases.collecting(plugged.device)
      let printer = try await Self.open()
      try await printer.write(Array(PrinterNodeCases.job.prefix(10_000)), until: KernelLab.patience)
      let error = try await deviceError { () async throws(DeviceError) in
        try await printer.write(
          Array(PrinterNodeCases.job.dropFirst(10_000)), until: Reactor.shared.now + .seconds(1))
      }
      #expect(error.code == .timedOut, "\(error)")
      #expect((0...4_096).contains(error.bytesMoved), "\(error)")
      await printer.close()
      await plugged.device.unplug()
      #expect(Self.isStart(await collecting.value, 10_000))
    }
  }

  /// usblp is there before and after, and not in between.
  @Test func driverComesBack() async throws {
    try await plug(.printer(), as: .printer) { plugged in
      try await Program.settleRules()
      let printer = try await DeviceOpener().printer(at: DeviceAddress("usb:04b8:0202"))
      let hidden = await #expect(throws: DeviceError.self) { _ = try await PrinterNode.open(plugged.node) }
      #expect(hidden?.code == .notFound)
      await printer.close()
      try await Program.wait(for: plugged.node)
      let node = try await PrinterNode.open(plugged.node)
      await node.close()
    }
  }

  /// A program that prints through usblp keeps the printer, is named, and goes on printing.
  @Test func printingThroughUSBLP() async throws {
    try await plug(.printer(), as: .printer) { plugged in
      try await Program.settleRules()
      let collecting = PrinterNodeCases.collecting(plugged.device)
      let address = try DeviceAddress("usb:04b8:0202")
      let node = try await PrinterNode.open(plugged.node)
      try await node.write([1, 2, 3], until: KernelLab.patience)
      let error = try await deviceError { () async throws(DeviceError) in
        _ = try await DeviceOpener().printer(at: address)
      }
      #expect(error.code == .busy, "\(error)")
      try await node.write([4, 5, 6], until: KernelLab.patience)
      await node.close()

      let holder = try await Program.hold(plugged.node, as: "printerd")
      defer { Program.end(holder) }
      let named = try await deviceError { () async throws(DeviceError) in
        _ = try await DeviceOpener().printer(at: address)
      }
      #expect(named.code == .busy, "\(named)")
      #expect(named.detail.contains("printerd (pid \(holder.processIdentifier)"), "\(named)")
      #expect(named.hint.contains("kill \(holder.processIdentifier)"), "\(named)")
      await plugged.device.unplug()
      #expect(await collecting.value == [1, 2, 3, 4, 5, 6])
    }
  }

  /// Answers come while it is written to, and another program that has the interface keeps us off.
  @Test func answersAndHolders() async throws {
    try await plug(.printer(), as: .printer) { plugged in
      let printer = try await Self.open()
      async let answer = printer.read(upTo: 64, until: KernelLab.patience)
      try await plugged.device.stream.write([0x12, 0x34], until: nil)
      #expect(try await answer == .bytes([0x12, 0x34]))
      await printer.close()

      try await Program.wait(for: plugged.node)
      let node = try #require(try Program.usbNode(vendor: "04b8"))
      let holder = try await Program.takeThroughUSBFS(node, interface: 0)
      defer { Program.end(holder) }
      let error = try await deviceError { () async throws(DeviceError) in
        _ = try await USBStream.open(node)
      }
      #expect(error.code == .busy, "\(error)")
    }
  }
}
