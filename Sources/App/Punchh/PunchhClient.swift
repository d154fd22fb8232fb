import POSJSON
import POSLoyalty
import POSModel
import POSTransport

/// Sends calls to the Punchh servers and reads their answers.
///
/// After one 401 it sends its keys no more for an hour: ten refused ones within ten minutes block the store's address
/// for as long (specs/punchh.md §3). A new client with other keys starts afresh; with the same ones ``RefusedKeys`` says
/// when, and ends the hour early where it is told to.
final class PunchhClient: Sendable {
  private let configuration: PunchhConfiguration
  private let clock: (any TransportClock)?
  private let http = HTTPClient()
  private let refusal = Lock<KeyRefusal?>(nil)
  private let birth = ContinuousClock.now

  /// A refusal of the keys that this client has met.
  private struct KeyRefusal {
    var end: MonotonicInstant
    /// Whether it stands in the file too, whose removal ends it.
    var isNoted: Bool
  }

  /// Without a clock to pause by, nothing is sent again.
  init(_ configuration: PunchhConfiguration, clock: (any TransportClock)? = nil) {
    self.configuration = configuration
    self.clock = clock
  }

  /// A call that gave no usable answer.
  struct Failure: Error {
    var error: DeviceError
    /// Whether the server may have done what it was asked to do.
    var mayHaveHappened: Bool
    /// The server's status, when it was the server that answered.
    var status: Int?
    /// The server's own words, not redacted: to be looked at, never to be shown.
    var words = ""
    /// Whether the same call may fare better in a moment.
    var isPassing = false
  }

  /// Sends `call` and reads the answer as `Answer`.
  ///
  /// A call that may reach the server twice without harm is sent again, after a pause, when the server was busy or
  /// the connection broke (specs/punchh.md §3.1); after a time-out it is not, since somebody waits at the till.
  func send<Answer: Decodable>(_ call: PunchhCall, as type: Answer.Type) async throws(Failure) -> Answer {
    var repetitions = call.isRepeatable ? configuration.retry.repetitions : 0
    while true {
      do throws(Failure) {
        return try await sendOnce(call, as: type)
      } catch {
        guard repetitions > 0, error.isPassing, let clock else { throw error }
        repetitions -= 1
        do throws(DeviceError) {
          try await clock.sleep(until: clock.now + configuration.retry.pause)
        } catch let cancelled {
          throw Failure(error: cancelled, mayHaveHappened: false)
        }
      }
    }
  }

  /// The clock's time; without a clock, how long this client has been there.
  private var now: MonotonicInstant {
    clock?.now ?? MonotonicInstant.start + birth.duration(to: ContinuousClock.now)
  }

  /// Whether the keys were refused within the hour. After it whoever comes tries again: a till has few calls under way.
  private func isHeldBack() -> Bool {
    guard let known = refusal.withLock({ $0 }) else { return false }
    let isAllowed = known.isNoted && configuration.refusedKeys?.isNoted == false
    guard now >= known.end || isAllowed else { return true }
    refusal.withLock { $0 = nil }
    return false
  }

  private func holdBack() {
    configuration.refusedKeys?.note(configuration.keys)
    let known = KeyRefusal(
      end: now + Duration.milliseconds(RefusedKeys.pause),
      isNoted: configuration.refusedKeys?.isNoted ?? false)
    refusal.withLock { $0 = known }
  }

  private func sendOnce<Answer: Decodable>(
    _ call: PunchhCall, as type: Answer.Type
  ) async throws(Failure) -> Answer {
    guard !call.carriesKeys || !isHeldBack() else {
      throw Failure(
        error: DeviceError(
          .loyaltyKeyRefused, during: call.operation, detail: "an earlier call was refused; nothing was sent"),
        mayHaveHappened: false)
    }
    if call.carriesKeys, let minutes = configuration.refusedKeys?.minutesLeft(for: configuration.keys) {
      throw Failure(
        error: DeviceError(
          .loyaltyKeyRefused, during: call.operation,
          detail: "an earlier call was refused; nothing was sent, nor will be for \(minutes) minutes",
          hint: "correct the keys; if they are right now: posctl loyalty keys --allow"),
        mayHaveHappened: false)
    }
    let response: HTTPResponse
    do throws(HTTPFailure) {
      response = try await http.send(request(call))
    } catch {
      throw Failure(
        error: PunchhError.noAnswer(error, to: call), mayHaveHappened: error.bytesSent > 0,
        isPassing: error.reason == .broken)
    }
    guard (200..<300).contains(response.status) else {
      // A guest's sign-in says nothing about the location's keys.
      if response.status == 401, call.carriesKeys { holdBack() }
      guard PunchhError.isFromServer(response) else {
        throw Failure(
          error: PunchhError.malformed(response, to: call, "the body is no JSON"), mayHaveHappened: true)
      }
      let redaction = Redaction(
        secrets: [configuration.keys.location, configuration.keys.business] + call.secrets)
      throw Failure(
        error: PunchhError.refusal(response, to: call, redaction: redaction),
        mayHaveHappened: response.status >= 500 || response.status == 408, status: response.status,
        words: PunchhError.words(response.body),
        isPassing: PunchhError.code(for: response.status) == .loyaltyBusy)
    }
    // Voids, unlocks and receipts may answer without a body.
    do {
      return try BoundedJSON.decode(Answer.self, from: response.isBlank ? Array("{}".utf8) : response.body)
    } catch {
      throw Failure(
        error: PunchhError.malformed(response, to: call, PunchhError.place(error)), mayHaveHappened: true,
        status: response.status)
    }
  }

  private func request(_ call: PunchhCall) -> HTTPRequest {
    let base = call.server == .pos ? configuration.server : configuration.receiptServer
    var headers = [
      (name: "User-Agent", value: configuration.userAgent.text),
      (name: "Accept", value: "application/json"),
    ]
    if call.carriesKeys { headers.append(("Authorization", configuration.keys.authorization)) }
    if let language = configuration.language { headers.append(("Accept-Language", language)) }
    headers += call.headers
    if call.body != nil { headers.append(("Content-Type", "application/json")) }
    let timeout =
      switch call.pace {
      case .lookUp: configuration.timeouts.lookUp
      case .commit: configuration.timeouts.commit
      case .checkIn: configuration.timeouts.checkIn
      }
    return HTTPRequest(
      method: call.method, url: base.text + call.target, headers: headers, body: call.body,
      timeoutMilliseconds: timeout, isRepeatable: call.isRepeatable, isLoopback: base.isLoopback)
  }
}
