import ArgumentParser
import POSJSON
import POSModel
import POSTransport
import POSUdev

/// `posctl watch`: what comes and goes.
struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Shows what is plugged in, then what comes, goes and changes, until interrupted."
  )

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    var peers: [USBDevice] = []
    for await event in try await UdevEnumerator().events() {
      peers = event.applied(to: peers)
      switch event {
      case .present(let devices):
        for device in devices { show("present", device, peers) }
        if json { Console.print(["type": "watching"]) }
      case .attached(let device): show("attached", device, peers)
      case .detached(let device): show("detached", device, peers)
      case .changed(let device, _): show("changed", device, peers)
      case .failed(let error): throw error
      }
    }
  }

  private func show(_ type: String, _ device: USBDevice, _ peers: [USBDevice]) {
    if json {
      Console.print(DeviceReport.line(type, device, among: peers))
    } else {
      let lines = DeviceReport.tree(device, among: peers)
      Console.print("\(type)  \(lines.first ?? "")")
      if type != "detached" { for line in lines.dropFirst() { Console.print("  \(line)") } }
    }
  }
}
