import CFreeType
import ESCPOS
public import POSBarcode
public import POSModel
import Synchronization

/// Characters as dots, from outline fonts of the system.
///
/// Previews need the shapes that a printer has built in, and printers characters that they lack. DejaVu Sans Mono has
/// most; for the rest the fonts in ``otherFonts`` are looked through, as far as they are installed.
public final class GlyphSource: CharacterDrawing {
  /// One character, rendered, and where it stands in its cell.
  struct Glyph: Sendable {
    var width: Int
    var height: Int
    /// Dots from the cell's left edge, right.
    var x: Int
    /// Dots from the cell's upper edge, down.
    var y: Int
    /// Coverage, 0 to 255, `width * height` bytes.
    var coverage: [UInt8]
  }

  /// A character, and the cell it is to stand in.
  private struct Key: Hashable {
    var scalar: UInt32
    var width: Int
    var height: Int
    var isBold: Bool
    /// Whether it is hinted for black and white alone.
    var isBinary: Bool
  }

  /// Where Debian's fonts-dejavu-core puts its files.
  public static let systemFontDirectory = "/usr/share/fonts/truetype/dejavu"

  /// Fonts for characters that DejaVu lacks, where Debian puts them: fonts-noto-cjk, fonts-wqy-zenhei,
  /// fonts-ipafont-gothic, fonts-droid-fallback, fonts-unifont.
  public static let otherFonts = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/opentype/unifont/unifont.otf",
  ]

  /// The system's fonts; `nil` where fonts-dejavu-core is not installed.
  public static let system: GlyphSource? = try? GlyphSource()

  private let faces: Mutex<Faces>

  /// Opens the fonts: those of DejaVu in `directory`, and the others that there are.
  ///
  /// - Throws: ``DeviceError`` with code `input.configuration` when DejaVu's files are not there.
  public init(directory: String = GlyphSource.systemFontDirectory) throws(DeviceError) {
    faces = Mutex(try Faces(directory: directory))
  }

  /// The dots of `scalar` in a cell of this size; `nil` when no font has it or the size is absurd.
  public func dots(of scalar: Unicode.Scalar, width: Int, height: Int, isBold: Bool) -> Bitmap? {
    let key = Key(scalar: scalar.value, width: width, height: height, isBold: isBold, isBinary: true)
    guard let glyph = faces.withLock({ $0.glyph(key) }) else { return nil }
    var dots = Bitmap(width: width, height: height)
    for y in 0..<glyph.height {
      for x in 0..<glyph.width where glyph.coverage[y * glyph.width + x] >= 128 {
        dots[glyph.x + x, glyph.y + y] = true
      }
    }
    return dots
  }

  /// The same in shades of grey, for the eye.
  func glyph(_ scalar: Unicode.Scalar, width: Int, height: Int, isBold: Bool) -> Glyph? {
    let key = Key(scalar: scalar.value, width: width, height: height, isBold: isBold, isBinary: false)
    return faces.withLock { $0.glyph(key) }
  }

  /// FreeType's side: its faces belong to one thread at a time.
  private struct Faces: ~Copyable {
    private let library: FT_Library
    private let regular: FT_Face
    private let bold: FT_Face
    /// Faces that are not monospaced, in the order in which they are asked.
    private let others: [FT_Face]
    private var glyphs: [Key: Glyph?] = [:]

    init(directory: String) throws(DeviceError) {
      var library: FT_Library?
      guard FT_Init_FreeType(&library) == 0, let library else {
        throw DeviceError(.badConfiguration, during: "starting FreeType")
      }
      func face(_ path: String) -> FT_Face? {
        var face: FT_Face?
        return FT_New_Face(library, path, 0, &face) == 0 ? face : nil
      }
      guard let regular = face("\(directory)/DejaVuSansMono.ttf"),
        let bold = face("\(directory)/DejaVuSansMono-Bold.ttf")
      else {
        FT_Done_FreeType(library)
        throw DeviceError(
          .badConfiguration, during: "opening the fonts DejaVuSansMono in \(directory)",
          hint: "sudo apt-get install fonts-dejavu-core")
      }
      self.library = library
      self.regular = regular
      self.bold = bold
      others = (["\(directory)/DejaVuSans.ttf"] + GlyphSource.otherFonts).compactMap(face)
    }

    deinit {
      // Faces go with their library.
      FT_Done_FreeType(library)
    }

    mutating func glyph(_ key: Key) -> Glyph? {
      if let known = glyphs[key] { return known }
      // A receipt has a few hundred different ones; a stream of receipts must not grow for ever.
      if glyphs.count > 4096 { glyphs = [:] }
      let glyph = rendered(key)
      glyphs[key] = glyph
      return glyph
    }

    private func rendered(_ key: Key) -> Glyph? {
      guard (1...2048).contains(key.width), (1...2048).contains(key.height) else { return nil }
      // Ascenders and descenders of DejaVu together fill 1.17 em; the base line is at four fifths.
      let emHeight = max(1, key.height * 100 / 117)
      let baseline = key.height * 80 / 100
      let monospaced = key.isBold ? bold : regular
      if FT_Get_Char_Index(monospaced, FT_ULong(key.scalar)) != 0 {
        // DejaVu Sans Mono is 0.602 em wide.
        return load(key, from: monospaced, emWidth: key.width * 1000 / 602, emHeight: emHeight)
          .map { placed($0, x: 0, baseline) }
      }
      guard let face = others.first(where: { FT_Get_Char_Index($0, FT_ULong(key.scalar)) != 0 }) else {
        return nil
      }
      // Wide characters are one em wide; others are narrowed where they are wider than the cell, and centred.
      let isWide = Unicode.Scalar(key.scalar).map { CellWidth.cells($0) } == 2
      var emWidth = isWide ? key.width : emHeight
      guard var loaded = load(key, from: face, emWidth: emWidth, emHeight: emHeight) else { return nil }
      if loaded.advance > key.width {
        emWidth = max(1, emWidth * key.width / loaded.advance)
        guard let narrowed = load(key, from: face, emWidth: emWidth, emHeight: emHeight) else { return nil }
        loaded = narrowed
      }
      return placed(loaded, x: (key.width - loaded.advance) / 2, baseline)
    }

    /// A character from the pen: `x` and `y` of the glyph are from there, `y` upward.
    private typealias Loaded = (glyph: Glyph, advance: Int)

    private func placed(_ loaded: Loaded, x: Int, _ baseline: Int) -> Glyph {
      var glyph = loaded.glyph
      glyph.x += x
      glyph.y = baseline - glyph.y
      return glyph
    }

    private func load(_ key: Key, from face: FT_Face, emWidth: Int, emHeight: Int) -> Loaded? {
      let flags = key.isBinary ? POS_LOAD_BINARY : POS_LOAD_GREY
      guard FT_Set_Pixel_Sizes(face, FT_UInt(clamping: emWidth), FT_UInt(clamping: emHeight)) == 0,
        FT_Load_Char(face, FT_ULong(key.scalar), flags) == 0,
        let slot = face.pointee.glyph?.pointee
      else { return nil }
      let bitmap = slot.bitmap
      let (width, height) = (Int(bitmap.width), Int(bitmap.rows))
      var coverage: [UInt8] = []
      coverage.reserveCapacity(width * height)
      if let buffer = bitmap.buffer {
        let isPacked = bitmap.pixel_mode == UInt8(FT_PIXEL_MODE_MONO.rawValue)
        for row in 0..<height {
          let line = buffer + row * Int(bitmap.pitch)
          for x in 0..<width {
            coverage.append(isPacked ? (line[x / 8] & 0x80 >> UInt8(x & 7) != 0 ? 255 : 0) : line[x])
          }
        }
      }
      guard coverage.count == width * height else { return nil }
      let glyph = Glyph(
        width: width, height: height, x: Int(slot.bitmap_left), y: Int(slot.bitmap_top), coverage: coverage)
      return (glyph, Int(slot.advance.x) >> 6)
    }
  }
}
