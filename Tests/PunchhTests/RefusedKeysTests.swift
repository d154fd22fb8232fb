import Foundation
import POSModel
import PunchhSandbox
import Testing

@testable import Punchh

@Suite("Refused keys are remembered for the next process", .timeLimit(.minutes(1)))
struct RefusedKeysTests {
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
  }

  @Test("a till that starts twenty times asks once; other keys, and allowed ones, are sent")
  func restarts() async throws {
    try await withFolder { folder in
      try await Lane.run { lane in
        func provider(_ location: String) throws -> PunchhProvider {
          var configuration = try Lane.configuration(port: lane.sandbox.port)
          configuration.keys = try PunchhKeys(location: location, business: "sandbox-business-key")
          configuration.refusedKeys = RefusedKeys(in: folder)
          return PunchhProvider(configuration)
        }
        for _ in 0..<20 {
          let wrong = try provider("wrong")
          let error = await #expect(throws: DeviceError.self) { try await wrong.configuration() }
          #expect(error?.code == .loyaltyKeyRefused)
        }
        #expect(lane.sandbox.ledger.calls.count == 1)
        #expect(lane.sandbox.ledger.violations.count == 1)
        let held = try provider("wrong")
        let last = await #expect(throws: DeviceError.self) { try await held.configuration() }
        #expect(last?.hint.contains("posctl loyalty keys --allow") == true)
        _ = try await provider("sandbox-location-key").configuration()

        let lifted = try RefusedKeys(in: folder).allow()
        let again = try RefusedKeys(in: folder).allow()
        #expect(lifted && !again)
        let allowed = try provider("wrong")
        await #expect(throws: DeviceError.self) { try await allowed.configuration() }
        #expect(lane.sandbox.ledger.violations.count == 2)

        let file = folder + "/refused-keys"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(!text.contains("wrong") && !text.contains("sandbox"))
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
      }
    }
  }

  @Test("a till that is running sends what was allowed meanwhile; a refusal of other keys allows nothing")
  func allowedMeanwhile() async throws {
    try await withFolder { folder in
      let refused = RefusedKeys(in: folder)
      try await Lane.run(configure: { $0.refusedKeys = refused }) { lane in
        lane.sandbox.script(401, #"["Invalid LocationKey"]"#, on: .configuration)
        await #expect(throws: DeviceError.self) { try await lane.provider.configuration() }
        refused.note(try PunchhKeys(location: "other", business: "other"))
        await #expect(throws: DeviceError.self) { try await lane.provider.configuration() }
        #expect(lane.sandbox.ledger.calls.count == 1)
        try refused.allow()
        _ = try await lane.provider.configuration()
      }
    }
  }

  @Test("after an hour one call may try; clocks that jump and files that make no sense hold nothing back")
  func times() async throws {
    try await withFolder { folder in
      let keys = try PunchhKeys(location: "a", business: "b")
      let refused = RefusedKeys(in: folder)
      #expect(refused.minutesLeft(for: keys, at: 0) == nil)
      refused.note(keys, at: 1_000_000)
      for (now, minutes) in [
        (Int64(1_000_000), 60), (1_060_000, 59), (4_599_999, 1), (4_600_000, nil), (999_999, nil),
        (.max, nil), (.min, nil),
      ] {
        #expect(refused.minutesLeft(for: keys, at: now) == minutes, "\(now)")
      }
      #expect(refused.minutesLeft(for: try PunchhKeys(location: "a", business: "c"), at: 1_000_000) == nil)
      for contents in ["", "x", "\(keys.digest) y", String(repeating: "z", count: 100_000)] {
        try contents.write(toFile: folder + "/refused-keys", atomically: true, encoding: .utf8)
        #expect(refused.minutesLeft(for: keys, at: 1_000_000) == nil)
      }
    }
  }

  @Test("a folder that takes no file changes nothing for the process at hand")
  func fullDisk() async throws {
    try await Lane.run(configure: {
      $0.keys = try PunchhKeys(location: "wrong", business: "sandbox-business-key")
      $0.refusedKeys = RefusedKeys(in: "/proc/no-such-folder")
    }) { lane in
      for _ in 0..<3 {
        let error = await #expect(throws: DeviceError.self) { try await lane.provider.configuration() }
        #expect(error?.code == .loyaltyKeyRefused)
      }
      #expect(lane.sandbox.ledger.violations.count == 1)
    }
  }
}
