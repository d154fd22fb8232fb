import POSBarcode
import POSWire

/// A Code 128 in the letters of `GS k`: `{A`, `{B`, `{C` choose a set, `{S` shifts, `{1` is FNC1, `{{` a brace.
enum Code128Data {
  /// The same characters, the two digits of a pair in set B where the pair's byte would spell a real-time command with
  /// that of the pair before it: 16 and then 04, 05 or 20. Each costs up to three code words.
  static func separated(_ code: Code128) throws(WireError) -> Code128 {
    let start = code.codewords[0]
    var words = [start]
    // The set of the code, and the one at work, which is B behind such digits.
    var wanted = Code128.Set(rawValue: Int(start) - 103) ?? .b
    var set = wanted
    // Check and stop are computed again.
    for word in code.codewords.dropFirst().dropLast(2) {
      if let next = wanted.next(word) {
        wanted = next
        continue
      }
      if set == .c, wanted == .c, ESCPOSEncoder.startsRealTime(words[words.count - 1], word) {
        words += [Code128.Set.b.change, 16 + word / 10, 16 + word % 10]
        set = .b
        continue
      }
      if set != wanted {
        words.append(wanted.change)
        set = wanted
      }
      words.append(word)
    }
    return try Code128(startAndData: words)
  }

  static func bytes(_ code: Code128) -> [UInt8] {
    let brace = UInt8(ascii: "{")
    var result: [UInt8] = []
    var set = Code128.Set.b
    var isShifted = false
    // Check and stop are the printer's.
    for (index, word) in code.codewords.dropLast(2).enumerated() {
      if index == 0 {
        set = Code128.Set(rawValue: Int(word) - 103) ?? .b
        result += [brace, set.letter]
        continue
      }
      if let next = set.next(word) {
        set = next
        result += [brace, set.letter]
      } else if word == 102 {
        result += [brace, UInt8(ascii: "1")]
      } else if set == .c {
        result.append(word)
      } else if word == 98 {
        isShifted = true
        result += [brace, UInt8(ascii: "S")]
      } else {
        let actual = isShifted ? (set == .a ? Code128.Set.b : .a) : set
        isShifted = false
        let character = actual == .a && word >= 64 ? word - 64 : word + 32
        if character == brace { result.append(brace) }
        result.append(character)
      }
    }
    return result
  }
}

extension Code128Data {
  /// The start and data words of those letters; `nil` for what a printer does not take.
  static func words(_ data: [UInt8]) -> [UInt8]? {
    var words: [UInt8] = []
    var set: Code128.Set?
    var isShifted = false
    var index = 0
    while index < data.count {
      let byte = data[index]
      index += 1
      if byte == UInt8(ascii: "{") {
        // A brace that is data is doubled (specs/escpos.md §2.7), so one at the end is neither.
        guard index < data.count else { return nil }
        let letter = data[index]
        index += 1
        switch letter {
        case UInt8(ascii: "A"), UInt8(ascii: "B"), UInt8(ascii: "C"):
          guard let next = Code128.Set(rawValue: Int(letter - UInt8(ascii: "A"))) else { return nil }
          if let set {
            if set != next { words.append(next.change) }
          } else {
            words.append(103 + UInt8(next.rawValue))
          }
          set = next
          continue
        case UInt8(ascii: "S"):
          guard set == .a || set == .b else { return nil }
          words.append(98)
          isShifted = true
          continue
        case UInt8(ascii: "1"): words.append(102)
        case UInt8(ascii: "2") where set != .c: words.append(97)
        case UInt8(ascii: "3") where set != .c: words.append(96)
        case UInt8(ascii: "4") where set != .c: words.append(set == .a ? 101 : 100)
        // Set B has it, a shift from A to B brings it, and one from B to A takes it away.
        case UInt8(ascii: "{") where set == (isShifted ? Code128.Set.a : Code128.Set.b):
          words.append(91)
          isShifted = false
        default: return nil
        }
        guard set != nil else { return nil }
        continue
      }
      guard let chosen = set else { return nil }
      let actual = isShifted ? (chosen == .a ? Code128.Set.b : .a) : chosen
      isShifted = false
      switch (actual, byte) {
      case (.c, 0...99): words.append(byte)
      case (.a, 0..<0x20): words.append(byte + 64)
      case (.a, 0x20..<0x60), (.b, 0x20..<0x80): words.append(byte - 0x20)
      default: return nil
      }
    }
    return words.count >= 2 ? words : nil
  }
}

extension Code128.Set {
  /// The word that changes to it.
  var change: UInt8 {
    switch self {
    case .a: 101
    case .b: 100
    case .c: 99
    }
  }

  /// Its letter.
  var letter: UInt8 { UInt8(ascii: "A") + UInt8(rawValue) }

  /// The set that a code word of this set changes to; `nil` for other words.
  func next(_ word: UInt8) -> Code128.Set? {
    switch (self, word) {
    case (.a, 99), (.b, 99): .c
    case (.a, 100), (.c, 100): .b
    case (.b, 101), (.c, 101): .a
    default: nil
    }
  }
}
