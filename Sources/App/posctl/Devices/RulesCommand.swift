import ArgumentParser
import FoundationEssentials
import POSDrivers
import POSJSON
import POSLinux
import POSModel

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
}

/// `posctl rules show`.
struct RulesShow: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Prints the rules.")

  func run() { StandardStream.output.write(UdevRules.text) }
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
    abstract: "Installs the rules, makes the group, and applies both to what is plugged in.")

  @OptionGroup var rules: RulesOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    do {
      try Data(UdevRules.text.utf8).write(to: URL(filePath: rules.file), options: .atomic)
    } catch {
      let denied = (error as? CocoaError)?.code == .fileWriteNoPermission
      throw DeviceError(
        denied ? .permissionDenied : .notFound, during: "writing \(rules.file)",
        hint: denied ? "sudo posctl rules install" : "sudo mkdir -p \(rules.directory)")
    }
    if rules.directory == RulesOptions.standardDirectory {
      for command in Self.commands { try await ChildProcess.run(command) }
    }
    if json {
      Console.print(["type": "rules", "file": .string(rules.file), "state": "current", "fix": nil])
    } else {
      Console.print("\(rules.file) is in place")
      Console.print("  try: sudo usermod -aG \(UdevRules.group) USER  # for each user of the devices")
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
