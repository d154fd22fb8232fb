import ESCPOS
import POSBarcode
public import POSModel
import POSWire

/// Turns a receipt into the bytes for one model of printer.
///
///     let bytes = try ReceiptLayout(.epsonTMT20II).escpos(receipt)
///
/// Everything is checked before the first byte exists: a bar code that is too wide or has a wrong check digit is an
/// error, not paper with garbage.
///
/// Given a font (``CharacterDrawing``), characters that the printer lacks and that have no likeness are drawn: as
/// `ESC *` in their place where the printer has that and they are of plain size, else with their whole line as a
/// picture, whichever takes fewer bytes. Cells are as wide either way. Where the font lacks another character of such a
/// line, the line is no picture, and what cannot be drawn in its place is spelt: nothing that the printer has is lost.
public struct ReceiptLayout: Sendable {
  /// Who draws bar codes.
  public enum BarcodeRoute: String, Sendable, CaseIterable {
    /// Whatever needs the fewest bytes and is exact on this printer.
    case auto
    /// The printer: few bytes, its own idea of digits and guard bars.
    case native
    /// This package: exact modules, dots on the wire.
    case raster

    /// The same for the encoder.
    var wire: SymbolRoute {
      switch self {
      case .auto: .auto
      case .native: .native
      case .raster: .raster
      }
    }
  }

  private let profile: PrinterProfile
  private let route: BarcodeRoute
  /// Draws what the printer lacks; `nil` where nobody has a font or the printer takes no dots.
  private let glyphs: (any CharacterDrawing)?

  /// A layout for printers of this profile.
  ///
  /// - Parameter glyphs: draws characters that the printer lacks, and text of the style `raster`.
  public init(
    _ profile: PrinterProfile, barcodes route: BarcodeRoute = .auto, glyphs: (any CharacterDrawing)? = nil
  ) {
    self.profile = profile
    self.route = route
    self.glyphs =
      profile.pictures.commands.isDisjoint(with: [.raster, .graphics, .columns24]) ? nil : glyphs
  }

  /// Bytes of a job: an hour at 19200 baud, fourteen metres of pictures across 80 mm.
  static let sizeLimit = 8 << 20

  /// The whole job.
  ///
  /// - Throws: `printer.does_not_fit` for a bar code or picture wider than the paper and for a job of more than 8 MiB,
  ///   `input.malformed` for bar code
  ///   data, module or height that cannot be drawn, `device.unsupported` for a symbology that neither the printer nor
  ///   this package draws, for the native route on a printer without it, and for text as a picture without a font or
  ///   on a printer without pictures.
  public func escpos(_ document: ReceiptDocument) throws(DeviceError) -> [UInt8] {
    var encoder = ESCPOSEncoder(codePages: profile.codePages, reservingCapacity: 4096)
    encoder.initialize()
    if profile.startsInDoubleByteMode { encoder.cancelDoubleByte() }
    for (index, block) in document.blocks.enumerated() {
      do throws(DeviceError) {
        try append(block, to: &encoder)
        guard encoder.bytes.count <= Self.sizeLimit else {
          throw DeviceError(
            .doesNotFit, during: "laying out a receipt for \(profile.name)",
            detail: "the job is longer than \(Self.sizeLimit >> 20) MiB", hint: "print it as several receipts"
          )
        }
      } catch {
        // The place in the document's JSON form, whose items are the blocks.
        var placed = error
        placed.detail = "$.items[\(index)]: \(error.detail)"
        throw placed
      }
    }
    return encoder.bytes
  }

  private func append(
    _ block: ReceiptDocument.Block, to encoder: inout ESCPOSEncoder
  ) throws(DeviceError) {
    switch block {
    case .text(let runs, let alignment):
      try append(alignment, to: &encoder) { (mayBePictures) throws(DeviceError) in
        try textLines(runs, mayBePictures)
      }
    case .columns(let left, let right, let style):
      try append(.left, to: &encoder) { (mayBePictures) throws(DeviceError) in
        try columnLines(left, right, style, mayBePictures)
      }
    case .row(let columns, let style):
      try append(.left, to: &encoder) { (mayBePictures) throws(DeviceError) in
        try rowLines(columns, style, mayBePictures)
      }
    case .rule(let rule):
      let stroke = Self.stroke(rule)
      encoder.align(.left)
      encoder.select(ESCPOSEncoder.TextStyle())
      encoder.text(Array(repeating: stroke, count: profile.columns / profile.cells(stroke, in: [])))
      encoder.lineFeed()
    case .barcode(let barcode):
      try append(barcode, to: &encoder)
    case .image(let picture):
      guard picture.width <= profile.dots else {
        throw doesNotFit("the picture is \(picture.width) dots wide")
      }
      encoder.align(.centre)
      try append(picture, to: &encoder)
    case .feed(let lines):
      var rest = lines
      while rest > 0 {
        encoder.feed(lines: UInt8(min(rest, 255)))
        rest -= 255
      }
    case .cut:
      switch profile.cutter {
      case .full: encoder.cut(.fullAfterFeeding(0))
      case .partial: encoder.cut(.partialAfterFeeding(0))
      case .tearBar(let lines): encoder.feed(lines: lines)
      }
    case .drawer(let pulse):
      do throws(WireError) {
        try encoder.drawer(pin: pulse.pin ?? profile.drawerPin, on: pulse.on, off: pulse.off)
      } catch {
        throw DeviceError(.badInput, during: "opening the drawer", detail: "\(error.field): out of range")
      }
    }
  }

  // MARK: - Text

  /// What a rule is made of; a page that lacks it gets a hyphen or an equals sign.
  private static func stroke(_ rule: ReceiptDocument.Rule) -> Unicode.Scalar {
    switch rule {
    case .single: "\u{2500}"
    case .double: "\u{2550}"
    case .dashed: "-"
    }
  }

  /// Prints the lines of a block.
  ///
  /// - Parameter lines: lays them out, with characters that only a picture of their whole line can show, or without.
  private func append(
    _ alignment: ReceiptDocument.Alignment, to encoder: inout ESCPOSEncoder,
    _ lines: (_ mayBePictures: Bool) throws(DeviceError) -> [[StyledCharacter]]
  ) throws(DeviceError) {
    var drawings = draw(try lines(true))
    // What is spelt instead is longer than what was to be drawn, so that the lines break elsewhere.
    if !drawings.allSatisfy({ $0.isWhole }) { drawings = draw(try lines(false)) }
    for drawing in drawings { try append(drawing, alignment, to: &encoder) }
  }

  private func draw(_ lines: [[StyledCharacter]]) -> [LineDrawing] {
    lines.map { LineDrawing($0, profile: profile, glyphs: glyphs) }
  }

  private func textLines(
    _ runs: [ReceiptDocument.Run], _ mayBePictures: Bool
  ) throws(DeviceError) -> [[StyledCharacter]] {
    try paragraphs(runs, mayBePictures).flatMap { paragraph in
      TextWrap.lines(
        of: paragraph, width: profile.columns, scalar: { $0.scalar }, cells: { $0.cells(on: profile) })
    }
  }

  private func wire(_ alignment: ReceiptDocument.Alignment) -> ESCPOSEncoder.Alignment {
    switch alignment {
    case .left: .left
    case .centre: .centre
    case .right: .right
    }
  }

  /// A line of characters, each in its style.
  private func append(
    _ drawing: LineDrawing, _ alignment: ReceiptDocument.Alignment, to encoder: inout ESCPOSEncoder
  ) throws(DeviceError) {
    encoder.align(wire(alignment))
    if drawing.isPicture {
      return try append(drawing.picture(alignment), to: &encoder)
    }
    let line = drawing.line
    var start = 0
    while start < line.count {
      let style = line[start].style
      let end = line[start...].firstIndex { $0.style != style } ?? line.count
      encoder.select(printerStyle(style))
      encoder.text(
        line[start..<end].lazy.map(\.scalar),
        drawing: drawing.hasDrawn ? { drawing.dots(of: $0, in: style) } : nil)
      start = end
    }
    encoder.lineFeed()
  }

  private func rowLines(
    _ columns: [ReceiptDocument.Column], _ style: ReceiptDocument.Style, _ mayBePictures: Bool
  ) throws(DeviceError) -> [[StyledCharacter]] {
    let table = TextTable(columns.map { .init(width: $0.width, alignment: wire($0.alignment)) })
    var cells: [[Unicode.Scalar]] = []
    for column in columns {
      let lines = try paragraphs(column.text, style, mayBePictures)
      cells.append(Array(lines.joined(separator: [" " as Unicode.Scalar])))
    }
    let width = self.columns(style)
    guard let lines = table.lines(cells, width: width, cells: { profile.cells($0, in: style) }) else {
      throw doesNotFit("the columns of a row, or a character in one of them, do not fit \(width) characters")
    }
    return styled(lines, style)
  }

  private func columnLines(
    _ left: String, _ right: String, _ style: ReceiptDocument.Style, _ mayBePictures: Bool
  ) throws(DeviceError) -> [[StyledCharacter]] {
    let width = columns(style)
    func cells(_ scalar: Unicode.Scalar) -> Int { profile.cells(scalar, in: style) }
    func length(_ text: [Unicode.Scalar]) -> Int { text.reduce(0) { $0 + cells($1) } }
    let right = try paragraphs(right, style, mayBePictures).flatMap { $0 }
    let rightWidth = length(right)
    let left = try paragraphs(left, style, mayBePictures)
    let widest = left.joined().reduce(1) { max($0, cells($1)) }
    // The right part keeps to one line, with a space before it, unless that leaves no room for a character.
    let standsBeside = rightWidth + 1 + widest <= width
    let leftWidth = standsBeside ? width - rightWidth - 1 : width
    var lines = left.flatMap {
      TextWrap.lines(of: $0, width: leftWidth, cells: cells)
    }
    if standsBeside {
      let first = lines.isEmpty ? [] : lines.removeFirst()
      let gap = [Unicode.Scalar](repeating: " ", count: max(0, width - length(first) - rightWidth))
      lines.insert(first + gap + right, at: 0)
    } else {
      for line in TextWrap.lines(of: right, width: width, cells: cells) {
        lines.append([Unicode.Scalar](repeating: " ", count: max(0, width - length(line))) + line)
      }
    }
    return styled(lines, style)
  }

  /// Lines of one style.
  private func styled(
    _ lines: [[Unicode.Scalar]], _ style: ReceiptDocument.Style
  ) -> [[StyledCharacter]] {
    lines.map { line in line.map { StyledCharacter(scalar: $0, style: style) } }
  }

  /// The lines of text of several styles, as they will be printed.
  private func paragraphs(
    _ runs: [ReceiptDocument.Run], _ mayBePictures: Bool
  ) throws(DeviceError) -> [[StyledCharacter]] {
    var result: [[StyledCharacter]] = [[]]
    for run in runs {
      let lines = styled(try paragraphs(run.text, run.style, mayBePictures), run.style)
      for (index, line) in lines.enumerated() {
        if index > 0 { result.append([]) }
        result[result.count - 1] += line
      }
    }
    return result
  }

  /// The lines of `text` as they will be printed: characters of the printer's pages, and drawn ones.
  ///
  /// - Parameter mayBePictures: whether to draw what cannot be drawn in its place, too.
  private func paragraphs(
    _ text: String, _ style: ReceiptDocument.Style, _ mayBePictures: Bool
  ) throws(DeviceError) -> [[Unicode.Scalar]] {
    let isRaster = style.contains(.raster)
    if isRaster, glyphs == nil {
      throw DeviceError(
        .unsupported, during: "laying out a receipt for \(profile.name)",
        detail: "text as a picture needs a font, and a printer that takes pictures",
        hint: "sudo apt-get install fonts-dejavu-core, or leave raster out")
    }
    return text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let line = line.filter { $0 != "\r" }
      guard let glyphs else { return profile.codePages.printable(line) }
      func isDrawn(_ scalar: Unicode.Scalar) -> Bool {
        (isRaster || mayBePictures || profile.drawsInPlace(style))
          && glyphs.draws(StyledCharacter(scalar: scalar, style: style), on: profile)
      }
      return isRaster
        ? profile.codePages.drawable(line, drawing: isDrawn)
        : profile.codePages.printable(line, drawing: isDrawn)
    }
  }

  private func columns(_ style: ReceiptDocument.Style) -> Int {
    max(1, profile.columns / style.width)
  }

  private func printerStyle(_ style: ReceiptDocument.Style) -> ESCPOSEncoder.TextStyle {
    var result = ESCPOSEncoder.TextStyle()
    result.isBold = style.contains(.bold)
    result.underline = style.contains(.underline) ? 1 : 0
    result.isInverse = style.contains(.inverse)
    result.width = UInt8(style.width)
    result.height = UInt8(style.height)
    return result
  }

  // MARK: - Dots

  private func append(_ barcode: ReceiptDocument.Barcode, to encoder: inout ESCPOSEncoder) throws(DeviceError)
  {
    let operation = "drawing the bar code '\(barcode.data)'"
    let request = SymbolRequest(
      barcode.symbology, data: Array(barcode.data.utf8), module: barcode.module, height: barcode.height)
    do throws(WireError) {
      try encoder.symbol(request, on: profile.symbolSupport, route: route.wire)
    } catch {
      switch (error.reason, "\(error.field)") {
      case (_, "symbol width"):
        throw doesNotFit("the bar code with its quiet zones is wider than that")
      case (.unsupported, let field):
        let detail =
          switch field {
          case "symbology", "symbol drawn by the printer":
            "\(profile.name) does not draw \(barcode.symbology.name) itself"
          default: "\(profile.name): \(field)"
          }
        throw DeviceError(
          .unsupported, during: operation, detail: detail,
          hint: route == .native ? "use --route raster" : "posctl barcode --help  # lists what can be drawn")
      case (let reason, let field):
        throw DeviceError(
          .badInput, during: operation, detail: "\(field): \(reason.name)",
          hint: route == .native ? "use --route raster" : nil)
      }
    }
  }

  private func append(_ picture: Bitmap, to encoder: inout ESCPOSEncoder) throws(DeviceError) {
    do throws(WireError) {
      try encoder.picture(picture, on: profile.symbolSupport)
    } catch {
      guard error.reason == .unsupported else { throw doesNotFit("\(error.field): \(error.reason.name)") }
      throw DeviceError(
        .unsupported, during: "laying out a receipt for \(profile.name)",
        detail: "this printer takes no pictures")
    }
  }

  private func doesNotFit(_ detail: String) -> DeviceError {
    DeviceError(
      .doesNotFit, during: "laying out a receipt for \(profile.name)",
      detail: "\(detail), the paper has \(profile.dots)")
  }
}
