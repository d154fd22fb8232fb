import ArgumentParser
import POSDrivers
import POSJSON
import POSLinux
import POSModel
import POSRuntime
import POSTransport
import POSUdev

/// `posctl wait`: for scripts that start before the devices.
struct WaitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait",
    abstract: "Waits until a device of a kind, or of an identity, is there and may be opened.")

  @Option(
    name: .customLong("for"), help: "scanner, printer, terminal, or an identity that posctl devices lists.")
  var wanted: String

  @Option(help: "Seconds to wait at most; for ever by default.")
  var timeout: Int?

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws {
    if let timeout, timeout < 0 { throw ValidationError("--timeout takes seconds, 0 or more") }
  }

  func run() async throws {
    let deadline = timeout.map { Reactor.shared.now + .seconds($0) }
    let wanted = wanted
    let found = try await DeviceWait(UdevEnumerator(), clock: Reactor.shared).first(until: deadline) {
      device in
      device.isUsable && (device.kind.rawValue == wanted || device.isCalled(DeviceID(wanted)))
    }
    if json {
      Console.print([
        "type": "found", "id": .string(found.id.text), "kind": .string(found.kind.rawValue),
        "address": .string(found.address?.description ?? ""), "name": .string(found.name),
      ])
    } else {
      Console.print(found.id.text)
    }
  }
}
