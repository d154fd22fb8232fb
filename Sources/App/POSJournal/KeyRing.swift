import FoundationEssentials
import POSLinux
import POSModel

/// The keys at hand for one journal: what the integrator gave, and what its key file holds.
///
/// The file has a line for each key; the last one seals. It is for its owner alone, and a key is on the disk before
/// anything is sealed with it.
struct KeyRing {
  /// Where the journal in `directory` keeps its own keys.
  static func file(in directory: String) -> String { directory + "/journal.key" }

  /// Reads the keys, and makes the first one where `mayMake` says that nothing was sealed so far.
  ///
  /// - Throws: `journal.key` when there is none, `input.configuration` when others may read the file.
  static func sealer(in directory: String, given key: JournalKey?, mayMake: Bool) async throws(DeviceError)
    -> Sealer
  {
    let path = file(in: directory)
    var keys: [JournalKey] = []
    if FileManager.default.fileExists(atPath: path) {
      try checkMode(of: path)
      keys = try await AppendOnlyFile.open(path).lines().compactMap { JournalKey(line: $0) }
    }
    if let current = key ?? keys.last { return try Sealer(current, older: keys) }
    guard mayMake else {
      throw DeviceError(
        .journalKey, during: "opening \(directory)", detail: "\(path) holds no key",
        hint: hint(path))
    }
    let made = try JournalKey.random()
    try await AppendOnlyFile.open(path).append(made.line)
    return try Sealer(made)
  }

  /// What to do about a key that is missing or another one.
  static func hint(_ path: String) -> String {
    "put '\(path)' back from its backup; nothing was changed. Without it, sell with another --state directory"
  }

  private static func checkMode(of path: String) throws(DeviceError) {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let mode = attributes?[.posixPermissions] as? UInt, mode & 0o077 == 0 else {
      throw DeviceError(
        .badConfiguration, during: "reading \(path)", detail: "others than its owner may read the key",
        hint: "chmod 0600 '\(path)'")
    }
  }
}
