import POSBarcode

/// The printer's mechanics: collects a line, prints it, feeds. Knows dots, not commands.
struct PaperFeed: Sendable {
  private(set) var page: PrintedPage
  let geometry: PrinterGeometry
  let limits: ESCPOSInterpreter.Limits

  /// What `ESC @` puts back.
  struct Modes: Sendable {
    var font = PrintedPage.Font.a
    var widthFactor = 1
    var heightFactor = 1
    var isBold = false
    var underline = 0
    var isInverse = false
    var isUpsideDown = false
    var characterSpacing = 0
    var alignment: UInt8 = 0
    var lineSpacing: Int
    var leftMargin = 0
    var areaWidth: Int
    var tabs: [Int] = []

    init(_ geometry: PrinterGeometry) {
      lineSpacing = Self.defaultLineSpacing(geometry)
      areaWidth = geometry.width
    }

    /// A sixth of an inch.
    static func defaultLineSpacing(_ geometry: PrinterGeometry) -> Int { (geometry.dotsPerInch + 3) / 6 }
  }

  var modes: Modes
  /// Offset of the command at work, for complaints.
  var offset = 0

  private var line: [PrintedPage.Item] = []
  private var lineHeight = 0
  /// The print position in the line, from the left margin.
  private(set) var position = 0
  private var lineNumber = 0
  /// The lower edge, in dots from the top, of what was printed last; `nil` while nothing is.
  private var lastBottom: Int?
  private(set) var keptBytes = 0
  private var isOverLimit = false

  init(_ geometry: PrinterGeometry, limits: ESCPOSInterpreter.Limits) {
    self.geometry = geometry
    self.limits = limits
    page = PrintedPage(width: geometry.width, dotsPerInch: geometry.dotsPerInch)
    modes = Modes(geometry)
  }

  var isAtLineStart: Bool { line.isEmpty && position == 0 }

  /// Dots between the margins.
  var area: Int { max(1, min(modes.areaWidth, geometry.width - modes.leftMargin)) }

  private var cell: PrinterGeometry.Cell { modes.font == .a ? geometry.cellA : geometry.cellB }

  mutating func complain(_ reason: PrintedPage.Complaint.Reason, at place: Int? = nil) {
    guard page.complaints.count < limits.complaints else { return }
    page.complaints.append(.init(reason, at: place ?? offset))
  }

  private mutating func complainOfLimit() {
    guard !isOverLimit else { return }
    isOverLimit = true
    complain(.overLimit)
  }

  // MARK: - The line

  /// Puts a character into the line; a wide one takes two cells.
  mutating func put(_ scalar: Unicode.Scalar, isWide: Bool = false) {
    let pitch = (isWide ? 2 : 1) * cell.width + modes.characterSpacing
    let advance = pitch * modes.widthFactor
    if position + advance > area, !isAtLineStart { printLine() }
    let x = position
    position += advance
    lineHeight = max(lineHeight, cell.height * modes.heightFactor)
    if case .text(var run) = line.last, continues(run, at: x, pitch: pitch) {
      line.removeLast()  // so that the scalars are not shared while they grow
      run.scalars.append(scalar)
      line.append(.text(run))
      return
    }
    guard line.count < limits.items else { return complainOfLimit() }
    var run = PrintedPage.TextRun(
      x: x, y: 0, line: lineNumber, scalars: [scalar], font: modes.font, cellWidth: pitch,
      cellHeight: cell.height)
    run.widthFactor = modes.widthFactor
    run.heightFactor = modes.heightFactor
    run.isBold = modes.isBold
    run.underline = modes.underline
    run.isInverse = modes.isInverse
    run.isUpsideDown = modes.isUpsideDown
    line.append(.text(run))
  }

  private func continues(_ run: PrintedPage.TextRun, at x: Int, pitch: Int) -> Bool {
    run.x + run.width == x && run.cellWidth == pitch && run.font == modes.font
      && run.widthFactor == modes.widthFactor && run.heightFactor == modes.heightFactor
      && run.isBold == modes.isBold && run.underline == modes.underline && run.isInverse == modes.isInverse
      && run.isUpsideDown == modes.isUpsideDown
  }

  /// Puts a strip of columns into the line (`ESC *`).
  mutating func put(_ strip: Bitmap) {
    guard strip.width > 0 else { return }
    if position >= area { return complain(.tooWide) }
    if position + strip.width > area { complain(.tooWide) }
    let visible = strip.cropped(toWidth: area - position)
    guard keep(visible.bytes.count), line.count < limits.items else { return complainOfLimit() }
    line.append(.bitmap(.init(visible, x: position, y: 0)))
    position += visible.width
    lineHeight = max(lineHeight, visible.height)
  }

  mutating func move(to x: Int) { position = min(max(0, x), area) }

  mutating func tab() {
    let columns = modes.tabs.isEmpty ? Array(stride(from: 8, through: 32 * 8, by: 8)) : modes.tabs
    let pitch = cell.width * modes.widthFactor
    guard let next = columns.first(where: { $0 * pitch > position }) else { return }
    move(to: next * pitch)
  }

  /// Prints what the line holds and feeds by the line spacing, or by the line's height if that is more.
  mutating func printLine() { printLine(feeding: modes.lineSpacing) }

  /// Prints what the line holds and feeds by `dots`, or by the line's height if that is more.
  mutating func printLine(feeding dots: Int) {
    let shift = modes.leftMargin + aligned(position)
    for item in line {
      switch item {
      case .text(var run):
        run.x += shift
        run.y = page.height + lineHeight - run.height
        if modes.isUpsideDown { run.x = modes.leftMargin + area - (run.x - modes.leftMargin) - run.width }
        add(.text(run))
      case .bitmap(var placed):
        placed.x += shift
        placed.y = page.height + lineHeight - placed.bitmap.height
        add(.bitmap(placed))
      case .symbol, .cut, .drawer: break
      }
    }
    let height = lineHeight
    clearLine()
    lineNumber &+= 1
    feed(max(dots, height))
  }

  mutating func clearLine() {
    line.removeAll(keepingCapacity: true)
    lineHeight = 0
    position = 0
  }

  /// The left edge, within the margins, of something so wide.
  private func aligned(_ width: Int) -> Int {
    switch modes.alignment {
    case 1: max(0, (area - width) / 2)
    case 2: max(0, area - width)
    default: 0
    }
  }

  // MARK: - What stands in lines of its own

  mutating func feed(_ dots: Int) {
    guard dots > 0 else { return }
    if page.height + dots > limits.height { complainOfLimit() }
    page.height = min(page.height + dots, max(page.height, limits.height))
  }

  mutating func add(_ item: PrintedPage.Item) {
    guard page.items.count < limits.items, page.height < limits.height else { return complainOfLimit() }
    page.items.append(item)
    if let bottom = item.bottom { lastBottom = bottom }
  }

  /// Reserves room for `count` bytes of picture.
  mutating func keep(_ count: Int) -> Bool {
    guard keptBytes + count <= limits.rasterBytes else { return false }
    keptBytes += count
    return true
  }

  /// Complains and prints the line if something stands in it that must begin a line.
  mutating func startLine() {
    guard !isAtLineStart else { return }
    complain(.notAtLineStart)
    printLine()
  }

  /// Prints a picture and feeds its height.
  mutating func printPicture(_ picture: Bitmap, horizontal: Int, vertical: Int) {
    startLine()
    let width = picture.width * horizontal
    if width > area { complain(.tooWide) }
    let visible = picture.cropped(toWidth: (area + horizontal - 1) / horizontal)
    let grown = (visible.width * horizontal + 7) / 8 * visible.height * vertical
    if keep(grown) {
      let enlarged = visible.enlarged(horizontal: horizontal, vertical: vertical).cropped(toWidth: area)
      add(.bitmap(.init(enlarged, x: modes.leftMargin + aligned(min(width, area)), y: page.height)))
    } else {
      complainOfLimit()
    }
    feed(picture.height * vertical)
  }

  /// Prints a symbol so wide and high, its characters in plain centred under or over it.
  mutating func printSymbol(_ symbol: PrintedPage.Symbol, plain: [UInt8], plainFont: PrintedPage.Font) {
    startLine()
    var symbol = symbol
    guard symbol.width <= area else {
      complain(.tooWide)
      feed(symbol.height)
      return
    }
    guard keep((symbol.drawing?.bytes.count ?? 0) + symbol.data.count) else { return complainOfLimit() }
    symbol.x = modes.leftMargin + aligned(symbol.width)
    let cell = plainFont == .a ? geometry.cellA : geometry.cellB
    var y = page.height
    func run(at y: Int) -> PrintedPage.TextRun {
      let scalars = plain.map { Unicode.Scalar($0) }
      return PrintedPage.TextRun(
        x: max(0, symbol.x + (symbol.width - scalars.count * cell.width) / 2), y: y, line: lineNumber,
        scalars: scalars, font: plainFont, cellWidth: cell.width, cellHeight: cell.height)
    }
    if symbol.hriPosition == .above || symbol.hriPosition == .both {
      symbol.hri.append(run(at: y))
      y += cell.height
    }
    symbol.y = y
    y += symbol.height
    if symbol.hriPosition == .below || symbol.hriPosition == .both {
      symbol.hri.append(run(at: y))
      y += cell.height
    }
    add(.symbol(symbol))
    lineNumber &+= 1
    feed(y - page.height)
  }

  /// Cuts at the cutter, after feeding the print there and `extra` dots more if `extra` is given.
  mutating func cut(_ kind: PrintedPage.Cut.Kind, feeding extra: Int?) {
    startLine()
    if extra == nil, let lastBottom, lastBottom > page.height - geometry.cutterDistance {
      complain(.cutsPrint)
    }
    if let extra { feed(geometry.cutterDistance + extra) }
    add(.cut(.init(kind, y: max(0, page.height - geometry.cutterDistance))))
  }

  mutating func drawer(pin: Int, on: Int, off: Int) {
    add(.drawer(.init(pin: pin, on: on, off: off, y: page.height)))
  }
}
