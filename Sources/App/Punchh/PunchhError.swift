import POSJSON
import POSModel

/// From a refusal of the server, or the lack of an answer, to the project's errors (specs/punchh.md §3.1).
enum PunchhError {
  /// Status of an answer that is no success → code. The server sends no codes of its own worth branching on.
  static func code(for status: Int) -> DeviceError.Code {
    switch status {
    case 401: .loyaltyKeyRefused
    case 404: .loyaltyNotFound
    case 410: .loyaltyExpired
    case 408, 429, 500...599: .loyaltyBusy
    case 400, 402...499: .loyaltyRefused
    default: .loyaltyMalformed
    }
  }

  /// Whether a refusal comes from the Punchh server. What stands in between, a proxy or a portal, answers with
  /// the same statuses and pages for people, and says nothing about guests, baskets or receipts.
  static func isFromServer(_ response: HTTPResponse) -> Bool {
    guard [.loyaltyNotFound, .loyaltyExpired, .loyaltyRefused].contains(code(for: response.status)) else {
      return true
    }
    return response.isBlank
      || (try? BoundedJSON.decode(PunchhAnswer.Anything.self, from: response.body)) != nil
  }

  /// The error for an answer that is no success.
  static func refusal(_ response: HTTPResponse, to call: PunchhCall, redaction: Redaction) -> DeviceError {
    var detail = "HTTP \(response.status)"
    var hint: String?
    let words = Self.words(response.body)
    if !words.isEmpty { detail += ", " + DisplayText.clean(redaction.apply(to: words)) }
    if (300..<400).contains(response.status) {
      detail += ", a redirect, which is not followed"
      hint = "name the server it leads to with --server"
    }
    return DeviceError(
      code(for: response.status), during: call.operation, detail: detail + request(response.requestID),
      hint: hint)
  }

  /// The error for an answer that cannot be read.
  static func malformed(_ response: HTTPResponse, to call: PunchhCall, _ detail: String) -> DeviceError {
    DeviceError(
      .loyaltyMalformed, during: call.operation,
      detail: "HTTP \(response.status), \(detail)" + request(response.requestID))
  }

  /// The error for a transfer that failed.
  static func noAnswer(_ failure: HTTPFailure, to call: PunchhCall) -> DeviceError {
    let code: DeviceError.Code =
      switch failure.reason {
      case .unreachable, .timedOut, .broken: .loyaltyUnreachable
      case .tooLarge: .loyaltyMalformed
      case .cancelled: .cancelled
      }
    return DeviceError(
      code, during: call.operation, detail: failure.detail, bytesMoved: failure.bytesSent)
  }

  /// Where in an answer decoding failed; names of fields and indexes, never values.
  static func place(_ error: any Error) -> String {
    let (path, what): ([any CodingKey], String) =
      switch error {
      case DecodingError.keyNotFound(let key, let context): (context.codingPath + [key], "is missing")
      case DecodingError.valueNotFound(_, let context): (context.codingPath, "is null")
      case DecodingError.typeMismatch(_, let context): (context.codingPath, "has another type than expected")
      case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
        (context.codingPath, "has a value out of range")
      default: ([], "the body is no JSON")
      }
    guard !path.isEmpty else { return what == "the body is no JSON" ? what : "the body \(what)" }
    let names = path.map { $0.intValue.map(String.init) ?? DisplayText.clean($0.stringValue, limit: 40) }
    return "\(names.joined(separator: ".")) \(what)"
  }

  /// The server's words, in whichever shape they came; empty when the body is no JSON. They are clipped for
  /// display only after redaction: half a key would not be found.
  static func words(_ body: [UInt8]) -> String {
    guard body.count <= 64 << 10,
      let messages = try? BoundedJSON.decode(LenientMessages.self, from: body)
    else { return "" }
    return DisplayText.clean(messages.texts.joined(separator: "; "), limit: 4096)
  }

  private static func request(_ id: String?) -> String {
    id.map { $0.isEmpty ? "" : " (request \($0))" } ?? ""
  }
}

/// Takes keys and personal data out of the server's words: servers quote what they were sent.
struct Redaction: Sendable {
  /// What must not appear: keys, codes, contacts.
  var secrets: [String]

  /// `text` with every secret, e-mail address, long number and hexadecimal handle replaced.
  func apply(to text: String) -> String {
    var text = text
    for secret in secrets where secret.count >= 3 {
      text = Self.replace(secret, in: text)
    }
    var words: [Substring] = []
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      // A telephone number may be written in groups: they are judged, and go, as one.
      if let last = words.last, Self.isNumeric(last), Self.isNumeric(word) {
        words[words.count - 1] = Substring("\(last) \(word)")
      } else {
        words.append(word)
      }
    }
    return words.map { Self.isTelling($0) ? Self.mark : String($0) }.joined(separator: " ")
  }

  private static let mark = "[…]"

  /// Case-insensitive replacement over ASCII bytes.
  private static func replace(_ secret: String, in text: String) -> String {
    let needle = Array(secret.lowercased().utf8)
    let bytes = Array(text.utf8)
    let folded = bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    guard needle.count <= bytes.count else { return text }
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if index + needle.count <= bytes.count, folded[index..<(index + needle.count)].elementsEqual(needle) {
        result += Array(mark.utf8)
        index += needle.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Whether `word` is made of digits and what stands between those of a telephone number.
  private static func isNumeric(_ word: Substring) -> Bool {
    !word.isEmpty && word.utf8.allSatisfy { isDigit($0) || Array("+-()./,;: ".utf8).contains($0) }
  }

  /// An address, seven or more digits, or a hexadecimal handle of six or more characters with a digit.
  private static func isTelling(_ word: Substring) -> Bool {
    if word.contains("@") { return true }
    let digits = word.utf8.count(where: isDigit)
    let characters = word.utf8.filter { isDigit($0) || (0x61...0x7A).contains($0 | 0x20) }
    return digits >= 7
      || digits > 0 && characters.count >= 6
        && characters.allSatisfy { isDigit($0) || (0x61...0x66).contains($0 | 0x20) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
