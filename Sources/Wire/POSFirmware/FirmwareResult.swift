import POSWire

/// What C callers get: 0 and above for success, below for one of these. The header names them `POS_…`.
enum FirmwareResult {
  static let badArgument: Int32 = -1
  static let storageTooSmall: Int32 = -2
  static let bufferTooSmall: Int32 = -3

  /// -10 and below, in the order of ``WireError/Reason``.
  static func of(_ error: WireError) -> Int32 { -10 - Int32(error.reason.rawValue) }
}

/// A value that lives in memory of the caller's, who knows no more of it than its size.
enum CallerStorage {
  /// Puts a value there; its owner must end it with ``end(_:in:)``.
  static func begin<Value>(_ value: Value, in storage: UnsafeMutableRawPointer?, size: Int) -> Int32 {
    guard let storage, UInt(bitPattern: storage) % UInt(MemoryLayout<Value>.alignment) == 0 else {
      return FirmwareResult.badArgument
    }
    guard size >= MemoryLayout<Value>.size else { return FirmwareResult.storageTooSmall }
    storage.initializeMemory(as: Value.self, to: value)
    return 0
  }

  /// Gives back what the value holds.
  static func end<Value>(_: Value.Type, in storage: UnsafeMutableRawPointer?) {
    storage?.assumingMemoryBound(to: Value.self).deinitialize(count: 1)
  }
}

/// Borrowed bytes of a C caller; `nil` stands for none.
func borrowed(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
  UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : max(0, count))
}
