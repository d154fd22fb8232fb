import ArgumentParser
import FoundationEssentials
import POSJSON
import POSModel
import Punchh
import PunchhSandbox

/// `posctl loyalty certify`.
struct LoyaltyCertify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certify",
    abstract: "Runs PAR's certification scenarios and says which pass.",
    discussion: """
      Without --server each row runs on a sandbox of its own. At a test location of PAR's name a guest made for \
      tests: rows that need a world that is known, or a server that fails, are skipped there, and so are rows \
      whose option is not given. Check-ins and visits are really made.
      """)

  @OptionGroup var loyalty: LoyaltyOptions
  @Option(help: "The test guest's telephone number.") var phone: String?
  @Option(help: "The test guest's e-mail address.") var email: String?
  @Option(help: "The test guest's card.") var card: String?
  @Option(help: "The test guest's QR code.") var qr: String?
  @Option(help: "A single scan code that is alive.") var code: String?
  @Option(help: "A short code that is alive.") var shortCode: String?
  @Option(help: "What the guest's phone sends to a contactless reader.") var nfc: String?
  @Option(help: "A redemption code of the guest.") var redemptionCode: String?
  @Option(help: "A coupon of the brand.") var coupon: String?
  @Option(help: "Only rows whose number begins with this, as 6.2.0.") var only: String?

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws {
    guard loyalty.server == nil || (phone != nil && email != nil) else {
      throw ValidationError("a test location needs --phone and --email of a guest made for tests")
    }
  }

  func run() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "posctl-\(UUID().uuidString)").path
    try StateDirectory.make(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let numbers = CertificationNumbers()
    var counts: [Result: Int] = [:]
    for row in CertificationRow.all where only.map({ row.id.hasPrefix($0) }) ?? true {
      let (result, words) = await run(row, numbers: numbers, folder: folder)
      counts[result, default: 0] += 1
      show(row, result, words)
    }
    let text = Result.allCases.map { "\(counts[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
    if json {
      Console.print([
        "type": "certification", "passed": JSONValue(counts[.passed] ?? 0),
        "failed": JSONValue(counts[.failed] ?? 0), "skipped": JSONValue(counts[.skipped] ?? 0),
      ])
    } else {
      Console.print(text)
    }
    guard counts[.failed] == nil, counts[.passed] != nil else {
      throw ExitCode(ErrorTable.ExitCode.failed.rawValue)
    }
  }

  private enum Result: String, CaseIterable {
    case passed, failed, skipped
  }

  private func run(
    _ row: CertificationRow, numbers: CertificationNumbers, folder: String
  ) async -> (Result, String) {
    do {
      if let server = loyalty.server {
        var guest = CertificationGuest()
        guest.phone = phone ?? ""
        guest.email = email ?? ""
        (guest.card, guest.qr, guest.code, guest.shortCode) = (card, qr, code, shortCode)
        (guest.nfc, guest.redemptionCode, guest.coupon) = (nfc, redemptionCode, coupon)
        if row.isForSandbox { return (.skipped, "needs the sandbox") }
        let missing = guest.missing(row.needs)
        if let need = missing.first { return (.skipped, "give --\(need.rawValue)") }
        try await row.run(
          CertificationLane(
            provider: try loyalty.provider(currency: .usDollar), server: server, sandbox: nil, guest: guest,
            numbers: numbers, folder: folder))
        return (.passed, "")
      }
      return try await onSandbox(row, numbers: numbers, folder: folder)
    } catch let failure as CertificationFailure {
      return (.failed, failure.words)
    } catch {
      return (.failed, "\(error)")
    }
  }

  private func onSandbox(
    _ row: CertificationRow, numbers: CertificationNumbers, folder: String
  ) async throws -> (Result, String) {
    var settings = SimulatePunchh.settings
    row.setting(&settings)
    let sandbox = try await SandboxServer.start(settings)
    let server = "http://127.0.0.1:\(sandbox.port)"
    let configuration = PunchhConfiguration(
      server: try ServerURL(server),
      keys: try PunchhKeys(location: settings.locationKey, business: settings.businessKey),
      userAgent: try LoyaltyOptions.userAgent())
    let outcome: Swift.Result<Void, any Error>
    do {
      try await row.run(
        CertificationLane(
          provider: PunchhProvider(configuration), server: server, sandbox: sandbox,
          guest: CertificationGuest(), numbers: numbers, folder: folder))
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    let violations = sandbox.ledger.violations
    await sandbox.stop()
    try outcome.get()
    if let violation = violations.first { return (.failed, "the server complains: \(violation.rule)") }
    return (.passed, "")
  }

  private func show(_ row: CertificationRow, _ result: Result, _ words: String) {
    if json {
      Console.print([
        "type": "certification-row", "row": .string(row.id), "story": .string(row.story),
        "result": .string(result.rawValue), "text": .string(words),
      ])
      return
    }
    let id = row.id + String(repeating: " ", count: max(1, 20 - row.id.count))
    Console.print("\(result.rawValue)  \(id)\(row.story)\(words.isEmpty ? "" : ": \(words)")")
  }
}
