public import POSWire

extension LinearSymbol {
  /// Dots of a symbol this wide with its quiet zones.
  public func width(module: Int) -> Int { totalModules * module }

  /// Draws the symbol with quiet zones and, unless `showsText` is false, its characters below.
  ///
  /// - Parameters:
  ///   - module: dots in a module, 1 to 8.
  ///   - height: dots of the bars, 1 to 1000; guard bars of EAN and UPC are longer.
  /// - Throws: `value` when either is out of its range.
  public func bitmap(module: Int, height: Int, showsText: Bool = true) throws(WireError) -> Bitmap {
    try Self.check(module: module, height: height)
    let width = width(module: module)
    let rowBytes = (width + 7) / 8
    // There are only a few different rows. Each is drawn once and copied as bytes.
    let bars = row(module: module, width: width, longOnly: false)
    var rows: [UInt8] = []
    rows.reserveCapacity(rowBytes * (height + (1 + PlainFont.rows) * module))
    for _ in 0..<height { rows.append(contentsOf: bars) }
    appendFoot(to: &rows, module: module, showsText: showsText, rowBytes: rowBytes)
    guard let bitmap = Bitmap(width: width, packed: rows, height: rows.count / max(1, rowBytes)) else {
      throw WireError(.value, at: 0, field: "bitmap size")
    }
    return bitmap
  }

  /// - Throws: `value` for a module or height that is not drawn.
  public static func check(module: Int, height: Int) throws(WireError) {
    guard EAN13.Geometry.modules.contains(module) else {
      throw WireError(.value, at: 0, field: "module width")
    }
    guard EAN13.Geometry.barHeights.contains(height) else {
      throw WireError(.value, at: 0, field: "bar height")
    }
  }

  /// One packed row of bars, or of the long bars alone.
  private func row(module: Int, width: Int, longOnly: Bool) -> [UInt8] {
    var row = [UInt8](repeating: 0, count: (width + 7) / 8)
    for index in modules.indices where modules[index] {
      if longOnly, !longBars.contains(where: { $0.contains(index) }) { continue }
      Self.blacken(&row, (leftQuietZone + index) * module, count: module)
    }
    return row
  }

  /// What stands below the bars: the rest of the long ones, and the text.
  private func appendFoot(to rows: inout [UInt8], module: Int, showsText: Bool, rowBytes: Int) {
    let width = width(module: module)
    let empty = [UInt8](repeating: 0, count: rowBytes)
    let long = longBars.isEmpty ? empty : row(module: module, width: width, longOnly: true)
    if !showsText {
      guard !longBars.isEmpty else { return }
      for _ in 0..<(EAN13.guardDrop * module) { rows.append(contentsOf: long) }
      return
    }
    // EAN digits have the size of their codes; other texts shrink until they fit.
    var scale = module
    while labels.isEmpty, scale > 1, text.count * PlainFont.pitch * scale > width { scale -= 1 }
    for _ in 0..<scale { rows.append(contentsOf: long) }
    var line = empty
    for fontRow in 0..<PlainFont.rows {
      // The first module below the bars is spent: guard bars end after the fifth.
      let isLong = fontRow + 1 < EAN13.guardDrop
      for index in line.indices { line[index] = isLong ? long[index] : 0 }
      if labels.isEmpty {
        let left = (width - text.count * PlainFont.pitch * scale) / 2
        for (index, character) in text.enumerated() {
          Self.draw(character, fontRow, at: left + index * PlainFont.pitch * scale, scale, on: &line)
        }
      } else {
        for label in labels {
          Self.draw(
            label.character, fontRow, at: (leftQuietZone + label.module + 1) * module, scale, on: &line)
        }
      }
      for _ in 0..<scale { rows.append(contentsOf: line) }
    }
  }

  private static func draw(_ character: UInt8, _ fontRow: Int, at x: Int, _ scale: Int, on row: inout [UInt8])
  {
    let dots = PlainFont.row(fontRow, of: character)
    guard x >= 0, x + PlainFont.columns * scale <= row.count * 8 else { return }
    for column in 0..<PlainFont.columns where dots >> UInt8(PlainFont.columns - 1 - column) & 1 == 1 {
      blacken(&row, x + column * scale, count: scale)
    }
  }

  private static func blacken(_ row: inout [UInt8], _ x: Int, count: Int) {
    for dot in x..<(x + count) { row[dot / 8] |= 0x80 >> UInt8(dot & 7) }
  }
}

/// Printable ASCII as a grid of 5 × 7 squares, each one module wide, so that an EAN digit fills the width of its code.
enum PlainFont {
  static let columns = 5
  static let rows = 7
  /// From one character to the next.
  static let pitch = 6

  /// Five dots of a character, leftmost highest; none outside printable ASCII.
  static func row(_ row: Int, of character: UInt8) -> UInt8 {
    guard (0x20..<0x7F).contains(character), (0..<rows).contains(row) else { return 0 }
    let index = Int(character - 0x20) * rows + row
    let digit = glyphs.withUTF8Buffer { $0[index] }
    return digit < 0x40 ? digit - 0x30 : digit - 0x37
  }

  /// Seven rows a character, each a digit to base 32.
  private static let glyphs: StaticString = """
    0000000\
    4444404AAA00000AVAVA04FKE5U4OP248J3CIK8LID448000024888428422248\
    04LEL40044V4400000448000V00000000CC01248G0\
    EHJLPHE4CK444VEH168GVV2461HE26AIV22VGU11HE68GUHHEV124888EHHEHHEEHHF12C\
    0CC0CC00CC0C48248G84200V0V00G84248GEH12404EH1DLLE\
    EHHVHHHUHHUHHUEHGGGHESIHHHISVGGUGGVVGGUGGGEHGNHHFHHHVHHHE44444E72222IC\
    HIKOKIHGGGGGGVHRLLHHHHHPLJHHEHHHHHEUHHUGGGEHHHLIDUHHUKIHFGGE11UV444444\
    HHHHHHEHHHHHA4HHHLLLAHHA4AHHHHHA444V1248GV\
    E88888E0G84210E22222E4AH0000000000V8420000\
    00E1FHFGGMPHHU00EGGHE11DJHHF00EHVGE698S8880FHHF1EGGMPHHH40C444E20622IC\
    GGIKOKIC44444E00QLLHH00MPHHH00EHHHE00UHUGG00DJF1100MPGGG00EGE1U88S8896\
    00HHHJD00HHHA400HHLLA00HA4AH00HHF1E00V248V\
    244844244444448442448008L200
    """
}
