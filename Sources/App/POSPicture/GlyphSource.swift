import CFreeType
public import POSModel

/// Characters as dots, from a monospaced outline font of the system.
///
/// Previews need the shapes a printer has built in; this takes the system's DejaVu Sans Mono for them.
public final class GlyphSource {
  /// One character, rendered.
  struct Glyph {
    var width: Int
    var height: Int
    /// Dots from the pen to the left edge.
    var left: Int
    /// Dots from the base line up to the upper edge.
    var top: Int
    /// Coverage, 0 to 255, `width * height` bytes.
    var coverage: [UInt8]
  }

  private struct Key: Hashable {
    var scalar: UInt32
    var size: Size
  }

  /// Dots of an em in both directions, and the weight.
  struct Size: Hashable {
    var emWidth: Int
    var emHeight: Int
    var isBold: Bool
  }

  /// Where Debian's fonts-dejavu-core puts its files.
  public static let systemFontDirectory = "/usr/share/fonts/truetype/dejavu"

  private let library: FT_Library
  private let regular: FT_Face
  private let bold: FT_Face
  private var glyphs: [Key: Glyph] = [:]

  /// Opens the regular and the bold face in `directory`.
  ///
  /// - Throws: ``DeviceError`` with code `input.configuration` when the font files are not there.
  public init(directory: String = GlyphSource.systemFontDirectory) throws(DeviceError) {
    func open(_ library: FT_Library, _ name: String) throws(DeviceError) -> FT_Face {
      var face: FT_Face?
      guard FT_New_Face(library, "\(directory)/\(name)", 0, &face) == 0, let face else {
        throw DeviceError(
          .badConfiguration, during: "opening the font \(directory)/\(name)",
          hint: "sudo apt-get install fonts-dejavu-core")
      }
      return face
    }
    var library: FT_Library?
    guard FT_Init_FreeType(&library) == 0, let library else {
      throw DeviceError(.badConfiguration, during: "starting FreeType")
    }
    do throws(DeviceError) {
      regular = try open(library, "DejaVuSansMono.ttf")
      bold = try open(library, "DejaVuSansMono-Bold.ttf")
    } catch {
      FT_Done_FreeType(library)
      throw error
    }
    self.library = library
  }

  deinit {
    // Faces go with their library.
    FT_Done_FreeType(library)
  }

  /// The dots of `scalar`; `nil` when the font has no such character or the size is absurd.
  func glyph(_ scalar: Unicode.Scalar, size: Size) -> Glyph? {
    let key = Key(scalar: scalar.value, size: size)
    if let glyph = glyphs[key] { return glyph }
    let face = size.isBold ? bold : regular
    guard FT_Set_Pixel_Sizes(face, FT_UInt(clamping: size.emWidth), FT_UInt(clamping: size.emHeight)) == 0,
      FT_Get_Char_Index(face, FT_ULong(scalar.value)) != 0,
      FT_Load_Char(face, FT_ULong(scalar.value), FT_Int32(FT_LOAD_RENDER)) == 0,
      let slot = face.pointee.glyph?.pointee
    else { return nil }
    let bitmap = slot.bitmap
    let width = Int(bitmap.width)
    let height = Int(bitmap.rows)
    var coverage: [UInt8] = []
    coverage.reserveCapacity(width * height)
    if let buffer = bitmap.buffer {
      for row in 0..<height {
        coverage.append(
          contentsOf: UnsafeBufferPointer(start: buffer + row * Int(bitmap.pitch), count: width))
      }
    }
    guard coverage.count == width * height else { return nil }
    let glyph = Glyph(
      width: width, height: height, left: Int(slot.bitmap_left), top: Int(slot.bitmap_top), coverage: coverage
    )
    glyphs[key] = glyph
    return glyph
  }
}
