import CCrypto
import POSModel

/// Seals records with AES-256-GCM (NIST SP 800-38D) and opens them again. Used by one thread at a time.
///
/// A sealed record is a version byte (1), the four bytes of the key's id, a random nonce of 12 bytes, the
/// ciphertext and a tag of 16 bytes. Version, key and the record's place in the journal are authenticated with it,
/// so that a record which was moved or exchanged does not open. Random nonces are good for 2³² records of a key
/// (§8.3 there); a till writes less in a century.
final class Sealer {
  /// The key that seals; the others only open.
  let current: JournalKey
  private let keys: [JournalKey]
  private let cipher: OpaquePointer
  /// Has the key that seals.
  private let sealing: OpaquePointer
  private let opening: OpaquePointer

  private static let version: UInt8 = 1
  private static let nonceSize = 12
  private static let tagSize = 16
  private static let headSize = 5

  /// - Parameter older: keys of records that were sealed before.
  init(_ current: JournalKey, older: [JournalKey] = []) throws(DeviceError) {
    self.current = current
    keys = [current] + older
    guard let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil) else {
      throw DeviceError(.journalFailed, during: "sealing", detail: "libcrypto has no AES-256-GCM")
    }
    let (sealing, opening) = (EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_new())
    guard let sealing, let opening,
      EVP_EncryptInit_ex2(sealing, cipher, current.bytes, nil, nil) == 1
    else {
      EVP_CIPHER_CTX_free(sealing)
      EVP_CIPHER_CTX_free(opening)
      EVP_CIPHER_free(cipher)
      throw DeviceError(.journalFailed, during: "sealing", detail: "no memory")
    }
    self.cipher = cipher
    self.sealing = sealing
    self.opening = opening
  }

  deinit {
    EVP_CIPHER_CTX_free(sealing)
    EVP_CIPHER_CTX_free(opening)
    EVP_CIPHER_free(cipher)
  }

  /// Seals the content of the record at `place`.
  func seal(_ plain: [UInt8], at place: String) throws(DeviceError) -> [UInt8] {
    let nonce = try JournalKey.randomBytes(Self.nonceSize)
    var sealed = [Self.version] + current.id
    let overhead = Self.nonceSize + Self.tagSize
    sealed.reserveCapacity(sealed.count + overhead + plain.count)
    guard EVP_EncryptInit_ex2(sealing, nil, nil, nonce, nil) == 1,
      authenticate(sealed, place, sealing, EVP_EncryptUpdate)
    else { throw Self.refused }
    sealed += nonce
    let text = sealed.count
    sealed.append(contentsOf: repeatElement(0, count: plain.count + Self.tagSize))
    let isSealed = sealed.withUnsafeMutableBufferPointer { sealed in
      guard let start = sealed.baseAddress, update(plain, into: start + text, sealing, EVP_EncryptUpdate)
      else {
        return false
      }
      let tag = start + text + plain.count
      return EVP_EncryptFinal_ex(sealing, tag, &spare) == 1
        && EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagSize), tag) == 1
    }
    guard isSealed else { throw Self.refused }
    return sealed
  }

  private static var refused: DeviceError {
    DeviceError(.journalFailed, during: "sealing", detail: "libcrypto refuses")
  }

  /// Opens the record at `place`.
  ///
  /// - Throws: `journal.key` when another key has sealed it, `journal.newer` for another version, `journal.damaged`
  ///   when it is not what was sealed here.
  func open(_ sealed: [UInt8], at place: String) throws(DeviceError) -> [UInt8] {
    let operation = "opening a sealed record"
    guard let version = sealed.first, sealed.count >= Self.headSize + Self.nonceSize + Self.tagSize else {
      throw DeviceError(.journalDamaged, during: operation, detail: "\(place) is too short")
    }
    guard version == Self.version else {
      throw DeviceError(
        .journalNewer, during: operation, detail: "\(place) has version \(version) of sealing")
    }
    let id = Array(sealed[1..<Self.headSize])
    guard let key = keys.first(where: { $0.id == id }) else {
      throw DeviceError(
        .journalKey, during: operation, detail: "\(place) was sealed with the key \(JournalKey.hex(id))")
    }
    let textStart = Self.headSize + Self.nonceSize
    let textEnd = sealed.count - Self.tagSize
    var tag = Array(sealed[textEnd...])
    var plain = [UInt8](repeating: 0, count: textEnd - textStart)
    guard
      EVP_DecryptInit_ex2(opening, cipher, key.bytes, Array(sealed[Self.headSize..<textStart]), nil) == 1,
      authenticate(Array(sealed[..<Self.headSize]), place, opening, EVP_DecryptUpdate),
      update(Array(sealed[textStart..<textEnd]), into: &plain, opening, EVP_DecryptUpdate),
      EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagSize), &tag) == 1,
      EVP_DecryptFinal_ex(opening, &tag, &spare) == 1
    else { throw DeviceError(.journalDamaged, during: operation, detail: "\(place) does not open") }
    return plain
  }

  private typealias Update = (
    OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int32>?, UnsafePointer<UInt8>?, Int32
  ) -> Int32

  /// How much libcrypto wrote: always as much as it was given.
  private var spare: Int32 = 0

  private func authenticate(
    _ head: [UInt8], _ place: String, _ context: OpaquePointer, _ step: Update
  ) -> Bool {
    let data = head + Array(place.utf8)
    return step(context, nil, &spare, data, Int32(clamping: data.count)) == 1
  }

  private func update(
    _ input: [UInt8], into output: UnsafeMutablePointer<UInt8>, _ context: OpaquePointer, _ step: Update
  ) -> Bool {
    // Without bytes the arrays may have no address, which would make them further authenticated data.
    guard !input.isEmpty else { return true }
    guard input.count <= Int(Int32.max) else { return false }
    return step(context, output, &spare, input, Int32(input.count)) == 1
  }
}

extension Sealer {
  /// What a record is called when it is sealed.
  enum Place {
    static func item(_ name: String) -> String { "outbox/\(name)" }
    static func event(_ number: Int, of sale: String) -> String { "event/\(number)/\(sale)" }
    static func print(_ name: String) -> String { "print/\(name)" }
    /// What is sealed so that a wrong key is noticed at the opening.
    static let proof = "proof"
  }
}
