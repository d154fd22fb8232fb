extension EAN13 {
  /// Reads the symbol that one row of a picture crosses, from left to right.
  ///
  /// - Returns: the first symbol found, the left edge of its first bar and the dots from there to the end of its last;
  ///   `nil` when there is none. Bars need not be whole modules, but each must be nearest to one width.
  public static func read(_ picture: Bitmap, row: Int) -> (symbol: EAN13, x: Int, width: Int)? {
    for found in LinearReader.read(picture, row: row) where found.symbology == .ean13 {
      if let symbol = try? EAN13(ascii: found.data.span) { return (symbol, found.x, found.width) }
    }
    return nil
  }
}
