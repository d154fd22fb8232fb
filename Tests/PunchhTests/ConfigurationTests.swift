import Foundation
import POSLoyalty
import POSModel
import PunchhSandbox
import Testing

@testable import Punchh

@Suite("Configuration of the client")
struct ConfigurationTests {
  @Test(
    "addresses that keep the keys safe",
    arguments: [
      ("https://pos.example.com", "https://pos.example.com", false),
      ("HTTPS://POS.example.com:8443/v1/", "https://pos.example.com:8443/v1", false),
      ("https://[2001:db8::1]", "https://[2001:db8::1]", false),
      ("http://localhost:8080", "http://localhost:8080", true),
      ("http://127.0.0.1", "http://127.0.0.1", true), ("http://127.1.2.3:1/", "http://127.1.2.3:1", true),
      ("http://[::1]:8080", "http://[::1]:8080", true),
    ])
  func addresses(text: String, normal: String, isLoopback: Bool) throws {
    let url = try ServerURL(text)
    #expect(url.text == normal)
    #expect(url.isLoopback == isLoopback)
  }

  @Test(
    "everything else is refused with a hint",
    arguments: [
      "", "pos.example.com", "ftp://pos.example.com", "file:///etc/passwd", "http://pos.example.com",
      "http://127.0.0.1.example.com", "http://127.0.0.256", "http://127.0.0.1@evil.example",
      "http://localhost@evil.example",
      "https://user:pass@pos.example.com", "https://pos.example.com?x=1", "https://pos.example.com#f",
      "https://",
      "https://:443", "https://a:0", "https://a:70000", "https://a:", "https://a:1x", "https://a b",
      "https://a\r\nX: y",
      "https://[::1", "https://[]", "https://[::1]x", "https://[gg::1]", "http://127.1", "https://a/../b c",
      "https://a\\b",
      "http://localhost.example.com", "https://" + String(repeating: "a", count: 300),
    ])
  func refused(text: String) {
    let error = #expect(throws: DeviceError.self) { try ServerURL(text) }
    #expect(error?.code == .badConfiguration)
    #expect(error?.hint.contains("https://") == true)
  }

  @Test("keys and user agents cannot smuggle header lines")
  func tokens() throws {
    for bad in ["", "a b", "a\r\nX-Evil: 1", "a,b", "ключ", String(repeating: "k", count: 257)] {
      #expect(throws: DeviceError.self) { try PunchhKeys(location: bad, business: "b") }
      #expect(throws: DeviceError.self) { try PunchhKeys(location: "l", business: bad) }
      #expect(throws: DeviceError.self) { try UserAgent(integrator: bad, version: "1") }
    }
    #expect(try UserAgent(integrator: "NCRSilverPro", version: "3.5.6b").text == "NCRSilverPro/POS/3.5.6b")
    let error = #expect(throws: DeviceError.self) {
      try PunchhKeys(environment: ["PUNCHH_LOCATION_KEY": "l"])
    }
    #expect(error?.code == .badConfiguration)
    #expect(error?.detail.contains("business") == true)
  }

  @Test("a key file is its owner's alone")
  func keyFile() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "# keys\nPUNCHH_LOCATION_KEY = loc-1 \r\nPUNCHH_BUSINESS_KEY=5f2b\n".write(
      toFile: path, atomically: false, encoding: .utf8)
    for mode in [0o644, 0o640, 0o660, 0o604, 0o601] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      let error = #expect(throws: DeviceError.self) { try PunchhKeys(file: path) }
      #expect(error?.code == .badConfiguration)
      #expect(error?.hint == "chmod 0600 '\(path)'")
    }
    for mode in [0o600, 0o400] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      #expect(try PunchhKeys(file: path) == PunchhKeys(location: "loc-1", business: "5f2b"))
    }
    #expect(throws: DeviceError.self) { try PunchhKeys(file: path + "-absent") }
  }
}

@Suite("Secrets stay in", .timeLimit(.minutes(1)))
struct CanaryTests {
  @Test(
    "keys, addresses, telephone numbers and codes never reach an error, even when the server repeats them")
  func canaries() async throws {
    let secrets = [
      "canary-location-key", "canary-business-key", "canary.guest@example.com", "2025550177",
      "facade0ddba115",
    ]
    let echo =
      #"{"error":"Guest canary.guest@example.com (phone 2025550177, 202-555-0177, +1 (202) 555 0177, code FACADE0ddba115, card 6006491234567890) with Token token=canary-location-key, btoken=canary-business-key"}"#
    try await Lane.run(
      configure: {
        $0.keys = try PunchhKeys(location: "canary-location-key", business: "canary-business-key")
        $0.timeouts.lookUp = 300
        $0.timeouts.commit = 300
        $0.timeouts.checkIn = 300
      }
    ) { lane in
      var guest = Guest(
        id: "1", displayName: "Quentin Canary", code: GuestCode(kind: .singleScan, value: "facade0ddba115"))
      guest.email = "canary.guest@example.com"
      guest.phone = "2025550177"
      let check = try Lane.snapshot()
      let closed = Lane.closed(check)
      var errors: [DeviceError] = []
      func note(_ outcome: EffectOutcome<some Sendable>) {
        errors += [outcome.refusal, outcome.doubt].compactMap { $0 }
      }
      func note(_ call: () async throws(DeviceError) -> Void) async {
        do throws(DeviceError) { try await call() } catch { errors.append(error) }
      }
      func everything() async {
        for code in [
          guest.code, GuestCode(kind: .email, value: guest.email ?? ""),
          GuestCode(kind: .cardNumber, value: "facade0ddba115"),
          GuestCode(kind: .shortCode, value: "2025550177"),
        ] {
          await note { () throws(DeviceError) in _ = try await lane.provider.findGuest(code) }
        }
        await note { () throws(DeviceError) in _ = try await lane.provider.configuration() }
        await note { () throws(DeviceError) in _ = try await lane.provider.lookUpDiscounts(check, for: guest)
        }
        await note { () throws(DeviceError) in _ = try await lane.provider.quote(check, for: guest) }
        await note { () throws(DeviceError) in
          _ = try await lane.provider.isBasketOpen(check.identity, of: guest)
        }
        note(await lane.provider.commit(check, for: guest))
        note(
          await lane.provider.void(
            Redemption(reference: "r", granted: Quote(lines: [], refusals: [])), of: guest))
        note(await lane.provider.unlock(check.identity, of: guest))
        note(await lane.provider.checkIn(closed, by: guest))
        note(await lane.provider.storeReceipt(closed))
      }
      for (status, body) in [(400, echo), (422, echo), (500, echo), (200, echo), (200, "\(echo)x")] {
        for route in SandboxRoute.allCases {
          for _ in 0..<3 { lane.sandbox.script(status, body, on: route) }
        }
        await everything()
      }
      for fault in SandboxFault.allCases where fault != .slow && fault != .silent {
        lane.sandbox.clearFaults()
        lane.sandbox.inject(fault, on: nil)
        await everything()
      }
      #expect(errors.count > 50)
      for error in errors {
        let text = "\(error)" + String(reflecting: error)
        for secret in secrets + ["555-0177", "555 0177", "0177", "6006491234567890", "canary"] {
          #expect(!text.lowercased().contains(secret.lowercased()), "\(secret)")
        }
      }
      #expect(errors.contains { $0.detail.contains("Guest [") })
    }
  }

  @Test("printing a configuration shows no key")
  func printing() throws {
    let keys = try PunchhKeys(location: "canary-location", business: "canary-business")
    let configuration = PunchhConfiguration(
      server: try ServerURL("https://a.example"), keys: keys,
      userAgent: try UserAgent(integrator: "a", version: "1"))
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in [
      "\(configuration)", String(reflecting: configuration), dumped, "\(keys)",
      "\(PunchhProvider(configuration))",
    ] {
      #expect(!text.contains("canary"))
    }
  }

  @Test(
    "redaction leaves plain words alone",
    arguments: [
      ("Invalid Receipt Amount", "Invalid Receipt Amount"),
      ("HTTP 422 in 30 minutes", "HTTP 422 in 30 minutes"),
      ("user a@b.example banned", "user […] banned"), ("code dead00beef used", "code […] used"),
      ("call 202 555 0143 now", "call […] now"), ("decade of facades", "decade of facades"), ("", ""),
      ("KEY-1 and key-1", "[…] and […]"),
      (String(repeating: "long ", count: 100) + "key-1", String(repeating: "long ", count: 100) + "[…]"),
    ])
  func redaction(text: String, clean: String) {
    #expect(Redaction(secrets: ["key-1"]).apply(to: text) == clean)
  }
}
