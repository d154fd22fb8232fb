import POSBarcode
import POSWire
import TestSupport
import Testing

@Suite("EAN-13")
struct EAN13Tests {
  static func symbol(_ text: String) throws(WireError) -> EAN13 {
    let bytes = Array(text.utf8)
    return try EAN13(ascii: bytes.span)
  }

  @Test(
    "appends the check digit",
    arguments: [
      // specs/punchh.md §1.5, V1 to V5, and the example of specs/escpos.md §2.7
      ("315788232640", "3157882326401"), ("374951002060", "3749510020609"),
      ("000000000000", "0000000000000"), ("549755813887", "5497558138876"),
      ("100000000000", "1000000000009"), ("400638133393", "4006381333931"),
    ])
  func checkDigit(_ digits: String, _ whole: String) throws {
    #expect(try Self.symbol(digits).ascii == Array(whole.utf8))
    #expect(try Self.symbol(whole).ascii == Array(whole.utf8))
  }

  @Test("refuses each of the nine wrong check digits")
  func wrongCheckDigit() {
    for digit in 0...9 where digit != 1 {
      #expect(throws: WireError(.checksum, at: 12, field: "")) {
        try Self.symbol("315788232640\(digit)")
      }
    }
  }

  @Test(
    "refuses what is no number of 12 or 13 digits",
    arguments: [
      ("", WireError(.truncated, at: 0, field: "")),
      ("31578823264", WireError(.truncated, at: 11, field: "")),
      ("31578823264011", WireError(.lengthOverLimit, at: 13, field: "")),
      ("31578823264x", WireError(.value, at: 11, field: "")),
      ("-15788232640", WireError(.value, at: 0, field: "")),
      ("٣15788232640", WireError(.value, at: 0, field: "")),
    ])
  func malformed(_ text: String, _ error: WireError) {
    #expect(throws: error) { try Self.symbol(text) }
  }

  @Test("reads a UPC-A as the same symbol with a zero in front")
  func upcA() throws {
    let eleven = Array("03600029145".utf8)
    let twelve = Array("036000291452".utf8)
    let wrong = Array("036000291453".utf8)
    #expect(try EAN13(upcA: eleven.span) == Self.symbol("0036000291452"))
    #expect(try EAN13(upcA: twelve.span) == Self.symbol("0036000291452"))
    #expect(throws: WireError(.checksum, at: 11, field: "")) { try EAN13(upcA: wrong.span) }
  }

  @Test("has the modules that zint dumps")
  func zint() throws {
    // zint --dump -b EANX -d 4006381333931 (specs/escpos.md §5); the last bit is padding
    let dump: [UInt8] = [0xA3, 0x53, 0xAF, 0x7A, 0x25, 0x9A, 0xA1, 0x42, 0x85, 0xD2, 0x16, 0x6A]
    let bits = (0..<95).map { dump[$0 / 8] & 0x80 >> UInt8($0 % 8) != 0 }
    #expect(try Self.symbol("4006381333931").modules == bits)
  }

  /// Widths of bars and spaces of the digits 0 to 9 in L and R code; G has them from right to left.
  static let widths = [
    [3, 2, 1, 1], [2, 2, 2, 1], [2, 1, 2, 2], [1, 4, 1, 1], [1, 1, 3, 2],
    [1, 2, 3, 1], [1, 1, 1, 4], [1, 3, 1, 2], [1, 2, 1, 3], [3, 1, 1, 2],
  ]

  /// The first digit by which of the left six digits are in G code.
  static let firstDigits = [
    "LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL",
  ]

  /// Reads a row of dots as a scanner does, by the widths of its elements; `nil` when it is no EAN-13 of exact
  /// modules between quiet zones.
  static func read(_ picture: Bitmap, row: Int, module: Int) -> [Int]? {
    var runs: [(isBlack: Bool, width: Int)] = []
    for x in 0..<picture.width {
      if let last = runs.last, last.isBlack == picture[x, row] {
        runs[runs.count - 1].width += 1
      } else {
        runs.append((picture[x, row], 1))
      }
    }
    guard runs.count == 61, !runs[0].isBlack, runs[0].width >= 11 * module, runs[60].width >= 7 * module,
      runs.allSatisfy({ $0.width % module == 0 })
    else { return nil }
    let elements = runs[1..<60].map { $0.width / module }
    guard Array(elements[0..<3]) == [1, 1, 1], Array(elements[27..<32]) == [1, 1, 1, 1, 1],
      Array(elements[56..<59]) == [1, 1, 1]
    else { return nil }
    var digits: [Int] = []
    var parity = ""
    for index in 0..<12 {
      let start = index < 6 ? 3 + 4 * index : 32 + 4 * (index - 6)
      let code = Array(elements[start..<(start + 4)])
      if let digit = widths.firstIndex(of: code) {
        digits.append(digit)
        parity += "L"
      } else if index < 6, let digit = widths.firstIndex(of: code.reversed()) {
        digits.append(digit)
        parity += "G"
      } else {
        return nil
      }
    }
    guard let first = firstDigits.firstIndex(of: String(parity.prefix(6))) else { return nil }
    return [first] + digits
  }

  @Test("reads back from its own dots, row by row", arguments: 1...8)
  func readBack(module: Int) throws {
    for first in 0...9 {
      let symbol = try Self.symbol("\(first)12345678906".prefix(12).description)
      let picture = try symbol.bitmap(module: module, height: 20)
      for row in [0, 7, 19] {
        #expect(Self.read(picture, row: row, module: module) == symbol.digits.map { Int($0) })
      }
    }
  }

  @Test(
    "is as wide as GS1 says",
    arguments: [
      // specs/escpos.md §2.7: dots a module, bars, with quiet zones
      (2, 190, 226), (3, 285, 339), (4, 380, 452),
    ])
  func geometry(_ module: Int, _ bars: Int, _ whole: Int) throws {
    let geometry = try EAN13.Geometry(module: module, barHeight: 208, showsDigits: true)
    #expect(EAN13.moduleCount * module == bars)
    #expect(geometry.width == whole)
    let picture = try Self.symbol("315788232640").bitmap(module: module, height: 208)
    #expect(picture.width == whole)
    #expect(picture.height == geometry.height)
    // The guard bars, and they alone, go on below the data bars for five modules.
    for row in [208, 208 + 5 * module - 1] {
      let black = (0..<whole).filter { picture[$0, row] }.count
      if row == 208 { #expect(black == 6 * module) }
      for index in [0, 2, 46, 48, 92, 94] { #expect(picture[geometry.barsX + index * module, row]) }
    }
    #expect(!picture[geometry.barsX, geometry.guardHeight])
    let plain = try Self.symbol("315788232640").bitmap(module: module, height: 208, showsDigits: false)
    #expect(plain.height == 208 + 5 * module)
  }

  @Test("writes each digit under its code, clear of the bars")
  func digits() throws {
    let symbol = try Self.symbol("315788232640")
    let module = 3
    let geometry = try EAN13.Geometry(module: module, barHeight: 50, showsDigits: true)
    let picture = try symbol.bitmap(module: module, height: 50)
    var shapes: [UInt8: [Bool]] = [:]
    for index in 0..<13 {
      var shape: [Bool] = []
      for row in geometry.digitsY..<picture.height {
        for column in 0..<(7 * module) { shape.append(picture[geometry.digitX(index) + column, row]) }
      }
      #expect(shape.contains(true))
      let digit = symbol.digits[index]
      if let known = shapes[digit] {
        #expect(known == shape, "digit \(digit) at \(index)")
      } else {
        #expect(!shapes.values.contains(shape))
        shapes[digit] = shape
      }
    }
    #expect(geometry.digitX(0) + 7 * module < geometry.barsX)
  }

  @Test("refuses modules and heights it cannot draw", arguments: [(0, 10), (9, 10), (3, 0), (3, 1001)])
  func outOfRange(_ module: Int, _ height: Int) throws {
    let symbol = try Self.symbol("315788232640")
    #expect(throws: WireError(.value, at: 0, field: "")) { try symbol.bitmap(module: module, height: height) }
  }

  @Test("crops and enlarges pictures dot for dot")
  func shapes() {
    var picture = Bitmap(width: 11, height: 2)
    for (x, y) in [(0, 0), (7, 0), (8, 0), (10, 1)] { picture[x, y] = true }
    for width in 0...12 {
      let cropped = picture.cropped(toWidth: width)
      #expect(cropped.width == min(width, 11))
      for x in 0..<cropped.width { #expect(cropped[x, 0] == picture[x, 0] && cropped[x, 1] == picture[x, 1]) }
    }
    #expect(picture.cropped(toWidth: 9).bytes == [0x81, 0x80, 0, 0])
    let grown = picture.enlarged(horizontal: 2, vertical: 3)
    #expect(grown.width == 22 && grown.height == 6)
    for y in 0..<6 { for x in 0..<22 { #expect(grown[x, y] == picture[x / 2, y / 3]) } }
    let turned = picture.turned(1)
    #expect(turned.width == picture.height && turned.height == picture.width)
    for y in 0..<picture.height {
      for x in 0..<picture.width { #expect(turned[picture.height - 1 - y, x] == picture[x, y]) }
    }
    #expect(turned.turned(1) == picture.turned(2))
    #expect(turned.turned(2) == picture.turned(-1))
    #expect(turned.turned(3) == picture)
    #expect(Bitmap(bars: [true, false, true], module: 3, height: 2).bytes == [0xE3, 0x80, 0xE3, 0x80])
  }

  @Test("finds itself among other dots, at any place and module", arguments: 1...8)
  func reader(module: Int) throws {
    var generator = SeededGenerator(seed: UInt64(module))
    for _ in 0..<30 {
      let digits = (0..<12).map { _ in UInt8.random(in: 0x30...0x39, using: &generator) }
      let symbol = try EAN13(ascii: digits.span)
      let drawn = try symbol.bitmap(module: module, height: 1)
      let x = Int.random(in: 0...200, using: &generator)
      var page = Bitmap(width: drawn.width + 250, height: 1)
      page.draw(drawn.cropped(toWidth: drawn.width), x: x, y: 0)
      if x > 0 { page[0, 0] = true }
      page[page.width - 1, 0] = true
      let found = EAN13.read(page, row: 0)
      #expect(found?.symbol == symbol)
      #expect(found?.x == x + 11 * module)
      #expect(found?.width == 95 * module)
    }
    #expect(EAN13.read(Bitmap(width: 500, height: 1), row: 0) == nil)
    #expect(EAN13.read(Bitmap(width: 500, height: 1), row: 1) == nil)
  }

  @Test("reads nothing from noise that does not check, and never fails on it")
  func readerNoise() {
    var generator = SeededGenerator(seed: 59)
    for _ in 0..<500 {
      let bytes = (0..<40).map { _ in UInt8.random(in: 0...255, using: &generator) }
      guard let picture = Bitmap(width: 317, packed: bytes, height: 1) else { continue }
      #expect(EAN13.read(picture, row: 0) == nil)
    }
  }
}
