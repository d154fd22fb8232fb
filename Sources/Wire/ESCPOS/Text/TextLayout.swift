/// How many cells a character takes by what it is. Printers with double-byte characters differ in some, see
/// ``CodePageSet/cells(_:)``.
public enum CellWidth {
  /// 0 for marks and joiners, 2 for East Asian wide and full-width characters, 1 for others (Unicode TR 11).
  public static func cells(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0..<0x0300: 1
    case 0x0300...0x036F, 0x0E31, 0x0E34...0x0E3A, 0x0E47...0x0E4E, 0x200B...0x200F, 0x202A...0x202E,
      0x2060...0x2064, 0x3099, 0x309A, 0xFE00...0xFE0F, 0xFE20...0xFE2F, 0xFEFF:
      0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA960...0xA97F,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
      0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      2
    default: 1
    }
  }

  /// Whether a character looks the same wherever it stands, so that it can be drawn by itself: not one of the scripts
  /// that run from right to left, join their letters, or stack marks on them.
  public static func standsAlone(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0300...0x036F, 0x0590...0x0E3E, 0x0E40...0x0E4E, 0x0E80...0x109F, 0x1780...0x18AF, 0x1900...0x1CFF,
      0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xA800...0xA95F, 0xA980...0xABFF, 0xFB1D...0xFDFF,
      0xFE00...0xFE0F, 0xFE20...0xFE2F, 0xFE70...0xFEFF:
      false
    default: cells(scalar) > 0
    }
  }

  /// The cells of a text.
  public static func cells(_ text: some Sequence<Unicode.Scalar>) -> Int { text.reduce(0) { $0 + cells($1) } }
}

/// Breaks printable characters into lines.
public enum TextWrap {
  /// Lines of at most `width` cells, broken at spaces and between wide characters, inside words only where a word is
  /// longer than a line.
  ///
  /// Spaces at a break vanish, others stay. At least one line, which may be empty.
  ///
  /// - Parameter cells: how many cells a character takes.
  public static func lines(
    of text: [Unicode.Scalar], width: Int, cells: (Unicode.Scalar) -> Int = { CellWidth.cells($0) }
  ) -> [[Unicode.Scalar]] {
    lines(of: text, width: width, scalar: { $0 }, cells: cells)
  }

  /// The same for characters that carry something, such as a style that makes them wider.
  public static func lines<Character>(
    of text: [Character], width: Int, scalar: (Character) -> Unicode.Scalar, cells: (Character) -> Int
  ) -> [[Character]] {
    let width = max(1, width)
    var lines: [[Character]] = []
    var start = 0
    while true {
      // As many characters as the line holds; a wide one takes a line of one cell all the same.
      var end = start
      var taken = 0
      while end < text.count, end == start || taken + cells(text[end]) <= width {
        taken += cells(text[end])
        end += 1
      }
      guard end < text.count else { break }
      // The break may stand right after the line's last cell.
      var place = end
      while place > start, !mayBreak(between: scalar(text[place - 1]), scalar(text[place])) { place -= 1 }
      var last = place
      while last > start, scalar(text[last - 1]) == " " { last -= 1 }
      if last == start {
        lines.append(Array(text[start..<end]))
        start = end
      } else {
        lines.append(Array(text[start..<last]))
        start = place
        while start < text.count, scalar(text[start]) == " " { start += 1 }
      }
    }
    if start < text.count || lines.isEmpty { lines.append(Array(text[start...])) }
    return lines
  }

  private static func mayBreak(between left: Unicode.Scalar, _ right: Unicode.Scalar) -> Bool {
    if right == " " { return true }
    // East Asian text has no spaces; its punctuation keeps to what is before it.
    guard CellWidth.cells(right) == 2 || CellWidth.cells(left) == 2 else { return false }
    switch right.value {
    case 0x3001, 0x3002, 0xFF0C, 0xFF0E, 0xFF09, 0x300D, 0x300F, 0x3011, 0xFF01, 0xFF1A, 0xFF1B, 0xFF1F,
      0x30FC:
      return false
    default: return left != " " && CellWidth.cells(right) > 0
    }
  }
}

/// Columns of text beside each other, each wrapped on its own.
public struct TextTable: Sendable, Equatable {
  /// One column.
  public struct Column: Sendable, Equatable {
    /// Cells across. Those without a width share what is left.
    public var width: Int?
    /// Where its text stands.
    public var alignment: ESCPOSEncoder.Alignment

    /// A column.
    public init(width: Int? = nil, alignment: ESCPOSEncoder.Alignment = .left) {
      self.width = width
      self.alignment = alignment
    }
  }

  /// The columns, from the left.
  public var columns: [Column]
  /// Cells between columns.
  public var gap: Int

  /// A table.
  public init(_ columns: [Column], gap: Int = 1) {
    self.columns = columns
    self.gap = max(0, gap)
  }

  /// The columns' widths in a line of `width` cells; `nil` where they do not fit.
  public func widths(in width: Int) -> [Int]? {
    let fixed = columns.reduce(0) { $0 + max(0, $1.width ?? 0) }
    let free = width - fixed - gap * max(0, columns.count - 1)
    let sharing = columns.count { $0.width == nil }
    guard free >= sharing else { return nil }
    var place = 0
    return columns.map { column in
      if let width = column.width { return max(0, width) }
      // The first ones take what does not divide.
      place += 1
      return free / sharing + (place <= free % sharing ? 1 : 0)
    }
  }

  /// The lines of one row, each exactly `width` cells or less where only spaces would follow; `nil` where the columns
  /// do not fit, or a character its column.
  ///
  /// - Parameters:
  ///   - texts: one for each column; missing ones are empty.
  ///   - cells: how many cells a character takes.
  public func lines(
    _ texts: [[Unicode.Scalar]], width: Int, cells: (Unicode.Scalar) -> Int = { CellWidth.cells($0) }
  ) -> [[Unicode.Scalar]]? {
    guard let widths = widths(in: width) else { return nil }
    for (text, width) in zip(texts, widths) where width > 0 {
      guard text.allSatisfy({ cells($0) <= width }) else { return nil }
    }
    let wrapped = columns.indices.map { index in
      index < texts.count && widths[index] > 0
        ? TextWrap.lines(of: texts[index], width: widths[index], cells: cells) : [[]]
    }
    let height = wrapped.map { $0.count }.max() ?? 0
    return (0..<height).map { row in
      var line: [Unicode.Scalar] = []
      for index in columns.indices {
        if index > 0 { line += spaces(gap) }
        let text = row < wrapped[index].count ? wrapped[index][row] : []
        let free = max(0, widths[index] - text.reduce(0) { $0 + cells($1) })
        let before =
          switch columns[index].alignment {
          case .left: 0
          case .centre: free / 2
          case .right: free
          }
        line += spaces(before) + text + spaces(free - before)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  private func spaces(_ count: Int) -> [Unicode.Scalar] { [Unicode.Scalar](repeating: " ", count: count) }
}
