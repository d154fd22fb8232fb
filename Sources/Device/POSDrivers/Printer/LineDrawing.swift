import ESCPOS
import POSBarcode
import POSModel

/// A character in its style.
struct StyledCharacter {
  var scalar: Unicode.Scalar
  var style: ReceiptDocument.Style
}

/// One line of text in which some characters, or all, are dots.
struct LineDrawing {
  private let line: [StyledCharacter]
  private let profile: PrinterProfile
  private let glyphs: (any CharacterDrawing)?
  /// Whether some character must be drawn.
  let hasDrawn: Bool
  /// Whether the whole line is printed as a picture.
  let isPicture: Bool

  init(_ line: [StyledCharacter], profile: PrinterProfile, glyphs: (any CharacterDrawing)?) {
    self.line = line
    self.profile = profile
    self.glyphs = glyphs
    guard glyphs != nil else {
      (hasDrawn, isPicture) = (false, false)
      return
    }
    let drawn = line.filter { !profile.codePages.holds($0.scalar) }
    hasDrawn = !drawn.isEmpty
    if line.contains(where: { $0.style.contains(.raster) }) {
      isPicture = true
      return
    }
    // `ESC *` prints 24 dots in their place, of one size.
    let fitsInPlace =
      profile.pictures.commands.contains(.columns24) && profile.cell.height <= 24
      && drawn.allSatisfy { $0.style.width == 1 && $0.style.height == 1 }
    let inPlace = drawn.reduce(0) { $0 + 5 + 3 * profile.cell.width * CellWidth.cells($1.scalar) }
    let asPicture = 8 + (Self.width(line, profile) + 7) / 8 * profile.cell.height
    isPicture = hasDrawn && (!fitsInPlace || asPicture < inPlace)
  }

  private static func width(_ line: [StyledCharacter], _ profile: PrinterProfile) -> Int {
    line.reduce(0) { $0 + CellWidth.cells($1.scalar) * $1.style.width } * profile.cell.width
  }

  /// The dots of one character, exactly as large as its cell; `nil` for one that the font lacks.
  func dots(of scalar: Unicode.Scalar, in style: ReceiptDocument.Style) -> Bitmap? {
    let width = profile.cell.width * CellWidth.cells(scalar) * style.width
    let height = profile.cell.height * style.height
    guard
      var dots = glyphs?.dots(
        of: scalar, width: width, height: height, isBold: style.contains(.bold))
    else { return nil }
    if style.contains(.underline) { dots.fill(x: 0, y: height - 1, width: width, height: 1) }
    if style.contains(.inverse) {
      for y in 0..<height {
        for x in 0..<width { dots[x, y].toggle() }
      }
    }
    return dots
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
      if let dots = dots(of: character.scalar, in: character.style) {
        // Characters of several sizes stand on one line.
        picture.draw(dots, x: x, y: high - dots.height)
      }
      x += CellWidth.cells(character.scalar) * character.style.width * profile.cell.width
    }
    return picture
  }
}
