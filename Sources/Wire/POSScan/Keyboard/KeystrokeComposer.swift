/// Makes characters of keystrokes: modifiers, dead keys, Ctrl, and Alt with numbers.
struct KeystrokeComposer: Sendable {
  /// A key that may end a code.
  enum Terminator: Sendable {
    case enter, tab
  }

  /// What a keystroke came to.
  enum Stroke: Sendable {
    /// A key without a character: a digit of an Alt code, a modifier, a lock.
    case nothing
    /// A dead key, and the accent of the one before it.
    case accent(before: UInt16?)
    /// A key that should type something and does not.
    case unmapped
    case capsLock
    case terminator(Terminator)
    /// One character, or an accent that did not fit and the character after it.
    case characters(UInt16, UInt16?)
  }

  /// The number typed while Alt is held.
  struct AltCode: Sendable, Equatable {
    var value: UInt32 = 0
    var digits = 0
    var startsWithZero = false
    /// Begun by the keypad's plus: the number of a Unicode character in hexadecimal.
    var isHexadecimal = false
  }

  private var alt: AltCode?
  private var dead: UInt16?

  /// Looks at the modifiers of a report; a number is complete once Alt is up.
  mutating func holdAlt(_ modifiers: KeyboardReport.Modifiers) -> AltCode? {
    guard modifiers.isDisjoint(with: [.leftAlt, .rightAlt]), let code = alt else { return nil }
    alt = nil
    return code.digits > 0 ? code : nil
  }

  /// The accent of a dead key whose letter never came.
  mutating func takeAccent() -> UInt16? {
    guard let mark = dead else { return nil }
    dead = nil
    return DeadKey.accent(mark)
  }

  mutating func press(
    _ usage: UInt8, _ modifiers: KeyboardReport.Modifiers, _ settings: KeyboardSettings, isCapsLockOn: Bool
  ) -> Stroke {
    let hasAlt = !modifiers.isDisjoint(with: [.leftAlt, .rightAlt])
    if hasAlt, takesHexadecimal(usage) { return .nothing }
    if let digit = Self.keypadDigit(usage) {
      guard hasAlt else { return compose(0x30 + UInt16(digit)) }
      add(digit)
      return .nothing
    }
    if settings.separatorKey != 0, usage == settings.separatorKey { return compose(0x1D) }
    switch usage {
    case 0x28, 0x58: return .terminator(.enter)
    case 0x2B: return .terminator(.tab)
    case 0x39: return .capsLock
    case 0x29: return compose(0x1B)
    case 0x2A: return compose(0x08)
    case 0x54: return compose(0x2F)
    case 0x55: return compose(0x2A)
    case 0x56: return compose(0x2D)
    case 0x57: return compose(0x2B)
    case 0x63: return compose(0x2E)
    case 0x67: return compose(0x3D)
    // ScrollLock, NumLock and whatever has no printable character.
    case 0x3A...0x53, 0x65, 0x66, 0x68...0xFF: return .nothing
    default: break
    }
    let hasShift = !modifiers.isDisjoint(with: .shift)
    // Ctrl and Alt together are AltGr on every PC.
    let hasControl = !modifiers.isDisjoint(with: .control)
    let isAltGr = modifiers.contains(.rightAlt) || (hasControl && modifiers.contains(.leftAlt))
    if hasControl, !isAltGr {
      return Self.control(usage, settings.layout).map { compose($0) } ?? .unmapped
    }
    let level: KeyboardLayout.Level =
      isAltGr ? (hasShift ? .shiftAltGr : .altGr) : (hasShift ? .shift : .plain)
    let key = Self.turned(usage, level, settings, isCapsLockOn: isCapsLockOn)
    switch key {
    case .nothing: return .unmapped
    case .character(let character): return compose(character)
    case .dead(let mark):
      let before = takeAccent()
      dead = mark
      return .accent(before: before)
    }
  }

  /// Digits of the keypad: 59 to 61 are 1 to 9, 62 is 0 (HID Usage Tables §10).
  private static func keypadDigit(_ usage: UInt8) -> UInt8? {
    switch usage {
    case 0x59...0x61: usage - 0x58
    case 0x62: 0
    default: nil
    }
  }

  /// Alt, the keypad's plus, then digits of either row and the letters A to F. Letters count only behind the plus:
  /// without it Alt and a letter are a character of their own on many layouts.
  private mutating func takesHexadecimal(_ usage: UInt8) -> Bool {
    if usage == 0x57, alt == nil {
      alt = AltCode(isHexadecimal: true)
      return true
    }
    guard var code = alt, code.isHexadecimal else { return false }
    let digit: UInt8
    switch usage {
    case 0x04...0x09: digit = usage - 0x04 + 10
    case 0x1E...0x26: digit = usage - 0x1E + 1
    case 0x27: digit = 0
    default:
      guard let number = Self.keypadDigit(usage) else { return false }
      digit = number
    }
    if code.digits < 6 {
      code.value = code.value << 4 | UInt32(digit)
      code.digits += 1
    }
    alt = code
    return true
  }

  private mutating func add(_ digit: UInt8) {
    var code = alt ?? AltCode()
    if code.digits == 0 { code.startsWithZero = digit == 0 }
    // Five digits hold every character that a keyboard can type; more are not a number any more.
    if code.digits < 6 {
      code.value = code.value * 10 + UInt32(digit)
      code.digits += 1
    }
    alt = code
  }

  private mutating func compose(_ character: UInt16) -> Stroke {
    guard let mark = dead else { return .characters(character, nil) }
    dead = nil
    if character == 0x20 { return .characters(DeadKey.accent(mark), nil) }
    if let composed = DeadKey.compose(mark, character) { return .characters(composed, nil) }
    return .characters(DeadKey.accent(mark), character)
  }

  /// Ctrl and a letter is the letter's place in the alphabet. For the rest scanners press what would be the key
  /// on a US keyboard, whatever the layout: GS is Ctrl and usage 30 (specs/scanners.md §2.3).
  private static func control(_ usage: UInt8, _ layout: KeyboardLayout) -> UInt16? {
    if case .character(let letter) = layout.key(usage, .plain), letter >= 0x61, letter <= 0x7A {
      return letter & 0x1F
    }
    switch usage {
    case 0x2F: return 0x1B
    case 0x31, 0x32: return 0x1C
    case 0x30: return 0x1D
    case 0x23: return 0x1E
    case 0x2D: return 0x1F
    case 0x1F, 0x2C: return 0x00
    default: return nil
    }
  }

  /// The key as CapsLock turns it: letters alone, between the plain and the Shift level.
  private static func turned(
    _ usage: UInt8, _ level: KeyboardLayout.Level, _ settings: KeyboardSettings, isCapsLockOn: Bool
  ) -> KeyboardLayout.Key {
    let key = settings.layout.key(usage, level)
    let isInverted: Bool
    switch settings.capsLock {
    case .ignore: isInverted = false
    case .invert: isInverted = true
    case .follow: isInverted = isCapsLockOn
    }
    guard isInverted, level == .plain || level == .shift,
      case .character(let lower) = settings.layout.key(usage, .plain),
      case .character(let upper) = settings.layout.key(usage, .shift),
      isLetter(lower), lower == upper + 0x20
    else { return key }
    return .character(level == .plain ? upper : lower)
  }

  private static func isLetter(_ character: UInt16) -> Bool {
    switch character {
    case 0x61...0x7A, 0xE0...0xF6, 0xF8...0xFE: true
    default: false
    }
  }
}

extension KeyboardSettings.AltCodes {
  /// The character of an Alt code. Values beyond 255 are Unicode in either case; what is no character at all
  /// comes out as U+FFFD.
  func character(of code: KeystrokeComposer.AltCode) -> UInt16 {
    guard code.value > 0xFF else {
      let byte = UInt16(code.value)
      switch self {
      case .codePages where code.isHexadecimal: return byte
      case .codePages where code.startsWithZero && (0x80...0x9F).contains(byte):
        return KeyboardLayoutTables.codePage1252[Int(byte) - 0x80]
      case .codePages where !code.startsWithZero && byte >= 0x80:
        return KeyboardLayoutTables.codePage437[Int(byte) - 0x80]
      default: return byte
      }
    }
    guard let character = UInt16(exactly: code.value), !(0xD800...0xDFFF).contains(character) else {
      return 0xFFFD
    }
    return character
  }
}
