internal import FoundationEssentials
public import POSModel

/// How to reach a Punchh server and how to present this till there.
public struct PunchhConfiguration: Sendable, Equatable {
  /// Letter under which a redeemed reward stands in check-ins and receipts (specs/punchh.md §7.3).
  public enum RedemptionLine: String, Sendable, Codable { case discount = "D", redemption = "R" }

  /// How item ids are written (specs/punchh.md §7.1).
  public enum ItemIDForm: String, Sendable, Codable {
    /// As a number where the id is one without leading zeros, else as text.
    case number
    /// Always as text.
    case text
  }

  /// The server of look-ups, redemptions and check-ins.
  public var server: ServerURL
  /// The server of receipt details; the same one unless PAR names another.
  public var receiptServer: ServerURL
  /// Location key and business key.
  public var keys: PunchhKeys
  /// Three parts that name this integration to PAR, as in `NCRSilverPro/POS/3.5.6b`.
  public var userAgent: UserAgent
  /// The till's type, from PAR's list.
  public var posType = "Proprietary POS"
  /// The till's version.
  public var posVersion = "1.0"
  /// Where sales come from, in the words of specs/punchh.md §6.1. A handheld that a cashier carries is `pos`.
  public enum Channel: String, Sendable, CaseIterable {
    case pos, kiosk, web, mobile, dashboard, chatbot
    case onlineOrder = "online_order"

    /// Whether its orders have a number of their own, which receipts bring along so that nothing earns twice.
    var numbersOrders: Bool { self == .kiosk || self == .onlineOrder }
  }

  /// Where sales come from.
  public var channel = Channel.pos
  /// The name of the fulfilment mode. PAR's examples contradict its definition of this and the next.
  public var revenueCode = "Dine In"
  /// The id of the fulfilment mode.
  public var revenueID = "1"
  /// How redeemed rewards stand in check-ins and receipts.
  public var redemptionLine = RedemptionLine.discount
  /// How item ids are written.
  public var itemIDForm = ItemIDForm.number
  /// The currency of the location.
  public var currency = Currency.usDollar
  /// This till among those that share the location, from 0.
  public var tillIndex = 0
  /// How many tills share the location: their keys never meet.
  public var tillCount = 1
  /// Issue sandbox keys to a server that is not on this machine. Guests cannot use the receipts.
  public var allowsSandboxKeys = false
  /// Which generation of redemptions the location speaks; the two do not mix (specs/punchh.md §5).
  public enum Redemptions: String, Sendable, CaseIterable {
    /// One call a discount.
    case single = "1.0"
    /// The basket, redeemed as one.
    case basket = "2.0"
  }

  /// Which generation is spoken; `nil` lets brand and location say: 2.0 where both have it on, else 1.0.
  public var redemptions: Redemptions?
  /// Where a refusal of the keys is remembered for the next process; `nil` for this process alone.
  public var refusedKeys: RefusedKeys?
  /// Words by which the server says that it has a check already, in lower case: one of the lists has to stand in
  /// its refusal whole. PAR publishes none (specs/punchh.md §6.1), so a location may need others. What has "already been
  /// used" without a word of the receipt may be the guest's code.
  public var duplicateWords = [
    ["duplicate"], ["already", "receipt"], ["already", "barcode"], ["already", "bar code"],
    ["already", "transaction"], ["already", "external_uid"], ["already", "checkin"], ["already", "check-in"],
  ]
  /// The language of offers' names, as in `en` or `fr-ca`; without one it is English.
  public private(set) var language: String?
  /// Time-outs.
  public var timeouts = Timeouts()
  /// How often a call that repeats without harm is sent again.
  public var retry = Retry()

  /// Repetition of calls that read (specs/punchh.md §3.1). Effects are never repeated here.
  public struct Retry: Sendable, Equatable {
    /// Further sendings after the first.
    public var repetitions = 1
    /// The pause before each.
    public var pause = Duration.milliseconds(300)

    /// One repetition after 0.3 seconds.
    public init() {}
  }

  /// Time-outs in milliseconds, connection included (specs/punchh.md §3).
  public struct Timeouts: Sendable, Equatable {
    /// Configuration, look-ups and quotes.
    public var lookUp = 5_000
    /// Redemptions and their voids.
    public var commit = 10_000
    /// Check-ins and receipts.
    public var checkIn = 15_000

    /// The recommended time-outs.
    public init() {}
  }

  /// A configuration with everything else at its default.
  public init(server: ServerURL, receiptServer: ServerURL? = nil, keys: PunchhKeys, userAgent: UserAgent) {
    self.server = server
    self.receiptServer = receiptServer ?? server
    self.keys = keys
    self.userAgent = userAgent
  }

  /// Asks for offers' names in another language.
  ///
  /// - Throws: `input.configuration` for what is no language tag.
  public mutating func speak(_ language: String) throws(DeviceError) {
    guard HeaderText.isToken(language, limit: 20) else {
      throw DeviceError(
        .badConfiguration, during: "choosing the language", detail: "it is no tag such as en or fr-ca")
    }
    self.language = language
  }

  /// Whether every server is on this machine.
  public var isSandbox: Bool { server.isLoopback && receiptServer.isLoopback }
}

/// `Integrator/Type/Version`; Punchh rejects calls without it (specs/punchh.md §3).
public struct UserAgent: Sendable, Equatable {
  /// The three parts with slashes between them.
  public let text: String

  /// A user agent from its parts.
  ///
  /// - Throws: `input.configuration` when a part is empty or has other characters than letters, digits and `-._`.
  public init(integrator: String, type: String = "POS", version: String) throws(DeviceError) {
    for part in [integrator, type, version] {
      guard HeaderText.isToken(part) else {
        throw DeviceError(
          .badConfiguration, during: "reading the user agent",
          detail: "each of its parts is made of 1 to 64 letters, digits and -._")
      }
    }
    text = "\(integrator)/\(type)/\(version)"
  }
}

/// The two keys of a location. Printing them shows nothing.
public struct PunchhKeys: Sendable, Equatable {
  let location: String
  let business: String

  /// Keys as PAR issued them.
  ///
  /// - Throws: `input.configuration` when one is empty or no plain token.
  public init(location: String, business: String) throws(DeviceError) {
    for (name, key) in [("location", location), ("business", business)] {
      guard HeaderText.isToken(key, limit: 256) else {
        throw Self.wrong("the \(name) key is missing or has other characters than letters, digits and -._")
      }
    }
    self.location = location
    self.business = business
  }

  /// Reads `PUNCHH_LOCATION_KEY` and `PUNCHH_BUSINESS_KEY`.
  public init(environment: [String: String]) throws(DeviceError) {
    try self.init(
      location: environment["PUNCHH_LOCATION_KEY"] ?? "", business: environment["PUNCHH_BUSINESS_KEY"] ?? "")
  }

  /// Reads a file of `NAME=value` lines with the same two names.
  ///
  /// - Throws: `input.configuration` when others than the owner may read the file.
  public init(file path: String) throws(DeviceError) {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let attributes, let mode = attributes[.posixPermissions] as? UInt else {
      throw Self.wrong("the key file does not exist or may not be read")
    }
    guard mode & 0o077 == 0 else {
      throw Self.wrong("others than its owner may read the key file", hint: "chmod 0600 '\(path)'")
    }
    guard attributes[.size] as? UInt ?? 0 <= 4096, let data = FileManager.default.contents(atPath: path)
    else {
      throw Self.wrong("the key file may not be read or exceeds 4096 bytes")
    }
    var values: [String: String] = [:]
    for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { values[Self.trim(parts[0])] = Self.trim(parts[1]) }
    }
    try self.init(environment: values)
  }

  private static func trim(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text = text.dropFirst() }
    while text.last?.isWhitespace == true { text = text.dropLast() }
    return String(text)
  }

  private static func wrong(_ detail: String, hint: String? = nil) -> DeviceError {
    DeviceError(
      .badConfiguration, during: "reading the Punchh keys", detail: detail,
      hint: hint ?? "export PUNCHH_LOCATION_KEY=… PUNCHH_BUSINESS_KEY=…")
  }

  /// Tells locations apart without giving away the key: FNV-1a of 64 bits, in hexadecimal.
  var locationDigest: String { Self.digest(location) }

  /// Tells pairs of keys apart in the same way.
  var digest: String { Self.digest("\(location) \(business)") }

  private static func digest(_ text: String) -> String {
    let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return String(hash, radix: 16)
  }

  /// The value of the `Authorization` header.
  var authorization: String { "Token token=\(location), btoken=\(business)" }
}

extension PunchhKeys: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// No key.
  public var description: String { "PunchhKeys(…)" }
  /// No key.
  public var debugDescription: String { description }
  /// No key either.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What may stand in a header.
enum HeaderText {
  /// Whether `text` is made of 1 to `limit` letters, digits and `-._`.
  static func isToken(_ text: String, limit: Int = 64) -> Bool {
    (1...limit).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
      }
  }
}
