import ArgumentParser
import POSDrivers
import POSJSON
import POSModel
import POSScan

/// `posctl scanner configure`.
struct ConfigureScanner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "configure",
    abstract: "Switches symbologies and other settings of a USB-OEM scanner on and off.",
    discussion: """
      What is not named stays as the scanner reports it; then the scanner is asked again, and what it says now is
      printed. Some scanners only repeat what they were last sent, so a report is no proof.

        posctl scanner configure oem+hidraw:/dev/hidraw2 --on code-39 --off itf --level beep-volume=2

      Switches: \(OEMConfiguration.Switch.allCases.map { "\($0.name)" }.joined(separator: ", ")).

      Levels: \(OEMConfiguration.Level.allCases.map { "\($0.name) (0 to \($0.limit))" }.joined(separator: ", ")).
      """
  )

  @OptionGroup var place: ScannerPlace

  @Option(help: "What to switch on; several times for several.")
  var on: [String] = []

  @Option(help: "What to switch off; several times for several.")
  var off: [String] = []

  @Option(help: "A level and its value, as in beep-volume=2; several times for several.")
  var level: [String] = []

  @Flag(help: "Prints a JSON line.")
  var json = false

  /// What is asked for, as a change of any configuration.
  private func change() throws(DeviceError) -> (inout OEMConfiguration) -> Void {
    func switches(_ names: [String]) throws(DeviceError) -> [OEMConfiguration.Switch] {
      var found: [OEMConfiguration.Switch] = []
      for name in names {
        found.append(try Named.value(name, of: OEMConfiguration.Switch.allCases, \.name, "setting"))
      }
      return found
    }
    let switchedOn = try switches(on)
    let switchedOff = try switches(off)
    var levels: [(OEMConfiguration.Level, UInt8)] = []
    for text in level {
      let parts = text.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw DeviceError(.badInput, during: "reading --level", detail: "'\(text)' is no NAME=NUMBER")
      }
      let named = try Named.value(String(parts[0]), of: OEMConfiguration.Level.allCases, \.name, "level")
      guard let value = UInt8(parts[1]), value <= named.limit else {
        throw DeviceError(
          .badInput, during: "reading --level", detail: "\(named.name) goes from 0 to \(named.limit)")
      }
      levels.append((named, value))
    }
    return { configuration in
      for item in switchedOn { configuration[item] = true }
      for item in switchedOff { configuration[item] = false }
      for (level, value) in levels { configuration[level] = value }
    }
  }

  func validate() throws {
    guard !on.isEmpty || !off.isEmpty || !level.isEmpty else {
      throw ValidationError("nothing to configure: give --on, --off or --level")
    }
    if let both = on.first(where: { off.contains($0) }) {
      throw ValidationError("'\(both)' cannot be both on and off")
    }
  }

  func run() async throws {
    let edit = try change()
    var bytes: [UInt8] = []
    try await place.withScanner { scanner in
      try await scanner.enable()
      var wanted = try await Self.settings(of: scanner)
      edit(&wanted)
      try await scanner.configure(wanted)
      bytes = try await Self.settings(of: scanner).bytes
    }
    ConfigurationReport.show(OEMConfiguration(bytes), bytes, json: json)
  }

  private static func settings(of scanner: CodeScanner) async throws(DeviceError) -> OEMConfiguration {
    let answer = try await scanner.ask(.configuration)
    guard answer.bytes.count == OEMConfiguration.length else {
      throw DeviceError(
        .protocolViolation, during: "reading the configuration of \(scanner.descriptor.id)",
        detail: "\(answer.bytes.count) bytes in place of \(OEMConfiguration.length)")
    }
    return OEMConfiguration(answer.bytes)
  }
}

/// A USB-OEM scanner's configuration, for people and as a JSON line.
enum ConfigurationReport {
  static func show(_ configuration: OEMConfiguration, _ bytes: [UInt8], json: Bool) {
    let names = OEMConfiguration.Switch.allCases.filter { configuration[$0] }.map { "\($0.name)" }
    guard json else {
      for name in names { Console.print(name) }
      for level in OEMConfiguration.Level.allCases { Console.print("\(level.name) \(configuration[level])") }
      return
    }
    var levels: JSONLine = [:]
    for level in OEMConfiguration.Level.allCases { levels["\(level.name)"] = JSONValue(configuration[level]) }
    Console.print([
      "type": "reply", "name": .string(ScannerQuestion.configuration.rawValue),
      "bytes": .string(HexText.text(bytes)), "on": .array(names.map { .string($0) }),
      "levels": .object(levels),
    ])
  }
}
