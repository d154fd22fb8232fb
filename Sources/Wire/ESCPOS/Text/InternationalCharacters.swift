/// The ASCII punctuation that `ESC R` replaces, country by country (specs/escpos.md §2.8).
enum InternationalCharacters {
  /// What stands in the places of `#$@[\]^`{|}~`, by the number of the country.
  private static let tables: [StaticString] = [
    "#$@[\\]^`{|}~", "#$à°ç§^`éùè¨", "#$§ÄÖÜ^`äöüß", "£$@[\\]^`{|}~", "#$@ÆØÅ^`æøå~", "#¤ÉÄÖÅÜéäöåü",
    "#$@°\\é^ùàòèì",
    "₧$@¡Ñ¿^`¨ñ}~", "#$@[¥]^`{|}~", "#¤ÉÆØÅÜéæøåü", "#$ÉÆØÅÜéæøåü", "#$á¡Ñ¿é`íñóú", "#$á¡Ñ¿éüíñóú",
    "#$@[₩]^`{|}~",
    "#$ŽŠĐĆČžšđćč", "#¥@[\\]^`{|}~",
  ]
  private static let places: StaticString = "#$@[\\]^`{|}~"

  /// Sets of newer printers: Vietnam, Arabia and those of India (specs/escpos.md §2.8). What they replace is not known
  /// here, so they print ASCII.
  private static let others: [ClosedRange<Int>] = [16...17, 66...75, 82...82]

  static func isKnown(_ country: Int) -> Bool {
    country < tables.count || others.contains { $0.contains(country) }
  }

  /// What an ASCII byte prints.
  static func scalar(_ byte: UInt8, country: Int) -> Unicode.Scalar {
    guard country > 0, country < tables.count, let place = places.withUTF8Buffer({ $0.firstIndex(of: byte) })
    else {
      return Unicode.Scalar(byte)
    }
    // The tables are short: characters are counted by their first bytes.
    return tables[country].withUTF8Buffer { bytes in
      var index = 0
      var seen = -1
      while index < bytes.count {
        if bytes[index] & 0xC0 != 0x80 { seen += 1 }
        if seen == place { break }
        index += 1
      }
      guard index < bytes.count else { return Unicode.Scalar(byte) }
      let first = bytes[index]
      var value: UInt32
      let rest: Int
      switch first {
      case 0..<0x80: (value, rest) = (UInt32(first), 0)
      case 0x80..<0xE0: (value, rest) = (UInt32(first & 0x1F), 1)
      default: (value, rest) = (UInt32(first & 0x0F), 2)
      }
      for step in 0..<rest where index + 1 + step < bytes.count {
        value = value << 6 | UInt32(bytes[index + 1 + step] & 0x3F)
      }
      return Unicode.Scalar(value) ?? Unicode.Scalar(byte)
    }
  }
}
