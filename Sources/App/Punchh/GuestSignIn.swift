/// Signing a guest in by a one-time password (specs/punchh.md §4.7). An unknown guest is signed up by it.
public struct GuestSignIn: Sendable, Equatable {
  /// PAR's id of the app or kiosk.
  public var client: String
  /// E-mail address, unless a telephone number is given.
  public var email: String?
  /// Telephone number without its country code.
  public var phone: String?
  /// Country code of the number.
  public var phoneCountry: String
  /// The id of this kiosk or till, for `punchh-app-device-id`.
  public var deviceID: String
  /// `external_mobile_app` or `online_ordering`: PAR publishes no value for a till.
  public var clientType: String
  /// Whether the guest agreed to privacy policy and terms; without both nobody is signed in.
  public var agreesToTerms: Bool

  /// A guest who gave an address or a number, and agreed to the terms or not.
  public init(
    client: String, email: String? = nil, phone: String? = nil, phoneCountry: String = "+1",
    deviceID: String, clientType: String = "online_ordering", agreesToTerms: Bool
  ) {
    self.client = client
    self.email = email
    self.phone = phone
    self.phoneCountry = phoneCountry
    self.deviceID = deviceID
    self.clientType = clientType
    self.agreesToTerms = agreesToTerms
  }
}

/// What a signed-in guest's later calls carry. Printing them shows nothing.
public struct GuestTokens: Sendable, Equatable {
  /// For Find User, as `user_token`.
  public var access: String
  /// For the next pair.
  public var refresh: String
}

extension GuestTokens: CustomStringConvertible, CustomReflectable {
  /// No token.
  public var description: String { "GuestTokens(…)" }
  /// No token either.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension PunchhAnswer {
  /// The answer of verify and refresh; wrapped in `data` or `user` by some.
  struct Tokens: Decodable {
    var tokens: GuestTokens

    private enum Name: String, CodingKey {
      case access = "access_token"
      case refresh = "refresh_token"
      case data, user
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      for inner in [Name.data, .user] {
        if let found = (try? values.decodeIfPresent(Tokens.self, forKey: inner)) ?? nil {
          self = found
          return
        }
      }
      guard let access = values.known(.access), let refresh = values.known(.refresh) else {
        throw DecodingError.keyNotFound(
          Name.access, .init(codingPath: decoder.codingPath, debugDescription: "no tokens"))
      }
      tokens = GuestTokens(access: access, refresh: refresh)
    }
  }
}
