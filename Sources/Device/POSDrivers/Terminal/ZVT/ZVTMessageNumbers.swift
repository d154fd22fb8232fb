import POSTerminalWire

/// The numbers of messages, where a terminal has agreed to them: each message has the next number, an answer the one of
/// what it answers, a repeated message its old one (PA00P015 §5).
struct ZVTMessageNumbers: Sendable, Equatable {
  /// The number used last by either side; `nil` where messages bear none.
  private var last: UInt32?
  /// The number of our command that has no answer yet.
  private var due: UInt32?
  /// The number of our message on the side of that command.
  private var aside: UInt32?
  /// What the terminal said last, and what we have answered.
  private var taken: UInt32?
  private var answer: ZVTAPDU?

  /// From the next message on.
  mutating func begin() {
    last = 0
    due = nil
    aside = nil
    taken = nil
    answer = nil
  }

  /// The tag of our next command.
  mutating func forCommand() -> [UInt8] {
    due = next()
    aside = nil
    return due.map(ZVTAPDU.numberTag) ?? []
  }

  /// The tag of a message on the side of the command at hand, as an abort is.
  mutating func forAside() -> [UInt8] {
    aside = next()
    return aside.map(ZVTAPDU.numberTag) ?? []
  }

  private mutating func next() -> UInt32? {
    last = last.map { $0 % 999_999 + 1 }
    return last
  }

  /// Whether this answers what we have said last: an answer that comes late bears another number.
  func isDue(_ answer: ZVTMessage) -> Bool {
    guard last != nil, let number = answer.taggedNumber(.messageNumber) else { return true }
    return number == due.map(UInt64.init) || number == aside.map(UInt64.init)
  }

  /// Takes a message of the terminal; what was answered before, if it has been taken already.
  mutating func take(_ message: ZVTMessage) -> ZVTAPDU? {
    guard last != nil,
      let number = message.taggedNumber(.messageNumber).flatMap({ UInt32(exactly: $0) })
    else {
      taken = nil
      return nil
    }
    if number == taken, let answer { return answer }
    taken = number
    last = number
    answer = nil
    return nil
  }

  /// Our answer to what the terminal said last.
  mutating func reply(_ apdu: ZVTAPDU) -> ZVTAPDU {
    guard let taken else { return apdu }
    let numbered = apdu.adding(tags: ZVTAPDU.numberTag(taken))
    answer = numbered
    return numbered
  }
}
