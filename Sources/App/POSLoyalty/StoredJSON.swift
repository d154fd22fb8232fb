import FoundationEssentials
import POSJSON
import POSModel

/// What this module keeps in the journal: JSON, so that a person can read it.
enum StoredJSON {
  /// The bytes of `value`, the same for equal values.
  static func bytes(_ value: some Encodable) throws(DeviceError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(value))
    } catch {
      throw DeviceError(.journalFailed, during: "encoding a journal entry", detail: "\(error)")
    }
  }

  /// The value in `bytes`.
  ///
  /// - Throws: `journal.newer`: a whole journal with an entry this program cannot read comes from another version.
  static func value<Value: Decodable>(_ type: Value.Type, in bytes: [UInt8]) throws(DeviceError) -> Value {
    do {
      return try BoundedJSON.decode(type, from: bytes)
    } catch {
      throw DeviceError(.journalNewer, during: "reading a journal entry", detail: "it is no \(type)")
    }
  }
}
