import FoundationEssentials
import POSJSON
import POSModel

/// Values that are stored as JSON.
extension Journal {
  static func encoded(_ value: some Encodable) throws(DeviceError) -> [UInt8] {
    do {
      return [UInt8](try JSONEncoder().encode(value))
    } catch {
      throw DeviceError(.badInput, during: "writing to the journal", detail: "\(error)")
    }
  }

  static func decoded<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8])
    throws(DeviceError) -> Value
  {
    do {
      return try BoundedJSON.decode(type, from: bytes)
    } catch {
      throw DeviceError(.journalDamaged, during: "reading the journal", detail: "\(error)")
    }
  }
}
