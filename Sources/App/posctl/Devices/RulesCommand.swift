import ArgumentParser
import FoundationEssentials
import POSDrivers
import POSJSON
import POSLinux
import POSModel
import POSUdev

/// `posctl rules`: the udev rules that give access to POS devices.
struct RulesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "Shows, checks and installs the udev rules that let group \(UdevRules.group) use POS devices.",
    subcommands: [RulesShow.self, RulesCheck.self, RulesInstall.self]
  )
}

/// Where the rules are kept.
struct RulesOptions: ParsableArguments {
  /// Where an administrator's rules are.
  static let standardDirectory = "/etc/udev/rules.d"

  @Option(help: "The folder of the rules.")
  var directory = Self.standardDirectory

  var file: String { "\(directory)/\(UdevRules.fileName)" }
  /// Rules for this machine's devices that the others do not cover.
  var localFile: String { "\(directory)/\(UdevRules.localFileName)" }
}

/// `posctl rules show`.
struct RulesShow: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Prints the rules.")

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() {
    guard json else { return StandardStream.output.write(UdevRules.text) }
    Console.print(["type": "rules", "text": .string(UdevRules.text)])
  }
}

/// `posctl rules check`.
struct RulesCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Tells whether the rules are installed as this posctl has them.")

  @OptionGroup var rules: RulesOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() throws {
    let installed = try? Data(contentsOf: URL(filePath: rules.file))
    let state =
      if let installed { installed == Data(UdevRules.text.utf8) ? "current" : "different" } else { "missing" }
    let isFine = state == "current"
    let fix = isFine ? nil : "sudo posctl rules install"
    if json {
      Console.print([
        "type": "rules", "file": .string(rules.file), "state": .string(state), "fix": JSONValue(fix),
      ])
    } else {
      Console.print("\(rules.file): \(state)")
      if let fix { Console.print("  try: \(fix)") }
    }
    guard isFine else {
      throw ExitCode((installed == nil ? ErrorTable.ExitCode.notFound : .failed).rawValue)
    }
  }
}

/// `posctl rules install`.
struct RulesInstall: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Installs the rules, makes the group, and applies both to what is plugged in.",
    discussion: """
      A device that is plugged in, and recognised only by what it says of itself, gets a rule of its own in
      \(UdevRules.localFileName).
      """)

  @OptionGroup var rules: RulesOptions

  @Option(
    name: .customLong("device"),
    help: "Also covers this USB device, VID:PID, though posctl does not know what it is.")
  var strangers: [String] = []

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws { _ = try named() }

  private func named() throws -> [UdevRules.LocalRule] {
    try strangers.map { text in
      guard let address = try? DeviceAddress("usb:\(text)"),
        case .usb(let vendor, let product, let serial) = address.route, serial == nil
      else { throw ValidationError("--device takes the numbers of a USB device, VID:PID, in hexadecimal") }
      return UdevRules.LocalRule(vendor: vendor, product: product)
    }
  }

  func run() async throws {
    // The rules are of use where devices cannot be listed, too.
    let known = DeviceMatcher.recognise((try? await UdevEnumerator().list()) ?? [])
    let added = UdevRules.localRules(for: known) + (try named())
    try write(UdevRules.text, to: rules.file)
    let before = (try? Data(contentsOf: URL(filePath: rules.localFile))) ?? Data()
    let text = UdevRules.localText(String(decoding: before, as: UTF8.self), adding: added)
    if Data(text.utf8) != before { try write(text, to: rules.localFile) }
    if rules.directory == RulesOptions.standardDirectory {
      for command in Self.commands { try await ChildProcess.run(command) }
    }
    if json {
      Console.print([
        "type": "rules", "file": .string(rules.file), "state": "current", "fix": nil,
        "devices": .array(added.map { .string($0.numbers) }),
      ])
    } else {
      Console.print("\(rules.file) is in place")
      if !added.isEmpty {
        let numbers = added.map(\.numbers).joined(separator: ", ")
        Console.print("\(rules.localFile) covers \(numbers)")
      }
      Console.print("  try: sudo usermod -aG \(UdevRules.group) USER  # for each user of the devices")
    }
  }

  private func write(_ text: String, to file: String) throws(DeviceError) {
    do {
      try Data(text.utf8).write(to: URL(filePath: file), options: .atomic)
    } catch {
      let denied = (error as? CocoaError)?.code == .fileWriteNoPermission
      throw DeviceError(
        denied ? .permissionDenied : .notFound, during: "writing \(file)",
        hint: denied ? "sudo posctl rules install" : "sudo mkdir -p \(rules.directory)")
    }
  }

  /// What makes the rules take effect on what is plugged in already.
  private static let commands = [
    ["groupadd", "--system", "--force", UdevRules.group],
    ["udevadm", "control", "--reload"],
    ["udevadm", "trigger", "--action=change"],
    ["udevadm", "settle", "--timeout=10"],
  ]
}
