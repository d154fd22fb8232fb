import CPOSLinux

/// What users and groups are called; the number where one has no name.
enum AccountName {
  static func user(_ number: UInt32) -> String { name { pos_user_name(number, $0, $1) } }

  static func group(_ number: UInt32) -> String { name { pos_group_name(number, $0, $1) } }

  private static func name(_ store: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress else { return "" }
      store(start, buffer.count)
      return String(cString: start)
    }
  }
}
