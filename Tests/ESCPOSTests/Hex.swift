/// The bytes of a hex literal; white space separates them.
func hex(_ text: String) -> [UInt8] {
  text.split { $0.isWhitespace }.compactMap { UInt8($0, radix: 16) }
}
