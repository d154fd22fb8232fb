public import POSWire

/// Turns the raw input reports of a keyboard into the bar codes that were typed.
///
///     var decoder = KeyboardDecoder(.boot, KeyboardSettings(layout: .de))
///     try decoder.receive(report.span, at: now) { event in … }
///     // and once decoder.deadline has come:
///     decoder.expire(at: now) { event in … }
///
/// It wants the reports themselves, as hidraw has them: the input core drops a key that is down twice in one
/// report, and with it one of three digits of an Alt code (specs/scanners.md §2.1).
///
/// Silence ends a code where no terminator does: the set gap, or five times the median time between the
/// keystrokes of this code if that is longer, as with Bluetooth. Time is in nanoseconds of any clock that only
/// goes forward.
public struct KeyboardDecoder: Sendable {
  /// Characters of one scan, and its bytes; what goes beyond is dropped and the scan says so.
  public static let characterLimit = 8192

  /// How the scanner is set up.
  public let settings: KeyboardSettings
  /// Where its reports hold what.
  public let shape: KeyboardReportShape
  /// Whether CapsLock is on, as ``KeyboardSettings/CapsLock/follow`` sees it. Whoever sees the lamp sets it; the key
  /// turns it round.
  public var isCapsLockOn = false

  /// The keys of the last report of each id that came.
  private var down: [(id: UInt8, keys: [UInt8])] = []
  private var stroke = KeystrokeComposer()
  private var typed = Typed()
  /// Until when a line feed still belongs to the Enter before it.
  private var lineFeedDeadline: Int64?

  /// A decoder that has seen no key yet.
  public init(_ shape: KeyboardReportShape = .boot, _ settings: KeyboardSettings = KeyboardSettings()) {
    self.shape = shape
    self.settings = settings
  }

  /// Characters of a code that has begun and not ended.
  public var pendingCharacters: Int { typed.characters.count }

  /// When ``expire(at:_:)`` has something to do, or `nil` while nothing is waited for.
  public var deadline: Int64? { typed.isEmpty ? nil : typed.deadline(gap: settings.gap) }

  /// Takes one input report, as hidraw reads it, that arrived at `now`.
  ///
  /// - Throws: ``WireError`` `truncated` with the report's length when it is shorter than its fields. Reading
  ///   goes on, and the code at hand is marked.
  public mutating func receive(
    _ report: Span<UInt8>, at now: Int64, _ emit: (KeyboardEvent) -> Void
  ) throws(WireError) {
    expire(at: now, emit)
    let reading: KeyboardReport?
    do throws(WireError) {
      reading = try shape.read(report)
    } catch {
      typed.mark(.damagedReport, at: now)
      throw error
    }
    guard let reading else { return emit(.notKeys(reportID: report[0])) }
    take(reading, at: now, emit)
  }

  /// Ends what `now` is too late for.
  public mutating func expire(at now: Int64, _ emit: (KeyboardEvent) -> Void) {
    if typed.isOver(at: now, gap: settings.gap) { finish(isTerminated: false, emit) }
    if let until = lineFeedDeadline, until <= now { lineFeedDeadline = nil }
  }

  /// Ends the code at hand, as ``expire(at:_:)`` does at the end of time.
  public mutating func flush(_ emit: (KeyboardEvent) -> Void) { expire(at: .max, emit) }
}

// MARK: - Keystrokes

extension KeyboardDecoder {
  private mutating func take(_ report: KeyboardReport, at now: Int64, _ emit: (KeyboardEvent) -> Void) {
    if report.isRollover {
      // What is down is unknown until the next report; what was down stays down.
      typed.mark(.rollover, at: now)
      return
    }
    let strokes = newKeys(report.keys, id: report.id)
    if report.isUnordered, strokes.count > 1 { typed.mark(.unordered, at: now) }
    var hasTyped = false
    if let number = stroke.holdAlt(report.modifiers) {
      type(settings.altCodes.character(of: number), at: now, emit)
      hasTyped = true
    }
    for key in strokes {
      switch stroke.press(key, report.modifiers, settings, isCapsLockOn: isCapsLockOn) {
      case .nothing: break
      case .capsLock: isCapsLockOn.toggle()
      case .accent(let before):
        // A dead key begins a code as any other: what it waits for may never come.
        if let before { type(before, at: now, emit) } else { typed.note(now, gap: settings.gap) }
        hasTyped = true
      case .unmapped: typed.mark(.unmappedKey, at: now)
      case .terminator(let terminator):
        flushAccent(at: now, emit)
        end(with: terminator, at: now, emit)
        hasTyped = true
      case .characters(let first, let second):
        type(first, at: now, emit)
        if let second { type(second, at: now, emit) }
        hasTyped = true
      }
    }
    if hasTyped { typed.reports += 1 }
  }

  /// Keys that are down now and were not before, in the order of the report. A key that is there twice was
  /// pressed twice: Alt codes with two equal digits are sent like that (specs/scanners.md §8.5).
  private mutating func newKeys(_ keys: [UInt8], id: UInt8) -> [UInt8] {
    let index: Int
    if let known = down.firstIndex(where: { $0.id == id }) {
      index = known
    } else {
      index = down.count
      down.append((id, []))
    }
    var before = down[index].keys
    down[index].keys = keys
    // Nearly every report: one key at a time goes down and comes up again.
    if before.isEmpty { return keys }
    return keys.filter { key in
      guard let held = before.firstIndex(of: key) else { return true }
      before.remove(at: held)
      return false
    }
  }

  private mutating func flushAccent(at now: Int64, _ emit: (KeyboardEvent) -> Void) {
    if let accent = stroke.takeAccent() { type(accent, at: now, emit) }
  }

  private mutating func type(_ character: UInt16, at now: Int64, _ emit: (KeyboardEvent) -> Void) {
    if character == 0x0A, typed.isEmpty, lineFeedDeadline != nil {
      lineFeedDeadline = nil
      return
    }
    lineFeedDeadline = nil
    typed.note(now, gap: settings.gap)
    switch settings.terminator {
    case .character(let end) where UInt16(end) == character:
      typed.raw.append(character)
      finish(isTerminated: true, emit)
    case .enterAndLineFeed where character == 0x0A && typed.raw.last == 0x0D:
      typed.raw.append(character)
      if typed.characters.last == 0x0D { typed.characters.removeLast() }
      finish(isTerminated: true, emit)
    default:
      typed.append(character)
    }
  }

  private mutating func end(
    with key: KeystrokeComposer.Terminator, at now: Int64, _ emit: (KeyboardEvent) -> Void
  ) {
    let character: UInt16 = key == .enter ? 0x0D : 0x09
    let ends: Bool
    switch settings.terminator {
    case .automatic: ends = key == .enter
    case .enter: ends = key == .enter
    case .tab: ends = key == .tab
    case .character(let byte): ends = UInt16(byte) == character
    case .enterAndLineFeed, .silence: ends = false
    }
    guard ends else { return type(character, at: now, emit) }
    lineFeedDeadline = nil
    // Enter by itself is a line without a code.
    guard !typed.isEmpty else {
      typed = Typed()
      return
    }
    typed.note(now, gap: settings.gap)
    typed.raw.append(character)
    typed.reports += 1
    if settings.terminator == .automatic { lineFeedDeadline = typed.deadline(gap: settings.gap) }
    finish(isTerminated: true, emit)
  }

  private mutating func finish(isTerminated: Bool, _ emit: (KeyboardEvent) -> Void) {
    if let accent = stroke.takeAccent() { typed.append(accent) }
    // Alt never came up, so the character that was being typed is missing.
    if stroke.isInsideAltCode { typed.flaws.insert(.damagedReport) }
    stroke = KeystrokeComposer()
    guard !typed.isEmpty else {
      typed = Typed()
      return
    }
    var last = Typed()
    swap(&last, &typed)
    var isComplete = isTerminated
    switch settings.terminator {
    case .automatic where !isTerminated:
      // Tab and line feeds before the silence are how some scanners end a code.
      while let character = last.characters.last, character == 0x09 || character == 0x0A || character == 0x0D
      {
        last.characters.removeLast()
      }
      isComplete = true
    case .silence: isComplete = true
    default: break
    }
    guard !last.characters.isEmpty else { return }
    last.burst.isTerminated = isTerminated
    let encoding: KeyboardScan.Encoding = last.raw.contains { $0 > 0xFF } ? .utf8 : .latin1
    var data = settings.envelope.open(
      encoding.bytes(of: last.characters), pieces: max(1, last.reports),
      isTruncated: !isComplete || last.flaws.contains(.tooLong))
    data.raw = encoding.bytes(of: last.raw)
    emit(.scan(KeyboardScan(code: data, encoding: encoding, flaws: last.flaws, burst: last.burst)))
  }
}

// MARK: - What has been typed

extension KeyboardDecoder {
  /// A code under construction.
  private struct Typed: Sendable {
    /// The data so far.
    var characters: [UInt16] = []
    /// The data and what was taken for its terminator.
    var raw: [UInt16] = []
    var flaws: KeyboardScan.Flaws = []
    var burst = KeyboardBurst()
    var reports = 0
    private var flawedAt: Int64 = 0
    private var utf8Length = 0
    private var isWide = false
    private var start: Int64 = 0
    private var last: Int64 = 0
    /// The latest times between keystrokes, a ring.
    private var gaps: [Int64] = []

    /// Gaps the median is taken of.
    private static let gapCount = 32

    var isEmpty: Bool { burst.keystrokes == 0 }

    /// Something went wrong; perhaps the first key of a code is missing.
    mutating func mark(_ flaw: KeyboardScan.Flaws, at now: Int64) {
      flaws.insert(flaw)
      flawedAt = now
    }

    /// What went wrong long before a code has nothing to do with it.
    private mutating func forgetOldFlaws(_ now: Int64, gap: Int64) {
      if isEmpty, now &- flawedAt >= gap { flaws = [] }
    }

    mutating func note(_ now: Int64, gap silence: Int64) {
      forgetOldFlaws(now, gap: silence)
      if burst.keystrokes == 0 {
        start = now
      } else {
        let gap = now &- last
        burst.longestGap = max(burst.longestGap, gap)
        if gaps.count < Self.gapCount {
          gaps.append(gap)
        } else {
          gaps[burst.keystrokes % Self.gapCount] = gap
        }
      }
      burst.keystrokes += 1
      burst.duration = now &- start
      last = now
    }

    mutating func append(_ character: UInt16) {
      // As bytes the code is one byte a character, or UTF-8 once a character is beyond U+00FF.
      let length = utf8Length + (character < 0x80 ? 1 : character < 0x800 ? 2 : 3)
      let isWide = isWide || character > 0xFF
      guard (isWide ? length : characters.count + 1) <= KeyboardDecoder.characterLimit else {
        flaws.insert(.tooLong)
        return
      }
      (utf8Length, self.isWide) = (length, isWide)
      characters.append(character)
      raw.append(character)
    }

    /// Whether silence has ended the code. The median is only taken once the set gap is over: reports come by the
    /// dozen.
    func isOver(at now: Int64, gap: Int64) -> Bool {
      guard !isEmpty else { return false }
      let (soonest, isBeyond) = last.addingReportingOverflow(gap)
      return (isBeyond ? .max : soonest) <= now && deadline(gap: gap) <= now
    }

    func deadline(gap: Int64) -> Int64 {
      let median = gaps.isEmpty ? 0 : gaps.sorted()[gaps.count / 2]
      let (slow, isOver) = median.multipliedReportingOverflow(by: 5)
      let (deadline, isBeyond) = last.addingReportingOverflow(max(gap, isOver ? gap : slow))
      return isBeyond ? .max : deadline
    }
  }
}

extension KeyboardScan.Encoding {
  /// The characters as bytes.
  func bytes(of characters: [UInt16]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count)
    for character in characters {
      switch (self, character) {
      case (.latin1, _), (.utf8, 0..<0x80):
        bytes.append(UInt8(truncatingIfNeeded: character))
      case (.utf8, 0x80..<0x800):
        bytes.append(0xC0 | UInt8(character >> 6))
        bytes.append(0x80 | UInt8(character & 0x3F))
      case (.utf8, _):
        bytes.append(0xE0 | UInt8(character >> 12))
        bytes.append(0x80 | UInt8(character >> 6 & 0x3F))
        bytes.append(0x80 | UInt8(character & 0x3F))
      }
    }
    return bytes
  }
}
