import POSBarcode

/// The printer's side of ESC/POS: obeys bytes and keeps what stands on the paper.
///
///     var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203))
///     for byte in job {
///       if let request = printer.feed(byte) { … }   // what the host wants to be told
///     }
///     printer.finish()
///     printer.page.lines
///
/// Written from the command tables (specs/escpos.md §2), not from the encoder, and stricter than any printer:
/// everything doubtful becomes a complaint with its offset. Bytes may come in any split, are all accepted, and
/// never make it keep more than its ``Limits``.
///
/// Real-time commands (`DLE EOT`, `DLE ENQ`, `DLE DC4`) are obeyed where a command may begin. Inside the data of a
/// picture or symbol they are data and raise one complaint a command, because some printers obey them there
/// (§2.10); inside the parameters of another command they are parameters.
public struct ESCPOSInterpreter: Sendable {
  /// What a printer must tell the host, or do beside printing, after the byte that completes the command.
  public enum Request: Sendable, Equatable {
    /// `ESC @`: modes are reset and automatic status is off.
    case initialized
    /// `DLE EOT n`, and its second number for n of 7, 8 and 18.
    case realTimeStatus(UInt8, UInt8?)
    /// `DLE ENQ n`: 0 feed, 1 go on after an error, 2 go on with empty buffers.
    case recover(UInt8)
    /// `DLE DC4 8`: empty the buffers.
    case clearBuffers
    /// `GS r n`.
    case status(UInt8)
    /// `GS I n`.
    case identify(UInt8)
    /// `GS a n`.
    case automaticStatus(UInt8)
    /// `GS ( H` function 48 with its four bytes.
    case processID([UInt8])
    /// `GS ( H` function 49: offline notices on or off.
    case offlineNotices(Bool)
    /// `GS ( k` function 82 of a QR code: whether what is stored can be printed.
    case symbolSize(canPrint: Bool)
  }

  private enum Phase: Sendable {
    case text
    case header(Int)
    case data(left: UInt64, isKept: Bool)
    /// Data that nobody looks at, between bytes of the header that is to have so many.
    case skipped(left: UInt64, header: Int)
    case dataToNUL(left: Int)
  }

  private var paper: PaperFeed
  private var phase = Phase.text
  private var header: [UInt8] = []
  private var data: [UInt8] = []
  private var offset = 0
  private var commandOffset = 0
  /// The last bytes of the data at hand, newest lowest; see ``noteRealTime(_:)``.
  private var recent: UInt32 = 0
  private var hasComplainedOfRealTime = false

  private var codePage: CodePage?
  private var verticalUnits: Int
  private var horizontalUnits: Int
  private var symbols = SymbolSettings()
  private var storedPicture: (picture: Bitmap, horizontal: Int, vertical: Int)?

  /// Logos: memory bit and two characters of the key.
  private var keptPictures: [(key: [UInt8], picture: Bitmap)] = []

  /// Whether pairs of bytes are characters (`FS &`), and the first of a pair.
  private var isDoubleByte = false
  private var lead: UInt8?
  /// The country of `ESC R`.
  private var country = 0

  /// What page mode begins with (`ESC W`, `ESC T`).
  private var pageArea: PageSheet.Area?
  private var pageTurn: PrintedPage.Turn?

  /// `GS h`, `GS w`, `GS H`, `GS f` and the settings of `GS ( k`.
  private struct SymbolSettings: Sendable {
    var height = 162
    var module = 3
    var hri = PrintedPage.HRIPosition.none
    var hriFont = PrintedPage.Font.a
    var qrModule = 3
    var qrLevel: UInt8 = 48
    var matrix: StoredMatrix?
  }

  /// What function 80 of `GS ( k` has stored, and what has been made of it: to have it printed again takes eight bytes, to
  /// make it a large QR code takes thousands of times as long.
  private struct StoredMatrix: Sendable {
    let kind: Symbology
    let data: [UInt8]
    /// By level, whether its QR code has been made, and what came of it: `nil` where the level does not hold the data.
    private var codes = [(isMade: Bool, code: QRCode?)](
      repeating: (false, nil), count: QRCode.ErrorCorrection.allCases.count)
    /// The dots of the last one.
    private var drawn: (level: QRCode.ErrorCorrection, module: Int, dots: Bitmap)?

    init(_ kind: Symbology, _ data: [UInt8]) {
      self.kind = kind
      self.data = data
    }

    mutating func code(_ level: QRCode.ErrorCorrection) -> QRCode? {
      let index = Int(level.rawValue)
      if !codes[index].isMade {
        let data = data
        codes[index] = (true, try? QRCode(data.span, level: level))
      }
      return codes[index].code
    }

    mutating func drawing(of code: QRCode, module: Int) -> Bitmap? {
      if let drawn, drawn.level == code.level, drawn.module == module { return drawn.dots }
      guard let dots = try? code.bitmap(module: module, quietZone: 0) else { return nil }
      drawn = (code.level, module, dots)
      return dots
    }
  }

  /// A printer with a fresh roll.
  public init(_ geometry: PrinterGeometry, limits: Limits = Limits()) {
    paper = PaperFeed(geometry, limits: limits)
    codePage = geometry.codePages.slots.first?.page
    verticalUnits = geometry.verticalUnitsPerInch
    horizontalUnits = geometry.horizontalUnitsPerInch
  }

  /// What stands on the paper so far.
  public var page: PrintedPage { paper.page }

  /// Dots fed so far; cheaper than asking the page.
  public var fedDots: Int { paper.page.height }

  /// Bytes obeyed so far.
  public var consumedBytes: Int { offset }

  /// Obeys bytes whose requests nobody listens to.
  public mutating func feed(_ bytes: Span<UInt8>) {
    for index in bytes.indices { _ = feed(bytes[index]) }
  }

  /// Says that nothing more will come: complains of a command or line without end.
  public mutating func finish() {
    switch phase {
    case .text: break
    case .header, .data, .skipped, .dataToNUL: paper.complain(.endsInsideCommand, at: commandOffset)
    }
    phase = .text
    if paper.hasUnprinted { paper.complain(.lineNotPrinted, at: offset) }
  }

  /// Obeys one byte.
  public mutating func feed(_ byte: UInt8) -> Request? {
    defer { offset &+= 1 }
    switch phase {
    case .text:
      if CommandShape.isPrefix(byte) {
        beginCommand(byte)
      } else {
        commandOffset = offset
        paper.offset = offset
        obeyCharacter(byte)
      }
      return nil
    case .header(let count):
      header.append(byte)
      guard header.count >= count else { return nil }
      return advance(CommandShape.of(header))
    case .data(let left, let isKept):
      let request = noteRealTime(byte)
      if isKept { data.append(byte) }
      guard left == 1 else {
        phase = .data(left: left - 1, isKept: isKept)
        return request
      }
      phase = .text
      return isKept ? obey() : dropped()
    case .skipped(let left, let count):
      phase = left == 1 ? .header(count) : .skipped(left: left - 1, header: count)
      return noteRealTime(byte)
    case .dataToNUL(let left):
      if byte == 0 {
        phase = .text
        return obey()
      }
      guard left > 0 else {
        phase = .text
        paper.complain(.lengthMismatch)
        return nil
      }
      data.append(byte)
      phase = .dataToNUL(left: left - 1)
      return nil
    }
  }

  private mutating func beginCommand(_ byte: UInt8) {
    commandOffset = offset
    paper.offset = offset
    header.removeAll(keepingCapacity: true)
    header.append(byte)
    data.removeAll(keepingCapacity: true)
    recent = 0
    hasComplainedOfRealTime = false
    phase = .header(2)
  }

  private mutating func advance(_ shape: CommandShape) -> Request? {
    switch shape {
    case .header(let count):
      phase = .header(count)
      return nil
    // A NUL prints nothing, so it need not be waited for.
    case .complete, .completeWithNUL, .data(0):
      phase = .text
      return obey()
    case .data(let count):
      recent = 0
      phase = .data(left: count, isKept: count <= UInt64(paper.limits.rasterBytes))
      return nil
    case .dataThenHeader(let left, let count):
      recent = 0
      phase = left == 0 ? .header(count) : .skipped(left: left, header: count)
      return nil
    case .dataToNUL(let most):
      phase = .dataToNUL(left: most)
      return nil
    case .unknown:
      phase = .text
      paper.complain(.unknownCommand)
      // A prefix that was taken for an operation code most likely begins the next command.
      if let last = header.last, header.count == 2, CommandShape.isPrefix(last) { beginCommand(last) }
      return nil
    }
  }

  /// The data of the command at hand was too long to keep.
  private mutating func dropped() -> Request? {
    paper.complain(.overLimit)
    if paper.sheet == nil, header.starts(with: [CommandShape.gs, UInt8(ascii: "v")]) {
      paper.startLine()
      paper.feed((Int(header[6]) | Int(header[7]) << 8) * (header[3] & 2 == 0 ? 1 : 2))
    }
    return nil
  }

  /// Complains once a command of a real-time sequence inside its data (specs/escpos.md §2.10).
  private mutating func noteRealTime(_ byte: UInt8) -> Request? {
    recent = recent << 8 | UInt32(byte)
    guard !hasComplainedOfRealTime else { return nil }
    switch recent & 0xFF_FFFF {
    case 0x10_0401...0x10_0404, 0x10_0500...0x10_0502, 0x10_1401...0x10_1403, 0x10_1407...0x10_1408:
      hasComplainedOfRealTime = true
      paper.complain(.realTimeInsideData)
    default: break
    }
    return nil
  }

  // MARK: - Characters

  private mutating func obeyCharacter(_ byte: UInt8) {
    if let first = lead, byte >= 0x40 {
      lead = nil
      let pair = UInt16(first) << 8 | UInt16(byte)
      return paper.put(paper.geometry.codePages.doubleByte?.scalar(pair) ?? "\u{FFFD}", isWide: true)
    }
    lead = nil
    switch byte {
    case 0x0A: paper.printLine()
    case 0x0D: break
    case 0x09: paper.tab()
    case 0x0C: if paper.sheet == nil { paper.printLine() } else { printSheet() }
    case 0x18: if paper.sheet == nil { paper.clearLine() } else { paper.onSheet { $0.clearArea() } }
    case 0x00: break  // fills up half a command; prints nothing (specs/escpos.md §2.5)
    case 0x01..<0x20, 0x7F: paper.complain(.unknownCommand)
    case 0x20..<0x7F: paper.put(InternationalCharacters.scalar(byte, country: country))
    default:
      if isDoubleByte, paper.geometry.codePages.doubleByte?.set.isLead(byte) == true {
        lead = byte
      } else {
        paper.put(codePage?.scalar(byte) ?? "\u{FFFD}")
      }
    }
  }

  // MARK: - Commands

  private mutating func obey() -> Request? {
    switch header[0] {
    case CommandShape.dle: return obeyRealTime()
    case CommandShape.esc: return obeyEscape()
    case CommandShape.fs:
      obeyFileSeparator()
      return nil
    default: return obeyGroupSeparator()
    }
  }

  private mutating func obeyRealTime() -> Request? {
    switch (header[1], header[2]) {
    case (0x04, let kind): return .realTimeStatus(kind, header.count > 3 ? header[3] : nil)
    case (0x05, let how): return .recover(how)
    case (0x14, 1):
      guard header[3] <= 1, (1...8).contains(header[4]) else {
        paper.complain(.badParameter)
        return nil
      }
      let milliseconds = Int(header[4]) * 100
      paper.drawer(pin: header[3] == 0 ? 2 : 5, on: milliseconds, off: milliseconds)
      return nil
    case (0x14, 8):
      guard Array(header[3...]) == [1, 3, 20, 1, 6, 2, 8] else {
        paper.complain(.badParameter)
        return nil
      }
      return .clearBuffers
    default:
      paper.complain(.notDrawn)
      return nil
    }
  }

  private mutating func obeyEscape() -> Request? {
    let first = header.count > 2 ? header[2] : 0
    switch header[1] {
    case UInt8(ascii: "@"):
      leavePageMode()
      pageArea = nil
      pageTurn = nil
      paper.forgetPageSpacing()
      paper.clearLine()
      paper.modes = PaperFeed.Modes(paper.geometry)
      codePage = paper.geometry.codePages.slots.first?.page
      verticalUnits = paper.geometry.verticalUnitsPerInch
      horizontalUnits = paper.geometry.horizontalUnitsPerInch
      symbols = SymbolSettings()
      storedPicture = nil
      keptPictures.removeAll { $0.key[0] != 0 }
      isDoubleByte = false
      country = 0
      return .initialized
    case UInt8(ascii: "!"):
      paper.modes.font = first & 0x01 == 0 ? .a : .b
      paper.modes.isEmphasized = first & 0x08 != 0
      paper.modes.heightFactor = first & 0x10 != 0 ? 2 : 1
      paper.modes.widthFactor = first & 0x20 != 0 ? 2 : 1
      paper.modes.underline = first & 0x80 != 0 ? 1 : 0
    case UInt8(ascii: "-"):
      guard let thickness = number(first, upTo: 2) else { break }
      paper.modes.underline = thickness
    case UInt8(ascii: "E"): paper.modes.isEmphasized = first & 1 != 0
    case UInt8(ascii: "G"): paper.modes.isDoubleStrike = first & 1 != 0
    case UInt8(ascii: "M"):
      guard let font = number(first, upTo: 2) else { break }
      paper.modes.font = PrintedPage.Font(rawValue: UInt8(font)) ?? .a
    case UInt8(ascii: " "): paper.modes.characterSpacing = along(Int(first))
    case UInt8(ascii: "2"):
      paper.modes.lineSpacing = PaperFeed.Modes.defaultLineSpacing(paper.geometry)
    case UInt8(ascii: "3"): paper.modes.lineSpacing = across(Int(first))
    case UInt8(ascii: "J"), UInt8(ascii: "K"):
      if header[1] == UInt8(ascii: "K") {
        paper.complain(.notDrawn)  // backwards
      } else {
        paper.printLine(feeding: across(Int(first)))
      }
    case UInt8(ascii: "d"):
      paper.printLine(feeding: paper.modes.lineSpacing * Int(first))
    case UInt8(ascii: "a"):
      guard let alignment = number(first, upTo: 2) else { break }
      guard paper.isAtLineStart else {
        paper.complain(.notAtLineStart)
        break
      }
      paper.modes.alignment = UInt8(alignment)
    case UInt8(ascii: "{"):
      guard paper.isAtLineStart else {
        paper.complain(.notAtLineStart)
        break
      }
      paper.modes.isUpsideDown = first & 1 != 0
    case UInt8(ascii: "t"):
      codePage = paper.geometry.codePages.slots.first { $0.number == first }?.page
      if codePage == nil { paper.complain(.unknownCodePage) }
    case UInt8(ascii: "$"): paper.move(to: along(word(2)))
    case UInt8(ascii: "\\"): paper.move(to: paper.position + along(signedWord(2)))
    case UInt8(ascii: "D"): setTabs()
    case UInt8(ascii: "*"): putStrip()
    case UInt8(ascii: "i"), UInt8(ascii: "m"): cut(1)
    case UInt8(ascii: "p"):
      guard let pin = number(first, upTo: 1) else { break }
      let on = Int(header[3]) * 2
      paper.drawer(pin: pin == 0 ? 2 : 5, on: on, off: max(on, Int(header[4]) * 2))
    case UInt8(ascii: "R"):
      country = Int(first)
      if !InternationalCharacters.isKnown(country) { paper.complain(.notDrawn) }
    case UInt8(ascii: "V"):
      guard let turn = number(first, upTo: 2) else { break }
      paper.modes.isLying = turn > 0
    case UInt8(ascii: "%"):
      if first != 0, first != 48 { paper.complain(.notDrawn) }
    // Without a character's width it had numbers that cannot be.
    case UInt8(ascii: "&"): paper.complain(header.count > 5 ? .notDrawn : .badParameter)
    case UInt8(ascii: "L"): enterPageMode()
    case UInt8(ascii: "S"):
      if paper.sheet == nil { paper.complain(.onlyInPageMode) } else { leavePageMode() }
    case UInt8(ascii: "W"): choosePageArea()
    case UInt8(ascii: "T"):
      guard let number = number(first, upTo: 3) else { break }
      // To the right, up, to the left, down.
      let turn = [PrintedPage.Turn.none, .left, .halfway, .right][number]
      pageTurn = turn
      if paper.sheet != nil { paper.onSheet { $0.choose(turn) } }
    case 0x0C: if paper.sheet == nil { paper.complain(.onlyInPageMode) } else { paper.printSheet() }
    case UInt8(ascii: "e"): paper.complain(.notDrawn)
    default: break  // consumed: it changes nothing on the paper
    }
    return nil
  }

  private mutating func obeyFileSeparator() {
    switch header[1] {
    case UInt8(ascii: "&"):
      isDoubleByte = true
      if paper.geometry.codePages.doubleByte == nil { paper.complain(.notDrawn) }
    case UInt8(ascii: "."): isDoubleByte = false
    case UInt8(ascii: "p"), UInt8(ascii: "("), UInt8(ascii: "2"): paper.complain(.notDrawn)
    case UInt8(ascii: "q"): paper.complain(header[2] > 0 ? .notDrawn : .badParameter)
    default: break  // consumed: it changes nothing on the paper
    }
  }

  private mutating func obeyGroupSeparator() -> Request? {
    let first = header.count > 2 ? header[2] : 0
    switch header[1] {
    case UInt8(ascii: "!"):
      guard first & 0x88 == 0 else {
        paper.complain(.badParameter)
        break
      }
      paper.modes.widthFactor = Int(first >> 4) + 1
      paper.modes.heightFactor = Int(first & 7) + 1
    case UInt8(ascii: "B"): paper.modes.isInverse = first & 1 != 0
    case UInt8(ascii: "L"): paper.modes.leftMargin = min(horizontal(word(2)), paper.geometry.width - 1)
    case UInt8(ascii: "W"): paper.modes.areaWidth = max(1, horizontal(word(2)))
    case UInt8(ascii: "P"):
      horizontalUnits = first == 0 ? paper.geometry.horizontalUnitsPerInch : Int(first)
      verticalUnits = header[3] == 0 ? paper.geometry.verticalUnitsPerInch : Int(header[3])
    case UInt8(ascii: "V"): cut(first)
    case UInt8(ascii: "v"): printRaster()
    case UInt8(ascii: "h"):
      if first == 0 { paper.complain(.badParameter) } else { symbols.height = Int(first) }
    case UInt8(ascii: "w"):
      switch first {
      case 1...6: symbols.module = Int(first)
      case 68...76: symbols.module = (Int(first) - 64) / 2
      default: paper.complain(.badParameter)
      }
    case UInt8(ascii: "H"):
      guard let place = number(first, upTo: 3) else { break }
      symbols.hri = PrintedPage.HRIPosition(rawValue: UInt8(place)) ?? .none
    case UInt8(ascii: "f"):
      guard let font = number(first, upTo: 1) else { break }
      symbols.hriFont = font == 0 ? .a : .b
    case UInt8(ascii: "k"): printLinearSymbol(first)
    case UInt8(ascii: "r"): return .status(first)
    case UInt8(ascii: "I"): return .identify(first)
    case UInt8(ascii: "a"): return .automaticStatus(first)
    case UInt8(ascii: "("): return obeyParenthesis(first)
    case UInt8(ascii: "8"): obeyGraphics()
    case UInt8(ascii: "$"):
      let place = across(word(2))
      paper.onSheet { $0.moveBaseline(to: place) }
    case UInt8(ascii: "\\"):
      let distance = across(signedWord(2))
      paper.onSheet { $0.moveBaseline(by: distance) }
    case UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "C"), UInt8(ascii: "D"),
      UInt8(ascii: "Q"), UInt8(ascii: "^"), UInt8(ascii: "c"):
      paper.complain(.notDrawn)
    default: break  // consumed: it changes nothing on the paper
    }
    return nil
  }

  private mutating func obeyParenthesis(_ family: UInt8) -> Request? {
    switch family {
    case UInt8(ascii: "H"):
      if data.count == 6, data[0] == 0x30, data[1] == 0x30 { return .processID(Array(data[2...])) }
      if data.count == 3, data[0] == 0x31, data[1] == 0x30 { return .offlineNotices(data[2] & 1 != 0) }
      paper.complain(data.count < 3 ? .lengthMismatch : .badParameter)
    case UInt8(ascii: "k"): return obeySymbol2D()
    case UInt8(ascii: "L"): obeyGraphics()
    default: paper.complain(.notDrawn)
    }
    return nil
  }

  private mutating func cut(_ mode: UInt8) {
    guard paper.sheet == nil else { return paper.complain(.notInPageMode) }
    let extra = header.count > 3 ? vertical(Int(header[3])) : nil
    switch mode {
    case 0, 48: paper.cut(.full, feeding: nil)
    case 1, 49: paper.cut(.partial, feeding: nil)
    case 65, 103: paper.cut(.full, feeding: extra)
    case 66, 104: paper.cut(.partial, feeding: extra)
    default: paper.complain(.notDrawn)  // 97, 98: cut later, at a set position
    }
  }

  private mutating func setTabs() {
    let columns = header.dropFirst(2).map { Int($0) }
    var tabs: [Int] = []
    for column in columns where column > tabs.last ?? 0 { tabs.append(column) }
    // The byte that ended them is a NUL, if it was meant to.
    if tabs.count < columns.count, columns.last != 0 { paper.complain(.badParameter) }
    paper.modes.tabs = tabs
  }

  // MARK: - Page mode

  /// `ESC L`.
  private mutating func enterPageMode() {
    guard paper.sheet == nil else { return }
    guard paper.isAtLineStart else { return paper.complain(.notAtLineStart) }
    paper.beginSheet(
      PageSheet(
        .init(x: 0, y: 0, width: paper.geometry.width, height: sheetHeight),
        firstBaseline: paper.geometry.cellA.height))
    if let pageArea { paper.onSheet { $0.choose(pageArea) } }
    if let pageTurn { paper.onSheet { $0.choose(pageTurn) } }
  }

  /// Dots down: 1662 units of 1/360 inch on Epson's TM-T88 models; others differ.
  private var sheetHeight: Int { min(paper.geometry.dotsPerInch * 1662 / 360, paper.limits.height) }

  /// `ESC W`. Outside page mode it is kept for the next one. What reaches beyond the sheet is cut to it.
  private mutating func choosePageArea() {
    let (x, y) = (horizontal(word(2)), vertical(word(4)))
    let width = min(horizontal(word(6)), paper.geometry.width - x)
    let height = min(vertical(word(8)), sheetHeight - y)
    guard width > 0, height > 0 else { return paper.complain(.badParameter) }
    let area = PageSheet.Area(x: x, y: y, width: width, height: height)
    pageArea = area
    if paper.sheet != nil { paper.onSheet { $0.choose(area) } }
  }

  /// `FF`.
  private mutating func printSheet() {
    paper.printSheet()
    leavePageMode()
  }

  /// The direction stays what it is, the area does not.
  private mutating func leavePageMode() {
    paper.endSheet()
    pageArea = nil
  }

  // MARK: - Pictures

  /// `GS v 0`.
  private mutating func printRaster() {
    let mode = header[3] >= 48 ? header[3] - 48 : header[3]
    let rowBytes = word(4)
    guard mode <= 3, rowBytes > 0, word(6) > 0,
      let picture = Bitmap(width: rowBytes * 8, packed: data, height: word(6))
    else {
      paper.complain(.badParameter)
      return
    }
    paper.printPicture(picture, horizontal: mode & 1 == 0 ? 1 : 2, vertical: mode & 2 == 0 ? 1 : 2)
  }

  /// `ESC *`: columns of 8 or 24 dots, the highest bit of a byte on top (specs/escpos.md §2.6).
  private mutating func putStrip() {
    let bytesAColumn = header[2] >= 32 ? 3 : 1
    // Single density has half the dots across, eight-dot strips a third of them down.
    let horizontal = header[2] & 1 == 0 ? 2 : 1
    let vertical = bytesAColumn == 1 ? 3 : 1
    let columns = data.count / bytesAColumn
    var strip = Bitmap(width: columns, height: 8 * bytesAColumn)
    for column in 0..<columns {
      for row in 0..<(8 * bytesAColumn)
      where data[column * bytesAColumn + row / 8] & (0x80 >> UInt8(row & 7)) != 0 {
        strip[column, row] = true
      }
    }
    paper.put(strip.enlarged(horizontal: horizontal, vertical: vertical))
  }

  /// `GS ( L` and `GS 8 L`: store a raster, print what is stored.
  private mutating func obeyGraphics() {
    guard data.count >= 2 else { return paper.complain(.lengthMismatch) }
    switch data[1] {
    case 0x70:
      guard data.count >= 10 else { return paper.complain(.lengthMismatch) }
      let width = Int(data[6]) | Int(data[7]) << 8
      let height = Int(data[8]) | Int(data[9]) << 8
      guard data[2] == 0x30, (1...2).contains(data[3]), (1...2).contains(data[4]), data[5] == 0x31 else {
        return paper.complain(data[2] == 0x30 && data[5] > 0x31 ? .notDrawn : .badParameter)
      }
      guard let picture = Bitmap(width: width, packed: Array(data[10...]), height: height) else {
        return paper.complain(.lengthMismatch)
      }
      storedPicture = (picture, Int(data[3]), Int(data[4]))
    case 0x32, 0x02:
      guard let stored = storedPicture else { return paper.complain(.nothingStored) }
      paper.printPicture(stored.picture, horizontal: stored.horizontal, vertical: stored.vertical)
      storedPicture = nil
    case 67, 83: keepGraphics()
    case 69, 85:
      guard data.count >= 6, (1...2).contains(data[4]), (1...2).contains(data[5]) else {
        return paper.complain(.badParameter)
      }
      guard let kept = keptPictures.first(where: { $0.key == [data[1] & 0x10, data[2], data[3]] }) else {
        return paper.complain(.nothingStored)
      }
      paper.printPicture(kept.picture, horizontal: Int(data[4]), vertical: Int(data[5]))
    default: paper.complain(.notDrawn)
    }
  }

  /// `GS ( L` functions 67 and 83: keeps a raster under a key, in flash memory or until the next `ESC @`.
  private mutating func keepGraphics() {
    guard data.count >= 11 else { return paper.complain(.lengthMismatch) }
    guard data[2] == 0x30, data[5] == 1, data[10] == 0x31 else { return paper.complain(.notDrawn) }
    let width = Int(data[6]) | Int(data[7]) << 8
    let height = Int(data[8]) | Int(data[9]) << 8
    guard let picture = Bitmap(width: width, packed: Array(data[11...]), height: height) else {
      return paper.complain(.lengthMismatch)
    }
    // Functions 67 and 69 differ from 83 and 85 by a bit.
    let key = [data[1] & 0x10, data[3], data[4]]
    keptPictures.removeAll { $0.key == key }
    guard keptPictures.count < 64, paper.keep(picture.bytes.count) else { return paper.complain(.overLimit) }
    keptPictures.append((key, picture))
  }

  // MARK: - Symbols

  /// `GS k`.
  private mutating func printLinearSymbol(_ kind: UInt8) {
    guard let symbology = Self.linearKinds(kind >= 65 ? kind - 65 : kind) else {
      return paper.complain(.notDrawn)
    }
    guard let (data, text, drawn) = Self.linear(data, symbology) else {
      return paper.complain(.badSymbolData)
    }
    let modules = drawn?.modules ?? []
    var symbol = PrintedPage.Symbol(
      drawn?.symbology ?? symbology, data: data, x: 0, y: 0, module: symbols.module,
      width: modules.count * symbols.module, height: symbols.height, drawing: nil)
    if !modules.isEmpty, symbol.width <= paper.area {
      symbol.drawing = Bitmap(bars: modules, module: symbols.module, height: symbols.height)
    }
    symbol.hriPosition = symbols.hri
    paper.printSymbol(symbol, plain: text, plainFont: symbols.hriFont)
  }

  /// The data as a scanner would report them, the characters in plain, and the symbol where it can be drawn.
  private typealias Linear = (data: [UInt8], text: [UInt8], symbol: LinearSymbol?)

  /// `nil` for data that no printer takes.
  private static func linear(_ data: [UInt8], _ symbology: Symbology) -> Linear? {
    func drawn(_ symbology: Symbology, _ data: [UInt8]) -> Linear? {
      (try? LinearSymbol(symbology, ascii: data.span)).map { ($0.data, $0.text, $0) }
    }
    switch symbology {
    case .code39:
      // Printers add the start and stop that some hosts send.
      var body = data[...]
      if body.count > 2, body.first == UInt8(ascii: "*"), body.last == UInt8(ascii: "*") {
        body = body.dropFirst().dropLast()
      }
      return drawn(.code39, Array(body))
    case .code128:
      guard data.count >= 2 else { return nil }
      // A set must be chosen first; the kind of newer models that chooses itself does without.
      guard data[0] == UInt8(ascii: "{") else { return drawn(.code128, data) }
      guard let words = Code128Data.words(data), let code = try? Code128(startAndData: words) else {
        return nil
      }
      let symbol = LinearSymbol(code)
      return (symbol.data, symbol.text, symbol)
    case .gs1128:
      guard !data.isEmpty, let plain = gs1Data(data, starsAreCheckDigits: true) else { return nil }
      return drawn(.gs1128, plain) ?? (plain, plain, nil)
    case .upcE:
      // With a number system it must be 0 (Epson, `GS k`).
      guard data.count == 6 || data.first == UInt8(ascii: "0") else { return nil }
      return drawn(.upcE, data)
    case .dataBar, .dataBarLimited, .dataBarExpanded:
      let plain = symbology == .dataBarExpanded ? gs1Data(data, starsAreCheckDigits: false) : data
      return plain.flatMap { try? DataBar(symbology, ascii: $0.span) }.map { ($0.data, $0.text, nil) }
    default: return drawn(symbology, data)
    }
  }

  /// What the data of a GS1-128 or GS1 DataBar Expanded encode, FNC1 as 1D; `nil` for what no printer takes (Epson,
  /// `GS k`).
  ///
  /// Bare brackets and spaces are for the characters below. A bare star is the check digit of the element before it; GS1
  /// DataBar Expanded leaves it out (Epson TM-C3500, GS1 DataBar Expanded). With a brace in front they are data.
  private static func gs1Data(_ data: [UInt8], starsAreCheckDigits: Bool) -> [UInt8]? {
    var plain: [UInt8] = []
    // Where the element's value begins, which only the brackets around its identifier tell.
    var value: Int?
    var isEscaped = false
    for byte in data {
      switch (isEscaped, byte) {
      case (true, UInt8(ascii: "1")):
        plain.append(0x1D)
        value = nil
      case (true, UInt8(ascii: "3")): break  // FNC3 is for the scanner
      case (true, UInt8(ascii: "(")), (true, UInt8(ascii: ")")), (true, UInt8(ascii: "*")),
        (true, UInt8(ascii: "{")):
        plain.append(byte)
      case (true, _): return nil
      case (false, UInt8(ascii: "{")):
        isEscaped = true
        continue
      case (false, UInt8(ascii: "(")): value = nil
      case (false, UInt8(ascii: ")")): value = value ?? plain.count
      case (false, UInt8(ascii: "*")):
        guard starsAreCheckDigits else { break }
        guard let value, value < plain.count, let check = CheckDigit.mod10(plain[value...]) else {
          return nil
        }
        plain.append(check)
      case (false, UInt8(ascii: " ")): break
      case (false, _): plain.append(byte)
      }
      isEscaped = false
    }
    return isEscaped ? nil : plain
  }

  /// The kinds of `GS k` in the order of both forms.
  private static func linearKinds(_ index: UInt8) -> Symbology? {
    switch index {
    case 0: .upcA
    case 1: .upcE
    case 2: .ean13
    case 3: .ean8
    case 4: .code39
    case 5: .interleaved2of5
    case 6: .codabar
    case 7: .code93
    case 8, 14: .code128
    case 9: .gs1128
    case 10: .dataBar
    case 12: .dataBarLimited
    case 13: .dataBarExpanded
    default: nil
    }
  }

  /// `GS ( k`: the kinds it stores and prints, by their numbers.
  private static func matrixKind(_ number: UInt8) -> Symbology? {
    switch number {
    case 48: .pdf417
    case 49: .qr
    case 50: .maxiCode
    case 53: .aztec
    case 54: .dataMatrix
    default: nil
    }
  }

  /// `GS ( k`: QR codes are drawn, the others shown as a frame with the data inside.
  private mutating func obeySymbol2D() -> Request? {
    guard data.count >= 2 else {
      paper.complain(.lengthMismatch)
      return nil
    }
    guard let kind = Self.matrixKind(data[0]) else {
      paper.complain(.notDrawn)
      return nil
    }
    switch data[1] {
    case 0x41..<0x50: setUpMatrix()
    case 0x50:
      guard data.count >= 4, data.count - 3 <= 7089 else {
        paper.complain(.badSymbolData)
        return nil
      }
      symbols.matrix = StoredMatrix(kind, Array(data[3...]))
    case 0x51: printMatrix(kind)
    case 0x52: return kind == .qr ? .symbolSize(canPrint: symbols.matrix?.kind == .qr) : nil
    default: paper.complain(.badParameter)
    }
    return nil
  }

  /// The set-up functions of `GS ( k` by the numbers of kind and function, with the lowest and highest value of each
  /// parameter; several rows of one function are alternatives (specs/escpos.md §2.7; Epson, functions 065 to 070, 165,
  /// 167, 169, 265, 566, 567, 569 and 667).
  private static let setUps: [(kind: UInt8, function: UInt8, ranges: [UInt8])] = [
    (48, 65, [0, 30]), (48, 66, [0, 0]), (48, 66, [3, 90]), (48, 67, [2, 8]), (48, 68, [2, 8]),
    (48, 69, [48, 48, 48, 56]), (48, 69, [49, 49, 1, 40]), (48, 70, [0, 1]),
    (49, 65, [49, 51, 0, 0]), (49, 67, [1, 16]), (49, 69, [48, 51]),
    (50, 65, [50, 54]),
    (53, 66, [0, 0, 0, 0]), (53, 66, [0, 0, 4, 32]), (53, 66, [1, 1, 0, 4]),
    (53, 66, [48, 48, 0, 0]), (53, 66, [48, 48, 4, 32]), (53, 66, [49, 49, 0, 4]),
    (53, 67, [2, 16]), (53, 69, [5, 95]),
    (54, 67, [2, 16]),
  ]

  /// Columns and rows of a Data Matrix: squares, and what is wider than high. 0 lets the printer choose (Epson,
  /// function 666).
  private static let squares: [UInt8] = [
    0, 10, 12, 14, 16, 18, 20, 22, 24, 26, 32, 36, 40, 44, 48, 52, 64, 72, 80, 88, 96, 104, 120, 132, 144,
  ]
  private static let rectangles: [(UInt8, UInt8)] = [
    (8, 0), (8, 18), (8, 32), (12, 0), (12, 26), (12, 36), (16, 0), (16, 36), (16, 48),
  ]

  /// Functions 65 to 79 of `GS ( k`: sizes and shapes, of which those of QR codes are shown.
  private mutating func setUpMatrix() {
    let parameters = Array(data[2...])
    guard Self.allows(data[0], data[1], parameters) else { return paper.complain(.badParameter) }
    switch (data[0], data[1]) {
    case (49, 67): symbols.qrModule = Int(parameters[0])
    case (49, 69): symbols.qrLevel = parameters[0]
    default: break  // of models there is one here, and the others are frames
    }
  }

  private static func allows(_ kind: UInt8, _ function: UInt8, _ parameters: [UInt8]) -> Bool {
    if (kind, function) == (54, 66) {
      guard parameters.count == 3 else { return false }
      let (columns, rows) = (parameters[1], parameters[2])
      switch parameters[0] {
      case 0, 48: return columns == rows && squares.contains(columns)
      case 1, 49: return rectangles.contains { $0 == (columns, rows) }
      default: return false
      }
    }
    return setUps.contains { row in
      guard row.kind == kind, row.function == function, row.ranges.count == 2 * parameters.count else {
        return false
      }
      return parameters.indices.allSatisfy { index in
        row.ranges[2 * index] <= parameters[index] && parameters[index] <= row.ranges[2 * index + 1]
      }
    }
  }

  /// Dots of the frame that stands for a symbol that is not drawn.
  private static let frame = 96

  /// Bytes of a picture so wide and high.
  private static func bytes(_ width: Int, _ height: Int) -> Int { (width + 7) / 8 * height }

  private mutating func printMatrix(_ kind: Symbology) {
    guard let stored = symbols.matrix, stored.kind == kind else { return paper.complain(.nothingStored) }
    guard kind == .qr else {
      return paper.printSymbol(
        PrintedPage.Symbol(
          kind, data: stored.data, x: 0, y: 0, module: 0, width: Self.frame, height: Self.frame, drawing: nil),
        plain: [], plainFont: .a)
    }
    // What cannot be kept is not made: not where there is no room for the smallest, nor what is larger than the room.
    let module = symbols.qrModule
    guard hasRoom(for: stored.data.count + Self.bytes(21 * module, 21 * module)) else { return }
    let level = QRCode.ErrorCorrection(rawValue: symbols.qrLevel - 48) ?? .low
    guard let code = symbols.matrix?.code(level) else { return paper.complain(.badSymbolData) }
    let side = code.side * module
    var symbol = PrintedPage.Symbol(
      .qr, data: stored.data, x: 0, y: 0, module: module, width: side, height: side, drawing: nil)
    if side <= paper.area {
      guard hasRoom(for: stored.data.count + Self.bytes(side, side)) else { return }
      symbol.drawing = symbols.matrix?.drawing(of: code, module: module)
    }
    paper.printSymbol(symbol, plain: [], plainFont: .a)
  }

  /// Whether the paper takes a symbol of so many bytes; complains where it does not.
  private mutating func hasRoom(for bytes: Int) -> Bool {
    if paper.hasRoom(for: bytes) { return true }
    paper.startLine()
    paper.complainOfLimit()
    return false
  }

  // MARK: - Parameters

  /// Two header bytes at `index`, low byte first.
  private func word(_ index: Int) -> Int { Int(header[index]) | Int(header[index + 1]) << 8 }

  /// A number that may also come as its ASCII digit; complains of others.
  private mutating func number(_ byte: UInt8, upTo most: UInt8) -> Int? {
    if byte <= most { return Int(byte) }
    if byte >= 48, byte - 48 <= most { return Int(byte - 48) }
    paper.complain(.badParameter)
    return nil
  }

  /// The same, of which the highest bit is the sign.
  private func signedWord(_ index: Int) -> Int { Int(Int16(truncatingIfNeeded: word(index))) }

  /// Dots along the text: in page mode it may run down the paper.
  private func along(_ units: Int) -> Int {
    paper.sheet?.turn.isSideways == true ? vertical(units) : horizontal(units)
  }

  /// Dots across the text.
  private func across(_ units: Int) -> Int {
    paper.sheet?.turn.isSideways == true ? horizontal(units) : vertical(units)
  }

  private func vertical(_ units: Int) -> Int { dots(units, verticalUnits) }
  private func horizontal(_ units: Int) -> Int { dots(units, horizontalUnits) }

  private func dots(_ units: Int, _ unitsPerInch: Int) -> Int {
    guard units >= 0 else { return -dots(-units, unitsPerInch) }
    return (units * paper.geometry.dotsPerInch + unitsPerInch / 2) / unitsPerInch
  }
}
