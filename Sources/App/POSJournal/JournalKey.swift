import CCrypto
public import POSModel

/// The secret that seals what a journal holds of guests: 32 random bytes.
///
/// Whoever gives one to ``Journal/Options/key`` keeps it; else the journal makes one and keeps it in the file
/// `journal.key` of its directory.
public struct JournalKey: Sendable, Hashable {
  /// Bytes in a key.
  public static let size = 32

  let bytes: [UInt8]
  /// The first four bytes of the key's SHA-256 (FIPS 180-4): tells keys apart, and nothing about them.
  let id: [UInt8]

  /// A key from its bytes.
  ///
  /// - Throws: `input.configuration` unless there are 32.
  public init(bytes: [UInt8]) throws(DeviceError) {
    guard bytes.count == Self.size else {
      throw DeviceError(
        .badConfiguration, during: "reading a journal's key",
        detail: "a key has \(Self.size) bytes, not \(bytes.count)")
    }
    self.bytes = bytes
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    guard EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 else {
      throw DeviceError(.journalFailed, during: "reading a journal's key", detail: "SHA-256 is missing")
    }
    id = Array(digest.prefix(4))
  }

  /// A new key from the random numbers of libcrypto.
  public static func random() throws(DeviceError) -> JournalKey {
    try JournalKey(bytes: randomBytes(size))
  }

  static func randomBytes(_ count: Int) throws(DeviceError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard RAND_bytes(&bytes, Int32(count)) == 1 else {
      throw DeviceError(
        .journalFailed, during: "sealing", detail: "the system gives no random numbers")
    }
    return bytes
  }
}

extension JournalKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The key's id, never the key.
  public var description: String { "JournalKey(\(Self.hex(id)))" }
  /// The same.
  public var debugDescription: String { description }
  /// Shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }

  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension JournalKey {
  /// The line of a key file: the format's version and the key in hexadecimal digits, `1 00ff…`.
  var line: String { "1 " + Self.hex(bytes) }

  /// The key in a line; `nil` for a line that a crash has cut short, and for anything else.
  init?(line: String) {
    let parts = line.split(separator: " ")
    guard parts.count == 2, parts[0] == "1", parts[1].utf8.count == 2 * Self.size else { return nil }
    var bytes: [UInt8] = []
    var digits = parts[1][...]
    while !digits.isEmpty {
      guard let byte = UInt8(digits.prefix(2), radix: 16) else { return nil }
      bytes.append(byte)
      digits = digits.dropFirst(2)
    }
    guard let key = try? JournalKey(bytes: bytes) else { return nil }
    self = key
  }
}
