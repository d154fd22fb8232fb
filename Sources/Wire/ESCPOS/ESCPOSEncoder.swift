public import POSBarcode
public import POSWire

/// ESC/POS commands under construction (specs/escpos.md §2).
///
///     var encoder = ESCPOSEncoder(codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19)]))
///     encoder.initialize()
///     encoder.select(.init(isBold: true))
///     encoder.text("Total 9,00 €".unicodeScalars)
///     encoder.lineFeed()
///     encoder.cut(.partialAfterFeeding(0))
///
/// It remembers what the printer has been told and leaves out commands that would change nothing.
public struct ESCPOSEncoder: Sendable {
  /// How characters look.
  public struct TextStyle: Sendable, Equatable {
    /// Heavier strokes.
    public var isBold = false
    /// Thickness of the underline, 0 to 2 dots.
    public var underline: UInt8 = 0
    /// White on black.
    public var isInverse = false
    /// 1 to 8.
    public var width: UInt8 = 1
    /// 1 to 8.
    public var height: UInt8 = 1
    /// The face.
    public var font = PrintedPage.Font.a
    /// Printed twice in one place: on many models the same as bold.
    public var isDoubleStrike = false
    /// Turned by 180°. Changes only at the start of a line.
    public var isUpsideDown = false
    /// Turned by 90° to the right, character by character.
    public var isTurned = false
    /// Rounded edges where characters are enlarged.
    public var isSmooth = false

    /// Plain text; see the properties.
    public init() {}
  }

  /// Where a line stands between the margins (`ESC a`).
  public enum Alignment: UInt8, Sendable { case left, centre, right }

  /// The ways to cut (`GS V`).
  public enum Cut: Sendable, Equatable {
    /// Through, at the cutter: what stands between head and cutter stays on the next piece.
    case fullHere
    /// Leaving a bridge, at the cutter.
    case partialHere
    /// Feeds the print to the cutter and so many vertical units more, then cuts through.
    case fullAfterFeeding(UInt8)
    /// Feeds the print to the cutter and so many vertical units more, then cuts leaving a bridge.
    case partialAfterFeeding(UInt8)
  }

  /// What `DLE EOT` asks for (specs/escpos.md §2.1).
  public enum RealTimeStatus: UInt8, Sendable, CaseIterable {
    case printer = 1
    case offlineCause = 2
    case errorCause = 3
    case paper = 4
  }

  /// The commands so far.
  public private(set) var bytes: [UInt8] = []

  private let codePages: CodePageSet
  private var selectedPage: CodePageSet.Slot?
  private var style: TextStyle?
  private var alignment: Alignment?
  private var isDoubleByte = false
  /// The number of `ESC R`; `nil` before it is known.
  private var country: UInt8?
  /// Whether the printer is in page mode, as far as this encoder has brought it there.
  var isOnSheet = false
  private var hasChosenShiftJIS = false

  /// An encoder for a printer with these pages, with room for `capacity` bytes.
  public init(codePages: CodePageSet, reservingCapacity capacity: Int = 0) {
    self.codePages = codePages
    bytes.reserveCapacity(capacity)
  }

  // MARK: - Text

  /// `ESC @` alone: for what prints no text but digits and letters.
  public mutating func reset() {
    bytes += [0x1B, 0x40]
    country = nil
    isOnSheet = false
    style = TextStyle()
    alignment = .left
    selectedPage = nil
    isDoubleByte = false
    hasChosenShiftJIS = false
  }

  /// `ESC @`, then everything whose reset value differs between printers: the ASCII of the United States
  /// (`ESC R 0`) and the first code page. Also ends automatic status (specs/escpos.md §2.2).
  public mutating func initialize() {
    reset()
    internationalCharacters(0)
    if let first = codePages.slots.first { select(first) }
  }

  /// The international characters of `ESC R`, which change some ASCII punctuation, for bytes from elsewhere: 0 is the
  /// United States, which ``initialize()`` chooses and ``text(_:drawing:)`` goes back to.
  public mutating func internationalCharacters(_ country: UInt8) {
    guard self.country != country else { return }
    bytes += [0x1B, 0x52, country]
    self.country = country
  }

  /// `FS .`: ends double-byte mode, in which Chinese models start and read accented letters in pairs.
  public mutating func cancelDoubleByte() {
    bytes += [0x1C, 0x2E]
    isDoubleByte = false
  }

  /// Draws one character that the printer lacks: dots of a cell or two, at most 24 high; `nil` when it cannot.
  public typealias GlyphDrawing = (Unicode.Scalar) -> Bitmap?

  /// Prints characters in the current style; see ``CodePageSet`` for those the printer lacks.
  ///
  /// Switches code pages as rarely as possible. Only what no page holds goes in pairs, so that every character is as
  /// wide as ``CodePageSet/cells(_:)`` says.
  ///
  /// - Parameter draw: draws characters that no page has, as `ESC *`, in the style at hand: dots have none. Not asked
  ///   while characters are enlarged, as dots do not grow with them.
  public mutating func text(_ text: some Sequence<Unicode.Scalar>, drawing draw: GlyphDrawing? = nil) {
    if country != nil { internationalCharacters(0) }
    var scalarsLeft = text.makeIterator()
    // Printable ASCII goes out as it is. The last of it waits, for what follows may combine with it.
    var held: Unicode.Scalar?
    var stop: Unicode.Scalar?
    while stop == nil, let scalar = scalarsLeft.next() {
      if scalar.value >= 0x20, scalar.value < 0x7F {
        if let held { bytes.append(UInt8(held.value)) }
        held = scalar
      } else {
        stop = scalar
      }
    }
    guard let other = stop else {
      if let held { bytes.append(UInt8(held.value)) }
      return
    }
    var rest = [other]
    if let held { rest.insert(held, at: 0) }
    while let scalar = scalarsLeft.next() { rest.append(scalar) }

    let isPlain = style.map { $0.width == 1 && $0.height == 1 } ?? true
    let scalars = codePages.printable(rest) { isPlain && draw?($0) != nil }
    for index in scalars.indices {
      let scalar = scalars[index]
      if scalar.value < 0x80 {
        bytes.append(UInt8(scalar.value))
      } else if !isDoubleByte, let byte = selectedPage?.page.byte(for: scalar) {
        bytes.append(byte)
      } else {
        append(scalars, at: index, draw)
      }
    }
  }

  /// A character that needs a pair, a switch, or dots.
  private mutating func append(_ scalars: [Unicode.Scalar], at index: Int, _ draw: GlyphDrawing?) {
    let scalar = scalars[index]
    if let pair = codePages.pair(for: scalar) {
      if !isDoubleByte { beginDoubleByte() }
      bytes += [UInt8(pair >> 8), UInt8(pair & 0xFF)]
    } else if isDoubleByte, let byte = selectedPage?.page.byte(for: scalar) {
      cancelDoubleByte()
      bytes.append(byte)
    } else if let slot = codePages.farthest(scalars, from: index), let byte = slot.page.byte(for: scalar) {
      if isDoubleByte { cancelDoubleByte() }
      select(slot)
      bytes.append(byte)
    } else if let picture = draw?(scalar), picture.width > 0, picture.width <= 0xFFFF {
      strip(Self.separateRealTimeColumns(in: picture), from: 0)
    }
  }

  /// `FS &`, and for Japanese models that it is Shift JIS.
  private mutating func beginDoubleByte() {
    bytes += [0x1C, 0x26]
    isDoubleByte = true
    if codePages.doubleByte?.set == .shiftJIS, !hasChosenShiftJIS {
      bytes += [0x1C, 0x43, 0x01]
      hasChosenShiftJIS = true
    }
  }

  /// `LF`: prints the line.
  public mutating func lineFeed() { bytes.append(0x0A) }

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

  /// The same without the commands so far: to try what comes next.
  var withoutBytes: ESCPOSEncoder {
    var result = self
    result.bytes = []
    return result
  }

  /// Goes on as `continuation` does, which began as ``withoutBytes``.
  mutating func append(_ continuation: ESCPOSEncoder) {
    // Moved aside, so that the bytes have one owner and are not copied.
    var all: [UInt8] = []
    swap(&all, &bytes)
    all += continuation.bytes
    self = continuation
    bytes = all
  }

  /// Appends bytes that no command of this encoder makes.
  mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  /// `ESC SP`: dots between characters.
  public mutating func characterSpacing(_ dots: UInt8) { bytes += [0x1B, 0x20, dots] }

  /// `ESC \\`: moves the print position to the right by so many dots, at most 32767.
  public mutating func moveRight(_ dots: Int) {
    let dots = min(max(0, dots), 0x7FFF)
    bytes += [0x1B, 0x5C, UInt8(dots & 0xFF), UInt8(dots >> 8)]
  }

  private mutating func select(_ slot: CodePageSet.Slot) {
    bytes += [0x1B, 0x74, slot.number]
    selectedPage = slot
  }

  /// Changes to `wanted`: `ESC E`, `ESC -`, `GS B`, `GS !` and `ESC M`, as far as they change anything.
  /// Numbers outside their range are brought to its ends.
  public mutating func select(_ wanted: TextStyle) {
    if style?.isBold != wanted.isBold { bytes += [0x1B, 0x45, wanted.isBold ? 1 : 0] }
    if style?.underline != wanted.underline { bytes += [0x1B, 0x2D, min(wanted.underline, 2)] }
    if style?.isInverse != wanted.isInverse { bytes += [0x1D, 0x42, wanted.isInverse ? 1 : 0] }
    if style?.width != wanted.width || style?.height != wanted.height {
      let width = min(max(wanted.width, 1), 8) - 1
      let height = min(max(wanted.height, 1), 8) - 1
      bytes += [0x1D, 0x21, width << 4 | height]
    }
    if style?.font != wanted.font { bytes += [0x1B, 0x4D, wanted.font.rawValue] }
    if style?.isDoubleStrike != wanted.isDoubleStrike {
      bytes += [0x1B, 0x47, wanted.isDoubleStrike ? 1 : 0]
    }
    if style?.isUpsideDown != wanted.isUpsideDown { bytes += [0x1B, 0x7B, wanted.isUpsideDown ? 1 : 0] }
    if style?.isTurned != wanted.isTurned { bytes += [0x1B, 0x56, wanted.isTurned ? 1 : 0] }
    if style?.isSmooth != wanted.isSmooth { bytes += [0x1D, 0x62, wanted.isSmooth ? 1 : 0] }
    style = wanted
  }

  /// `ESC a`. Only at the start of a line.
  public mutating func align(_ wanted: Alignment) {
    guard alignment != wanted else { return }
    bytes += [0x1B, 0x61, wanted.rawValue]
    alignment = wanted
  }

  // MARK: - Paper

  /// `ESC 3`: the distance of lines, in the printer's vertical units.
  public mutating func lineSpacing(_ units: UInt8) { bytes += [0x1B, 0x33, units] }

  /// `ESC 2`: the distance of lines the printer starts with, 1/6 inch.
  public mutating func defaultLineSpacing() { bytes += [0x1B, 0x32] }

  /// `ESC d`: feeds so many lines.
  public mutating func feed(lines: UInt8) { bytes += [0x1B, 0x64, lines] }

  /// `ESC J`: feeds so many vertical units, as several commands where one is not enough.
  public mutating func feed(units: Int) {
    var rest = units
    while rest > 0 {
      bytes += [0x1B, 0x4A, UInt8(min(rest, 255))]
      rest -= 255
    }
  }

  /// `GS V`.
  public mutating func cut(_ cut: Cut) {
    switch cut {
    case .fullHere: bytes += [0x1D, 0x56, 0x00]
    case .partialHere: bytes += [0x1D, 0x56, 0x01]
    case .fullAfterFeeding(let units): bytes += [0x1D, 0x56, 0x41, units]
    case .partialAfterFeeding(let units): bytes += [0x1D, 0x56, 0x42, units]
    }
  }

  /// `ESC p`: a pulse to the cash drawer at `pin` 2 or 5.
  ///
  /// - Parameters:
  ///   - on: milliseconds, 2 to 510; odd ones round up to even.
  ///   - off: milliseconds before the next pulse, 2 to 510 and not less than `on`.
  /// - Throws: `value` for a pin or time out of range. Nothing is ever cut to fit.
  public mutating func drawer(pin: Int, on: Int, off: Int) throws(WireError) {
    guard pin == 2 || pin == 5 else { throw WireError(.value, at: 2, field: "drawer pin") }
    guard (2...510).contains(on) else { throw WireError(.value, at: 3, field: "drawer pulse") }
    guard (2...510).contains(off), off >= on else { throw WireError(.value, at: 4, field: "drawer pause") }
    bytes += [0x1B, 0x70, pin == 2 ? 0 : 1, UInt8((on + 1) / 2), UInt8((off + 1) / 2)]
  }

  /// `ESC B`: sounds the buzzer of printers that have one, as most clones for kitchens do (specs/escpos.md §1.3).
  ///
  /// - Parameters:
  ///   - times: 1 to 9.
  ///   - length: of each sound, and of the pause after it, in milliseconds: whole hundreds from 100 to 900.
  /// - Throws: `value` for a number out of range.
  public mutating func buzzer(times: Int, length: Int) throws(WireError) {
    guard (1...9).contains(times) else { throw WireError(.value, at: 2, field: "buzzer times") }
    guard (100...900).contains(length), length % 100 == 0 else {
      throw WireError(.value, at: 3, field: "buzzer length")
    }
    bytes += [0x1B, 0x42, UInt8(times), UInt8(length / 100)]
  }

  // MARK: - Questions

  /// `DLE EOT n`: answered at once with one byte. Only between commands.
  public static func realTimeStatus(_ kind: RealTimeStatus) -> [UInt8] { [0x10, 0x04, kind.rawValue] }

  /// What `DLE EOT n a` asks of models with more than a roll of paper (specs/escpos.md §2.1).
  public enum ExtendedStatus: Sendable, CaseIterable {
    /// The first and the second colour of models that print with ink.
    case firstInk, secondInk
    /// The peeler of label printers; answered with ``LabelFlags``.
    case label
    /// The interface, and a customer display behind the printer.
    case interface, display
  }

  /// `DLE EOT n a`: answered at once with one byte. Only between commands.
  public static func realTimeStatus(_ kind: ExtendedStatus) -> [UInt8] {
    switch kind {
    case .firstInk: [0x10, 0x04, 7, 1]
    case .secondInk: [0x10, 0x04, 7, 2]
    case .label: [0x10, 0x04, 8, 3]
    case .interface: [0x10, 0x04, 18, 1]
    case .display: [0x10, 0x04, 18, 2]
    }
  }

  /// What `DLE ENQ` does about an error that it can end (specs/escpos.md §2.5).
  public enum Recovery: UInt8, Sendable {
    /// Prints on from the line at which the error happened: that line may stand twice.
    case goingOn = 1
    /// Forgets what the printer holds: the job is lost.
    case clearingBuffers = 2
  }

  /// `DLE ENQ n`: obeyed at once. Only between commands.
  public static func recover(_ recovery: Recovery) -> [UInt8] { [0x10, 0x05, recovery.rawValue] }

  /// `GS r 1`: answered with the paper sensors, in one byte, once everything before has been processed.
  public static let paperStatus: [UInt8] = [0x1D, 0x72, 0x01]

  /// `GS a n`: sends four bytes on every change of what `events` selects; 0 sends none, 0xFF all.
  public static func automaticStatus(_ events: UInt8) -> [UInt8] { [0x1D, 0x61, events] }

  /// `GS I n`: asks who the printer is; see specs/escpos.md §2.3 for `kind`.
  public static func identify(_ kind: UInt8) -> [UInt8] { [0x1D, 0x49, kind] }

  /// `GS ( H` function 48: the printer sends `id` back when everything before it stands on the paper.
  ///
  /// - Throws: `value` unless `id` is four bytes of 0x20 to 0x7E.
  public static func processID(_ id: [UInt8]) throws(WireError) -> [UInt8] {
    guard id.count == 4 else { throw WireError(.value, at: 3, field: "process id") }
    for index in id.indices where id[index] < 0x20 || id[index] > 0x7E {
      throw WireError(.value, at: 7 + index, field: "process id")
    }
    return [0x1D, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30] + id
  }
}
