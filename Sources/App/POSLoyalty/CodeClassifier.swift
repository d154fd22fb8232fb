public import POSBarcode
public import POSModel
import POSWire

/// What a code read at the till turned out to be.
public enum ClassifiedCode: Sendable, Equatable {
  /// A guest's code: the look-ups to try, likeliest first, at least one.
  ///
  /// Kinds overlap (seven digits are a coupon as well as hexadecimal), so a look-up that finds nobody may be
  /// followed by the next one, once.
  case guest([GuestCode])
  /// The bar code of a receipt: its key of 12 digits. It names a check, not a guest.
  case receipt(key: String)
}

/// Sorts what a guest shows into the kinds of code a programme looks up (specs/punchh.md §2.2).
///
///     let classifier = CodeClassifier(couponPrefix: configuration.couponPrefix ?? "")
///     guard case .guest(let candidates) = try classifier.classify(scan) else { … }
public struct CodeClassifier: Sendable {
  /// What the programme's coupons begin with; empty when they begin with nothing in particular.
  public var couponPrefix: String

  /// A classifier for a programme's coupons.
  public init(couponPrefix: String = "") { self.couponPrefix = couponPrefix }

  /// Classifies a scan.
  ///
  /// - Throws: `input.malformed` for a truncated scan, which is never a whole code, and as
  ///   ``classify(_:symbology:)`` does.
  public func classify(_ scan: Scan) throws(DeviceError) -> ClassifiedCode {
    guard !scan.isTruncated else {
      throw Self.refusal("the scanner sent only the beginning of the code", hint: "scan the code again")
    }
    return try classify(scan.text, symbology: scan.symbology)
  }

  /// Classifies a code that was scanned or typed; ``Symbology/unknown`` stands for typed ones.
  ///
  /// An AIM identifier in front and white space or control characters around the code are ignored.
  ///
  /// - Throws: `input.malformed` when it is nothing a guest could show: an article's bar code, 13 digits
  ///   whose check digit is wrong, or characters and lengths that no kind of code has.
  public func classify(
    _ text: String, symbology: Symbology = .unknown
  ) throws(DeviceError) -> ClassifiedCode {
    let code = Self.stripped(Array(text.utf8))
    guard !code.isEmpty else { throw Self.refusal("the code is empty", hint: "scan the code again") }
    var kinds: [GuestCode.Kind] = []
    if !couponPrefix.isEmpty, code.starts(with: couponPrefix.utf8), Self.isAlphanumeric(code) {
      kinds.append(.redemptionCode)
    } else if let key = try Self.receiptKey(code, symbology) {
      return .receipt(key: key)
    }
    for rule in Self.rules where !kinds.contains(rule.kind) && rule.holds(code) { kinds.append(rule.kind) }
    guard !kinds.isEmpty else {
      throw Self.refusal("it has the form of no guest's code", hint: "scan the code in the guest's app")
    }
    let value = String(decoding: code, as: UTF8.self)
    return .guest(kinds.map { GuestCode(kind: $0, value: value) })
  }

  private static func refusal(_ detail: String, hint: String) -> DeviceError {
    DeviceError(.badInput, during: "classifying a code", detail: detail, hint: hint)
  }
}

// MARK: - Guests

extension CodeClassifier {
  private struct Rule: Sendable {
    let kind: GuestCode.Kind
    let holds: @Sendable ([UInt8]) -> Bool
  }

  /// Every kind of code by its form, likeliest first. Forms with a mark of their own come before plain
  /// digits, digits by the lengths that one kind claims before those that any hexadecimal code may have,
  /// coupons last: they may look like anything.
  private static let rules: [Rule] = [
    Rule(kind: .email, holds: isEmail),
    Rule(kind: .userQR) { (13...512).contains($0.count) && isFramed($0) },
    Rule(kind: .userQR) { (2...12).contains($0.count) && $0[0] == UInt8(ascii: "P") && isAlphanumeric($0) },
    Rule(kind: .userQR) { $0.count == 8 && $0[0] == UInt8(ascii: "S") && isAlphanumeric($0) },
    Rule(kind: .shortCode) { $0.count == 4 && isAlphanumeric($0) },
    Rule(kind: .redemptionCode) { $0.count == 7 && isDigits($0) },
    Rule(kind: .phone) { $0.count == 10 && isDigits($0) },
    Rule(kind: .cardNumber) { $0.count == 16 && isDigits($0) },
    Rule(kind: .rewardID) { (11...20).contains($0.count) && isDigits($0) },
    Rule(kind: .singleScan) { (6...34).contains($0.count) && $0.allSatisfy(isHexDigit) },
    Rule(kind: .redemptionCode) { $0.count <= 34 && isAlphanumeric($0) },
  ]

  private static func isEmail(_ code: [UInt8]) -> Bool {
    let at = UInt8(ascii: "@")
    return (6...255).contains(code.count) && code.first != at && code.last != at
      && code.count(where: { $0 == at }) == 1 && code.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  /// Long user codes stand between two `Punchh`, in capitals on some tills.
  private static func isFramed(_ code: [UInt8]) -> Bool {
    let frame = Array("punchh".utf8)
    return code.prefix(6).map(lowercased) == frame && code.suffix(6).map(lowercased) == frame
      && code.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 { isLetter(byte) ? byte | 0x20 : byte }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }

  private static func isDigits(_ code: [UInt8]) -> Bool { code.allSatisfy(isDigit) }

  private static func isAlphanumeric(_ code: [UInt8]) -> Bool {
    code.allSatisfy { isDigit($0) || isLetter($0) }
  }

  /// The code without what scanners put around it.
  private static func stripped(_ text: [UInt8]) -> [UInt8] {
    func isPadding(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F }
    var code = text.drop(while: isPadding)
    while let last = code.last, isPadding(last) { code.removeLast() }
    let identifier = code.prefix(3)
    if code.count > 3, identifier.first == UInt8(ascii: "]"),
      identifier.dropFirst().allSatisfy({ isDigit($0) || isLetter($0) })
    {
      code = code.dropFirst(3)
    }
    return Array(code)
  }
}

// MARK: - Receipts and articles

extension CodeClassifier {
  /// The key of a receipt's bar code, or `nil` for a code that is no retail bar code.
  ///
  /// Receipts carry an EAN-13; scanners send one that begins with 0 as the UPC-A it also is. Thirteen digits
  /// that were typed are taken as an EAN-13; the same digits in a QR code are not.
  private static func receiptKey(_ code: [UInt8], _ symbology: Symbology) throws(DeviceError) -> String? {
    switch symbology {
    case .unknown:
      guard code.count == 13, isDigits(code) else { return nil }
    case .ean13, .upcA, .upcE, .ean8, .upcAddOn2, .upcAddOn5: break
    default: return nil
    }
    do throws(WireError) {
      let symbol =
        symbology == .upcA && code.count == 12 ? try EAN13(upcA: code.span) : try whole(code)
      return String(decoding: symbol.ascii.dropLast(), as: UTF8.self)
    } catch {
      guard error.reason == .checksum else {
        throw refusal("it is an article's bar code", hint: "scan the code in the guest's app")
      }
      throw refusal(
        "the check digit of its \(code.count) digits is wrong",
        hint: "scan the code again, or compare every digit with the receipt")
    }
  }

  /// Thirteen digits with their check digit; twelve do not count, since nothing vouches for them.
  private static func whole(_ code: [UInt8]) throws(WireError) -> EAN13 {
    guard code.count == 13 else { throw WireError(.truncated, at: code.count, field: "bar code digits") }
    return try EAN13(ascii: code.span)
  }
}
