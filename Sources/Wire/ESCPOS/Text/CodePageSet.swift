/// The code pages one printer has and the numbers it knows them by (specs/escpos.md §2.8).
///
/// A character that no page holds is printed as something near, by these rules in this order:
///
/// 1. a letter followed by combining marks becomes the letter with its marks, where there is one that can be printed;
/// 2. other marks of Latin, Greek and Cyrillic, joiners, soft hyphens and variation selectors vanish, even those that a
///    page holds: printers give them a cell of their own; the no-break space and other spaces become a space;
/// 3. full-width letters, ligatures and signs with two code points become what they are the same as;
/// 4. a currency sign stays where the caller can draw it;
/// 5. typographic quotes, dashes and signs become ASCII, letters of Latin Extended-A lose their accent, currency signs
///    that cannot be drawn are spelt, the euro as `EUR`;
/// 6. what is left stays where the caller can draw it;
/// 7. other letters lose their marks;
/// 8. everything else, control characters too, becomes a question mark.
///
/// A currency sign never turns into another one. Text can never smuggle a command to the printer.
public struct CodePageSet: Sendable, Equatable {
  /// A page and its number for `ESC t`.
  public struct Slot: Sendable, Equatable {
    /// The page.
    public var page: CodePage
    /// The printer's number of it.
    public var number: UInt8

    /// A page at a number.
    public init(_ page: CodePage, _ number: UInt8) {
      self.page = page
      self.number = number
    }
  }

  /// The pages, most trusted first. The first is selected at the start of every job.
  public var slots: [Slot]
  /// The double-byte characters in the printer's memory.
  public var doubleByte: DoubleByteCharacters?

  /// Pages from their slots, and double-byte characters.
  public init(_ slots: [Slot], doubleByte: DoubleByteCharacters? = nil) {
    self.slots = slots
    self.doubleByte = doubleByte
  }

  /// `text` as it will be printed: every scalar of the result is in some page, or drawn.
  ///
  /// Applying it twice changes nothing more.
  ///
  /// - Parameter isDrawn: which of the characters without a page can be drawn as dots.
  public func printable(
    _ text: [Unicode.Scalar], drawing isDrawn: (Unicode.Scalar) -> Bool = { _ in false }
  ) -> [Unicode.Scalar] {
    printable(text, likesDots: false, isDrawn)
  }

  /// The same for text that is printed as a picture: what can be drawn stays, whatever the pages hold.
  public func drawable(
    _ text: [Unicode.Scalar], drawing isDrawn: (Unicode.Scalar) -> Bool
  ) -> [Unicode.Scalar] {
    // Nothing but ASCII is left to the pages, so that no character depends on the printer.
    CodePageSet([]).printable(text, likesDots: true, isDrawn)
  }

  private func printable(
    _ text: [Unicode.Scalar], likesDots: Bool, _ isDrawn: (Unicode.Scalar) -> Bool
  ) -> [Unicode.Scalar] {
    func isPrinted(_ scalar: Unicode.Scalar) -> Bool {
      holds(scalar) || (likesDots && !Self.isBlank(scalar) && isDrawn(scalar))
    }
    func heldLikeness(_ scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
      Self.likeness(of: scalar).flatMap { $0.allSatisfy { holds($0) } ? $0 : nil }
    }
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      var scalar = text[index]
      index += 1
      if scalar.value >= 0x20, scalar.value < 0x7F, index == text.count || text[index].value < 0x300 {
        result.append(scalar)
        continue
      }
      // A letter that can only be spelt is better without its mark.
      while index < text.count, let composed = Self.composed(scalar, text[index]),
        isPrinted(composed) || heldLikeness(composed) != nil || !isPrinted(scalar)
      {
        scalar = composed
        index += 1
      }
      if Self.vanishes(scalar) { continue }
      if isPrinted(scalar) {
        result.append(scalar)
      } else if let likeness = heldLikeness(scalar) {
        result.append(contentsOf: likeness)
      } else if Self.isCurrencySign(scalar), isDrawn(scalar) {
        result.append(scalar)
      } else if !appendFallback(of: scalar, to: &result) {
        let mayStay = !Self.isBlank(scalar) && isDrawn(scalar)
        result.append(mayStay ? scalar : withoutMarks(scalar) ?? "?")
      }
    }
    return result
  }

  /// Whether a character is nothing by itself. Thai marks are not among them: printers that have them stack them.
  private static func vanishes(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0xAD, 0x0300...0x036F, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0x3099...0x309A,
      0xFE00...0xFE0F, 0xFE20...0xFE2F, 0xFEFF:
      true
    default: false
    }
  }

  /// Signs of money (Unicode's category Sc, as far as it is beyond ASCII and no letters): what a sum is in must not
  /// depend on a likeness.
  private static func isCurrencySign(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0xA2...0xA5, 0xE3F, 0x20A0...0x20CF: true
    default: false
    }
  }

  /// Characters that mean the same in another form: full-width and half-width ones, ligatures (Unicode's compatibility
  /// forms, as far as receipts have them).
  private static func likeness(of scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
    switch scalar.value {
    case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0).map { [$0] }
    case 0xFB01: ["f", "i"]
    case 0xFB02: ["f", "l"]
    case 0x2126: ["\u{3A9}"]
    case 0x212A: ["K"]
    case 0x212B: ["\u{C5}"]
    case 0xB5: ["\u{3BC}"]
    case 0x3BC: ["\u{B5}"]
    // Romanian pages were made before its letters had numbers of their own.
    case 0x218, 0x219: Unicode.Scalar(scalar.value - 0x218 + 0x15E).map { [$0] }
    case 0x21A, 0x21B: Unicode.Scalar(scalar.value - 0x21A + 0x162).map { [$0] }
    default: nil
    }
  }

  /// Whether a character has no dots of its own.
  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0xA0, 0xAD, 0x0300...0x036F, 0x2000...0x200F, 0x2028...0x202F, 0x205F...0x206F,
      0x3000,
      0xFE00...0xFE0F, 0xFEFF:
      true
    default: false
    }
  }

  /// Whether some page or the double-byte set holds `scalar`.
  public func holds(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return scalar.value >= 0x20 && scalar.value != 0x7F }
    return isOnPage(scalar) || doubleByte?.pair(for: scalar) != nil
  }

  /// How many cells the printer gives a character: 2 for one that it prints as a pair, else what Unicode says
  /// (``CellWidth``), which is 1 for whatever a page holds but marks and joiners.
  ///
  /// Quotation marks, Greek and Cyrillic are as wide as ideographs where nothing but the double-byte set holds them.
  public func cells(_ scalar: Unicode.Scalar) -> Int {
    pair(for: scalar) != nil ? 2 : CellWidth.cells(scalar)
  }

  /// The pair that prints `scalar`; `nil` where there is none, and for what a page holds, which would be twice as wide.
  func pair(for scalar: Unicode.Scalar) -> UInt16? {
    guard scalar.value >= 0x80, let pair = doubleByte?.pair(for: scalar), !isOnPage(scalar) else {
      return nil
    }
    return pair
  }

  private func isOnPage(_ scalar: Unicode.Scalar) -> Bool {
    slots.contains { $0.page.byte(for: scalar) != nil }
  }

  /// The slot whose page holds the longest run of `text` from `start`, pairs between left out; the first of equals.
  ///
  /// Taking it whenever the selected page fails needs the fewest switches.
  func farthest(_ text: [Unicode.Scalar], from start: Int) -> Slot? {
    var best: (slot: Slot, end: Int)?
    for slot in slots {
      var end = start
      while end < text.count, slot.page.byte(for: text[end]) != nil || pair(for: text[end]) != nil {
        end += 1
      }
      if end > best?.end ?? start { best = (slot, end) }
    }
    return best?.slot
  }

  /// Appends something near in ASCII; `false` where there is nothing.
  private func appendFallback(of scalar: Unicode.Scalar, to result: inout [Unicode.Scalar]) -> Bool {
    switch scalar.value {
    case 0x09, 0xA0, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: result.append(" ")
    case 0x2018, 0x2019, 0x201B, 0x2032: result.append("'")
    case 0x201C, 0x201D, 0x201F, 0x2033: result.append("\"")
    case 0xB4: result.append("'")
    case 0x201A, 0xB8: result.append(",")
    case 0x201E: result.append(contentsOf: [",", ","])
    case 0x2039: result.append("<")
    case 0x203A: result.append(">")
    case 0xAB: result.append(contentsOf: ["<", "<"])
    case 0xBB: result.append(contentsOf: [">", ">"])
    case 0x2010...0x2015, 0x2212, 0x2500: result.append("-")
    case 0x2550: result.append("=")
    case 0x2022, 0x2219, 0xB7: result.append("*")
    case 0x2026: result.append(contentsOf: [".", ".", "."])
    case 0xD7: result.append("x")
    case 0xA6: result.append("|")
    case 0xB9: result.append("1")
    case 0xB2: result.append("2")
    case 0xB3: result.append("3")
    case 0xBE: result.append(contentsOf: ["3", "/", "4"])
    case 0x20AC: result.append(contentsOf: ["E", "U", "R"])
    case 0xA2: result.append("c")
    case 0xA3: result.append(contentsOf: ["G", "B", "P"])
    case 0xA5: result.append(contentsOf: ["J", "P", "Y"])
    case 0xA9: result.append(contentsOf: ["(", "C", ")"])
    case 0xAE: result.append(contentsOf: ["(", "R", ")"])
    case 0x2122: result.append(contentsOf: ["T", "M"])
    case 0xC6: result.append(contentsOf: ["A", "E"])
    case 0xE6: result.append(contentsOf: ["a", "e"])
    case 0x152: result.append(contentsOf: ["O", "E"])
    case 0x153: result.append(contentsOf: ["o", "e"])
    case 0xDF: result.append(contentsOf: ["s", "s"])
    case 0xD8: result.append("O")
    case 0xF8: result.append("o")
    case 0xC0...0xFF:
      guard let letter = Self.decomposed(scalar) else { return false }
      result.append(letter)
    case 0x100...0x17F:
      let index = Int(scalar.value - 0x100)
      let letter = Self.extendedA.withUTF8Buffer { $0[index] }
      result.append(Unicode.Scalar(letter))
    default: return false
    }
    return true
  }

  /// The letter that a letter with marks is made of, if it can be printed.
  private func withoutMarks(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    guard let letter = Self.base(of: scalar.value) ?? Self.decomposed(scalar) else { return nil }
    // Of two marks one may be left.
    if holds(letter) { return letter }
    return Self.decomposed(letter).flatMap { holds($0) ? $0 : nil }
  }

  /// Letters beyond Latin Extended-A that receipts have, from a capital on, capitals and small ones in turn: of
  /// Vietnamese, Romanian, Pinyin, Welsh and Irish.
  private static let accented: [(first: UInt16, last: UInt16, letter: UInt8)] = [
    (0x1A0, 0x1A1, 0x4F), (0x1AF, 0x1B0, 0x55), (0x1CD, 0x1CE, 0x41), (0x1CF, 0x1D0, 0x49),
    (0x1D1, 0x1D2, 0x4F), (0x1D3, 0x1D4, 0x55), (0x1D5, 0x1DC, 0xDC), (0x218, 0x219, 0x53),
    (0x21A, 0x21B, 0x54), (0x1E02, 0x1E03, 0x42), (0x1E0A, 0x1E0B, 0x44), (0x1E1E, 0x1E1F, 0x46),
    (0x1E40, 0x1E41, 0x4D), (0x1E56, 0x1E57, 0x50), (0x1E60, 0x1E61, 0x53), (0x1E6A, 0x1E6B, 0x54),
    (0x1E80, 0x1E85, 0x57), (0x1EA0, 0x1EA3, 0x41), (0x1EA4, 0x1EAD, 0xC2), (0x1EAE, 0x1EB7, 0x41),
    (0x1EB8, 0x1EBD, 0x45), (0x1EBE, 0x1EC7, 0xCA), (0x1EC8, 0x1ECB, 0x49), (0x1ECC, 0x1ECF, 0x4F),
    (0x1ED0, 0x1ED9, 0xD4), (0x1EDA, 0x1EE3, 0x4F), (0x1EE4, 0x1EF1, 0x55), (0x1EF2, 0x1EF9, 0x59),
  ]

  /// Such a letter without its last mark.
  private static func base(of letter: UInt32) -> Unicode.Scalar? {
    for row in accented where UInt32(row.first) <= letter && letter <= UInt32(row.last) {
      let isSmall = (letter - UInt32(row.first)) % 2 == 1
      return Unicode.Scalar(row.letter | (isSmall ? 0x20 : 0))
    }
    return nil
  }

  /// The letters of U+0100 to U+017F without their accents.
  private static let extendedA: StaticString =
    """
    AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlL\
    lLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs
    """

  /// The letter that `base` and a combining `mark` make.
  private static func composed(_ base: Unicode.Scalar, _ mark: Unicode.Scalar) -> Unicode.Scalar? {
    // Those of Latin, Greek and Cyrillic, of Arabic, and the voicing of kana.
    switch mark.value {
    case 0x300...0x36F, 0x653...0x655, 0x3099...0x309A: break
    default: return nil
    }
    // A comma below is on no page; of Latvian letters it is written as a cedilla.
    var mark = mark.value
    if mark == 0x326 {
      switch base {
      case "S": return "\u{218}"
      case "s": return "\u{219}"
      case "T": return "\u{21A}"
      case "t": return "\u{21B}"
      default: mark = 0x327
      }
    }
    for row in compositions where UInt32(row.1) == mark && UInt32(row.0) == base.value {
      return Unicode.Scalar(row.2)
    }
    return nil
  }

  /// The base letter of an accented one.
  private static func decomposed(_ letter: Unicode.Scalar) -> Unicode.Scalar? {
    for row in compositions where UInt32(row.2) == letter.value { return Unicode.Scalar(row.0) }
    return nil
  }
}
