import POSLoyalty
import POSModel
import Punchh
import PunchhSandbox
import Testing

@Suite("Where sales come from, and which redemptions are spoken", .timeLimit(.minutes(2)))
struct ChannelTests {
  private static var settings: SandboxSettings {
    var settings = Lane.settings
    settings.guests = [.generous]
    return settings
  }

  /// specs/punchh.md §3 and §6.1, §6.2.
  @Test("a kiosk says so in user agent, channel and receipt, and the server has nothing to complain about")
  func kiosk() async throws {
    try await SandboxTill.run(
      Self.settings, policy: .kiosk,
      configure: { configuration in
        configuration.channel = .kiosk
        configuration.userAgent = try UserAgent(integrator: "SwiftPOS", type: "Kiosk", version: "0.2")
      }
    ) { till, lane, clock in
      let sale = try await till.orchestrator.run(SandboxTill.order, attendant: SandboxTill.shown)
      await till.send(clock)
      #expect(sale.state == .completed && sale.isRedeemed == true)
      #expect(lane.sandbox.ledger.receipts.count == 1 && lane.sandbox.ledger.violations == [])
    }
  }

  @Test("half a kiosk is complained of")
  func halfAKiosk() async throws {
    try await SandboxTill.run(Self.settings, configure: { $0.channel = .kiosk }) { till, lane, clock in
      _ = try await till.orchestrator.run(SandboxTill.order, attendant: SandboxTill.shown)
      await till.send(clock)
      let rules = Set(lane.sandbox.ledger.violations.map(\.rule))
      #expect(rules == ["channel and User-Agent do not agree"])
    }
  }

  /// specs/punchh.md §5: brand and location both, else 1.0.
  @Test(
    "2.0 where brand and location have it on, else 1.0; what is set goes first",
    arguments: [
      (true, true, nil, true), (true, false, nil, false), (false, true, nil, false),
      (false, false, nil, false),
      (true, true, .single, false), (false, false, .basket, true),
    ] as [(Bool, Bool, PunchhConfiguration.Redemptions?, Bool)])
  func generation(
    brand: Bool, location: Bool, set: PunchhConfiguration.Redemptions?, isBasket: Bool
  ) async throws {
    try await SandboxTill.run(Self.settings, configure: { $0.redemptions = set }) { till, lane, _ in
      lane.sandbox.script(
        200, #"{"short_key":"6624","multiple_redemption_on_location":\#(location)}"#, on: .configuration)
      lane.sandbox.script(200, #"{"multiple_redemptions_enabled":\#(brand)}"#, on: .meta)
      let kept = try await till.orchestrator.refreshConfiguration()
      #expect(kept.allowsMultipleRedemptions == (brand && location))
      let sale = try await till.orchestrator.run(SandboxTill.order, attendant: SandboxTill.shown)
      #expect(sale.state == .completed)
      let routes = lane.sandbox.ledger.calls.map(\.route)
      #expect(routes.contains(.commit) == isBasket && routes.contains(.redeem) == !isBasket)
      #expect(lane.sandbox.ledger.violations == [])
    }
  }

  @Test(
    "a client that was told nothing asks once; a programme that does not answer leaves the location's word")
  func asksOnce() async throws {
    try await SandboxTill.run(Self.settings) { _, lane, _ in
      lane.sandbox.inject(.failing, on: .meta)
      for _ in 0..<3 { _ = try await lane.provider.findGuest(SandboxTill.shown.code(after: nil)[0]) }
      let routes = lane.sandbox.ledger.calls.map(\.route)
      #expect(routes.count { $0 == .configuration } == 1 && routes.count { $0 == .find } == 3)
    }
  }

  @Test("a sale ends in the generation it began with, whatever the location says meanwhile")
  func generationOfASale() async throws {
    try await SandboxTill.run(Self.settings) { _, lane, _ in
      let guest = try await lane.provider.findGuest(SandboxTill.shown.code(after: nil)[0])
      var other = try await lane.provider.configuration()
      other.allowsMultipleRedemptions = false
      lane.provider.adopt(other)
      let check = try Lane.snapshot()
      _ = try await lane.provider.quote(check, for: guest)
      #expect(await lane.provider.commit(check, for: guest).value?.returnsWithReceipt == true)
      #expect(lane.sandbox.ledger.redemptions.count == 1 && lane.sandbox.ledger.violations == [])
    }
  }

  @Test("the pending window is read from the programme, and nonsense in it is none")
  func pending() async throws {
    try await Lane.run { lane in
      for (body, window) in [
        (#"{"pending_points":true,"pending_points_duration":"30"}"#, PendingWindow(minutes: 30)),
        (
          #"{"pending_points":"1","pending_points_duration":30,"configurable_default_time_eod":"04:00:00"}"#,
          PendingWindow(minutes: 30, settlesAt: 14_400)
        ),
        (
          #"{"pending_points":true,"pending_points_duration":30,"configurable_default_time_eod":"24:00:00"}"#,
          PendingWindow(minutes: 30)
        ),
        (#"{"pending_points":false,"pending_points_duration":30}"#, nil), (#"{"pending_points":true}"#, nil),
      ] {
        lane.sandbox.script(200, body, on: .meta)
        let location = try await lane.provider.configuration()
        #expect(location.pending == window, "\(body)")
      }
    }
  }

  @Test(
    "an unknown number is signed up with consent, and the new guest earns; without consent nobody is",
    arguments: [true, false])
  func signUp(agrees: Bool) async throws {
    struct Cashier: SaleAttendant {
      let agrees: Bool
      func code(after refusal: DeviceError?) async -> [GuestCode] {
        refusal == nil ? [GuestCode(kind: .phone, value: "2025550177")] : []
      }
      func signsUp(_ code: GuestCode) async -> Bool { agrees }
      func decide(at amount: Money, of sale: SaleRecord, after refusal: DeviceError?) async -> TenderDecision
      {
        .pay
      }
    }
    for fault in [nil, SandboxFault.dropped] where agrees || fault == nil {
      try await SandboxTill.run(Self.settings) { till, lane, clock in
        if let fault { lane.sandbox.inject(fault, on: .signup, times: 1) }
        let sale = try await till.orchestrator.run(SandboxTill.order, attendant: Cashier(agrees: agrees))
        await till.send(clock)
        #expect(sale.state == .completed && (sale.guest != nil) == agrees)
        let ledger = lane.sandbox.ledger
        #expect(ledger.signUps.count == (agrees ? 1 : 0) && ledger.checkIns.count == (agrees ? 1 : 0))
        #expect(ledger.violations == [])
      }
    }
  }
}
