import POSBarcode
public import POSWire

extension ESCPOSEncoder {
  /// Prints a bar code, centred, in plain style. Only at the start of a line; on a sheet, where it was moved to.
  ///
  /// ``SymbolRoute/auto`` compares the routes that the printer can do exactly and takes the one with the fewest bytes:
  /// the printer's own drawing; strips of `ESC *` whose dots are three lines high; `GS v 0` with doubled dots; a
  /// raster cropped to the bars. Of the software's symbols the modules are whole dots, and the text below is printed as
  /// text. Quiet zones are left white on all sides, whoever draws: the paper is fed past those above and below, but in
  /// page mode, where they are for the caller to leave.
  ///
  /// - Returns: the route taken: native or raster.
  /// - Throws: what ``LinearSymbol/init(_:ascii:)`` and ``QRCode/init(_:level:)`` throw; `lengthOverLimit` for a symbol
  ///   wider than the paper with its quiet zones; `unsupported` for a route or symbology the printer cannot do, or for
  ///   data that only it could draw and that would spell a real-time command; `value` for a module or height out of
  ///   range. Nothing has been appended then.
  @discardableResult
  public mutating func symbol(
    _ request: SymbolRequest, on printer: SymbolSupport, route: SymbolRoute = .auto
  ) throws(WireError) -> SymbolRoute {
    let prepared = try PreparedSymbol(request)
    let start = withoutBytes
    var best: (route: SymbolRoute, encoder: ESCPOSEncoder)?
    var failure = WireError(.unsupported, at: 0, field: "printer without this symbol")
    func consider(_ taken: SymbolRoute, _ candidate: ESCPOSEncoder) {
      if let found = best, found.encoder.bytes.count <= candidate.bytes.count { return }
      best = (taken, candidate)
    }
    if route != .raster {
      var candidate = start
      do throws(WireError) {
        try candidate.appendNative(request, prepared, printer)
        consider(.native, candidate)
      } catch {
        failure = error
      }
    }
    // Nothing is shorter than the data themselves.
    if route != .native, best == nil {
      do throws(WireError) {
        for ways in SymbolStrips.allCases {
          var candidate = start
          if try candidate.appendDrawn(request, prepared, printer, ways) { consider(.raster, candidate) }
        }
      } catch {
        failure = error
      }
    }
    guard let best else { throw failure }
    append(best.encoder)
    return best.route
  }

  /// A too wide symbol is silently not printed, so the width is found here.
  static func fit(_ dots: Int, _ printer: SymbolSupport) throws(WireError) {
    guard dots <= printer.dots else {
      throw WireError(.lengthOverLimit, at: printer.dots, field: "symbol width")
    }
  }

  // MARK: - Drawn here

  /// One way to send the dots. `false` when the printer does not know it or it would not be exact.
  private mutating func appendDrawn(
    _ request: SymbolRequest, _ prepared: PreparedSymbol, _ printer: SymbolSupport, _ ways: SymbolStrips
  ) throws(WireError) -> Bool {
    guard printer.pictures.commands.isSuperset(of: ways.command) else { return false }
    switch prepared {
    case .dataBar, .nativeOnly: return false
    case .qr(let code):
      try Self.fit(code.width(module: request.module), printer)
      return try appendDrawn(code, module: request.module, printer, ways)
    case .linear(let symbol):
      try Self.fit(symbol.width(module: request.module), printer)
      return try appendDrawn(symbol, request, printer, ways)
    }
  }

  private mutating func appendDrawn(
    _ code: QRCode, module: Int, _ printer: SymbolSupport, _ ways: SymbolStrips
  ) throws(WireError) -> Bool {
    let scale: Int
    switch ways {
    case .raster, .columns24, .graphics: scale = 1
    case .rasterBoth: scale = 2
    case .columns8, .rasterDown: return false
    }
    guard module % scale == 0 else { return false }
    let picture = try code.bitmap(module: module / scale, quietZone: 0)
    select(TextStyle())
    align(.centre)
    feedQuietZone(of: .qr, module: module, printer)
    guard try appendDots(picture, printer, ways) else { return false }
    feedQuietZone(of: .qr, module: module, printer)
    return true
  }

  private mutating func appendDrawn(
    _ symbol: LinearSymbol, _ request: SymbolRequest, _ printer: SymbolSupport, _ ways: SymbolStrips
  ) throws(WireError) -> Bool {
    let module = request.module
    select(TextStyle())
    align(.centre)
    // Rows that a dot of this way is high, and dots that it is wide.
    let across = ways == .rasterBoth ? 2 : 1
    guard module % across == 0 else { return false }
    let down: Int
    switch ways {
    case .columns8: down = 24
    case .columns24: down = 24
    case .rasterDown, .rasterBoth: down = 2
    case .raster, .graphics: down = 1
    }
    let height = (request.height + down - 1) / down * down
    switch ways {
    case .columns8, .columns24:
      let bytes = ways == .columns8 ? 1 : 3
      guard beginStrips(printer) else { return false }
      for _ in 0..<(height / 24) {
        appendStrip(symbol.modules, module: module, bytes: bytes, rows: 8 * bytes)
        lineFeed()
      }
      endStrips()
    case .raster, .rasterDown, .rasterBoth, .graphics:
      let rows = height / (ways == .rasterDown || ways == .rasterBoth ? 2 : 1)
      let picture = Bitmap(bars: symbol.modules, module: module / across, height: rows)
      guard try appendDots(picture, printer, ways) else { return false }
    }
    appendFoot(of: symbol, request, printer)
    return true
  }

  /// Feeds past the white modules that a symbol of rows needs above it and below it: the line before ends, and the next
  /// one begins, right at its dots.
  mutating func feedQuietZone(of symbology: Symbology, module: Int, _ printer: SymbolSupport) {
    let modules =
      switch symbology {
      case .qr: QRCode.quietZone
      case .pdf417: 2
      case .dataMatrix: 1
      // Bar codes have theirs at the sides; an Aztec code needs none.
      default: 0
      }
    // On a sheet a feed is a new line.
    if !isOnSheet { feed(units: printer.verticalUnits(atLeast: modules * module)) }
  }

  /// A raster, moved a dot aside where its bytes spell a real-time command: a bar code's dots stay what they are
  /// (specs/escpos.md §2.10).
  private mutating func appendDots(
    _ picture: Bitmap, _ printer: SymbolSupport, _ ways: SymbolStrips
  ) throws(WireError) -> Bool {
    for shift in 0..<8 {
      let moved = shift == 0 ? picture : picture.shifted(right: shift)
      guard !Self.hasRealTimePair(moved.bytes[...]) else { continue }
      switch ways {
      case .raster: try raster(moved, bandRows: printer.pictures.rows(ofBytes: moved.rowBytes))
      case .rasterDown:
        try raster(moved, bandRows: printer.pictures.rows(ofBytes: moved.rowBytes), doubling: .down)
      case .rasterBoth:
        try raster(moved, bandRows: printer.pictures.rows(ofBytes: moved.rowBytes), doubling: .both)
      case .graphics: try graphics(moved, on: printer.pictures)
      case .columns24:
        guard beginStrips(printer) else { return false }
        columns(moved)
        endStrips()
      case .columns8: return false
      }
      return true
    }
    return false
  }

  /// Sets the line spacing to a strip's 24 lines, so that strips join; `false` where the printer's units cannot.
  mutating func beginStrips(_ printer: SymbolSupport) -> Bool {
    guard let units = printer.verticalUnits(24), units <= 255 else { return false }
    lineSpacing(UInt8(units))
    return true
  }

  mutating func endStrips() { defaultLineSpacing() }

  /// `ESC *` in double density: a row of modules, so many dots high from the top.
  private mutating func appendStrip(_ modules: some Collection<Bool>, module: Int, bytes: Int, rows: Int) {
    let dots = modules.count * module
    var column: [UInt8] = []
    for byte in 0..<bytes { column.append(Self.topBits(min(8, max(0, rows - 8 * byte)))) }
    append([0x1B, 0x2A, bytes == 1 ? 1 : 33, UInt8(dots & 0xFF), UInt8(dots >> 8)])
    let white = [UInt8](repeating: 0, count: bytes)
    for isBar in modules {
      for _ in 0..<module { append(isBar ? column : white) }
    }
  }

  private static func topBits(_ count: Int) -> UInt8 {
    count == 0 ? 0 : UInt8(truncatingIfNeeded: 0xFF00 >> count)
  }

  /// The long bars of EAN and UPC with their digits between them, in one line; of others the text.
  private mutating func appendFoot(
    of symbol: LinearSymbol, _ request: SymbolRequest, _ printer: SymbolSupport
  ) {
    let module = request.module
    let bytes: Int
    if printer.pictures.commands.contains(.columns8) {
      bytes = 1
    } else if printer.pictures.commands.contains(.columns24) {
      bytes = 3
    } else {
      bytes = 0
    }
    let spacing = 7 * module - printer.cell.width
    guard bytes > 0, !symbol.labels.isEmpty, spacing >= 0 || !request.showsText else {
      if request.showsText, !symbol.text.isEmpty {
        text(symbol.text.map { Unicode.Scalar($0) })
        lineFeed()
      }
      return
    }
    // A cell of seven modules for every digit: the spaces between characters make it so wide.
    let rows = bytes == 1 ? min(8, (EAN13.guardDrop * module + 2) / 3) : min(24, EAN13.guardDrop * module)
    if request.showsText { characterSpacing(UInt8(spacing)) }
    var labels = symbol.labels[...]
    var end = 0
    func isOutside(_ label: LinearSymbol.Label) -> Bool { label.module < 0 }
    if let first = labels.first, isOutside(first) {
      if request.showsText { text([Unicode.Scalar(first.character)]) }
      labels.removeFirst()
    }
    let hasLeft = labels.count < symbol.labels.count
    for bars in symbol.longBars {
      var gap = bars.lowerBound - end
      while let label = labels.first, label.module < bars.lowerBound, request.showsText {
        text([Unicode.Scalar(label.character)])
        labels.removeFirst()
        gap -= 7
      }
      if gap > 0 { moveRight(gap * module) }
      appendStrip(symbol.modules[bars], module: module, bytes: bytes, rows: rows)
      end = bars.upperBound
    }
    if request.showsText {
      // What stands at the left needs its like at the right, or the line is not centred under the bars.
      if let last = labels.first {
        text([Unicode.Scalar(last.character)])
      } else if hasLeft {
        text([" "])
      }
      characterSpacing(0)
    }
    lineFeed()
  }
}

/// The ways to send a symbol's dots.
enum SymbolStrips: CaseIterable {
  case columns8, rasterBoth, rasterDown, raster, graphics, columns24

  var command: PictureSupport.Commands {
    switch self {
    case .columns8: .columns8
    case .rasterBoth, .rasterDown: [.raster, .rasterDoubling]
    case .raster: .raster
    case .graphics: .graphics
    case .columns24: .columns24
    }
  }
}
