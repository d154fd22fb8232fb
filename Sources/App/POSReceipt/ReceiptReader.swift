import FoundationEssentials
import POSBarcode
import POSJSON
public import POSModel
import POSPicture

/// Reads receipt documents, the JSON form of ``ReceiptDocument`` (Documentation/receipts.md).
///
///     {"items": [
///       {"text": "Burger Barn", "bold": true, "size": 2, "align": "centre"},
///       {"columns": ["Classic burger", "9.00"]},
///       {"rule": "single"},
///       {"barcode": "315788232640", "symbology": "ean-13"},
///       {"cut": true}]}
///
/// Every mistake is an error with its place, `$.items[3].size`; unknown keys are mistakes.
public struct ReceiptReader {
  /// Bytes of a document.
  public static let sizeLimit = 32 << 20
  /// Items of a document.
  static let itemLimit = 5_000
  /// Bytes of an item's text.
  static let textLimit = 20_000
  /// Rows of a picture after it was scaled: two and a half metres.
  static let rowLimit = 20_000
  /// Rows of all pictures of a document.
  static let documentRowLimit = 100_000

  /// Finds the bytes of a picture that a document names.
  public typealias PictureFiles = (String) throws(DeviceError) -> [UInt8]

  /// Reads a document.
  ///
  /// - Parameters:
  ///   - name: what to call it in errors.
  ///   - dots: dots across the paper, which pictures are never wider than.
  ///   - pictures: finds the files that `image` names.
  /// - Throws: `input.malformed` with the place of the mistake.
  public static func document(
    _ json: [UInt8], name: String, dots: Int, pictures: @escaping PictureFiles
  ) throws(DeviceError) -> ReceiptDocument {
    let operation = "reading the receipt \(name)"
    guard json.count <= sizeLimit else {
      throw DeviceError(.badInput, during: operation, detail: "$: more than \(sizeLimit) bytes")
    }
    let parsed: Document
    do {
      parsed = try BoundedJSON.decode(Document.self, from: json)
    } catch let error as DecodingError {
      throw DeviceError(.badInput, during: operation, detail: error.explained(root: "$"))
    } catch {
      throw DeviceError(.badInput, during: operation, detail: "$: it is not JSON")
    }
    var document = ReceiptDocument()
    var rowsLeft = documentRowLimit
    for (index, item) in parsed.items.enumerated() {
      switch item.content {
      case .block(let block): document.blocks.append(parsed.isRaster ? block.asPicture : block)
      case .image(let image):
        do throws(DeviceError) {
          let bitmap = try image.bitmap(dots: dots, pictures: pictures)
          rowsLeft -= bitmap.height
          guard rowsLeft >= 0 else {
            throw DeviceError(
              .doesNotFit, during: operation,
              detail: "the pictures have more than \(documentRowLimit) rows together")
          }
          document.blocks.append(.image(bitmap))
        } catch {
          var placed = error
          placed.operation = operation
          placed.detail = "$.items[\(index)].image: \(error.detail.isEmpty ? error.operation : error.detail)"
          placed.code = .badInput
          placed.hint = ErrorTable.row(for: .badInput).hint
          throw placed
        }
      }
    }
    return document
  }

  private struct Document: Decodable {
    var items: [ReceiptItem]
    /// Whether all its text is printed as pictures.
    var isRaster: Bool

    init(from decoder: any Decoder) throws {
      let fields = try ReceiptFields(decoder, known: ["version", "raster", "items"])
      _ = try fields.number("version", in: 1...1)
      isRaster = try fields.flag("raster")
      guard let items = try fields.value("items", [ReceiptItem].self) else {
        throw fields.mistake("items", "it is missing")
      }
      guard items.count <= ReceiptReader.itemLimit else {
        throw fields.mistake("items", "more than \(ReceiptReader.itemLimit)")
      }
      self.items = items
    }
  }
}

/// One item of a receipt document: exactly one key says what it is.
struct ReceiptItem: Decodable {
  enum Content {
    case block(ReceiptDocument.Block)
    case image(ReceiptImage)
  }

  var content: Content

  /// Keys that say what an item is, and those that go with each.
  private static let kinds: [(key: String, options: [String])] = [
    ("text", ReceiptItem.styleKeys + ["align", "raster"]), ("columns", ReceiptItem.styleKeys + ["raster"]),
    ("rule", []),
    ("image", ["width", "dither"]), ("barcode", ["symbology", "module", "height"]),
    ("qr", ["module"]), ("feed", []), ("cut", []), ("drawer", ["on", "off"]),
  ]
  fileprivate static let styleKeys = ["bold", "underline", "inverse", "size", "width", "height"]

  init(from decoder: any Decoder) throws {
    let all = try ReceiptFields(decoder)
    let named = Self.kinds.filter { all.has($0.key) }
    guard named.count == 1, let kind = named.first else {
      let keys = Self.kinds.map(\.key).joined(separator: ", ")
      throw all.mistake(
        named.isEmpty ? "it is none of \(keys)" : "it is \(named.map(\.key).joined(separator: " and "))")
    }
    let fields = try ReceiptFields(decoder, known: [kind.key] + kind.options)
    switch kind.key {
    case "text": content = .block(try Self.asked(fields, try Self.text(fields)))
    case "columns": content = .block(try Self.asked(fields, try Self.columns(fields)))
    case "rule": content = .block(.rule(try fields.choice("rule") ?? .single))
    case "image": content = .image(try ReceiptImage(fields))
    case "barcode": content = .block(.barcode(try Self.barcode(fields)))
    case "qr":
      guard let text = try fields.text("qr", limit: 2953), !text.isEmpty else {
        throw fields.mistake("qr", "1 to 2953 bytes of text are wanted")
      }
      content = .block(
        .barcode(.init(symbology: .qr, data: text, module: try fields.number("module", in: 1...16) ?? 6)))
    case "feed": content = .block(.feed(lines: try fields.number("feed", in: 0...100) ?? 1))
    case "cut":
      guard try fields.flag("cut") else { throw fields.mistake("cut", "true is wanted") }
      content = .block(.cut)
    default: content = .block(.drawer(try Self.pulse(fields)))
    }
  }

  /// `block`, as a picture if `raster` asks for it.
  private static func asked(
    _ fields: ReceiptFields, _ block: ReceiptDocument.Block
  ) throws -> ReceiptDocument.Block {
    try fields.flag("raster") ? block.asPicture : block
  }

  private static func text(_ fields: ReceiptFields) throws -> ReceiptDocument.Block {
    let style = try Self.style(fields)
    let alignment: ReceiptDocument.Alignment = try fields.choice("align") ?? .left
    if let text = try? fields.value("text", String.self) {
      try limit([text], of: "text", in: fields)
      return .text([.init(text, style: style)], alignment: alignment)
    }
    let runs = try fields.value("text", [Run].self) ?? []
    try limit(runs.map(\.text), of: "text", in: fields)
    return .text(
      runs.map { .init($0.text, style: $0.style ?? style) }, alignment: alignment)
  }

  /// A part of a paragraph, with a style of its own or the paragraph's.
  private struct Run: Decodable {
    var text: String
    var style: ReceiptDocument.Style?

    init(from decoder: any Decoder) throws {
      let fields = try ReceiptFields(decoder, known: ["text"] + ReceiptItem.styleKeys)
      guard let text = try fields.text("text") else { throw fields.mistake("text", "it is missing") }
      self.text = text
      style = ReceiptItem.styleKeys.contains(where: fields.has) ? try ReceiptItem.style(fields) : nil
    }
  }

  fileprivate static func style(_ fields: ReceiptFields) throws -> ReceiptDocument.Style {
    var style: ReceiptDocument.Style = []
    if try fields.flag("bold") { style.insert(.bold) }
    if try fields.flag("underline") { style.insert(.underline) }
    if try fields.flag("inverse") { style.insert(.inverse) }
    let size = try fields.number("size", in: 1...8) ?? 1
    style.formUnion(
      .size(
        width: try fields.number("width", in: 1...8) ?? size,
        height: try fields.number("height", in: 1...8) ?? size))
    return style
  }

  private static func columns(_ fields: ReceiptFields) throws -> ReceiptDocument.Block {
    let style = try Self.style(fields)
    if let pair = try? fields.value("columns", [String].self) {
      guard pair.count == 2 else {
        throw fields.mistake("columns", "two texts or a list of columns are wanted")
      }
      try limit(pair, of: "columns", in: fields)
      return .columns(left: pair[0], right: pair[1], style: style)
    }
    let columns = try fields.value("columns", [Column].self) ?? []
    guard (1...16).contains(columns.count) else {
      throw fields.mistake("columns", "1 to 16 columns are wanted")
    }
    try limit(columns.map(\.value.text), of: "columns", in: fields)
    return .row(columns.map(\.value), style: style)
  }

  /// Holds the texts of one item, taken together, to their limit.
  private static func limit(_ texts: [String], of key: String, in fields: ReceiptFields) throws {
    guard texts.reduce(0, { $0 + $1.utf8.count }) <= ReceiptReader.textLimit else {
      throw fields.mistake(key, "more than \(ReceiptReader.textLimit) bytes of text")
    }
  }

  private struct Column: Decodable {
    var value: ReceiptDocument.Column

    init(from decoder: any Decoder) throws {
      let fields = try ReceiptFields(decoder, known: ["text", "align", "width"])
      guard let text = try fields.text("text") else { throw fields.mistake("text", "it is missing") }
      value = ReceiptDocument.Column(
        text, alignment: try fields.choice("align") ?? .left, width: try fields.number("width", in: 1...200))
    }
  }

  private static func barcode(_ fields: ReceiptFields) throws -> ReceiptDocument.Barcode {
    guard let data = try fields.text("barcode", limit: 255), !data.isEmpty else {
      throw fields.mistake("barcode", "1 to 255 characters are wanted")
    }
    let names = Symbology.allCases.map { ("\($0.name)", $0) }
    return ReceiptDocument.Barcode(
      symbology: try fields.choice("symbology", among: names) ?? .ean13, data: data,
      module: try fields.number("module", in: 1...8) ?? 3,
      height: try fields.number("height", in: 1...1000) ?? 208)
  }

  private static func pulse(_ fields: ReceiptFields) throws -> DrawerPulse {
    var pulse = DrawerPulse()
    if (try? fields.value("drawer", Bool.self)) != true {
      guard let pin = try fields.value("drawer", Int.self), pin == 2 || pin == 5 else {
        throw fields.mistake("drawer", "true, 2 or 5 is wanted")
      }
      pulse.pin = pin
    }
    pulse.on = try fields.number("on", in: 2...510) ?? pulse.on
    pulse.off = try fields.number("off", in: pulse.on...510) ?? max(pulse.on, pulse.off)
    return pulse
  }
}

extension ReceiptDocument.Block {
  /// The same with its text printed as a picture.
  fileprivate var asPicture: ReceiptDocument.Block {
    switch self {
    case .text(let runs, let alignment):
      .text(runs.map { .init($0.text, style: $0.style.union(.raster)) }, alignment: alignment)
    case .columns(let left, let right, let style):
      .columns(left: left, right: right, style: style.union(.raster))
    case .row(let columns, let style): .row(columns, style: style.union(.raster))
    case .rule, .barcode, .image, .feed, .cut, .drawer: self
    }
  }
}

/// A picture of a receipt document: a PNG file, or one in the document as base64.
struct ReceiptImage {
  private enum Source {
    case file(String)
    case bytes([UInt8])
  }

  private let source: Source
  /// Dots across, `nil` for its own width or the paper's, whichever is less.
  private let width: Int?
  private let dithering: Dithering

  init(_ fields: ReceiptFields) throws {
    guard let text = try fields.text("image", limit: ReceiptReader.sizeLimit), !text.isEmpty else {
      throw fields.mistake(
        "image", "the name of a PNG file, or data:image/png;base64, and its bytes are wanted")
    }
    let prefix = "data:image/png;base64,"
    if text.hasPrefix(prefix) {
      guard let data = Data(base64Encoded: String(text.dropFirst(prefix.count))) else {
        throw fields.mistake("image", "it is not base64")
      }
      source = .bytes([UInt8](data))
    } else {
      source = .file(text)
    }
    width = try fields.number("width", in: 1...4096)
    let names = Dithering.named.map { ("\($0.name)", $0.dithering) }
    dithering = try fields.choice("dither", among: names) ?? .floydSteinberg
  }

  /// The dots on paper `dots` wide.
  func bitmap(dots: Int, pictures: ReceiptReader.PictureFiles) throws(DeviceError) -> Bitmap {
    let file: [UInt8]
    switch source {
    case .file(let name): file = try pictures(name)
    case .bytes(let bytes): file = bytes
    }
    let picture = try Picture(png: file)
    if let width, width > dots {
      throw DeviceError(
        .doesNotFit, during: "scaling", detail: "\(width) dots are wider than the paper's \(dots)")
    }
    let target = width ?? min(picture.width, dots)
    guard picture.height * target <= ReceiptReader.rowLimit * picture.width else {
      throw DeviceError(
        .doesNotFit, during: "scaling", detail: "more than \(ReceiptReader.rowLimit) rows high")
    }
    return (target == picture.width ? picture : picture.scaled(toWidth: target)).dithered(dithering)
  }
}
