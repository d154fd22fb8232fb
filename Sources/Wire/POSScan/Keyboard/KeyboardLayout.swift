/// A keyboard layout: which character a key types. Scanners are set to the one the host is thought to have.
public enum KeyboardLayout: UInt8, Sendable, CaseIterable {
  case us, uk, fr, de, es, it, be, chDE, se, cz

  /// The name used on the command line.
  public var name: StaticString {
    switch self {
    case .us: "us"
    case .uk: "uk"
    case .fr: "fr"
    case .de: "de"
    case .es: "es"
    case .it: "it"
    case .be: "be"
    case .chDE: "ch-de"
    case .se: "se"
    case .cz: "cz"
    }
  }

  /// Which characters of a key: the modifiers that choose among them.
  public enum Level: Int, Sendable, CaseIterable {
    case plain, shift, altGr, shiftAltGr
  }

  /// What a key types.
  public enum Key: Sendable, Equatable {
    /// A character of the Basic Multilingual Plane.
    case character(UInt16)
    /// An accent for the next character, as a combining mark.
    case dead(UInt16)
    /// Nothing.
    case nothing
  }

  /// What the key with this usage of the Keyboard page types; ``Key/nothing`` for keys that type no character.
  public func key(_ usage: UInt8, _ level: Level) -> Key {
    let row: Int
    switch usage {
    case 0x04...0x38: row = Int(usage) - 0x04
    case 0x64: row = 0x38 - 0x04 + 1
    default: return .nothing
    }
    let entry = table[row * Level.allCases.count + level.rawValue]
    switch entry {
    case 0: return .nothing
    case 0xE000...0xE0FF: return .dead(0x300 | entry & 0xFF)
    default: return .character(entry)
    }
  }

  private var table: [UInt16] {
    switch self {
    case .us: KeyboardLayoutTables.us
    case .uk: KeyboardLayoutTables.uk
    case .fr: KeyboardLayoutTables.fr
    case .de: KeyboardLayoutTables.de
    case .es: KeyboardLayoutTables.es
    case .it: KeyboardLayoutTables.it
    case .be: KeyboardLayoutTables.be
    case .chDE: KeyboardLayoutTables.chDE
    case .se: KeyboardLayoutTables.se
    case .cz: KeyboardLayoutTables.cz
    }
  }
}

/// Accents that wait for their letter.
enum DeadKey {
  /// The composed character (NFC), if there is one.
  static func compose(_ mark: UInt16, _ base: UInt16) -> UInt16? {
    let table = KeyboardLayoutTables.compositions
    var low = 0
    var high = table.count / 3
    while low < high {
      let middle = (low + high) / 2
      let (entryMark, entryBase) = (table[3 * middle], table[3 * middle + 1])
      if entryMark == mark, entryBase == base { return table[3 * middle + 2] }
      if (entryMark, entryBase) < (mark, base) { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// The accent standing alone: what a dead key and a space type.
  static func accent(_ mark: UInt16) -> UInt16 {
    let table = KeyboardLayoutTables.accents
    for index in stride(from: 0, to: table.count, by: 2) where table[index] == mark {
      return table[index + 1]
    }
    return mark
  }
}
