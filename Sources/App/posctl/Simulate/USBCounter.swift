import POSDrivers
import POSLinux
import POSModel
import POSSimulation
import POSTransport
import POSWire

/// A counter without hardware whose devices are plugged into USB ports: through the kernel's own drivers they look
/// like any others.
struct USBCounter {
  /// One device of it.
  struct Device: Sendable {
    var kind: String
    var model: SimulatedUSBModel
    /// Which node the kernel makes of it, and its address by that.
    var nodeKind: VirtualUSBPort.NodeKind
    var address: @Sendable (String) -> DeviceAddress
    /// What is behind it, as long as it is plugged in.
    var simulate: @Sendable (SimulatedUSBDevice) async -> Void
  }

  let devices: [Device]

  /// Prepares the three devices; the terminal's ledger is in `directory`.
  init(
    in directory: String, code: SimulatedBarcode, terminalFault: TerminalFault?,
    printerFaults: SimulatedPrinter.Faults
  ) async throws(DeviceError) {
    try StateDirectory.make(directory)
    let ledger = try await AppendOnlyFile.open(directory + "/terminal-ledger")
    let terminal = SimulatedCounter.Terminal.simulator(.zvtSerial, fault: terminalFault, ledger: ledger)
    devices = [
      Device(
        kind: "scanner", model: .scanner(), nodeKind: .rawHID,
        address: { DeviceAddress(route: .hidraw(path: $0)) },
        simulate: { device in await SimulatedCounter.Scanner.serve(device.reports, code) }),
      Device(
        kind: "printer", model: .printer(), nodeKind: .printer,
        address: { DeviceAddress(route: .usblp(path: $0)) },
        simulate: { device in
          await SimulatedPrinter(
            over: device.stream, PrinterProfile.epsonTMT20II.geometry, faults: printerFaults
          ).run()
        }),
      Device(
        kind: "terminal", model: .terminal(), nodeKind: .serial,
        address: { DeviceAddress(scheme: "zvt", route: .serial(path: $0, baud: nil)) },
        simulate: { device in await terminal.run(over: device.stream) }),
    ]
  }

  // MARK: - Plugged into this kernel

  /// Plugs all of them in, again whenever one goes away, until the task is cancelled. `announce` hears the address of
  /// each plugged-in device.
  func plugIn(announce: @escaping @Sendable (String, DeviceAddress) -> Void) async throws(DeviceError) {
    let failure = await withTaskGroup(of: DeviceError?.self) { group -> DeviceError? in
      for device in devices {
        group.addTask {
          do throws(DeviceError) {
            while !Task.isCancelled { try await Self.plugIn(device, announce: announce) }
            return nil
          } catch {
            return error
          }
        }
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
    if let failure { throw failure }
  }

  private static func plugIn(
    _ device: Device, announce: @escaping @Sendable (String, DeviceAddress) -> Void
  ) async throws(DeviceError) {
    let port = try await VirtualUSBPort.plug(speed: device.model.function.layout.speed.rawValue)
    let plugged = SimulatedUSBDevice(device.model, clock: Reactor.shared)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await plugged.run(over: port.connection) }
      group.addTask {
        await device.simulate(plugged)
        await plugged.unplug()
      }
      group.addTask {
        guard let node = try? await port.node(of: device.nodeKind, until: nil) else { return }
        announce(device.kind, device.address(node))
      }
      await plugged.end()
      group.cancelAll()
    }
    await port.close()
  }

  // MARK: - Served for `usbip attach`

  /// The port of USB/IP servers.
  static let defaultPort: UInt16 = 3240

  /// Offers the devices to `usbip attach` on this machine until the task is cancelled.
  func serve(on listener: TCPListener) async throws(DeviceError) {
    let models = devices.map(\.model)
    await withDiscardingTaskGroup { group in
      while let connection = try? await listener.accept(until: nil) {
        group.addTask {
          await serve(connection, models)
          await connection.close()
        }
      }
      group.cancelAll()
    }
    if !Task.isCancelled { throw DeviceError(.closed, during: "serving USB/IP") }
  }

  private func serve(_ connection: some ByteTransport, _ models: [SimulatedUSBModel]) async {
    var listing = USBIPListing(models)
    while case .bytes(let bytes) = try? await connection.read(
      upTo: 4096, until: connection.clock.now + .seconds(10))
    {
      switch try? listing.receive(bytes) {
      case .wait: continue
      case .answer(let answer):
        try? await connection.write(answer, until: connection.clock.now + .seconds(10))
        return
      case .attach(let place, let answer, let rest):
        guard (try? await connection.write(answer, until: connection.clock.now + .seconds(10))) != nil
        else { return }
        let device = devices[place]
        let plugged = SimulatedUSBDevice(device.model, clock: Reactor.shared)
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await plugged.run(over: connection, beginning: rest) }
          group.addTask {
            await device.simulate(plugged)
            await plugged.unplug()
          }
          await plugged.end()
          group.cancelAll()
        }
        return
      case nil: return
      }
    }
  }
}
