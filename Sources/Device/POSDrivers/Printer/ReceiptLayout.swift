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

  /// A character in its style.
  private struct StyledCharacter {
    var scalar: Unicode.Scalar
    var style: ReceiptDocument.Style
  }

  private let profile: PrinterProfile
  private let route: BarcodeRoute

  /// A layout for printers of this profile.
  public init(_ profile: PrinterProfile, barcodes route: BarcodeRoute = .auto) {
    self.profile = profile
    self.route = route
  }

  /// The whole job.
  ///
  /// - Throws: `printer.does_not_fit` for a bar code or picture wider than the paper, `input.malformed` for bar code
  ///   data, module or height that cannot be drawn, `device.unsupported` for another symbology than EAN-13 and UPC-A
  ///   or for the native route on a printer without it.
  public func escpos(_ document: ReceiptDocument) throws(DeviceError) -> [UInt8] {
    var encoder = ESCPOSEncoder(codePages: profile.codePages, reservingCapacity: 4096)
    encoder.initialize()
    if profile.startsInDoubleByteMode { encoder.cancelDoubleByte() }
    for (index, block) in document.blocks.enumerated() {
      do throws(DeviceError) {
        try append(block, to: &encoder)
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
      appendText(runs, alignment, to: &encoder)
    case .columns(let left, let right, let style):
      appendColumns(left, right, style, to: &encoder)
    case .row(let columns, let style):
      try appendRow(columns, style, to: &encoder)
    case .rule(let rule):
      encoder.align(.left)
      encoder.select(ESCPOSEncoder.TextStyle())
      encoder.text(Array(repeating: Self.stroke(rule), count: profile.columns))
      encoder.lineFeed()
    case .barcode(let barcode):
      try append(barcode, to: &encoder)
    case .image(let picture):
      guard picture.width <= profile.dots else {
        throw doesNotFit("the picture is \(picture.width) dots wide")
      }
      encoder.align(.centre)
      try append(ESCPOSEncoder.separateRealTimePairs(in: picture), to: &encoder)
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

  private func appendText(
    _ runs: [ReceiptDocument.Run], _ alignment: ReceiptDocument.Alignment, to encoder: inout ESCPOSEncoder
  ) {
    encoder.align(wire(alignment))
    for paragraph in paragraphs(runs) {
      let lines = TextWrap.lines(
        of: paragraph, width: profile.columns, scalar: { $0.scalar },
        cells: { CellWidth.cells($0.scalar) * $0.style.width })
      for line in lines { append(line, to: &encoder) }
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
  private func append(_ line: [StyledCharacter], to encoder: inout ESCPOSEncoder) {
    var start = 0
    while start < line.count {
      let style = line[start].style
      let end = line[start...].firstIndex { $0.style != style } ?? line.count
      encoder.select(printerStyle(style))
      encoder.text(line[start..<end].map(\.scalar))
      start = end
    }
    encoder.lineFeed()
  }

  private func appendRow(
    _ columns: [ReceiptDocument.Column], _ style: ReceiptDocument.Style, to encoder: inout ESCPOSEncoder
  ) throws(DeviceError) {
    encoder.align(.left)
    encoder.select(printerStyle(style))
    let table = TextTable(columns.map { .init(width: $0.width, alignment: wire($0.alignment)) })
    let cells = columns.map { column in
      Array(paragraphs(column.text).joined(separator: [" " as Unicode.Scalar]))
    }
    guard let lines = table.lines(cells, width: self.columns(style)) else {
      throw doesNotFit("the columns of a row do not fit \(self.columns(style)) characters")
    }
    for line in lines {
      encoder.text(line)
      encoder.lineFeed()
    }
  }

  private func appendColumns(
    _ left: String, _ right: String, _ style: ReceiptDocument.Style, to encoder: inout ESCPOSEncoder
  ) {
    encoder.align(.left)
    encoder.select(printerStyle(style))
    let width = columns(style)
    let right = paragraphs(right).flatMap { $0 }
    // The right part keeps to one line, with a space before it, unless it takes more than that line.
    let standsBeside = right.count + 2 <= width
    let leftWidth = standsBeside ? width - right.count - 1 : width
    var lines = paragraphs(left).flatMap { TextWrap.lines(of: $0, width: leftWidth) }
    if standsBeside {
      let first = lines.isEmpty ? [] : lines.removeFirst()
      let gap = [Unicode.Scalar](repeating: " ", count: width - first.count - right.count)
      lines.insert(first + gap + right, at: 0)
    } else {
      for line in TextWrap.lines(of: right, width: width) {
        lines.append([Unicode.Scalar](repeating: " ", count: width - line.count) + line)
      }
    }
    for line in lines {
      encoder.text(line)
      encoder.lineFeed()
    }
  }

  /// The same for text of several styles.
  private func paragraphs(_ runs: [ReceiptDocument.Run]) -> [[StyledCharacter]] {
    var result: [[StyledCharacter]] = [[]]
    for run in runs {
      for (index, line) in paragraphs(run.text).enumerated() {
        if index > 0 { result.append([]) }
        result[result.count - 1] += line.map { StyledCharacter(scalar: $0, style: run.style) }
      }
    }
    return result
  }

  /// The lines of `text` as the printer will print them: one scalar a cell.
  private func paragraphs(_ text: String) -> [[Unicode.Scalar]] {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      profile.codePages.printable(line.filter { $0 != "\r" })
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
        throw DeviceError(
          .unsupported, during: operation,
          detail: field == "symbology"
            ? "no drawing of \(barcode.symbology.name)" : "\(profile.name): \(field)",
          hint: route == .native ? "use --route raster" : nil)
      case (let reason, let field):
        throw DeviceError(
          .badInput, during: operation, detail: "\(field): \(reason.name)",
          hint: route == .native ? "use --route raster" : nil)
      }
    }
  }

  private func append(_ picture: Bitmap, to encoder: inout ESCPOSEncoder) throws(DeviceError) {
    let rows = profile.pictures.rows(ofBytes: picture.rowBytes)
    do throws(WireError) {
      try encoder.raster(picture, bandRows: rows)
    } catch {
      throw doesNotFit("\(error.field): \(error.reason.name)")
    }
  }

  private func doesNotFit(_ detail: String) -> DeviceError {
    DeviceError(
      .doesNotFit, during: "laying out a receipt for \(profile.name)",
      detail: "\(detail), the paper has \(profile.dots)")
  }
}
