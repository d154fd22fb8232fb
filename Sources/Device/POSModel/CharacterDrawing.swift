public import POSBarcode

/// Whoever has a font: draws characters that a printer lacks, and text that is to be printed as a picture.
///
/// Drivers have no font. An application hands one to them, or does without: then what a printer lacks is spelt in other
/// characters or becomes a question mark.
public protocol CharacterDrawing: Sendable {
  /// The dots of one character in a cell of this size, its base line where printers have theirs; `nil` when the font
  /// lacks it. The picture is exactly `width` × `height` dots.
  func dots(of scalar: Unicode.Scalar, width: Int, height: Int, isBold: Bool) -> Bitmap?
}
