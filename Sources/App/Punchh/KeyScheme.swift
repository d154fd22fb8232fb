import POSJSON
public import POSModel

/// A key algorithm described by data: where each part's bits stand, how the check's number is mixed, how the
/// checksum is formed. Read from a `key-scheme` file in JSON:
///
///     {"name": "…", "rBits": [22 positions], "iBits": [13 positions], "cBits": [4 positions],
///      "rounds": [{"operation": "multiply", "operand": 2654435}], "checksum": [16 rows of 16]}
///
/// Positions count from 0, the least significant bit of the key, to 38; the first position of a part is that of
/// its least significant bit.
public struct KeyScheme: Sendable, Equatable, Codable, PunchhKeyCodec {
  /// One reversible step on the 22 bits of the check's number.
  public struct Round: Sendable, Equatable, Codable {
    /// What the step does; all arithmetic is modulo 2^22.
    public enum Operation: String, Sendable, Codable, CaseIterable {
      /// Adds the operand.
      case add
      /// Adds the location's short key times the operand.
      case addShortKey
      /// Exclusive or with the operand.
      case xor
      /// Multiplies by the operand, which is odd.
      case multiply
      /// Exclusive or with itself shifted right by the operand, 1 to 21.
      case xorShiftRight
      /// Rotates left by the operand, 1 to 21.
      case rotateLeft
    }

    /// What to do.
    public var operation: Operation
    /// With which number, below 2^22.
    public var operand: UInt32

    /// A step from its parts.
    public init(_ operation: Operation, _ operand: UInt32) {
      self.operation = operation
      self.operand = operand
    }
  }

  /// The scheme's name; `sandbox` is reserved for the one shipped here.
  public let name: String
  /// Positions of the check's part, 22 of them.
  public let rBits: [Int]
  /// Positions of the location's part, 13 of them.
  public let iBits: [Int]
  /// Positions of the checksum, 4 of them.
  public let cBits: [Int]
  /// How the check's number becomes the check's part.
  public let rounds: [Round]
  /// The checksum's automaton: row is the state, column the next nibble, the value the next state.
  ///
  /// The 35 bits `rBits << 13 | shortKey` are fed as nine nibbles, least significant first, from state 0; the
  /// last state is the checksum.
  public let checksum: [[UInt8]]

  /// A scheme from its parts.
  ///
  /// - Throws: `input.configuration` naming the part that is wrong.
  public init(
    name: String, rBits: [Int], iBits: [Int], cBits: [Int], rounds: [Round], checksum: [[UInt8]]
  ) throws(DeviceError) {
    func wrong(_ detail: String) -> DeviceError {
      DeviceError(.badConfiguration, during: "reading the key scheme '\(name)'", detail: detail)
    }
    guard rBits.count == 22, iBits.count == 13, cBits.count == 4 else {
      throw wrong("rBits, iBits and cBits hold 22, 13 and 4 positions")
    }
    guard (rBits + iBits + cBits).sorted() == Array(0..<PunchhKey.bitCount) else {
      throw wrong("rBits, iBits and cBits together name every position from 0 to 38 once")
    }
    for round in rounds {
      let fits =
        switch round.operation {
        case .add, .addShortKey, .xor: round.operand <= Self.mask
        case .multiply: round.operand <= Self.mask && !round.operand.isMultiple(of: 2)
        case .xorShiftRight, .rotateLeft: (1...21).contains(round.operand)
        }
      guard fits else { throw wrong("\(round.operation.rawValue) does not work with \(round.operand)") }
    }
    guard checksum.count == 16, checksum.allSatisfy({ $0.count == 16 && $0.allSatisfy { $0 < 16 } }) else {
      throw wrong("checksum is 16 rows of 16 numbers from 0 to 15")
    }
    self.init(
      unchecked: name, rBits: rBits, iBits: iBits, cBits: cBits, rounds: rounds, checksum: checksum)
  }

  private init(
    unchecked name: String, rBits: [Int], iBits: [Int], cBits: [Int], rounds: [Round], checksum: [[UInt8]]
  ) {
    self.name = name
    self.rBits = rBits
    self.iBits = iBits
    self.cBits = cBits
    self.rounds = rounds
    self.checksum = checksum
  }

  /// Reads a scheme from the text of a `key-scheme` file.
  ///
  /// - Throws: `input.configuration`.
  public init(json: [UInt8]) throws(DeviceError) {
    do {
      self = try BoundedJSON.decode(KeyScheme.self, from: json)
    } catch let error as DeviceError {
      throw error
    } catch {
      throw DeviceError(
        .badConfiguration, during: "reading the key scheme", detail: "it is no JSON of the expected form")
    }
  }

  /// Reads a scheme and checks it.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      name: values.decode(String.self, forKey: .name),
      rBits: values.decode([Int].self, forKey: .rBits),
      iBits: values.decode([Int].self, forKey: .iBits),
      cBits: values.decode([Int].self, forKey: .cBits),
      rounds: values.decode([Round].self, forKey: .rounds),
      checksum: values.decode([[UInt8]].self, forKey: .checksum))
  }

  /// For the sandbox and for tests: not PAR's algorithm. Real servers refuse its keys.
  ///
  /// The parts are interleaved, the check's number is permuted, and the checksum is Damm's over the 16 elements
  /// of GF(2^4), which catches every change of one nibble.
  public static let sandbox: KeyScheme = {
    let positions = (0..<PunchhKey.bitCount).map { ($0 * 16 + 7) % PunchhKey.bitCount }
    return KeyScheme(
      unchecked: "sandbox",
      rBits: Array(positions[0..<22]), iBits: Array(positions[22..<35]), cBits: Array(positions[35...]),
      rounds: [
        Round(.addShortKey, 40_503), Round(.multiply, 2_654_435), Round(.xorShiftRight, 11),
        Round(.multiply, 1_597_333), Round(.xorShiftRight, 13),
      ],
      checksum: (0..<16).map { state in
        (0..<16).map { nibble in
          let doubled = UInt8(state ^ nibble) << 1
          return doubled > 15 ? doubled ^ 0b10011 : doubled
        }
      })
  }()

  /// Whether this is the scheme that only the sandbox knows.
  public var isForSandboxOnly: Bool { name == Self.sandbox.name }
}

extension KeyScheme {
  /// The 22 bits of the check's part.
  private static let mask: UInt32 = 1 << 22 - 1

  /// Makes the key of the check whose counter is `source.counter` modulo 2^22. One location's keys repeat only
  /// after 4,194,304 checks.
  public func encode(_ source: KeySource, shortKey: Int) throws(DeviceError) -> PunchhKey {
    guard let location = UInt32(exactly: shortKey), location < 1 << 13 else {
      throw DeviceError(
        .badInput, during: "making a receipt key", detail: "short key \(shortKey) is not within 0 to 8191")
    }
    let check = mix(UInt32(truncatingIfNeeded: source.counter) & Self.mask, shortKey: location)
    let value =
      Self.scatter(check, to: rBits) | Self.scatter(location, to: iBits)
      | Self.scatter(UInt32(checkNibble(check, location)), to: cBits)
    // Positions are below 39, so the value always fits.
    return PunchhKey(value: value) ?? .max
  }

  /// The parts of `key`; `nil` when its checksum does not fit.
  public func decode(_ key: PunchhKey) -> KeyParts? {
    let check = Self.gather(key.value, from: rBits)
    let location = Self.gather(key.value, from: iBits)
    let sum = UInt8(truncatingIfNeeded: Self.gather(key.value, from: cBits))
    guard sum == checkNibble(check, location) else { return nil }
    return KeyParts(rBits: check, shortKey: Int(location), cBits: sum)
  }

  /// Permutes the 22-bit numbers.
  func mix(_ counter: UInt32, shortKey: UInt32) -> UInt32 {
    rounds.reduce(counter) { value, round in
      let operand = round.operand
      return switch round.operation {
      case .add: (value &+ operand) & Self.mask
      case .addShortKey: (value &+ shortKey &* operand) & Self.mask
      case .xor: value ^ operand
      case .multiply: (value &* operand) & Self.mask
      case .xorShiftRight: value ^ value >> operand
      case .rotateLeft: (value << operand | value >> (22 - operand)) & Self.mask
      }
    }
  }

  private func checkNibble(_ check: UInt32, _ location: UInt32) -> UInt8 {
    var rest = UInt64(check) << 13 | UInt64(location)
    var state: UInt8 = 0
    for _ in 0..<9 {
      state = checksum[Int(state)][Int(rest & 15)]
      rest >>= 4
    }
    return state
  }

  private static func scatter(_ part: UInt32, to positions: [Int]) -> UInt64 {
    var value: UInt64 = 0
    for (bit, position) in positions.enumerated() { value |= UInt64(part >> UInt32(bit) & 1) << position }
    return value
  }

  private static func gather(_ value: UInt64, from positions: [Int]) -> UInt32 {
    var part: UInt32 = 0
    for (bit, position) in positions.enumerated() { part |= UInt32(value >> position & 1) << UInt32(bit) }
    return part
  }
}
