/// A card number as it may be shown: at most the first six and the last four digits (PCI DSS 3.4.1,
/// specs/terminals.md §7).
///
/// The full number never leaves the initialiser.
public struct MaskedPAN: Sendable, Equatable {
  /// ASCII digits, and `*` for each digit that is withheld; at most 38.
  public let characters: [UInt8]

  /// Masks ASCII digits; everything that is no digit counts as withheld already.
  ///
  /// Thirteen digits or more keep the first six and the last four, eight or more the last four, fewer none.
  public init(digits: [UInt8]) {
    let first = digits.count >= 13 ? 6 : 0
    let last = digits.count >= 8 ? 4 : 0
    var masked: [UInt8] = []
    masked.reserveCapacity(digits.count)
    for index in digits.indices {
      let isDigit = digits[index] >= 0x30 && digits[index] <= 0x39
      let isShown = index < first || index >= digits.count - last
      masked.append(isDigit && isShown ? digits[index] : 0x2A)
    }
    characters = masked
  }

  /// Masks the packed form of ZVT's BMP 22: E withheld by the terminal, F padding, D a separator after which
  /// nothing is read (specs/terminals.md §2.7).
  public init(packed: Span<UInt8>) {
    var digits: [UInt8] = []
    for index in packed.indices {
      for nibble in [packed[index] >> 4, packed[index] & 0x0F] {
        switch nibble {
        case 0...9: digits.append(0x30 + nibble)
        case 0xD:
          self.init(digits: digits)
          return
        case 0xF: continue
        default: digits.append(0x2A)
        }
      }
    }
    self.init(digits: digits)
  }

  /// The characters with all but the last four withheld.
  public var lastFourOnly: [UInt8] {
    var tail = characters
    var index = 0
    while index < tail.count - 4 {
      tail[index] = 0x2A
      index += 1
    }
    return tail
  }

  /// Withholds card numbers in a text: runs of 12 to 19 digits that pass the Luhn check, also in groups as cards
  /// print them, keep their last four digits. What follows a number as track data does is withheld too.
  public static func withhold(in text: inout [UInt8]) {
    var start = 0
    while start < text.count {
      guard isDigit(text[start]) else {
        start += 1
        continue
      }
      let run = digitRun(text, from: start)
      guard var end = isCardNumber(text, start..<run) ? run : groupedNumber(text, from: start, firstEnd: run)
      else {
        start = run
        continue
      }
      var left = 0
      for index in start..<end where isDigit(text[index]) { left += 1 }
      for index in start..<end where isDigit(text[index]) {
        if left > 4 { text[index] = 0x2A }
        left -= 1
      }
      if end < text.count, text[end] == 0x3D || text[end] == 0x5E {
        while end < text.count, text[end] != 0x0A, text[end] != 0x3F {
          text[end] = 0x2A
          end += 1
        }
      }
      start = end
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private static func digitRun(_ text: [UInt8], from start: Int) -> Int {
    var end = start
    while end < text.count, isDigit(text[end]) { end += 1 }
    return end
  }

  /// The end of a card number in groups of digits with separators between them, the first of four, the second of four
  /// or six. More groups may follow it, a date for instance: the longest number counts.
  private static func groupedNumber(_ text: [UInt8], from start: Int, firstEnd: Int) -> Int? {
    guard firstEnd - start == 4 else { return nil }
    var end = firstEnd
    var digits = 4
    var number: Int?
    while digits < 19, let group = separatorEnd(text, from: end), group < text.count, isDigit(text[group]) {
      let next = digitRun(text, from: group)
      let length = next - group
      if end == firstEnd, length != 4, length != 6 { break }
      guard length <= 7, digits + length <= 19 else { break }
      digits += length
      end = next
      if isCardNumber(text, start..<end) { number = end }
    }
    return number
  }

  /// The end of one to three spaces, hyphens, full stops or unbreakable spaces, the latter in UTF-8 or Latin-1.
  private static func separatorEnd(_ text: [UInt8], from start: Int) -> Int? {
    var end = start
    var count = 0
    while end < text.count, count < 3 {
      switch text[end] {
      case 0x20, 0x2D, 0x2E, 0xA0: end += 1
      case 0xC2 where end + 1 < text.count && text[end + 1] == 0xA0: end += 2
      default: return count > 0 ? end : nil
      }
      count += 1
    }
    return count > 0 ? end : nil
  }

  /// Whether the digits of `range` are 12 to 19 and pass the Luhn check, or are too many for anything else.
  private static func isCardNumber(_ text: [UInt8], _ range: Range<Int>) -> Bool {
    var sum = 0
    var count = 0
    for index in range.reversed() where isDigit(text[index]) {
      let digit = Int(text[index] - 0x30)
      if count % 2 == 1 {
        sum += digit * 2 > 9 ? digit * 2 - 9 : digit * 2
      } else {
        sum += digit
      }
      count += 1
    }
    return count >= 12 && (count > 19 || sum % 10 == 0)
  }
}
