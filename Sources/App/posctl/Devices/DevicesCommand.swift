import ArgumentParser
import POSDrivers
import POSModel
import POSUdev

/// `posctl devices`: the tree of what is plugged in.
struct DevicesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract:
      "Lists what is plugged in: kind, driver, node, identity, and whether it may be opened or why not.",
    discussion: "Nothing is opened. An identity that is listed here works wherever a device is named."
  )

  @Flag(help: "Lists scanners, printers, card terminals and serial adapters alone.")
  var known = false

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let devices = try await UdevEnumerator().list()
    for device in devices where !known || !DeviceMatcher.recognise(device, among: devices).isEmpty {
      if json {
        Console.print(DeviceReport.line("device", device, among: devices))
      } else {
        for line in DeviceReport.tree(device, among: devices) { Console.print(line) }
      }
    }
    if devices.isEmpty, !json { Console.print("no USB device is plugged in") }
  }
}
