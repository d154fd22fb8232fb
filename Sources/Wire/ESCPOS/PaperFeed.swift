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
    /// `ESC E`.
    var isEmphasized = false
    /// `ESC G`, a mode of its own.
    var isDoubleStrike = false
    var underline = 0
    var isInverse = false
    var isUpsideDown = false
    var isLying = false
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

    /// The two modes for it look alike (Epson, `ESC G`).
    var isBold: Bool { isEmphasized || isDoubleStrike }

    /// A sixth of an inch.
    static func defaultLineSpacing(_ geometry: PrinterGeometry) -> Int { (geometry.dotsPerInch + 3) / 6 }
  }

  var modes: Modes
  /// Offset of the command at work, for complaints.
  var offset = 0

  private var line: [PrintedPage.Item] = []
  private var lineHeight = 0
  /// The print position in the line, from the left margin.
  private var linePosition = 0
  private var lineNumber = 0
  /// What page mode writes on instead of the line, and the spacings of the mode that is not at work.
  private(set) var sheet: PageSheet?
  private var otherSpacing: (characters: Int, lines: Int)?
  private var lineOfAreaComplaint: Int?
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

  /// Whether what must begin a line may come; on a sheet it may come anywhere.
  var isAtLineStart: Bool { sheet != nil || line.isEmpty && linePosition == 0 }

  /// Whether there is something that nothing has printed yet.
  var hasUnprinted: Bool { !isAtLineStart || sheet?.isPrinted == false }

  /// The print position, from the left margin or the beginning of the sheet's area.
  var position: Int { sheet?.position ?? linePosition }

  /// Dots between the margins, or along the text of the sheet's area.
  var area: Int { sheet?.length ?? max(1, min(modes.areaWidth, geometry.width - modes.leftMargin)) }

  private var cell: PrinterGeometry.Cell { modes.font == .a ? geometry.cellA : geometry.cellB }

  mutating func complain(_ reason: PrintedPage.Complaint.Reason, at place: Int? = nil) {
    guard page.complaints.count < limits.complaints else { return }
    page.complaints.append(.init(reason, at: place ?? offset))
  }

  mutating func complainOfLimit() {
    guard !isOverLimit else { return }
    isOverLimit = true
    complain(.overLimit)
  }

  // MARK: - The line

  /// Puts a character into the line; a wide one takes two cells.
  mutating func put(_ scalar: Unicode.Scalar, isWide: Bool = false) {
    var look = PrintedPage.TextRun(
      x: 0, y: 0, line: 0, scalars: [], font: modes.font,
      cellWidth: (isWide ? 2 : 1) * cell.width + modes.characterSpacing, cellHeight: cell.height)
    look.widthFactor = modes.widthFactor
    look.heightFactor = modes.heightFactor
    look.isBold = modes.isBold
    look.underline = modes.underline
    look.isInverse = modes.isInverse
    let isOnSheet = sheet != nil
    if modes.isLying, !isOnSheet { look.layDown(spacing: modes.characterSpacing) }
    let advance = look.cellWidth * look.widthFactor
    if position + advance > area, isOnSheet ? position > 0 : !isAtLineStart { printLine() }
    if isOnSheet { return putOnSheet { $0.put(scalar, look) } }
    look.turn = modes.isUpsideDown ? .halfway : .none
    look.x = linePosition
    look.line = lineNumber
    linePosition += advance
    lineHeight = max(lineHeight, look.height)
    if case .text(var run) = line.last, run.x + run.width == look.x, run.turn == look.turn,
      run.looks(like: look)
    {
      line.removeLast()  // so that the scalars are not shared while they grow
      run.scalars.append(scalar)
      line.append(.text(run))
      return
    }
    guard line.count < limits.items else { return complainOfLimit() }
    look.scalars = [scalar]
    line.append(.text(look))
  }

  /// Puts a strip of columns into the line (`ESC *`).
  mutating func put(_ strip: Bitmap) {
    guard strip.width > 0 else { return }
    if position >= area { return complain(.tooWide) }
    if position + strip.width > area { complain(.tooWide) }
    let visible = strip.cropped(toWidth: area - position)
    guard keep(width: visible.width, height: visible.height), line.count < limits.items else {
      return complainOfLimit()
    }
    if sheet != nil { return putOnSheet { $0.put(visible) } }
    line.append(.bitmap(.init(visible, x: linePosition, y: 0)))
    linePosition += visible.width
    lineHeight = max(lineHeight, visible.height)
  }

  mutating func move(to x: Int) {
    guard sheet == nil else {
      sheet?.move(to: x)
      return
    }
    linePosition = min(max(0, x), area)
  }

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
    guard sheet == nil else {
      sheet?.newLine(feeding: dots)
      return
    }
    let shift = modes.leftMargin + aligned(linePosition)
    for item in line {
      switch item {
      case .text(var run):
        run.x += shift
        run.y = page.height + lineHeight - run.height
        if run.turn == .halfway { run.x = modes.leftMargin + area - (run.x - modes.leftMargin) - run.width }
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
    linePosition = 0
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
    if let bottom = item.bottom { lastBottom = max(lastBottom ?? bottom, bottom) }
  }

  /// Whether `count` bytes more can be kept, and one thing more on the paper.
  func hasRoom(for count: Int) -> Bool {
    guard keptBytes + count <= limits.rasterBytes else { return false }
    guard let sheet else { return page.items.count < limits.items && page.height < limits.height }
    return sheet.items.count < limits.items / 4
  }

  /// Reserves room for `count` bytes of picture.
  mutating func keep(_ count: Int) -> Bool {
    guard keptBytes + count <= limits.rasterBytes else { return false }
    keptBytes += count
    return true
  }

  /// Reserves room for a picture, which may stand turned on a sheet.
  private mutating func keep(width: Int, height: Int) -> Bool {
    let isSideways = sheet?.turn.isSideways == true
    return keep(isSideways ? (height + 7) / 8 * width : (width + 7) / 8 * height)
  }

  /// Complains and prints the line if something stands in it that must begin a line.
  mutating func startLine() {
    guard !isAtLineStart else { return }
    complain(.notAtLineStart)
    printLine()
  }

  /// Dots that one thing may take: on a sheet it goes where the position is.
  private var room: Int { sheet == nil ? area : max(0, area - position) }

  /// Prints a picture and feeds its height.
  mutating func printPicture(_ picture: Bitmap, horizontal: Int, vertical: Int) {
    startLine()
    let width = picture.width * horizontal
    if width > room { complain(.tooWide) }
    let room = room
    let visible = picture.cropped(toWidth: (room + horizontal - 1) / horizontal)
    if keep(width: visible.width * horizontal, height: visible.height * vertical) {
      let enlarged = visible.enlarged(horizontal: horizontal, vertical: vertical).cropped(toWidth: room)
      if sheet != nil { return putOnSheet { $0.put(enlarged) } }
      add(.bitmap(.init(enlarged, x: modes.leftMargin + aligned(min(width, area)), y: page.height)))
    } else {
      complainOfLimit()
    }
    if sheet == nil { feed(picture.height * vertical) }
  }

  /// Prints a symbol so wide and high, its characters in plain centred under or over it.
  mutating func printSymbol(_ symbol: PrintedPage.Symbol, plain: [UInt8], plainFont: PrintedPage.Font) {
    startLine()
    var symbol = symbol
    guard symbol.width <= room else {
      complain(.tooWide)
      if sheet == nil { feed(symbol.height) }
      return
    }
    guard keep(symbol.data.count),
      keep(width: symbol.drawing?.width ?? 0, height: symbol.drawing?.height ?? 0)
    else { return complainOfLimit() }
    let cell = plainFont == .a ? geometry.cellA : geometry.cellB
    func addPlain(at y: Int) {
      let scalars = plain.map { Unicode.Scalar($0) }
      symbol.hri.append(
        PrintedPage.TextRun(
          x: (symbol.width - scalars.count * cell.width) / 2, y: y, line: lineNumber, scalars: scalars,
          font: plainFont, cellWidth: cell.width, cellHeight: cell.height))
    }
    let isAbove = symbol.hriPosition == .above || symbol.hriPosition == .both
    if isAbove { addPlain(at: -cell.height) }
    if symbol.hriPosition == .below || symbol.hriPosition == .both { addPlain(at: symbol.height) }
    if sheet != nil { return putOnSheet { $0.put(symbol) } }
    let top = page.height
    symbol.x = modes.leftMargin + aligned(symbol.width)
    symbol.y = top + (isAbove ? cell.height : 0)
    for index in symbol.hri.indices {
      symbol.hri[index].x = max(0, symbol.x + symbol.hri[index].x)
      symbol.hri[index].y += symbol.y
    }
    add(.symbol(symbol))
    lineNumber &+= 1
    feed(symbol.hri.reduce(symbol.y + symbol.height) { max($0, $1.y + $1.height) } - top)
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

  // MARK: - Page mode

  /// Begins page mode with a sheet; nothing happens within one.
  mutating func beginSheet(_ new: PageSheet) {
    guard sheet == nil else { return }
    sheet = new
    swapSpacing()
  }

  /// Each mode has spacings of its own and keeps them.
  private mutating func swapSpacing() {
    let other = otherSpacing ?? (0, Modes.defaultLineSpacing(geometry))
    otherSpacing = (modes.characterSpacing, modes.lineSpacing)
    (modes.characterSpacing, modes.lineSpacing) = other
  }

  /// `ESC @`, outside page mode.
  mutating func forgetPageSpacing() { otherSpacing = nil }

  /// Changes the sheet; complains when there is none.
  mutating func onSheet(_ change: (inout PageSheet) -> Void) {
    guard var open = sheet.take() else { return complain(.onlyInPageMode) }
    change(&open)
    sheet = open
  }

  /// Prints what stands on the sheet; it stays as it is.
  mutating func printSheet() {
    guard let sheet else { return }
    guard page.items.count < limits.items, page.height < limits.height else { return complainOfLimit() }
    for item in sheet.printed(at: page.height, line: lineNumber) {
      // The sheet may be printed again and again.
      if keep(item.storedBytes) { add(item) } else { complainOfLimit() }
    }
    lineNumber &+= sheet.line &+ 1
    feed(sheet.height)
    self.sheet?.wasWhollyPrinted()
  }

  /// Ends page mode; what was not printed is gone.
  mutating func endSheet() {
    guard sheet != nil else { return }
    sheet = nil
    lineOfAreaComplaint = nil
    swapSpacing()
  }

  /// Puts something on the sheet with `put`, which returns whether it is inside the area; complains once a line.
  private mutating func putOnSheet(_ put: (inout PageSheet) -> Bool) {
    guard var open = sheet.take() else { return }
    defer { sheet = open }
    guard open.items.count < limits.items / 4 else { return complainOfLimit() }
    guard !put(&open), lineOfAreaComplaint != open.line else { return }
    lineOfAreaComplaint = open.line
    complain(.outsideArea)
  }
}
