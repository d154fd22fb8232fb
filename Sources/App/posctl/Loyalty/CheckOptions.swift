import ArgumentParser
import POSJournal
import POSLoyalty
import POSModel
import Punchh

/// Which check a single call is about.
struct CheckOptions: ParsableArguments {
  @Option(help: "The check, as a JSON file; - for standard input.")
  var order: String

  @Option(help: "Our unique id of the check: the same in every call about it.")
  var uid: String

  @Option(help: "The running number of the transaction.")
  var transaction: Int64 = 1

  @Option(help: "The 12-digit receipt key; else it is made of the transaction's number.")
  var punchhKey: String?

  @Option(help: "When the check was opened, as 2026-03-04T18:30:00-05:00; by default now.")
  var opened: String?

  func validate() throws {
    guard (1...36).contains(uid.utf8.count) else { throw ValidationError("--uid is 1 to 36 characters") }
    guard transaction > 0 else { throw ValidationError("--transaction is 1 or more") }
    if let punchhKey, PunchhKey(decimal: punchhKey) == nil {
      throw ValidationError("--punchh-key is 12 digits")
    }
  }

  /// What is on it.
  func readOrder() throws(DeviceError) -> Order {
    try OrderDocument(try InputOptions.read(order), name: order).order
  }

  /// The check; its key is made after the location's configuration when none is given.
  func snapshot(
    of order: Order, provider: PunchhProvider?
  ) async throws(DeviceError) -> CheckSnapshot {
    let clock = TillClock.system
    var identity = CheckIdentity(
      externalID: uid, checkNumber: order.checkNumber, transactionNumber: transaction,
      receiptKey: punchhKey ?? "",
      openedAt: opened ?? clock.now().iso8601(secondsFromUTC: clock.secondsFromUTC))
    if identity.receiptKey.isEmpty, let provider {
      identity.receiptKey = try provider.receiptKey(
        for: identity, configuration: try await provider.configuration())
    }
    return CheckSnapshot(identity: identity, order: order)
  }
}

/// Who the guest of a single call is.
struct GuestOptions: ParsableArguments {
  @Option(help: "Ten digits.") var phone: String?
  @Option(help: "E-mail address.") var email: String?
  @Option(help: "Loyalty card.") var card: String?
  @Option(help: "The QR code of the guest's app, or a short one that begins with P or S.") var qr: String?
  @Option(help: "Single scan code.") var code: String?
  @Option(help: "Drive-through code of four characters.") var shortCode: String?
  @Option(help: "Redemption code of seven digits.") var redemptionCode: String?
  @Option(help: "What the phone sent to a contactless reader.") var nfc: String?

  /// The one that was given; `nil` for none.
  ///
  /// - Throws: `input.malformed` for several.
  func givenCode() throws(DeviceError) -> GuestCode? {
    let given: [(GuestCode.Kind, String?)] = [
      (.phone, phone), (.email, email), (.cardNumber, card), (.userQR, qr), (.singleScan, code),
      (.shortCode, shortCode), (.redemptionCode, redemptionCode), (.nfc, nfc),
    ]
    let codes = given.compactMap { kind, value in value.map { GuestCode(kind: kind, value: $0) } }
    guard codes.count <= 1 else {
      throw DeviceError(.badInput, during: "reading who the guest is", detail: "name the guest in one way")
    }
    return codes.first
  }

  /// The one that was given.
  func requiredCode() throws(DeviceError) -> GuestCode {
    guard let code = try givenCode() else {
      throw DeviceError(
        .badInput, during: "reading who the guest is", detail: "nobody is named",
        hint: "give one of --phone, --email, --card, --qr, --code, --short-code, --redemption-code, --nfc")
    }
    return code
  }
}
