import POSBarcode
import POSLoyalty
import POSModel
import Testing

@Suite("Code classifier")
struct CodeClassifierTests {
  private static let longQR = "Punchh" + String(repeating: "x", count: 500) + "Punchh"

  @Test(
    "each kind of specs/punchh.md §2.2, with the kinds it may be mistaken for",
    arguments: [
      ("5555550100", [.phone, .singleScan, .redemptionCode]),
      ("ann@example.com", [.email]), ("a@b.co", [.email]),
      ("P4", [.userQR, .redemptionCode]), ("PABCDEFGHIJK", [.userQR, .redemptionCode]),
      ("PUNCHHX1PUNCHH", [.userQR, .redemptionCode]), ("PunchhAb12cDPunchh", [.userQR, .redemptionCode]),
      (longQR, [.userQR]), ("PUNCHH.1-2.PUNCHH", [.userQR]),
      ("S1234567", [.userQR, .redemptionCode]),
      ("deadbeef", [.singleScan, .redemptionCode]), ("5FA24B31C0", [.singleScan, .redemptionCode]),
      ("abcdef", [.singleScan, .redemptionCode]),
      ("0123456789abcdef0123456789abcdef01", [.singleScan, .redemptionCode]),
      ("123456", [.singleScan, .redemptionCode]), ("12345678", [.singleScan, .redemptionCode]),
      ("123456789", [.singleScan, .redemptionCode]),
      ("123456789012345678901", [.singleScan, .redemptionCode]),
      ("1234567", [.redemptionCode, .singleScan]),
      ("6012345678901234", [.cardNumber, .rewardID, .singleScan, .redemptionCode]),
      ("1234", [.shortCode, .redemptionCode]), ("JII8", [.shortCode, .redemptionCode]),
      ("PII8", [.userQR, .shortCode, .redemptionCode]),
      ("12345678901", [.rewardID, .singleScan, .redemptionCode]),
      ("123456789012", [.rewardID, .singleScan, .redemptionCode]),
      ("12345678901234567890", [.rewardID, .singleScan, .redemptionCode]),
      ("PIZZA10", [.userQR, .redemptionCode]), ("SUMMER22", [.userQR, .redemptionCode]),
      ("WELCOME", [.redemptionCode]), ("12345", [.redemptionCode]),
    ] as [(String, [GuestCode.Kind])])
  func kinds(_ text: String, _ kinds: [GuestCode.Kind]) throws {
    #expect(
      try CodeClassifier().classify(text, symbology: .qr)
        == .guest(kinds.map { GuestCode(kind: $0, value: text) }))
  }

  @Test(
    "what scanners put around a code is ignored",
    arguments: ["deadbeef\r", " deadbeef\r\n", "]Q1deadbeef", "\u{2}]Q1deadbeef\u{3}", "\tdeadbeef\u{0}"])
  func wrapping(_ text: String) throws {
    guard case .guest(let codes) = try CodeClassifier().classify(text) else {
      Issue.record("not taken as a guest's code")
      return
    }
    #expect(codes.first == GuestCode(kind: .singleScan, value: "deadbeef"))
  }

  @Test(
    "a coupon prefix comes before everything that is alphanumeric",
    arguments: [
      ("99", "9912345", [.redemptionCode, .singleScan]),
      ("99", "991234567890", [.redemptionCode, .rewardID, .singleScan]),
      ("PZ", "PZ100", [.redemptionCode, .userQR]),
      ("99", "8812345", [.redemptionCode, .singleScan]),
      // Thirteen digits with the prefix are a coupon even where they would pass as a receipt.
      ("315", "3157882326401", [.redemptionCode, .rewardID, .singleScan]),
      ("ann", "ann@example.com", [.email]),
    ] as [(String, String, [GuestCode.Kind])])
  func couponPrefix(_ prefix: String, _ text: String, _ kinds: [GuestCode.Kind]) throws {
    #expect(
      try CodeClassifier(couponPrefix: prefix).classify(text)
        == .guest(kinds.map { GuestCode(kind: $0, value: text) }))
  }

  @Test(
    "a receipt's bar code is told from a guest's code (specs/punchh.md §1.5, V1 to V5)",
    arguments: [
      ("3157882326401", .ean13, "315788232640"), ("3749510020609", .ean13, "374951002060"),
      ("0000000000000", .ean13, "000000000000"), ("5497558138876", .ean13, "549755813887"),
      ("1000000000009", .ean13, "100000000000"),
      // Typed at the till.
      ("3157882326401", .unknown, "315788232640"),
      // An EAN-13 with a leading zero, as the UPC-A that scanners make of it.
      ("306030209223", .upcA, "030603020922"), ("0306030209223", .ean13, "030603020922"),
    ] as [(String, Symbology, String)])
  func receipts(_ text: String, _ symbology: Symbology, _ key: String) throws {
    #expect(try CodeClassifier().classify(text, symbology: symbology) == .receipt(key: key))
  }

  @Test("the same thirteen digits in a QR code may be a guest's, whatever their check digit")
  func thirteenDigitsInQR() throws {
    for text in ["3157882326401", "3157882326402"] {
      #expect(
        try CodeClassifier().classify(text, symbology: .qr)
          == .guest(
            [.rewardID, .singleScan, .redemptionCode].map { GuestCode(kind: $0, value: text) }))
    }
  }

  @Test("every wrong check digit is refused, with a hint", arguments: [Symbology.ean13, .unknown])
  func wrongCheckDigit(_ symbology: Symbology) {
    for digit in 0...9 where digit != 1 {
      do throws(DeviceError) {
        _ = try CodeClassifier().classify("315788232640\(digit)", symbology: symbology)
        Issue.record("check digit \(digit) was accepted")
      } catch {
        #expect(error.code == .badInput && error.detail.contains("check digit"))
        #expect(error.hint.contains("scan") && !error.description.contains("315788"))
      }
    }
  }

  @Test(
    "what no guest shows is refused",
    arguments: [
      ("", .unknown), ("  \r\n", .qr), ("]Q1", .qr), ("https://example.com/x", .qr), ("über", .qr),
      ("@example.com", .qr), ("a@b@c.de", .qr), ("a@b.c", .qr), ("WELCOME TO 2024", .qr),
      (String(repeating: "G", count: 35), .qr), (longQR + "Punchh", .qr),
      ("306030209224", .upcA), ("96385074", .ean8), ("01234565", .upcE), ("400638133393142", .ean13),
      ("12", .upcAddOn2),
    ] as [(String, Symbology)])
  func refusals(_ text: String, _ symbology: Symbology) {
    do throws(DeviceError) {
      let kind = try CodeClassifier().classify(text, symbology: symbology)
      Issue.record("accepted as \(kind)")
    } catch {
      #expect(error.code == .badInput && !error.hint.isEmpty)
    }
  }

  @Test("a truncated scan is never classified, a whole one by its symbology")
  func scans() throws {
    func scan(_ text: String, isTruncated: Bool) -> Scan {
      Scan(
        device: DeviceID("test"), aim: nil, symbology: .ean13, bytes: Array(text.utf8), reports: 1,
        isTruncated: isTruncated, readAt: .start, decodedAt: .start)
    }
    #expect(throws: DeviceError.self) {
      try CodeClassifier().classify(scan("3157882326401", isTruncated: true))
    }
    #expect(
      try CodeClassifier().classify(scan("3157882326401", isTruncated: false))
        == .receipt(key: "315788232640"))
  }
}
