public import POSBarcode

/// What a scanner was set to put around the data, and how to take it off again.
///
/// Nothing of it can be seen in the bytes with certainty, so it is declared, never guessed: `F` begins an EAN-13
/// in one alphabet of code ids and a UPC-A with an add-on in another (specs/scanners.md §3.2).
///
///     var envelope = ScanEnvelope()
///     envelope.identifiers = .aim
///     let code = envelope.open(raw)            // "]C10109501101530003" is GS1-128 of "01095…"
public struct ScanEnvelope: Sendable, Equatable {
  /// What stands before the data and names the symbology.
  public enum Identifiers: Sendable, Equatable {
    /// Nothing.
    case none
    /// `]`, code and modifier. Data that begin otherwise are left alone.
    case aim
    /// Code ids of one maker. Data that begin otherwise are left alone.
    case codeIDs(CodeIDSet)
  }

  /// Bytes before everything, taken off where they are.
  public var prefix: [UInt8] = []
  /// Bytes after everything but the terminator, taken off where they are.
  public var suffix: [UInt8] = []
  /// What names the symbology.
  public var identifiers = Identifiers.none
  /// What the scanner sends for GS, such as the text `{GS}` or one unlikely character; empty when it sends GS.
  public var separatorSubstitute: [UInt8] = []

  /// An envelope of nothing: the data as they come.
  public init() {}

  /// Takes prefix, suffix and identifiers off `raw`.
  public func open(_ raw: [UInt8], pieces: Int = 1, isTruncated: Bool = false) -> DecodedCode {
    var rest = raw[...]
    if !prefix.isEmpty, rest.starts(with: prefix) { rest = rest.dropFirst(prefix.count) }
    if !suffix.isEmpty, !isTruncated, rest.count >= suffix.count,
      rest.suffix(suffix.count).elementsEqual(suffix)
    {
      rest = rest.dropLast(suffix.count)
    }
    var aim: AIMIdentifier?
    var codeID = Symbology.unknown
    switch identifiers {
    case .none: break
    case .aim:
      aim = Self.takeAIM(from: &rest)
    case .codeIDs(let set):
      // Some tables name GS1-128 by its AIM identifier alone.
      if let named = Self.takeAIM(from: &rest) {
        aim = named
      } else if let match = set.match(rest) {
        codeID = match.symbology
        rest = rest.dropFirst(match.length)
      }
    }
    let bytes = restoreSeparators(rest)
    return DecodedCode(
      aim: aim, symbology: Symbology(aim: aim, codeID: codeID, dataLength: bytes.count), bytes: bytes,
      raw: raw,
      pieces: pieces, isTruncated: isTruncated)
  }

  private static func takeAIM(from rest: inout ArraySlice<UInt8>) -> AIMIdentifier? {
    let start = rest.startIndex
    guard rest.count >= 3, rest[start] == 0x5D,
      let aim = AIMIdentifier(code: rest[start + 1], modifier: rest[start + 2]),
      aim.symbology(dataLength: rest.count - 3) != .unknown || aim.code == 0x45
    else { return nil }
    rest = rest.dropFirst(3)
    return aim
  }

  private func restoreSeparators(_ data: ArraySlice<UInt8>) -> [UInt8] {
    guard !separatorSubstitute.isEmpty else { return Array(data) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(data.count)
    var index = data.startIndex
    while index < data.endIndex {
      if data[index...].starts(with: separatorSubstitute) {
        bytes.append(0x1D)
        index += separatorSubstitute.count
      } else {
        bytes.append(data[index])
        index += 1
      }
    }
    return bytes
  }
}
