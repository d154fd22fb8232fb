import ArgumentParser
import POSJSON
import POSModel
import Punchh

/// `posctl loyalty keys`.
struct LoyaltyKeys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Says whether the location's keys are held back since the server refused them; lets them go.",
    discussion: """
      Ten refused calls within ten minutes block the store's address for an hour. So after one refusal no process \
      that shares the state folder sends the same keys for an hour. Other keys are sent at once. When PAR has mended \
      the keys you have: posctl loyalty keys --allow
      """)

  @Flag(help: "Lets the keys be sent again.")
  var allow = false

  @OptionGroup var loyalty: LoyaltyOptions
  @OptionGroup var state: StateOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let refused = RefusedKeys(in: state.place.directory)
    if allow { try refused.allow() }
    let minutes = allow ? nil : refused.minutesLeft(for: try loyalty.readKeys())
    if json {
      Console.print([
        "type": "keys", "held_back": .bool(minutes != nil), "minutes": JSONValue(minutes),
      ])
    } else {
      Console.print(minutes.map { "held back for \($0) minutes" } ?? "the keys are sent")
    }
    if minutes != nil { throw ExitCode(ErrorTable.ExitCode.permission.rawValue) }
  }
}
