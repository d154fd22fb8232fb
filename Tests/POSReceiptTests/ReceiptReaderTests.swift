import Foundation
import POSBarcode
import POSModel
import POSReceipt
import Testing

@Suite("Receipt documents")
struct ReceiptReaderTests {
  /// Eight dots, the left half black, as a PNG of 1-bit grey (PNG 1.2 §4.1; computed with zlib's checksums).
  static let halfBlack =
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAABAQAAAADLe9LuAAAACklEQVR4nGPgBwAAEQAQqWxD4AAAAABJRU5ErkJggg=="
  /// A column of 21 black dots, in the same form.
  static let thin =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAVAQAAAACvKbmpAAAADElEQVR42mNgIBYAAAAqAAFcHKfvAAAAAElFTkSuQmCC"
  /// The head of a PNG of 10 000 × 10 000 dots, its checksum right, and a few bytes of nothing.
  static let huge =
    "iVBORw0KGgoAAAANSUhEUgAAJxAAACcQCAAAAACfJT37AAAACUlEQVR4nGMAAAABAAFe/335AAAAAElFTkSuQmCC"

  static func read(_ json: String, dots: Int = 576) throws -> ReceiptDocument {
    try ReceiptReader.document(Array(json.utf8), name: "test", dots: dots) { (name) throws(DeviceError) in
      guard name == "logo.png", let data = Data(base64Encoded: halfBlack) else {
        throw DeviceError(.notFound, during: "reading \(name)", detail: "no such file")
      }
      return [UInt8](data)
    }
  }

  @Test("reads every kind of item")
  func everything() throws {
    let document = try Self.read(
      """
      {"version": 1, "items": [
        {"text": "A", "bold": true, "size": 3, "align": "centre"},
        {"text": [{"text": "b"}, {"text": "c", "underline": true}], "inverse": true, "width": 2},
        {"columns": ["left", "right"], "bold": true},
        {"columns": [{"text": "x", "width": 4, "align": "right"}, {"text": "y"}]},
        {"rule": "double"},
        {"barcode": "4006381333931", "module": 2, "height": 50},
        {"barcode": "036000291452", "symbology": "upc-a"},
        {"qr": "https://example.com/"},
        {"feed": 2}, {"drawer": true}, {"drawer": 5, "on": 100, "off": 300}, {"cut": true}]}
      """)
    var expected = ReceiptDocument()
    expected.text("A", style: [.bold, .size(width: 3, height: 3)], alignment: .centre)
    expected.text([
      .init("b", style: [.inverse, .doubleWidth]), .init("c", style: .underline),
    ])
    expected.columns("left", "right", style: .bold)
    expected.row(.init("x", alignment: .right, width: 4), .init("y"))
    expected.rule(.double)
    expected.blocks.append(
      .barcode(.init(symbology: .ean13, data: "4006381333931", module: 2, height: 50)))
    expected.barcode(.upcA, "036000291452")
    expected.blocks.append(.barcode(.init(symbology: .qr, data: "https://example.com/", module: 6)))
    expected.feed(2)
    expected.drawer()
    expected.drawer(DrawerPulse(pin: 5, on: 100, off: 300))
    expected.cut()
    #expect(document == expected)
  }

  @Test("text is printed as a picture where raster asks for it: an item, or the whole document")
  func raster() throws {
    let items = """
      "items": [{"text": [{"text": "a"}, {"text": "b", "bold": true}], "raster": true},
        {"columns": ["l", "r"], "raster": false}, {"columns": [{"text": "x"}], "raster": true}, {"rule": "single"}]
      """
    var some = ReceiptDocument()
    some.text([.init("a", style: .raster), .init("b", style: [.bold, .raster])])
    some.columns("l", "r")
    some.row(.init("x"), style: .raster)
    some.rule()
    #expect(try Self.read("{\(items)}") == some)
    some.blocks[1] = .columns(left: "l", right: "r", style: .raster)
    #expect(try Self.read("{\"raster\": true, \(items)}") == some)
  }

  @Test("pictures come from files and from the document, scaled and in dots")
  func pictures() throws {
    let document = try Self.read(
      """
      {"items": [{"image": "logo.png"}, {"image": "data:image/png;base64,\(Self.halfBlack)"},
        {"image": "logo.png", "width": 16, "dither": "threshold"}]}
      """)
    let plain = try #require(Bitmap(width: 8, packed: [0xF0], height: 1))
    let wide = try #require(Bitmap(width: 16, packed: [0xFF, 0x00, 0xFF, 0x00], height: 2))
    #expect(document.blocks == [.image(plain), .image(plain), .image(wide)])
  }

  /// Every mistake has its place, and nothing comes of the document.
  @Test(
    "a mistake is an error with its place",
    arguments: [
      (#"{"items":[{"text":"a"},{"text":"b"},{"text":"c"},{"text":"d","size":-1}]}"#, "$.items[3].size"),
      (#"{"items":[{"text":"a","size":9}]}"#, "$.items[0].size"),
      (#"{"items":[{"text":"a","size":1.5}]}"#, "$.items[0].size"),
      (#"{"items":[{"text":"a","sise":2}]}"#, "$.items[0].sise"),
      (#"{"items":[{"text":"a","align":"center"}]}"#, "$.items[0].align"),
      (#"{"items":[{"text":[{"text":"a","bold":1}]}]}"#, "$.items[0].text[0].bold"),
      (#"{"items":[{"text":[{"bold":true}]}]}"#, "$.items[0].text[0].text"),
      (#"{"items":[{"text":null}]}"#, "$.items[0].text"),
      (#"{"items":[{"columns":["a"]}]}"#, "$.items[0].columns"),
      (#"{"items":[{"columns":[{"text":"a","width":0}]}]}"#, "$.items[0].columns[0].width"),
      (#"{"items":[{"columns":[]}]}"#, "$.items[0].columns"),
      (#"{"items":[{"text":"a","raster":1}]}"#, "$.items[0].raster"),
      (#"{"items":[{"rule":"single","raster":true}]}"#, "$.items[0].raster"),
      (#"{"items":[],"raster":"yes"}"#, "$.raster"),
      (#"{"items":[{"rule":"wavy"}]}"#, "$.items[0].rule"),
      (#"{"items":[{"barcode":"1","symbology":"ean13"}]}"#, "$.items[0].symbology"),
      (#"{"items":[{"barcode":"1","module":0}]}"#, "$.items[0].module"),
      (#"{"items":[{"barcode":"1","height":1001}]}"#, "$.items[0].height"),
      (#"{"items":[{"qr":""}]}"#, "$.items[0].qr"),
      (#"{"items":[{"feed":101}]}"#, "$.items[0].feed"),
      (#"{"items":[{"cut":false}]}"#, "$.items[0].cut"),
      (#"{"items":[{"drawer":3}]}"#, "$.items[0].drawer"),
      (#"{"items":[{"drawer":2,"on":512}]}"#, "$.items[0].on"),
      (#"{"items":[{"drawer":2,"on":300,"off":299}]}"#, "$.items[0].off"),
      (#"{"items":[{"image":"missing.png"}]}"#, "$.items[0].image"),
      (#"{"items":[{"image":"data:image/png;base64,@@@"}]}"#, "$.items[0].image"),
      (#"{"items":[{"image":"data:image/png;base64,iVBORw0KGgo="}]}"#, "$.items[0].image"),
      (#"{"items":[{"image":"data:image/png;base64,AAAA"}]}"#, "$.items[0].image"),
      (#"{"items":[{"image":"data:image/png;base64,"# + huge + #""}]}"#, "$.items[0].image"),
      (#"{"items":[{"image":"logo.png","width":577}]}"#, "$.items[0].image"),
      (#"{"items":[{"image":"logo.png","dither":"magic"}]}"#, "$.items[0].dither"),
      (#"{"items":[{"image":"logo.png","height":5}]}"#, "$.items[0].height"),
      (#"{"items":[{}]}"#, "$.items[0]"),
      (#"{"items":[{"cut":true,"feed":1}]}"#, "$.items[0]"),
      (#"{"items":[7]}"#, "$.items[0]"),
      (#"{"items":{}}"#, "$.items"), (#"{}"#, "$.items"), (#"{"items":[],"title":1}"#, "$.title"),
      (#"{"items":[],"version":2}"#, "$.version"), ("[]", "$"), ("", "$"), ("{", "$"),
      (String(repeating: "[", count: 600), "$"),
    ])
  func mistakes(json: String, place: String) throws {
    let error = #expect(throws: DeviceError.self) { try Self.read(json) }
    #expect(error?.code == .badInput)
    #expect(error?.detail.hasPrefix("\(place): ") == true, "\(error?.detail ?? "")")
  }

  @Test("a document has limits as a whole")
  func limits() throws {
    // A dot wide and 21 high, each 12,096 rows on paper.
    let picture = #"{"image":"data:image/png;base64,\#(Self.thin)","width":576}"#
    #expect(
      try Self.read(#"{"items":[\#(Array(repeating: picture, count: 8).joined(separator: ","))]}"#).blocks
        .count == 8)
    let error = #expect(throws: DeviceError.self) {
      try Self.read(#"{"items":[\#(Array(repeating: picture, count: 9).joined(separator: ","))]}"#)
    }
    #expect(error?.code == .badInput)
    #expect(error?.detail.hasPrefix("$.items[8].image: ") == true, "\(error?.detail ?? "")")
    let long = String(repeating: "x", count: 10_001)
    for item in [
      #""text":"\#(long)\#(long)""#, #""text":[{"text":"\#(long)"},{"text":"\#(long)"}]"#,
      #""columns":["\#(long)","\#(long)"]"#, #""columns":[{"text":"\#(long)"},{"text":"\#(long)"}]"#,
    ] {
      let error = #expect(throws: DeviceError.self) { try Self.read(#"{"items":[{\#(item)}]}"#) }
      #expect(error?.detail.contains("more than 20000 bytes") == true, "\(error?.detail ?? "")")
    }
  }

  @Test("a picture of 100 million dots is refused by its head")
  func hugePicture() throws {
    let json = #"{"items":[{"image":"data:image/png;base64,"# + Self.huge + #""}]}"#
    let error = #expect(throws: DeviceError.self) { try Self.read(json) }
    #expect(error?.detail.contains("too many") == true, "\(error?.detail ?? "")")
  }

  @Test("more items than a receipt has are refused")
  func manyItems() {
    let items = Array(repeating: #"{"feed":1}"#, count: 5001).joined(separator: ",")
    let error = #expect(throws: DeviceError.self) { try Self.read("{\"items\":[\(items)]}") }
    #expect(error?.detail.hasPrefix("$.items: ") == true)
  }
}
