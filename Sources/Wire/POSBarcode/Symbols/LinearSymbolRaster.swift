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
    var picture = Bitmap(
      width: width(module: module), height: height + footRows(module: module, showsText: showsText))
    // There are only a few different rows. Each is drawn once and copied as bytes.
    drawBars(on: &picture, row: 0, module: module, longOnly: false)
    picture.repeatRow(0, times: height)
    drawFoot(on: &picture, from: height, module: module, showsText: showsText)
    return picture
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

  /// Bars in one row, or the long ones alone.
  private func drawBars(on picture: inout Bitmap, row: Int, module: Int, longOnly: Bool) {
    for index in modules.indices where modules[index] {
      if longOnly, !longBars.contains(where: { $0.contains(index) }) { continue }
      picture.fill(x: (leftQuietZone + index) * module, y: row, width: module, height: 1)
    }
  }

  /// Rows below the bars.
  private func footRows(module: Int, showsText: Bool) -> Int {
    guard showsText else { return longBars.isEmpty ? 0 : EAN13.guardDrop * module }
    return (1 + PlainFont.rows) * textScale(module: module)
  }

  /// Dots in a module of the text: EAN digits have the size of their codes, other texts shrink until they fit.
  private func textScale(module: Int) -> Int {
    var scale = module
    while labelModules.isEmpty, scale > 1, text.count * PlainFont.pitch * scale > width(module: module) {
      scale -= 1
    }
    return scale
  }

  /// What stands below the bars, from row `top` on: the rest of the long ones, and the text.
  private func drawFoot(on picture: inout Bitmap, from top: Int, module: Int, showsText: Bool) {
    guard picture.height > top else { return }
    drawBars(on: &picture, row: top, module: module, longOnly: true)
    guard showsText else { return picture.repeatRow(top, times: EAN13.guardDrop * module) }
    let scale = textScale(module: module)
    picture.repeatRow(top, times: scale)
    let left = (picture.width - text.count * PlainFont.pitch * scale) / 2
    for fontRow in 0..<PlainFont.rows {
      let row = top + (1 + fontRow) * scale
      // The first module below the bars is spent: guard bars end after the fifth.
      if fontRow + 1 < EAN13.guardDrop { drawBars(on: &picture, row: row, module: module, longOnly: true) }
      for index in text.indices {
        let x =
          labelModules.isEmpty
          ? left + index * PlainFont.pitch * scale : (leftQuietZone + labelModules[index] + 1) * module
        Self.draw(text[index], fontRow, at: x, row, scale, on: &picture)
      }
      picture.repeatRow(row, times: scale)
    }
  }

  private static func draw(
    _ character: UInt8, _ fontRow: Int, at x: Int, _ row: Int, _ scale: Int, on picture: inout Bitmap
  ) {
    let dots = PlainFont.row(fontRow, of: character)
    guard x >= 0, x + PlainFont.columns * scale <= picture.rowBytes * 8 else { return }
    for column in 0..<PlainFont.columns where dots >> UInt8(PlainFont.columns - 1 - column) & 1 == 1 {
      picture.fill(x: x + column * scale, y: row, width: scale, height: 1)
    }
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
