import POSLoyalty
import POSModel
import Testing

@testable import Punchh

@Suite("Receipt keys")
struct KeyTests {
  @Test(
    "bar codes of specs/punchh.md §1.5, V1 to V5",
    arguments: [
      ("315788232640", "3157882326401"), ("374951002060", "3749510020609"), ("000000000000", "0000000000000"),
      ("549755813887", "5497558138876"), ("100000000000", "1000000000009"),
    ])
  func vectors(key: String, barcode: String) throws {
    let parsed = try #require(PunchhKey(decimal: key))
    #expect(parsed.description == key)
    #expect(parsed.ean13 == barcode)
  }

  @Test(
    "bits of V1 and V2 (V6, V7)",
    arguments: [
      ("315788232640", "100100110000110011100100000011111000000"),
      ("374951002060", "101011101001100110100100011111111001100"),
    ])
  func bits(key: String, bits: String) throws {
    #expect(try #require(PunchhKey(decimal: key)).value == UInt64(bits, radix: 2))
  }

  @Test("11 digits read as a lost zero; everything else is refused")
  func lengths() {
    #expect(PunchhKey(decimal: "15788232640")?.description == "015788232640")
    for text in [
      "", "1", "1234567890", "3157882326401", "549755813888", "31578823264x", "+15788232640", "３15788232640",
    ] {
      #expect(PunchhKey(decimal: text) == nil, "\(text)")
    }
    #expect(PunchhKey(value: 1 << 39) == nil)
    #expect(PunchhKey.max.value == 549_755_813_887)
  }

  @Test("every single wrong digit breaks the bar code's check digit")
  func wrongDigits() throws {
    let good = Array("3157882326401".utf8)
    for place in good.indices {
      for digit in UInt8(0x30)...0x39 where digit != good[place] {
        var bad = good
        bad[place] = digit
        let text = String(decoding: bad, as: UTF8.self)
        #expect(PunchhKey(decimal: text.dropLast())?.ean13 != text)
      }
    }
  }

  @Test("every short key survives the round trip, with the check's part")
  func shortKeys() throws {
    for shortKey in 0..<8192 {
      let counter = UInt64(shortKey) &* 2_654_435_761
      let key = try KeyScheme.sandbox.encode(KeySource(checkID: "", counter: counter), shortKey: shortKey)
      let parts = try #require(KeyScheme.sandbox.decode(key))
      #expect(parts.shortKey == shortKey)
      #expect(parts.rBits == KeyScheme.sandbox.mix(UInt32(counter & 0x3F_FFFF), shortKey: UInt32(shortKey)))
      #expect(KeyScheme.sandbox.isValid(key, shortKey: shortKey))
      #expect(!KeyScheme.sandbox.isValid(key, shortKey: (shortKey + 1) % 8192))
    }
    for shortKey in [-1, 8192] {
      let error = #expect(throws: DeviceError.self) {
        try KeyScheme.sandbox.encode(KeySource(checkID: "", counter: 0), shortKey: shortKey)
      }
      #expect(error?.code == .badInput)
    }
  }

  @Test("keys of a location do not repeat within 2^22 checks")
  func permutation() {
    var seen = [Bool](repeating: false, count: 1 << 22)
    let scheme = KeyScheme.sandbox
    for counter in 0..<UInt32(1 << 22) { seen[Int(scheme.mix(counter, shortKey: 6624))] = true }
    let isComplete = seen.allSatisfy { $0 }
    #expect(isComplete)
  }

  @Test(
    "each kind of round is reversible",
    arguments: [
      KeyScheme.Round(.add, 77), .init(.addShortKey, 3), .init(.xor, 0x2A5A5), .init(.multiply, 40_503),
      .init(.xorShiftRight, 5), .init(.rotateLeft, 9),
    ])
  func rounds(round: KeyScheme.Round) throws {
    let sandbox = KeyScheme.sandbox
    let scheme = try KeyScheme(
      name: "one", rBits: sandbox.rBits, iBits: sandbox.iBits, cBits: sandbox.cBits, rounds: [round],
      checksum: sandbox.checksum)
    // 2^16 numbers spread over the range: a step that merges two of them is seen.
    let images = Set((0..<UInt32(1 << 16)).map { scheme.mix($0 << 6 | $0 >> 10, shortKey: 8191) })
    #expect(images.count == 1 << 16)
    #expect(images.allSatisfy { $0 < 1 << 22 })
  }

  @Test("one flipped bit never leaves a valid key")
  func flippedBits() throws {
    for counter in 0..<UInt64(200) {
      let key = try KeyScheme.sandbox.encode(KeySource(checkID: "", counter: counter), shortKey: 6624)
      for bit in 0..<39 {
        let flipped = try #require(PunchhKey(value: key.value ^ 1 << UInt64(bit)))
        #expect(KeyScheme.sandbox.decode(flipped) == nil)
      }
    }
  }

  @Test("a scheme in a file is read and checked")
  func files() throws {
    func list(_ numbers: [Int]) -> String { numbers.description }
    let sandbox = KeyScheme.sandbox
    func text(name: String = "partner", rBits: [Int] = sandbox.rBits, rounds: String, rows: Int = 16)
      -> [UInt8]
    {
      let row = "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]"
      let table = Array(repeating: row, count: rows).joined(separator: ",")
      return Array(
        #"{"name":"\#(name)","rBits":\#(list(rBits)),"iBits":\#(list(sandbox.iBits)),"cBits":\#(list(sandbox.cBits)),"rounds":[\#(rounds)],"checksum":[\#(table)]}"#
          .utf8)
    }
    let scheme = try KeyScheme(json: text(rounds: #"{"operation":"xor","operand":5}"#))
    #expect(!scheme.isForSandboxOnly)
    #expect(scheme.rounds == [KeyScheme.Round(.xor, 5)])
    let key = try scheme.encode(KeySource(checkID: "", counter: 1), shortKey: 1)
    #expect(scheme.decode(key)?.rBits == 4)

    let bad: [[UInt8]] = [
      text(rBits: Array(0..<22), rounds: ""), text(rBits: [1], rounds: ""), text(rounds: "", rows: 15),
      text(rounds: #"{"operation":"multiply","operand":4}"#),
      text(rounds: #"{"operation":"rotateLeft","operand":22}"#),
      text(rounds: #"{"operation":"xor","operand":4194304}"#),
      text(rounds: #"{"operation":"divide","operand":1}"#),
      Array("no JSON".utf8), [],
    ]
    for json in bad {
      let error = #expect(throws: DeviceError.self) { try KeyScheme(json: json) }
      #expect(error?.code == .badConfiguration)
    }
    #expect(try KeyScheme(json: text(name: "sandbox", rounds: "")).isForSandboxOnly)
  }

  @Test("sandbox keys are refused where guests would scan them")
  func refusedOutside() throws {
    let location = LocationConfiguration(
      locationName: "", shortKey: 6624, printsBarcodes: true, header: "", trailers: [], updateInterval: 60,
      storesReceipts: true, allowsMultipleRedemptions: true)
    let check = try Lane.snapshot().identity
    var configuration = try Lane.configuration(port: 1)
    configuration.server = try ServerURL("https://pos.example.com")
    let error = #expect(throws: DeviceError.self) {
      try PunchhProvider(configuration).receiptKey(for: check, configuration: location)
    }
    #expect(error?.code == .keySchemeMissing)
    #expect(error?.hint.contains("PAR") == true)
    configuration.allowsSandboxKeys = true
    let key = try PunchhProvider(configuration).receiptKey(for: check, configuration: location)
    #expect(KeyScheme.sandbox.isValid(try #require(PunchhKey(decimal: key)), shortKey: 6624))
  }

  @Test("tills that share a location never issue the same key")
  func tills() throws {
    let location = LocationConfiguration(
      locationName: "", shortKey: 6624, printsBarcodes: true, header: "", trailers: [], updateInterval: 60,
      storesReceipts: true, allowsMultipleRedemptions: true)
    var keys: Set<String> = []
    for till in 0..<3 {
      var configuration = try Lane.configuration(port: 1)
      configuration.tillIndex = till
      configuration.tillCount = 3
      let provider = PunchhProvider(configuration)
      for number in Int64(0)..<100 {
        keys.insert(
          try provider.receiptKey(for: try Lane.snapshot(number: number).identity, configuration: location))
      }
    }
    #expect(keys.count == 300)
    var configuration = try Lane.configuration(port: 1)
    configuration.tillIndex = 1
    let provider = PunchhProvider(configuration)
    #expect(throws: DeviceError.self) {
      try provider.receiptKey(for: try Lane.snapshot().identity, configuration: location)
    }
  }
}
