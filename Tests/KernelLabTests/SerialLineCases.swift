import POSLinux
import POSModel
import POSSimulation
import POSTransport
import Testing

/// Lines beside the data, which pseudo-terminals do not have.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct SerialLineCases {
  /// What hangs on the adapter takes nothing more, and usb-serial drops nothing: closing ends all the same, before
  /// anybody pulls the cable, and sooner than close(2) would by itself. The port is free then.
  @Test func closesThoughNothingLeaves() async throws {
    try await plug(
      .serialAdapter(), as: .serial, faults: [.writing(.notReady(nil), after: 1000)]
    ) { plugged in
      let port = try await SerialPort.open(plugged.node, SerialSettings(baud: 115_200))
      let error = try await deviceError { () async throws(DeviceError) in
        try await port.write(PrinterNodeCases.job, until: Reactor.shared.now + .milliseconds(500))
      }
      #expect(error.code == .timedOut, "\(error)")
      let before = Reactor.shared.now
      await port.close()
      #expect(Reactor.shared.now - before < .seconds(20))
      let next = try await SerialPort.open(plugged.node, SerialSettings(baud: 115_200))
      await next.close()
    }
  }

  /// What hangs on the adapter switches DSR off and on, as a printer does whose buffer is full: no more than a piece
  /// leaves after that, and in the end every byte has arrived, once.
  @Test func heldUpByDSR() async throws {
    let job = Array(PrinterNodeCases.job.prefix(20_000))
    try await plug(.serialAdapter(), as: .serial) { plugged in
      let device = plugged.device
      await device.setDataSetReady(false)
      let port = try await SerialPort.open(
        plugged.node, SerialSettings(baud: 115_200, flow: .dataTerminalReady))
      #expect(try await port.modemLines()?.dataSetReady == false)
      let refused = try await deviceError { () async throws(DeviceError) in
        try await port.write(job, until: .start)
      }
      #expect(refused.code == .timedOut, "\(refused)")
      #expect(refused.detail.contains("DSR"), "\(refused)")
      #expect(refused.bytesMoved == 0)
      #expect(await device.bytesMoved(.toDevice) == 0)

      // Nobody reads from the device's buffer of 4096 bytes yet, so the write cannot end before DSR is off again.
      await device.setDataSetReady(true)
      let writing = Task { try await port.write(job, until: Reactor.shared.now + .seconds(2)) }
      try await KernelLab.wait { await device.bytesMoved(.toDevice) >= 1000 }
      await device.setDataSetReady(false)
      let before = await device.bytesMoved(.toDevice)
      let collecting = PrinterNodeCases.collecting(device)
      let failure = await #expect(throws: DeviceError.self) { try await writing.value }
      let stopped = try #require(failure)
      #expect(stopped.code == .timedOut && stopped.detail.contains("DSR"), "\(stopped)")
      try await KernelLab.wait { await device.bytesMoved(.toDevice) >= stopped.bytesMoved }
      #expect(await device.bytesMoved(.toDevice) == stopped.bytesMoved)
      #expect(stopped.bytesMoved <= before + SerialPort.largestPiece, "\(before), \(stopped)")

      await device.setDataSetReady(true)
      try await port.write(Array(job.dropFirst(stopped.bytesMoved)), until: KernelLab.patience)
      await port.close()
      await device.unplug()
      #expect(PrinterNodeCases.isStart(await collecting.value, job.count))
    }
  }
}
