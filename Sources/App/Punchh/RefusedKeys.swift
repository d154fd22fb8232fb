internal import FoundationEssentials
public import POSModel

/// That the server has refused the keys, in a file beside the journal.
///
/// Ten refusals within ten minutes block the store's address for an hour (specs/punchh.md §3), and a till that a
/// supervisor starts again and again, or a shell that runs one sale a process, would be refused as often. So for an
/// hour the same keys are not sent, by no process that shares the file; then one call may try. Other keys are not
/// concerned. The file holds a digest and a time.
public struct RefusedKeys: Sendable, Equatable {
  /// How long keys are not sent after a refusal, in milliseconds.
  static let pause: Int64 = 3_600_000

  private let directory: String
  private var path: String { directory + "/refused-keys" }

  /// The file `refused-keys` in `directory`, which need not exist.
  public init(in directory: String) { self.directory = directory }

  /// Whole minutes, 1 or more, for which `keys` are not sent; `nil` when they may be.
  ///
  /// A refusal in the future was dated by a clock that was wrong, and counts for nothing.
  public func minutesLeft(for keys: PunchhKeys) -> Int? { minutesLeft(for: keys, at: Self.now) }

  func minutesLeft(for keys: PunchhKeys, at now: Int64) -> Int? {
    guard let contents = FileManager.default.contents(atPath: path), contents.count <= 128 else { return nil }
    let words = String(decoding: contents, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard words.count == 2, words[0] == keys.digest, let time = Int64(words[1]) else { return nil }
    let (passed, overflow) = now.subtractingReportingOverflow(time)
    guard !overflow, (0..<Self.pause).contains(passed) else { return nil }
    return Int((Self.pause - passed + 59_999) / 60_000)
  }

  /// Whether a refusal stands in the file: ``allow()``, by whichever process, ends that.
  var isNoted: Bool { FileManager.default.fileExists(atPath: path) }

  /// Remembers that `keys` were refused now. A disk that does not take it changes nothing for this process, which
  /// falls silent all the same.
  func note(_ keys: PunchhKeys, at now: Int64 = Self.now) {
    try? FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700 as UInt])
    let line = Data("\(keys.digest) \(now)\n".utf8)
    _ = FileManager.default.createFile(
      atPath: path, contents: line, attributes: [.posixPermissions: 0o600 as UInt])
  }

  /// Lets the keys be sent again; `false` when nothing kept them.
  ///
  /// - Throws: `device.permission_denied` when the file cannot be removed.
  @discardableResult
  public func allow() throws(DeviceError) -> Bool {
    guard FileManager.default.fileExists(atPath: path) else { return false }
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw DeviceError(
        .permissionDenied, during: "letting the keys be sent again", detail: "\(path) cannot be removed",
        hint: "sudo rm '\(path)'")
    }
    return true
  }

  private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
