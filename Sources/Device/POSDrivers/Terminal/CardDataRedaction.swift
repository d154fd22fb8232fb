public import POSTransport

/// Takes card numbers and passwords out of recordings of card terminals, piece by piece as the link cuts them: a run of
/// digits, also in groups as cards print them, keeps its first six, and nothing of what may be a password. Lengths,
/// controls and tags stay, so that a recording still shows who said what when; it does not replay.
enum CardDataRedaction {
  /// How a protocol writes digits.
  private enum Digits: Sendable {
    /// One ASCII character each.
    case characters
    /// Two a byte, as ZVT does.
    case packed
  }

  private struct Runs: Sendable {
    var toHost = 0
    var toDevice = 0
  }

  fileprivate static func characters() -> Redaction { redaction(.characters) }
  fileprivate static func packed() -> Redaction { redaction(.packed) }

  private static func redaction(_ digits: Digits) -> Redaction {
    let runs = Lock(Runs())
    return { direction, bytes in
      runs.withLock { runs in
        var run = direction == .toHost ? runs.toHost : runs.toDevice
        var redacted = bytes
        // Of what a till sends in ZVT, the password follows the command at once.
        let header = digits == .packed && direction == .toDevice ? (bytes.first == 0x10 ? 5 : 3) : 0
        for index in redacted.indices {
          let isDigit =
            switch digits {
            case .characters: redacted[index] >= 0x30 && redacted[index] <= 0x39
            case .packed: redacted[index] & 0x0F <= 9 && redacted[index] >> 4 <= 9
            }
          if isDigit {
            run += 1
          } else if !Self.isGap(redacted[index]) {
            run = 0
          }
          let kept =
            switch (digits, direction) {
            case (.characters, _): 6
            case (.packed, .toHost): 3
            case (.packed, .toDevice): 0
            }
          if isDigit, run > kept, index >= header { redacted[index] = digits == .packed ? 0xEE : 0x2A }
        }
        if direction == .toHost { runs.toHost = run } else { runs.toDevice = run }
        return redacted
      }
    }
  }

  /// Whether a byte may stand between the groups of a number: a space, a hyphen, a full stop, an unbreakable space, the
  /// latter in Latin-1 or UTF-8.
  private static func isGap(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x2D, 0x2E, 0xA0, 0xC2: true
    default: false
    }
  }
}

extension CardTerminalProtocol {
  /// What recordings of one link of such a terminal are to pass through; a new one for each link.
  ///
  ///     RecordingTransport(link, redact: terminalProtocol.redaction()) { line in … }
  public func redaction() -> Redaction {
    switch self {
    case .zvt: CardDataRedaction.packed()
    case .concert, .caisseAP, .ecr17, .transbank: CardDataRedaction.characters()
    }
  }
}
