/// Makes the reports of a boot keyboard (HID 1.11 appendix B.1) again from what the kernel made of them.
///
/// Not all comes back: a key that is twice in one report is there once, keys that the kernel maps to the same code
/// are one key, and keys that it does not know are missing (specs/scanners.md §2.1).
package struct KeyReports: Sendable {
  /// The report descriptor of a boot keyboard (HID 1.11 appendix E.6), without its lights and with all keys.
  package static let descriptor: [UInt8] = [
    0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x15, 0x00, 0x25, 0x01, 0x75,
    0x01,
    0x95, 0x08, 0x81, 0x02, 0x95, 0x01, 0x75, 0x08, 0x81, 0x01, 0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x25,
    0x65,
    0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xC0,
  ]

  /// Codes of the keys with the usages 04 to 67 hex, in this order (linux/input-event-codes.h; the mapping is
  /// `hid_keyboard` of drivers/hid/hid-input.c). 0 where another usage has the code already.
  private static let codes: [UInt16] = [
    30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44,
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 28, 1, 14, 15, 57, 12, 13, 26, 27, 43, 0, 39, 40, 41, 51, 52, 53, 58,
    59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 87, 88, 99, 70, 119, 110, 102, 104, 111, 107, 109, 106, 105, 108,
    103,
    69, 98, 55, 74, 78, 96, 79, 80, 81, 75, 76, 77, 71, 72, 73, 82, 83, 86, 127, 116, 117,
  ]
  /// Codes of the keys with the usages 87 to 8B hex, of Japanese keyboards.
  private static let internationalCodes: [UInt16] = [89, 93, 124, 92, 94]
  /// Codes of the keys with the usages E0 to E7 hex: control, shift, alt and meta, left and right.
  private static let modifierCodes: [UInt16] = [29, 42, 56, 125, 97, 54, 100, 126]

  private static let usages = Dictionary(
    uniqueKeysWithValues: codes.enumerated().filter { $1 != 0 }.map { ($1, UInt8($0 + 4)) }
      + internationalCodes.enumerated().map { ($1, UInt8($0 + 0x87)) })

  private var modifiers: UInt8 = 0
  /// Usages of the keys that are down, in the order in which they went down.
  private var down: [UInt8] = []
  private var hasLostSome = false
  private var hasChanged = false

  /// Nothing is down.
  package init() {}

  /// Takes one event and returns the report that it completes, 8 bytes.
  ///
  /// Events that were lost come back as the report that a keyboard sends when too many keys are down
  /// (HID 1.11 appendix C): whatever a scanner was sending is not whole.
  package mutating func on(type: UInt16, code: UInt16, value: Int32) -> [UInt8]? {
    switch (type, code) {
    // SYN_REPORT
    case (0, 0):
      defer { (hasChanged, hasLostSome) = (false, false) }
      if hasLostSome { return report(keys: [UInt8](repeating: 0x01, count: 6)) }
      guard hasChanged else { return nil }
      return report(keys: down.count > 6 ? [UInt8](repeating: 0x01, count: 6) : down)
    // SYN_DROPPED: all up to the next SYN_REPORT means nothing, and what is down is not known.
    case (0, 3):
      hasLostSome = true
      modifiers = 0
      down = []
      return nil
    // EV_KEY; a key that repeats is no news.
    case (1, _) where value != 2 && !hasLostSome:
      change(code, isDown: value != 0)
      return nil
    default: return nil
    }
  }

  private mutating func change(_ code: UInt16, isDown: Bool) {
    if let bit = Self.modifierCodes.firstIndex(of: code) {
      let mask = UInt8(1) << UInt8(bit)
      modifiers = isDown ? modifiers | mask : modifiers & ~mask
      hasChanged = true
    } else if let usage = Self.usages[code] {
      down.removeAll { $0 == usage }
      if isDown { down.append(usage) }
      hasChanged = true
    }
  }

  private func report(keys: [UInt8]) -> [UInt8] {
    [modifiers, 0] + keys + [UInt8](repeating: 0, count: max(0, 6 - keys.count))
  }
}
