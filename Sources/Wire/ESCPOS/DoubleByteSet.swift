/// A double-byte character set of East Asian printers. A model's memory holds one, and which is not selectable
/// (specs/escpos.md §2.8).
public enum DoubleByteSet: UInt8, Sendable, CaseIterable {
  /// Japanese models, told by `FS C 1`.
  case shiftJIS
  /// Models for China.
  case gbk
  /// Models for Taiwan.
  case big5
  /// Models for Korea.
  case ksX1001
}
