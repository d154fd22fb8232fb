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
    /// The raster, which looks the same on every printer.
    case auto
    /// The printer: few bytes, its own idea of digits and guard bars.
    case native
    /// This package: exact modules, dots on the wire.
    case raster
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
    switch alignment {
    case .left: encoder.align(.left)
    case .centre: encoder.align(.centre)
    case .right: encoder.align(.right)
    }
    for paragraph in paragraphs(runs) {
      for line in TextWrap.lines(of: paragraph, width: profile.columns) { append(line, to: &encoder) }
    }
  }

  /// A line of characters, each in its style.
  private func append(_ line: [TextWrap.Cell], to encoder: inout ESCPOSEncoder) {
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
    let total = self.columns(style)
    let gaps = max(0, columns.count - 1)
    let fixed = columns.reduce(0) { $0 + max(0, $1.width ?? 0) }
    let sharing = columns.count { $0.width == nil }
    let left = total - gaps - fixed
    guard left >= sharing, columns.allSatisfy({ $0.width ?? 1 > 0 }) else {
      throw doesNotFit("the columns of a row take \(gaps + fixed + sharing) of \(total) characters")
    }
    // What an equal share leaves over goes to the first ones.
    var spare = sharing == 0 ? 0 : left % sharing
    let cells = columns.map { column -> (width: Int, lines: [[Unicode.Scalar]]) in
      var width = column.width ?? left / max(1, sharing)
      if column.width == nil, spare > 0 {
        width += 1
        spare -= 1
      }
      return (width, paragraphs(column.text).flatMap { TextWrap.lines(of: $0, width: width) })
    }
    for row in 0..<(cells.map(\.lines.count).max() ?? 0) {
      var line: [Unicode.Scalar] = []
      for (index, (column, cell)) in zip(columns, cells).enumerated() {
        if index > 0 { line.append(" ") }
        let text = row < cell.lines.count ? cell.lines[row] : []
        let space = max(0, cell.width - text.count)
        let before =
          switch column.alignment {
          case .left: 0
          case .centre: space / 2
          case .right: space
          }
        line += [Unicode.Scalar](repeating: " ", count: before) + text
        line += [Unicode.Scalar](repeating: " ", count: space - before)
      }
      while line.last == " " { line.removeLast() }
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
  private func paragraphs(_ runs: [ReceiptDocument.Run]) -> [[TextWrap.Cell]] {
    var result: [[TextWrap.Cell]] = [[]]
    for run in runs {
      for (index, line) in paragraphs(run.text).enumerated() {
        if index > 0 { result.append([]) }
        result[result.count - 1] += line.map { TextWrap.Cell(scalar: $0, style: run.style) }
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
    let symbol: EAN13
    let geometry: EAN13.Geometry
    let data = Array(barcode.data.utf8)
    do throws(WireError) {
      switch barcode.symbology {
      case .ean13: symbol = try EAN13(ascii: data.span)
      case .upcA: symbol = try EAN13(upcA: data.span)
      default:
        throw WireError(.unsupported, at: 0, field: "symbology")
      }
      geometry = try EAN13.Geometry(module: barcode.module, barHeight: barcode.height, showsDigits: true)
    } catch {
      throw DeviceError(
        error.reason == .unsupported ? .unsupported : .badInput, during: operation,
        detail: error.reason == .unsupported
          ? "no drawing of \(barcode.symbology.name)" : "\(error.field): \(error.reason.name)")
    }
    guard geometry.width <= profile.dots else {
      throw doesNotFit("the bar code is \(geometry.width) dots wide with its quiet zones")
    }
    encoder.align(.centre)
    guard route == .native else {
      let picture: Bitmap
      do throws(WireError) {
        picture = try symbol.bitmap(module: barcode.module, height: barcode.height)
      } catch {
        throw DeviceError(.badInput, during: operation, detail: "\(error.field): \(error.reason.name)")
      }
      return try append(picture, to: &encoder)
    }
    guard profile.drawsEAN13 else {
      throw DeviceError(
        .unsupported, during: operation, detail: "\(profile.name) is not known to draw it",
        hint: "use --route raster")
    }
    encoder.select(ESCPOSEncoder.TextStyle())
    do throws(WireError) {
      try encoder.nativeEAN13(symbol, module: barcode.module, height: barcode.height, hri: .below)
    } catch {
      throw DeviceError(
        .badInput, during: operation, detail: "the printer cannot do that \(error.field)",
        hint: "use --route raster")
    }
  }

  private func append(_ picture: Bitmap, to encoder: inout ESCPOSEncoder) throws(DeviceError) {
    let rows = max(1, min(profile.bandRows, profile.bandBytes / max(1, picture.rowBytes)))
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

/// Breaks printable characters into lines.
enum TextWrap {
  /// A character in its style.
  struct Cell: Equatable {
    var scalar: Unicode.Scalar
    var style: ReceiptDocument.Style
  }

  /// Lines of at most `width` cells, broken at spaces, inside words only where a word is longer than a line.
  ///
  /// Spaces at a break vanish, others stay. At least one line, which may be empty.
  static func lines(of text: [Unicode.Scalar], width: Int) -> [[Unicode.Scalar]] {
    lines(of: text, width: width, measure: { _ in 1 }, isSpace: { $0 == " " })
  }

  /// The same for characters of different widths.
  static func lines(of text: [Cell], width: Int) -> [[Cell]] {
    lines(of: text, width: width, measure: { $0.style.width }, isSpace: { $0.scalar == " " })
  }

  private static func lines<Character>(
    of text: [Character], width: Int, measure: (Character) -> Int, isSpace: (Character) -> Bool
  ) -> [[Character]] {
    var lines: [[Character]] = []
    var start = 0
    while start < text.count {
      // As many as fit, and one at least.
      var taken = measure(text[start])
      var end = start + 1
      while end < text.count, taken + measure(text[end]) <= width {
        taken += measure(text[end])
        end += 1
      }
      guard end < text.count else { break }
      // The break may stand right after the line's last character.
      var gap = end
      while gap > start, !isSpace(text[gap]) { gap -= 1 }
      if gap == start || text[start..<gap].allSatisfy(isSpace) {
        lines.append(Array(text[start..<end]))
        start = end
      } else {
        var last = gap
        while last > start, isSpace(text[last - 1]) { last -= 1 }
        lines.append(Array(text[start..<last]))
        start = gap
        while start < text.count, isSpace(text[start]) { start += 1 }
      }
    }
    if start < text.count || lines.isEmpty { lines.append(Array(text[start...])) }
    return lines
  }
}
