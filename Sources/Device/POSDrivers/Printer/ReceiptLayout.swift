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
    for block in document.blocks {
      switch block {
      case .text(let text, let style, let alignment):
        appendText(text, style, alignment, to: &encoder)
      case .columns(let left, let right, let style):
        appendColumns(left, right, style, to: &encoder)
      case .rule:
        encoder.align(.left)
        encoder.select(ESCPOSEncoder.TextStyle())
        encoder.text(Array(repeating: Unicode.Scalar(0x2500 as UInt16) ?? "-", count: profile.columns))
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
      case .drawer:
        do throws(WireError) {
          try encoder.drawer(pin: profile.drawerPin, on: 120, off: 240)
        } catch {
          throw DeviceError(.badConfiguration, during: "opening the drawer", detail: "\(error.field)")
        }
      }
    }
    return encoder.bytes
  }

  // MARK: - Text

  private func appendText(
    _ text: String, _ style: ReceiptDocument.Style, _ alignment: ReceiptDocument.Alignment,
    to encoder: inout ESCPOSEncoder
  ) {
    switch alignment {
    case .left: encoder.align(.left)
    case .centre: encoder.align(.centre)
    case .right: encoder.align(.right)
    }
    encoder.select(printerStyle(style))
    let width = columns(style)
    for paragraph in paragraphs(text) {
      for line in TextWrap.lines(of: paragraph, width: width) {
        encoder.text(line)
        encoder.lineFeed()
      }
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

  /// The lines of `text` as the printer will print them: one scalar a cell.
  private func paragraphs(_ text: String) -> [[Unicode.Scalar]] {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      profile.codePages.printable(line.filter { $0 != "\r" })
    }
  }

  private func columns(_ style: ReceiptDocument.Style) -> Int {
    max(1, style.contains(.doubleWidth) ? profile.columns / 2 : profile.columns)
  }

  private func printerStyle(_ style: ReceiptDocument.Style) -> ESCPOSEncoder.TextStyle {
    var result = ESCPOSEncoder.TextStyle()
    result.isBold = style.contains(.bold)
    result.underline = style.contains(.underline) ? 1 : 0
    result.isInverse = style.contains(.inverse)
    result.width = style.contains(.doubleWidth) ? 2 : 1
    result.height = style.contains(.doubleHeight) ? 2 : 1
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
