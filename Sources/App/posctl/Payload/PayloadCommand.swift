import ArgumentParser
import POSJSON
import POSLoyalty
import POSModel
import Punchh
import PunchhSandbox

/// `posctl payload`: bodies of Punchh calls, without a server.
struct PayloadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "payload", abstract: "Makes and checks the bodies of Punchh calls, offline.",
    subcommands: [PayloadGenerate.self, PayloadValidate.self])
}

/// `posctl payload generate`.
struct PayloadGenerate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Writes the body that a call about a check would have.")

  @Argument(help: "The call: \(PunchhPayload.allCases.map(\.rawValue).joined(separator: ", ")).")
  var call: String

  @OptionGroup var check: CheckOptions
  @OptionGroup var guest: GuestOptions

  @Option(help: "The guest's number at Punchh.")
  var userID = "11111111"

  @Option(help: "Cents, or the currency's smallest units, that a reward takes off.")
  var reward: Int64 = 0

  @Flag(help: "Prints a JSON line, which holds the body as text.")
  var json = false

  func validate() throws {
    guard PunchhPayload(rawValue: call) != nil else {
      throw ValidationError("'\(call)' is no call about a check")
    }
  }

  func run() async throws {
    let order = try check.readOrder()
    let code = try guest.givenCode() ?? GuestCode(kind: .email, value: "guest@example.com")
    var snapshot = try await check.snapshot(of: order, provider: nil)
    if snapshot.identity.receiptKey.isEmpty { snapshot.identity.receiptKey = PunchhKey.max.description }
    let reductions = reward > 0 ? [Quote.Line(name: "Reward", amount: reward, itemID: "")] : []
    let closed = ClosedCheck(
      snapshot: snapshot, reductions: reductions, payable: (order.total ?? 0) - reward, cardLast4: nil)
    // Nothing is sent: server and keys only fill their places.
    var configuration = PunchhConfiguration(
      server: try ServerURL("http://127.0.0.1"), keys: try PunchhKeys(location: "none", business: "none"),
      userAgent: try LoyaltyOptions.userAgent())
    configuration.currency = order.currency
    let body = try (PunchhPayload(rawValue: call) ?? .checkin).body(
      for: closed, of: Guest(id: userID, displayName: "", code: code), with: configuration)
    let text = String(decoding: body, as: UTF8.self)
    if json { Console.print(["type": "payload", "body": .string(text)]) } else { Console.print(text) }
  }
}

/// `posctl payload validate`.
struct PayloadValidate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Says what is wrong with the body of a call, by path.",
    discussion: "The exit code is 0 when nothing is wrong and 2 otherwise.")

  @Argument(help: "The call: \(SandboxRoute.allCases.map(\.rawValue).joined(separator: ", ")).")
  var call: String

  @Argument(help: "The body, as a JSON file; - for standard input.")
  var file: String

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws {
    guard SandboxRoute(rawValue: call) != nil else { throw ValidationError("'\(call)' is no call") }
  }

  func run() async throws {
    let violations = SandboxPayload.violations(
      in: try InputOptions.read(file), of: SandboxRoute(rawValue: call) ?? .checkin)
    for violation in violations {
      if json {
        Console.print(["type": "violation", "text": .string(violation)])
      } else {
        Console.print(violation)
      }
    }
    guard violations.isEmpty else { throw ExitCode(ErrorTable.ExitCode.usage.rawValue) }
    if json { Console.print(["type": "payload", "valid": true]) } else { Console.print("well made") }
  }
}
