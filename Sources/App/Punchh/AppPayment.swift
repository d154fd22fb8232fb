/// A payment with what the guest chose in the app (specs/punchh.md §2.4).
public struct AppPayment: Sendable, Equatable, Decodable {
  /// Where it stands. Case differs between PAR's schema and examples, so it is read without.
  public enum Status: String, Sendable, CaseIterable {
    case processing, processed, success, refunded, refunding
    case unableToProcess = "unable_to_process"
    case unableToRefund = "unable_to_refund"
    /// A status that PAR does not list.
    case unknown
  }

  /// The server's reference, longer than 64 bits. Status, void and refund name it.
  public var reference: String
  /// Where it stands.
  public var status: Status
  /// `AWAITING_USER_INPUT`, `SUCCESS`, `ABORTED`, `FAILED`, `CANCELLED`, `CREATED`, `COMPLETED`, in capitals.
  public var message: String
  /// What to print on the receipt.
  public var transactionID: String?
  /// The card's kind, where PAR Pay says it.
  public var cardType: String?
  /// The till's number of the request.
  public var transactionNumber: String?

  private enum Name: String, CodingKey {
    case reference = "payment_reference_id"
    case status
    case message = "response_message"
    case transactionID = "payment_transaction_id"
    case cardType = "card_type"
    case transactionNumber = "transaction_no"
  }

  /// Reads it; reference and status are required.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Name.self)
    reference = try values.id(.reference)
    guard let text = try values.text(.status) else {
      throw DecodingError.dataCorruptedError(forKey: .status, in: values, debugDescription: "no status")
    }
    status = Status(rawValue: text.lowercased().split(separator: " ").joined(separator: "_")) ?? .unknown
    message = DisplayText.clean(values.known(.message) ?? "", limit: 80).uppercased()
    transactionID = values.known(.transactionID).map { DisplayText.clean($0, limit: 128) }
    cardType = values.known(.cardType).map { DisplayText.clean($0, limit: 20) }
    transactionNumber = values.known(.transactionNumber).map { DisplayText.clean($0, limit: 64) }
  }

  /// Whether the money is taken.
  public var isPaid: Bool { status == .processed || status == .success }

  /// Whether it is over without money taken.
  public var hasFailed: Bool {
    status == .unableToProcess || ["ABORTED", "FAILED", "CANCELLED"].contains(message)
  }
}

/// Which payments to ask for.
public enum AppPaymentQuery: Sendable, Equatable {
  /// All of today that are open.
  case open
  /// All of a day, YYYY-MM-DD.
  case day(String)
  /// One.
  case reference(String)
}

/// How the guest pays in the app.
public enum AppPaymentType: String, Sendable, CaseIterable {
  case creditCard = "CreditCard"
  case recurring
}

extension PunchhAnswer {
  /// The list forms answer a list, the single form sometimes an object.
  struct Payments: Decodable {
    var payments: [AppPayment]

    init(from decoder: any Decoder) throws {
      payments = try LenientList<AppPayment>(from: decoder).elements
    }
  }
}
