import POSLoyalty
import POSModel
import POSTransport
import PunchhSandbox
import Testing

@testable import Punchh

@Suite("What goes wrong between till and server", .timeLimit(.minutes(2)))
struct FaultTests {
  /// A guest and a quoted check on a fresh sandbox, with short time-outs where `fault` is met by one.
  private func quoted(_ fault: SandboxFault? = nil, _ body: (Lane, Guest, CheckSnapshot) async throws -> Void)
    async throws
  {
    var settings = Lane.settings
    settings.slowMilliseconds = 600_000
    try await Lane.run(
      settings,
      configure: { configuration in
        configuration.timeouts.commit = Self.patience(with: fault)
        configuration.timeouts.checkIn = Self.patience(with: fault)
      }
    ) { lane in
      let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      let check = try Lane.snapshot()
      _ = try await lane.provider.quote(check, for: guest)
      try await body(lane, guest, check)
    }
  }

  /// Milliseconds: few where the answer never comes, plenty where a slow machine still has to get it.
  private static func patience(with fault: SandboxFault?) -> Int {
    fault == .slow || fault == .silent || fault == .trickled ? 2500 : 15_000
  }

  private static let effects: [(SandboxFault, DeviceError.Code, isUnknown: Bool)] = [
    (.slow, .loyaltyUnreachable, true), (.silent, .loyaltyUnreachable, true),
    (.dropped, .loyaltyUnreachable, true), (.down, .loyaltyUnreachable, true), (.busy, .loyaltyBusy, false),
    (.failing, .loyaltyBusy, true), (.notJSON, .loyaltyMalformed, true), (.huge, .loyaltyMalformed, true),
    (.expired, .loyaltyNotFound, false), (.locked, .loyaltyRefused, false),
    (.redirected, .loyaltyMalformed, false), (.truncated, .loyaltyUnreachable, true),
    (.trickled, .loyaltyUnreachable, true),
  ]

  @Test("a commit that may have happened is unknown, and is sent exactly once", arguments: effects)
  func commit(fault: SandboxFault, code: DeviceError.Code, isUnknown: Bool) async throws {
    try await quoted(fault) { lane, guest, check in
      lane.sandbox.inject(fault, on: .commit)
      let outcome = await lane.provider.commit(check, for: guest)
      #expect((isUnknown ? outcome.doubt : outcome.refusal)?.code == code)
      #expect(lane.sandbox.ledger.calls.count { $0.route == .commit } == 1)
      let isDone = lane.sandbox.ledger.redemptions.count == 1
      let worked: [SandboxFault] = [.slow, .silent, .dropped, .notJSON, .huge, .truncated, .trickled]
      #expect(isDone == worked.contains(fault))
      // The question that resolves the doubt, and its answer.
      let isOpen = try await lane.provider.isBasketOpen(check.identity, of: guest)
      #expect(isOpen == !isDone)
    }
  }

  @Test("a check-in that may have happened is unknown; sent again it is done, once", arguments: effects)
  func checkIn(fault: SandboxFault, code: DeviceError.Code, isUnknown: Bool) async throws {
    try await quoted(fault) { lane, guest, check in
      let redemption = try #require(await lane.provider.commit(check, for: guest).value)
      let closed = Lane.closed(check, redemption.granted.lines)
      lane.sandbox.inject(fault, on: .checkin)
      let outcome = await lane.provider.checkIn(closed, by: guest)
      #expect((isUnknown ? outcome.doubt : outcome.refusal)?.code == code)
      lane.sandbox.clearFaults()
      #expect(await lane.provider.checkIn(closed, by: guest).value != nil)
      #expect(lane.sandbox.ledger.checkIns.count == 1)
      #expect(lane.sandbox.ledger.accounts.map(\.banked) == [100])
    }
  }

  @Test(
    "void, unlock and receipt say what they do not know", arguments: [SandboxRoute.void, .unlock, .receipt])
  func others(route: SandboxRoute) async throws {
    for (fault, code, isUnknown) in Self.effects where fault != .slow && fault != .expired && fault != .locked
    {
      try await quoted(fault) { lane, guest, check in
        let redemption = Redemption(reference: "RR1", granted: Quote(lines: [], refusals: []))
        lane.sandbox.inject(fault, on: route)
        let outcome =
          switch route {
          case .void: await lane.provider.void(redemption, of: guest)
          case .unlock: await lane.provider.unlock(check.identity, of: guest)
          default: await lane.provider.storeReceipt(Lane.closed(check))
          }
        if route == .void,
          [.notJSON, .huge, .slow, .silent, .dropped, .truncated, .trickled].contains(fault),
          outcome.refusal != nil
        {
          // The sandbox knows no RR1, so its own refusal arrives first.
          #expect([.notJSON, .huge, .truncated].contains(fault))
        } else {
          #expect((isUnknown ? outcome.doubt : outcome.refusal)?.code == code, "\(fault)")
        }
      }
    }
  }

  /// A proxy's or a portal's, which knows nothing of guests, baskets and receipts.
  @Test("a page for people is no refusal by the programme", arguments: [400, 403, 404, 410, 422])
  func pages(status: Int) async throws {
    try await quoted { lane, guest, check in
      for route in [SandboxRoute.find, .active, .unlock, .checkin, .commit] {
        lane.sandbox.script(status, "<html><body>Please accept our terms</body></html>", on: route)
      }
      let find = await #expect(throws: DeviceError.self) {
        try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      }
      #expect(find?.code == .loyaltyMalformed)
      let basket = await #expect(throws: DeviceError.self) {
        try await lane.provider.isBasketOpen(check.identity, of: guest)
      }
      #expect(basket?.code == .loyaltyMalformed)
      #expect(await lane.provider.unlock(check.identity, of: guest).doubt?.code == .loyaltyMalformed)
      #expect(await lane.provider.commit(check, for: guest).doubt?.code == .loyaltyMalformed)
      let checkIn = await lane.provider.checkIn(Lane.closed(check), by: guest)
      #expect(checkIn.doubt?.code == .loyaltyMalformed)
      #expect(checkIn.doubt?.detail.contains("HTTP \(status)") == true)
    }
  }

  @Test("reading calls throw", arguments: effects.map { ($0.0, $0.1) } + [(.retyped, .loyaltyMalformed)])
  func reading(fault: SandboxFault, code: DeviceError.Code) async throws {
    try await Lane.run(configure: { $0.timeouts.lookUp = Self.patience(with: fault) }) { lane in
      lane.sandbox.inject(fault, on: .find)
      lane.sandbox.inject(fault, on: .configuration)
      if fault == .retyped {
        // Strings where numbers belong are no fault at all to this client.
        #expect(try await lane.provider.configuration().shortKey == 6624)
        let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
        #expect(guest.id == "11111111")
        return
      }
      let find = await #expect(throws: DeviceError.self) {
        try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      }
      #expect(find?.code == code)
      let configuration = await #expect(throws: DeviceError.self) { try await lane.provider.configuration() }
      #expect(configuration?.code == code)
    }
  }

  @Test("strings where numbers belong make no difference anywhere")
  func retyped() async throws {
    try await Lane.run { lane in
      lane.sandbox.inject(.retyped, on: nil)
      let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      let check = try Lane.snapshot()
      #expect(try await lane.provider.lookUpDiscounts(check, for: guest).count == 2)
      #expect(try await lane.provider.quote(check, for: guest).discount == 300)
      #expect(try await lane.provider.isBasketOpen(check.identity, of: guest))
      let redemption = try #require(await lane.provider.commit(check, for: guest).value)
      #expect(redemption.granted.discount == 300)
      let closed = Lane.closed(check, redemption.granted.lines)
      #expect(await lane.provider.checkIn(closed, by: guest).value?.pointsEarned == 10)
      #expect(await lane.provider.storeReceipt(closed).value != nil)
      #expect(lane.sandbox.ledger.violations == [])
    }
  }

  @Test("nobody listens: nothing was done")
  func refusedConnection() async throws {
    // A port that nobody gets by asking for any free one.
    let provider = PunchhProvider(try Lane.configuration(port: 1))
    let guest = Guest(id: "1", displayName: "Jane", code: GuestCode(kind: .email, value: "j@x.example"))
    let check = try Lane.snapshot()
    let commit = await provider.commit(check, for: guest)
    #expect(commit.refusal?.code == .loyaltyUnreachable)
    #expect(commit.refusal?.bytesMoved == 0)
    #expect(await provider.checkIn(Lane.closed(check), by: guest).refusal?.code == .loyaltyUnreachable)
    let error = await #expect(throws: DeviceError.self) { try await provider.configuration() }
    #expect(error?.code == .loyaltyUnreachable)
  }

  @Test("a cancelled call ends at once, and says whether bytes had left")
  func cancellation() async throws {
    var settings = Lane.settings
    settings.slowMilliseconds = 600_000
    try await Lane.run(settings, configure: { $0.timeouts.commit = 50_000 }) { lane in
      let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      let check = try Lane.snapshot()
      lane.sandbox.inject(.silent, on: .commit)
      let commit = Task { await lane.provider.commit(check, for: guest) }
      while !lane.sandbox.ledger.calls.contains(where: { $0.route == .commit }) { await Task.yield() }
      commit.cancel()
      let error = await commit.value.doubt
      #expect(error?.code == .cancelled)
      #expect(error?.bytesMoved ?? 0 > 0)

      let early = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return await lane.provider.commit(check, for: guest)
      }
      #expect(await early.value.refusal?.code == .cancelled)
    }
  }

  @Test("one refused key silences the client")
  func lockOut() async throws {
    try await Lane.run(configure: {
      $0.keys = try PunchhKeys(location: "wrong", business: "sandbox-business-key")
    }) {
      lane in
      let first = await #expect(throws: DeviceError.self) { try await lane.provider.configuration() }
      #expect(first?.code == .loyaltyKeyRefused)
      #expect(first?.detail.contains("Invalid LocationKey") == true)
      for _ in 0..<12 {
        let error = await #expect(throws: DeviceError.self) { try await lane.provider.configuration() }
        #expect(error?.code == .loyaltyKeyRefused)
        #expect(error?.detail.contains("nothing was sent") == true)
      }
      let check = try Lane.snapshot()
      #expect(await lane.provider.storeReceipt(Lane.closed(check)).refusal?.code == .loyaltyKeyRefused)
      #expect(lane.sandbox.ledger.calls.count == 1)
    }
  }

  @Test("after an hour the keys are tried again; another refusal is another hour, and mended keys are sent")
  func lockOutEnds() async throws {
    let clock = ManualClock()
    try await Lane.run(pausing: clock) { lane in
      for sent in 1...2 {
        lane.sandbox.script(401, #"["Invalid LocationKey"]"#, on: .configuration)
        let refused = await #expect(throws: DeviceError.self) { try await lane.provider.configuration() }
        #expect(refused?.detail.contains("Invalid LocationKey") == true)
        clock.advance(by: .seconds(3599))
        let held = await #expect(throws: DeviceError.self) { try await lane.provider.configuration() }
        #expect(held?.detail.contains("nothing was sent") == true)
        #expect(lane.sandbox.ledger.calls.count == sent)
        clock.advance(by: .seconds(1))
      }
      _ = try await lane.provider.configuration()
      _ = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
    }
  }

  @Test("a guest's refused sign-in says nothing about the location's keys, and goes on without them")
  func signInRefused() async throws {
    try await Lane.run { lane in
      let api = lane.provider.api
      let tokens = GuestTokens(access: "a", refresh: "b")
      lane.sandbox.script(401, #"["Invalid token"]"#, on: .renewTokens)
      #expect(await api.renew(tokens, of: Operation.signIn).refusal?.code == .loyaltyKeyRefused)
      _ = try await lane.provider.configuration()
      lane.sandbox.script(401, #"["Invalid LocationKey"]"#, on: .configuration)
      await #expect(throws: DeviceError.self) { try await lane.provider.configuration() }
      #expect(await api.sendPassword(to: Operation.signIn, challenge: "c").value != nil)
    }
  }

  @Test("what reads is sent once more after a busy server or a broken connection, what acts never")
  func repetition() async throws {
    for (fault, calls) in [(SandboxFault.busy, 2), (.failing, 2), (.down, 2), (.dropped, 2), (.expired, 1)] {
      try await Lane.run(
        configure: { configuration in
          configuration.retry.pause = .zero
        }, pausing: ManualClock()
      ) { lane in
        lane.sandbox.inject(fault, on: .find, times: 1)
        let guest = try? await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
        #expect((guest != nil) == (calls == 2), "\(fault)")
        #expect(lane.sandbox.ledger.calls.count == calls, "\(fault)")
        let known = Guest(id: "11111111", displayName: "", code: GuestCode(kind: .phone, value: "2025550143"))
        for route in [SandboxRoute.commit, .checkin, .receipt, .unlock] {
          lane.sandbox.inject(fault, on: route, times: 1)
        }
        let check = try Lane.snapshot()
        _ = await lane.provider.commit(check, for: known)
        #expect(lane.sandbox.ledger.calls.count { $0.route == .commit } == 1)
        _ = await lane.provider.storeReceipt(Lane.closed(check))
        #expect(lane.sandbox.ledger.calls.count { $0.route == .receipt } == 1)
      }
    }
  }

  /// `{"short_key":"6624"}` and 20 MB of spaces, by gzip -9n.
  @Test("answers may be gzip; what unpacks without end is refused")
  func gzip() async throws {
    func bytes(_ hex: String) -> [UInt8] {
      let digits = Array(hex.utf8)
      return stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
      }
    }
    try await Lane.run { lane in
      let encoding = [(name: "Content-Encoding", value: "gzip")]
      lane.sandbox.script(
        200, bytes: bytes("1f8b0800000000000203ab562acec82f2a89cf4ead54b2523233333251aa0500522b354c14000000"),
        headers: encoding, on: .configuration)
      let location = try await lane.provider.configuration()
      #expect(location.shortKey == 6624)
      // A space, then eight matches of 258 spaces in every 13 bytes (RFC 1951 §3.2.6): 20 MB.
      let bomb =
        bytes("1f8b08000000000002035250") + (0..<10_200).flatMap { _ in bytes("1805a360148c8251300a46c128") }
      lane.sandbox.script(200, bytes: bomb, headers: encoding, on: .configuration)
      let error = await #expect(throws: DeviceError.self) { try await lane.provider.configuration() }
      #expect(error?.code == .loyaltyMalformed)
      #expect(error?.detail.contains("exceeds") == true)
    }
  }
}
