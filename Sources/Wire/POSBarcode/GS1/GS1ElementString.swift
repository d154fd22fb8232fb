public import POSWire

/// The elements of a GS1 message: identifiers and values, as GS1-128, GS1 DataMatrix, GS1 QR and DataBar hold
/// them (GS1 General Specifications §7.8).
///
///     let message = GS1ElementString(bytes.span)
///     message.value(of: 1)      // the GTIN
///
/// Reading is total. What breaks a rule is kept and named in ``findings``; where the structure itself is lost,
/// the rest stays in ``rest``. Parse only what its identifier says is GS1, see ``AIMIdentifier/isGS1``: a GS byte
/// alone proves nothing.
public struct GS1ElementString: Sendable {
  /// One element.
  public struct Element: Sendable {
    /// The application identifier.
    public let identifier: GS1Identifier
    /// The value, without separator.
    public let value: [UInt8]
    /// Where the value begins in the data.
    public let offset: Int
  }

  /// The elements, in the order of the data.
  public private(set) var elements: [Element] = []
  /// Broken rules: the reason, its offset in the data, and the rule in words. Two an element at most, and one
  /// for the place where the structure was lost.
  public private(set) var findings: [WireError] = []
  /// Data behind the place where the structure was lost.
  public private(set) var rest: [UInt8] = []

  /// Whether everything was read and nothing breaks a rule.
  public var isValid: Bool { findings.isEmpty }

  /// The value of the first element with this identifier.
  public func value(of number: Int) -> [UInt8]? {
    elements.first { $0.identifier.number == number }?.value
  }

  /// Reads `data`. GS separates; a separator too many is no fault, and one in front is the symbol's FNC1.
  public init(_ data: Span<UInt8>) {
    var offset = 0
    while offset < data.count {
      if data[offset] == 0x1D {
        offset += 1
        continue
      }
      guard let identifier = GS1Identifier(in: data, at: offset) else {
        findings.append(WireError(.unsupported, at: offset, field: "application identifier"))
        break
      }
      let start = offset + identifier.digits
      var end = start
      if let length = identifier.predefinedLength {
        guard start + length <= data.count else {
          findings.append(WireError(.truncated, at: data.count, field: "GS1 value"))
          break
        }
        end = start + length
      } else {
        while end < data.count, data[end] != 0x1D { end += 1 }
      }
      append(identifier, Self.copy(data, start..<end), at: start)
      offset = end
    }
    rest = Self.copy(data, offset..<data.count)
    checkPairs()
  }

  /// Elements that come from somewhere else, a Digital Link for instance.
  init(_ pairs: [(identifier: GS1Identifier, value: [UInt8], offset: Int)]) {
    for pair in pairs { append(pair.identifier, pair.value, at: pair.offset) }
    checkPairs()
  }

  private mutating func append(_ identifier: GS1Identifier, _ value: [UInt8], at offset: Int) {
    elements.append(Element(identifier: identifier, value: value, offset: offset))
    if let problem = GS1Rules.problem(in: value, identifier) { findings.append(problem.shifted(by: offset)) }
  }

  /// One finding an element at most: a code that repeats itself has as many pairs as the square of its
  /// elements.
  ///
  /// An element is compared with the first one of its identifier alone, and what may not stand beside it is
  /// looked for where an identifier is new.
  private mutating func checkPairs() {
    var firsts: [Element] = []
    for element in elements {
      if let first = firsts.first(where: { $0.identifier.number == element.identifier.number }) {
        guard first.value != element.value else { continue }
        findings.append(WireError(.value, at: element.offset, field: "same identifier with another value"))
      } else {
        let excludes = firsts.contains {
          $0.identifier.excludes(element.identifier) || element.identifier.excludes($0.identifier)
        }
        if excludes {
          findings.append(
            WireError(.value, at: element.offset, field: "identifiers that exclude each other"))
        }
        firsts.append(element)
      }
    }
  }

  private static func copy(_ data: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for index in range { bytes.append(data[index]) }
    return bytes
  }
}
