import ArgumentParser
import POSDrivers
import POSJSON
import POSModel

/// `posctl scan`: prints scans as they come.
struct ScanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Prints scans as they come.",
    discussion: """
      posctl scan hidraw:/dev/hidraw0                       HID POS
      posctl scan keyboard+hidraw:/dev/hidraw1 --layout de  a scanner that types
      posctl scan oem+hidraw:/dev/hidraw2                   USB-OEM
      posctl scan serial:/dev/ttyACM0 --identifiers aim     plain serial
      posctl scan ssi+serial:/dev/ttyUSB0                   Simple Serial Interface
      posctl scan keyboard+usb-0c2e-0901-WEDGE1-if00        any of them by an identity of posctl devices

      With keyboard+, and at evdev:PATH, the keys of a scanner that types are grabbed: they reach no desktop meanwhile.
      """
  )

  @OptionGroup var place: ScannerPlace

  @Option(help: "Ends after so many scans.")
  var count: Int?

  @Option(help: "Milliseconds in which an add-on, or the second line of a Japanese book, joins its symbol.")
  var joinWindow: Int?

  @Option(help: "Milliseconds in which a code that is read again counts as the same one.")
  var sameCodeWindow: Int?

  @Flag(help: "Prints each report, or run of bytes, as it was read, too.")
  var raw = false

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws {
    for (name, value) in [
      ("--count", count), ("--join-window", joinWindow), ("--same-code-window", sameCodeWindow),
    ] {
      if let value, value < 1 { throw ValidationError("\(name) must be 1 or more") }
    }
  }

  func run() async throws {
    var delivery = ScanDelivery()
    if let joinWindow { delivery.joinWindow = .milliseconds(joinWindow) }
    if let sameCodeWindow { delivery.sameCodeWindow = .milliseconds(sameCodeWindow) }
    try await place.withScanner(delivery: delivery) { scanner in
      let events = scanner.events(withRaw: raw)
      try await scanner.enable()
      try await show(events)
    }
  }

  private func show(_ events: AsyncStream<ScannerEvent>) async throws {
    var scans = 0
    for await event in events {
      switch event {
      case .scan(let scan):
        show(scan)
        scans += 1
        if scans == count { return }
      case .raw(let bytes, let instant):
        if json {
          Console.print([
            "type": "frame", "bytes": .string(HexText.text(bytes)),
            "read_at": JSONValue(instant.nanoseconds),
          ])
        } else {
          Console.print("  read \(HexText.text(bytes))")
        }
      case .undecodable(let error), .trouble(let error):
        if json {
          Console.print([
            "type": "error", "code": .string(error.code.rawValue), "detail": JSONValue(error.detail),
          ])
        } else {
          Console.complain(error)
        }
      case .lagged(let dropped):
        if json { Console.print(["type": "lagged", "dropped": JSONValue(dropped)]) }
        Console.complain("posctl: \(dropped) events were lost")
      case .interrupted(_, let error), .detached(let error): throw error
      }
    }
  }

  private func show(_ scan: Scan) {
    var line = ScanLine(scan)
    line.more["device"] = .string(scan.device.text)
    if let typist = scan.typist { line.more["typed_by"] = .string(typist.rawValue) }
    line.more["read_at"] = JSONValue(scan.readAt.nanoseconds)
    line.more["decoded_at"] = JSONValue(scan.decodedAt.nanoseconds)
    line.more["delivered_at"] = JSONValue(scan.deliveredAt?.nanoseconds)
    if json { Console.print(line.json) } else { Console.print(line.text) }
  }
}
