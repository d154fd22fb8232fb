import Foundation
import POSJournal
import POSModel
import Synchronization
import Testing

/// A directory that lives as long as a test.
final class Scratch {
  let path = FileManager.default.temporaryDirectory.path + "/journal-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A journal of version 2; Tests/Fixtures/journal/README.md says what is in it.
  static let version2 = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/journal/version-2").path

  var file: String { path + "/journal.sqlite3" }

  func mode(of name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: name)[.posixPermissions] as? Int
  }
}

/// A clock that a test sets.
final class HandClock: Sendable {
  private let milliseconds: Mutex<Int64>

  init(_ start: Int64 = 1_000_000) { milliseconds = Mutex(start) }

  var now: WallTime {
    get { WallTime(milliseconds: milliseconds.withLock { $0 }) }
    set { milliseconds.withLock { $0 = newValue.milliseconds } }
  }

  func advance(_ duration: Duration) { now = now + duration }

  var options: Journal.Options {
    var options = Journal.Options()
    options.now = { self.now }
    return options
  }
}

func code(_ body: () async throws -> Void) async -> DeviceError.Code? {
  do {
    try await body()
    return nil
  } catch {
    return (error as? DeviceError)?.code
  }
}
