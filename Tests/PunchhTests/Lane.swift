import POSLoyalty
import POSModel
import POSTransport
import Punchh
import PunchhSandbox
import Testing

/// A sandbox, a till that talks to it over loopback, and a check.
struct Lane {
  static let code = "5ca1ab1e0ddba11"

  let sandbox: SandboxServer
  let provider: PunchhProvider

  /// Runs `body` with a fresh sandbox and ends it afterwards.
  static func run(
    _ settings: SandboxSettings = Lane.settings, clock: (@Sendable () -> Int64)? = nil,
    configure: (inout PunchhConfiguration) throws -> Void = { _ in },
    pausing: (any TransportClock)? = nil,
    _ body: (Lane) async throws -> Void
  ) async throws {
    let sandbox = try await SandboxServer.start(settings, clock: clock)
    do {
      var configuration = try Lane.configuration(port: sandbox.port)
      try configure(&configuration)
      try await body(Lane(sandbox: sandbox, provider: PunchhProvider(configuration, clock: pausing)))
    } catch {
      await sandbox.stop()
      throw error
    }
    await sandbox.stop()
  }

  /// The demo world, in which the sandbox knows the till's key algorithm.
  static var settings: SandboxSettings {
    var settings = SandboxSettings()
    settings.keyComplaint = { key, shortKey in
      guard let parts = PunchhKey(decimal: key).flatMap({ KeyScheme.sandbox.decode($0) }) else {
        return "punchh_key has a wrong checksum"
      }
      return parts.shortKey == shortKey ? nil : "punchh_key belongs to another location"
    }
    return settings
  }

  static func configuration(port: Int) throws -> PunchhConfiguration {
    var configuration = PunchhConfiguration(
      server: try ServerURL("http://127.0.0.1:\(port)"),
      keys: try PunchhKeys(location: "sandbox-location-key", business: "sandbox-business-key"),
      userAgent: try UserAgent(integrator: "SwiftPOS", version: "0.2"))
    // So that single calls are counted alone; whole sales let the location say it.
    configuration.redemptions = .basket
    return configuration
  }

  static let order = Order(
    checkNumber: "A-17", currency: .usDollar,
    lines: [
      Order.Line(
        name: "Classic burger", amount: 900, itemID: "101", family: "10", group: "food",
        modifiers: [Order.Line(name: "Cheese", amount: 100, itemID: "501")]),
      Order.Line(name: "Cola", quantity: 2, amount: 500, itemID: "0200"),
      Order.Line(name: "Happy hour", amount: 150, kind: .shopDiscount, itemID: "0200"),
      Order.Line(name: "Service", amount: 50, kind: .service, itemID: "svc"),
      Order.Line(name: "Tax", amount: 81, kind: .tax, itemID: "tax"),
    ], employeeName: "Kim")

  static func snapshot(_ order: Order = order, number: Int64 = 17) throws -> CheckSnapshot {
    var identity = CheckIdentity(
      externalID: "uid-\(number)", checkNumber: order.checkNumber, transactionNumber: number, receiptKey: "",
      openedAt: "2026-03-04T18:30:00-05:00")
    identity.receiptKey = try KeyScheme.sandbox.encode(
      KeySource(checkID: order.checkNumber, counter: UInt64(number)), shortKey: 6624
    ).description
    return CheckSnapshot(identity: identity, order: order)
  }

  /// The check paid, with `reductions` granted.
  static func closed(_ snapshot: CheckSnapshot, _ reductions: [Quote.Line] = []) -> ClosedCheck {
    let discount = reductions.reduce(0) { $0 + $1.amount }
    return ClosedCheck(
      snapshot: snapshot, reductions: reductions, payable: (snapshot.order.total ?? 0) - discount,
      cardLast4: "4242")
  }
}

extension EffectOutcome {
  var value: Value? {
    if case .done(let value) = self { value } else { nil }
  }

  var refusal: DeviceError? {
    if case .notDone(let error) = self { error } else { nil }
  }

  var doubt: DeviceError? {
    if case .unknown(let error) = self { error } else { nil }
  }
}
