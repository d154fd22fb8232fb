import POSBarcode

/// Page mode: areas of a sheet are written in any of four directions, then the sheet is printed as a whole
/// (Epson, ESC/POS, `ESC L`, `ESC W`, `ESC T`, `GS $`, `FF`).
///
/// Everything stands on the base line, which begins a character below the area's edge and which `GS $` moves. That it is
/// the lower edge of pictures and bars too is inferred: the manuals speak of the position alone.
struct PageSheet: Sendable {
  /// A part of the sheet, in dots.
  struct Area: Sendable, Equatable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int

    func touches(_ item: PrintedPage.Item) -> Bool {
      guard let box = item.box else { return false }
      return box.x < x + width && x < box.x + box.width && box.y < y + height && y < box.y + box.height
    }
  }

  private(set) var items: [PrintedPage.Item] = []
  /// Whether all that stands on it has been printed, and all that came before the area was chosen.
  private(set) var isPrinted = true
  private var wasPrinted = true
  private(set) var area: Area
  /// How the text is turned: where it runs to.
  private(set) var turn = PrintedPage.Turn.none
  /// Dots from the area's beginning, along the text.
  private(set) var position = 0
  private var baseline: Int
  private let firstBaseline: Int
  /// The lowest edge of the areas that were chosen; `nil` while none was.
  private var chosenBottom: Int?
  /// Counts base lines, for the text of the page.
  private(set) var line = 0
  /// Those of ``items`` that came before the area was chosen, and whether they have been taken out of it.
  private var itemsBefore = 0
  private var hasClearedOlder = true
  /// Where the last item of ``items`` begins, if it is text that may go on.
  private var openRun: Int?

  /// A sheet that is one area, whose first base line is so many dots down.
  init(_ area: Area, firstBaseline: Int) {
    self.area = area
    self.firstBaseline = firstBaseline
    baseline = firstBaseline
  }

  /// Dots of paper that it takes.
  var height: Int { chosenBottom ?? area.y + area.height }

  /// Dots along the text.
  var length: Int { turn.isSideways ? area.height : area.width }
  private var depth: Int { turn.isSideways ? area.width : area.height }

  // MARK: - The position

  mutating func choose(_ area: Area) {
    self.area = area
    itemsBefore = items.count
    wasPrinted = isPrinted
    hasClearedOlder = false
    chosenBottom = max(chosenBottom ?? 0, area.y + area.height)
    goToStart()
  }

  mutating func choose(_ turn: PrintedPage.Turn) {
    self.turn = turn
    goToStart()
  }

  private mutating func goToStart() {
    position = 0
    setBaseline(firstBaseline)
  }

  /// Moves along the text; to a place outside the area it does not.
  mutating func move(to place: Int) {
    guard (0...length).contains(place) else { return }
    position = place
    openRun = nil
  }

  /// Moves the base line; to a place outside the area it does not.
  mutating func moveBaseline(to place: Int) {
    guard (0...depth).contains(place) else { return }
    setBaseline(place)
  }

  mutating func moveBaseline(by dots: Int) { moveBaseline(to: baseline + dots) }

  mutating func newLine(feeding dots: Int) {
    position = 0
    setBaseline(min(baseline + dots, depth + firstBaseline))
  }

  private mutating func setBaseline(_ place: Int) {
    baseline = place
    openRun = nil
    line &+= 1
  }

  // MARK: - What stands on it

  /// Puts a character of a look; returns whether it is all inside the area.
  mutating func put(_ scalar: Unicode.Scalar, _ look: PrintedPage.TextRun) -> Bool {
    let start = position
    let width = look.cellWidth * look.widthFactor
    position += width
    isPrinted = false
    if let openRun, case .text(var run) = items.last, run.looks(like: look) {
      items.removeLast()  // so that the scalars are not shared while they grow
      run.scalars.append(scalar)
      items.append(.text(placed(run, at: openRun)))
    } else {
      var run = look
      run.scalars = [scalar]
      openRun = start
      items.append(.text(placed(run, at: start)))
    }
    return contains(start, baseline - look.height, width, look.height)
  }

  private func placed(_ run: PrintedPage.TextRun, at start: Int, below top: Int? = nil) -> PrintedPage.TextRun
  {
    var run = run
    run.line = line
    run.turn = turn
    (run.x, run.y) = corner(start, top ?? baseline - run.height, run.width, run.height)
    return run
  }

  /// Puts a picture; returns whether it is all inside the area.
  mutating func put(_ picture: Bitmap) -> Bool {
    let place = takePlace(picture.width, picture.height)
    items.append(.bitmap(.init(picture.turned(turn.quarters), x: place.x, y: place.y)))
    return place.isInside
  }

  /// Puts a symbol, whose ``PrintedPage/Symbol/hri`` have their places from the upper left corner of its bars; returns
  /// whether its bars are inside the area.
  mutating func put(_ symbol: PrintedPage.Symbol) -> Bool {
    var symbol = symbol
    symbol.turn = turn
    symbol.drawing = symbol.drawing?.turned(turn.quarters)
    let (start, top) = (position, baseline - symbol.height)
    symbol.hri = symbol.hri.map { placed($0, at: start + $0.x, below: top + $0.y) }
    let place = takePlace(symbol.width, symbol.height)
    (symbol.x, symbol.y) = (place.x, place.y)
    items.append(.symbol(symbol))
    return place.isInside
  }

  /// The place of a box on the base line at the position, which moves behind it.
  private mutating func takePlace(_ width: Int, _ height: Int) -> (x: Int, y: Int, isInside: Bool) {
    let (start, top) = (position, baseline - height)
    position += width
    openRun = nil
    isPrinted = false
    let (x, y) = corner(start, top, width, height)
    return (x, y, contains(start, top, width, height))
  }

  /// `CAN`: takes away what stands in the area, whenever it came there, and whole where a printer would leave the parts
  /// outside. What came before the area was chosen is looked through once.
  mutating func clearArea() {
    items.removeSubrange(itemsBefore...)
    openRun = nil
    isPrinted = wasPrinted
    if !hasClearedOlder {
      items.removeAll { area.touches($0) }
      itemsBefore = items.count
      hasClearedOlder = true
    }
    if items.isEmpty { isPrinted = true }
  }

  /// All that stands on it has been printed.
  mutating func wasWhollyPrinted() {
    isPrinted = true
    wasPrinted = true
  }

  /// What stands on it, `dots` further down and in lines that count from `line`, without what is wholly beside it.
  func printed(at dots: Int, line: Int) -> [PrintedPage.Item] {
    func moved(_ run: PrintedPage.TextRun) -> PrintedPage.TextRun {
      var run = run
      run.y += dots
      run.line &+= line
      return run
    }
    return items.compactMap { item in
      if let box = item.box, box.y + box.height <= 0 || box.y >= height { return nil }
      switch item {
      case .text(let run): return .text(moved(run))
      case .bitmap(var placed):
        placed.y += dots
        return .bitmap(placed)
      case .symbol(var symbol):
        symbol.y += dots
        symbol.hri = symbol.hri.map(moved)
        return .symbol(symbol)
      case .cut, .drawer: return item
      }
    }
  }

  /// Whether a box, measured along the text and down its lines, is inside the area.
  private func contains(_ along: Int, _ down: Int, _ width: Int, _ height: Int) -> Bool {
    along >= 0 && down >= 0 && along + width <= length && down + height <= depth
  }

  /// The upper left corner, on the sheet, of such a box.
  private func corner(_ along: Int, _ down: Int, _ width: Int, _ height: Int) -> (x: Int, y: Int) {
    switch turn {
    case .none: (area.x + along, area.y + down)
    case .left: (area.x + down, area.y + area.height - along - width)
    case .halfway: (area.x + area.width - along - width, area.y + area.height - down - height)
    case .right: (area.x + area.width - down - height, area.y + along)
    }
  }
}
