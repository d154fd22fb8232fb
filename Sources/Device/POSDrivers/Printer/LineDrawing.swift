import ESCPOS
import POSBarcode
import POSModel

/// A character in its style.
struct StyledCharacter {
  var scalar: Unicode.Scalar
  var style: ReceiptDocument.Style

  /// Cells of plain size that it takes across.
  func cells(on profile: PrinterProfile) -> Int { profile.cells(scalar, in: style) * style.width }
}

extension PrinterProfile {
  /// Cells that a character takes across, before the size of its style: as many as this printer gives it, or where it
  /// is asked for as a picture, which no page of the printer prints, as many as Unicode says.
  func cells(_ scalar: Unicode.Scalar, in style: ReceiptDocument.Style) -> Int {
    style.contains(.raster) ? CellWidth.cells(scalar) : codePages.cells(scalar)
  }

  /// Whether a drawn character can stand in its place in a line of text: `ESC *` prints 24 dots, of one size.
  func drawsInPlace(_ style: ReceiptDocument.Style) -> Bool {
    pictures.commands.contains(.columns24) && cell.height <= 24 && style.width == 1 && style.height == 1
  }
}

extension CharacterDrawing {
  /// The dots of a character, exactly as large as its cell; `nil` for one that the font lacks.
  func dots(of character: StyledCharacter, on profile: PrinterProfile) -> Bitmap? {
    dots(
      of: character.scalar, width: profile.cell.width * character.cells(on: profile),
      height: profile.cell.height * character.style.height, isBold: character.style.contains(.bold))
  }

  /// Whether a character can be drawn by itself.
  func draws(_ character: StyledCharacter, on profile: PrinterProfile) -> Bool {
    CellWidth.standsAlone(character.scalar) && dots(of: character, on: profile) != nil
  }
}

/// One line of text in which some characters, or all, are dots.
struct LineDrawing {
  /// The characters.
  let line: [StyledCharacter]
  private let profile: PrinterProfile
  private let glyphs: (any CharacterDrawing)?
  /// Whether some character must be drawn.
  private(set) var hasDrawn = false
  /// Whether the whole line is printed as a picture.
  private(set) var isPicture = false
  /// Whether nothing of the line is lost: `false` where some character can only be drawn in a picture of the line, and
  /// the font lacks another one.
  private(set) var isWhole = true

  init(_ line: [StyledCharacter], profile: PrinterProfile, glyphs: (any CharacterDrawing)?) {
    self.line = line
    self.profile = profile
    self.glyphs = glyphs
    guard let glyphs else { return }
    let drawn = line.filter { !profile.codePages.holds($0.scalar) }
    hasDrawn = !drawn.isEmpty
    if line.contains(where: { $0.style.contains(.raster) }) {
      isPicture = true
      return
    }
    guard hasDrawn else { return }
    let fitsInPlace = drawn.allSatisfy { profile.drawsInPlace($0.style) }
    let inPlace = drawn.reduce(0) { $0 + 5 + 3 * profile.cell.width * $1.cells(on: profile) }
    let asPicture = 8 + (Self.width(line, profile) + 7) / 8 * profile.cell.height
    guard !fitsInPlace || asPicture < inPlace else { return }
    isPicture = line.allSatisfy { Self.isBlank($0) || glyphs.draws($0, on: profile) }
    isWhole = isPicture || fitsInPlace
  }

  private static func width(_ line: [StyledCharacter], _ profile: PrinterProfile) -> Int {
    line.reduce(0) { $0 + $1.cells(on: profile) } * profile.cell.width
  }

  private static func isBlank(_ character: StyledCharacter) -> Bool {
    character.scalar.properties.isWhitespace
  }

  /// The dots of one character, exactly as large as its cell; `nil` for one that the font lacks.
  func dots(of scalar: Unicode.Scalar, in style: ReceiptDocument.Style) -> Bitmap? {
    guard var dots = glyphs?.dots(of: StyledCharacter(scalar: scalar, style: style), on: profile) else {
      return nil
    }
    if style.contains(.underline) {
      dots.fill(x: 0, y: dots.height - 1, width: dots.width, height: 1)
    }
    if style.contains(.inverse) {
      for y in 0..<dots.height {
        for x in 0..<dots.width { dots[x, y].toggle() }
      }
    }
    return dots
  }

  /// What a picture shows of a character: a question mark for one that the font lacks. Only a line that was asked for
  /// as a picture has such ones.
  private func shown(_ character: StyledCharacter) -> Bitmap? {
    if let dots = dots(of: character.scalar, in: character.style) { return dots }
    guard !Self.isBlank(character), character.cells(on: profile) > 0 else { return nil }
    return dots(of: "?", in: character.style)
  }

  /// The line as a picture that feeds as much paper as the printer would for text.
  ///
  /// A raster is whole bytes wide; where it stands at the right or in the middle its white dots go before the text, so
  /// that the text stands where the printer would have put it.
  func picture(_ alignment: ReceiptDocument.Alignment) -> Bitmap {
    let text = Self.width(line, profile)
    let spare = (text + 7) / 8 * 8 - text
    var x: Int
    switch alignment {
    case .left: x = 0
    case .centre: x = spare / 2
    case .right: x = spare
    }
    let high = line.reduce(profile.cell.height) { max($0, profile.cell.height * $1.style.height) }
    // A sixth of an inch: `ESC 2`.
    let spacing = (profile.dotsPerInch + 3) / 6
    var picture = Bitmap(width: alignment == .left ? text : text + spare, height: max(high, spacing))
    for character in line {
      if let dots = shown(character) {
        // Characters of several sizes stand on one line.
        picture.draw(dots, x: x, y: high - dots.height)
      }
      x += character.cells(on: profile) * profile.cell.width
    }
    return picture
  }
}
