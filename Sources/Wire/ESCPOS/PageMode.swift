public import POSWire

/// Page mode: text, pictures and symbols anywhere on a sheet and in four directions, printed as a whole (Epson, ESC/POS,
/// `ESC L` to `ESC FF`).
///
///     encoder.beginPage()
///     try encoder.pageArea(x: 0, y: 0, width: 512, height: 240)
///     encoder.pageDirection(.down)
///     encoder.pageBaseline(60)
///     encoder.text("Table 12".unicodeScalars)
///     encoder.printPage()
///
/// Places are in the printer's units, x and width in horizontal ones. Everything stands on the base line: what is taller
/// than the way to it from the area's edge is cut off there. In page mode `ESC a`, `ESC V`, `ESC {` and cuts are not obeyed.
extension ESCPOSEncoder {
  /// Where text runs to; it begins in the corner that is then at the upper left.
  public enum PageDirection: UInt8, Sendable, CaseIterable {
    /// As on every receipt, from the upper left corner.
    case right = 0
    /// From the lower left corner.
    case up = 1
    /// Upside-down, from the lower right corner.
    case left = 2
    /// From the upper right corner.
    case down = 3
  }

  /// `ESC L`: begins page mode. Only at the start of a line.
  public mutating func beginPage() {
    append([0x1B, 0x4C])
    isOnSheet = true
  }

  /// `ESC W`: writes in this part of the sheet from now on, from its beginning.
  ///
  /// - Throws: `value` for a width or height of 0, and for numbers whose bytes spell a real-time command: some printers
  ///   would obey it (specs/escpos.md §2.10), and another area by a unit does not.
  public mutating func pageArea(x: UInt16, y: UInt16, width: UInt16, height: UInt16) throws(WireError) {
    guard width > 0 else { throw WireError(.value, at: 6, field: "page width") }
    guard height > 0 else { throw WireError(.value, at: 8, field: "page height") }
    let numbers = [x, y, width, height].flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    for index in 0..<6 where numbers[index] == 0x10 && [0x04, 0x05, 0x14].contains(numbers[index + 1]) {
      throw WireError(.value, at: 2 + index, field: "page area")
    }
    append([0x1B, 0x57] + numbers)
  }

  /// `ESC T`: writes in this direction from now on, from the area's beginning.
  public mutating func pageDirection(_ direction: PageDirection) { append([0x1B, 0x54, direction.rawValue]) }

  /// `ESC $`: moves along the text, from the area's beginning.
  public mutating func pagePosition(_ units: UInt16) {
    append([0x1B, 0x24])
    append(units)
  }

  /// `GS $`: moves the base line, from the area's edge.
  public mutating func pageBaseline(_ units: UInt16) {
    append([0x1D, 0x24])
    append(units)
  }

  /// `CAN`: forgets what stands in the area.
  public mutating func clearPageArea() { append([0x18]) }

  /// `FF`: prints the sheet and ends page mode, or with `ESC FF` prints it and goes on with the sheet as it is.
  public mutating func printPage(keepingIt isKept: Bool = false) {
    append(isKept ? [0x1B, 0x0C] : [0x0C])
    isOnSheet = isKept
  }

  /// `ESC S`: ends page mode; what was not printed is gone.
  public mutating func cancelPage() {
    append([0x1B, 0x53])
    isOnSheet = false
  }

  private mutating func append(_ number: UInt16) { append([UInt8(number & 0xFF), UInt8(number >> 8)]) }
}
