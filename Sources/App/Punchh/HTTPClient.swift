import CCurl
import Dispatch
import POSTransport

/// HTTP/1.1 over libcurl: many transfers on one queue of its own, never on the cooperative pool.
///
/// Connections are kept and used again. A request that must not be sent twice gets a fresh connection: libcurl
/// sends a request again by itself when a kept connection turns out to have died.
///
/// TLS 1.2 or later with the system's CA store; redirects are not followed; answers are bounded.
final class HTTPClient: Sendable {
  /// What waits for the queue.
  private struct Mailbox {
    var pending: [Submission] = []
    var isPumping = false
  }

  private struct Submission: Sendable {
    let request: HTTPRequest
    let ticket: Ticket
    let continuation: CheckedContinuation<Result<HTTPResponse, HTTPFailure>, Never>
  }

  /// Whether the caller has given up.
  private typealias Ticket = Lock<Bool>

  private let queue = DispatchQueue(label: "punchh.http")
  private let mailbox = Lock(Mailbox())
  /// Used on `queue` only, but for `curl_multi_wakeup`, which any thread may call.
  nonisolated(unsafe) private let multi: UnsafeMutableRawPointer?

  init() {
    _ = Self.libraryIsReady
    multi = curl_multi_init()
  }

  deinit {
    // The pump keeps the client alive while transfers are under way, so none is left here.
    if let multi { curl_multi_cleanup(multi) }
  }

  /// Sends `request` and waits for the whole answer. Cancelling the task ends the transfer at once.
  func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
    let ticket = Ticket(false)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        submit(Submission(request: request, ticket: ticket, continuation: continuation))
      }
    } onCancel: {
      ticket.withLock { $0 = true }
      wakeUp()
    }
    return try result.get()
  }

  private static let libraryIsReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  private func submit(_ submission: Submission) {
    let startPump = mailbox.withLock { mailbox in
      mailbox.pending.append(submission)
      defer { mailbox.isPumping = true }
      return !mailbox.isPumping
    }
    if startPump { queue.async { self.pump() } } else { wakeUp() }
  }

  private func wakeUp() {
    if let multi { curl_multi_wakeup(multi) }
  }

  /// Runs transfers until none is left; the next submission starts it again.
  private func pump() {
    pos_curl_block_broken_pipe()
    var active: [(transfer: HTTPTransfer, submission: Submission)] = []
    while true {
      let idle = active.isEmpty
      let fresh: [Submission]? = mailbox.withLock { mailbox in
        guard !idle || !mailbox.pending.isEmpty else {
          mailbox.isPumping = false
          return nil
        }
        defer { mailbox.pending = [] }
        return mailbox.pending
      }
      guard let fresh else { return }
      for submission in fresh {
        guard let multi, let transfer = HTTPTransfer(submission.request),
          curl_multi_add_handle(multi, transfer.easy) == CURLM_OK
        else {
          submission.continuation.resume(
            returning: .failure(HTTPFailure(.broken, "libcurl is out of memory")))
          continue
        }
        active.append((transfer, submission))
      }
      guard let multi, !active.isEmpty else { continue }

      active.removeAll { transfer, submission in
        guard submission.ticket.withLock({ $0 }) else { return false }
        let bytesSent = transfer.bytesSent
        curl_multi_remove_handle(multi, transfer.easy)
        submission.continuation.resume(
          returning: .failure(HTTPFailure(.cancelled, "the caller gave up", bytesSent: bytesSent)))
        return true
      }
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      var left: Int32 = 0
      while let message = curl_multi_info_read(multi, &left) {
        guard message.pointee.msg == CURLMSG_DONE,
          let index = active.firstIndex(where: { $0.transfer.easy == message.pointee.easy_handle })
        else { continue }
        let code = message.pointee.data.result
        let (transfer, submission) = active.remove(at: index)
        let result = transfer.result(code)
        curl_multi_remove_handle(multi, transfer.easy)
        submission.continuation.resume(returning: result)
      }
      if !active.isEmpty { curl_multi_poll(multi, nil, 0, 1000, nil) }
    }
  }
}

/// One request, ready for the wire.
struct HTTPRequest: Sendable {
  enum Method: String, Sendable { case get = "GET", post = "POST", put = "PUT", delete = "DELETE" }

  var method: Method
  /// Scheme, host, path and query; the scheme is http or https.
  var url: String
  /// Names and values without line ends.
  var headers: [(name: String, value: String)] = []
  /// Sent with any method, GET and DELETE too.
  var body: [UInt8]?
  /// From the start of the connection to the last byte of the answer.
  var timeoutMilliseconds: Int
  /// Whether sending it twice is harmless.
  var isRepeatable: Bool
  /// No proxy, whatever the environment says.
  var isLoopback = false
}

/// A complete answer.
struct HTTPResponse: Sendable {
  var status: Int
  var body: [UInt8]
  /// `X-Request-Id`, for PAR's support.
  var requestID: String?

  /// Whether the body is empty but for white space.
  var isBlank: Bool { body.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } }
}

/// Why there is no answer.
struct HTTPFailure: Error, Sendable {
  enum Reason: Sendable {
    /// No connection, or no trust in the server's certificate: nothing was sent.
    case unreachable
    /// The time-out of the request passed.
    case timedOut
    /// The answer exceeds its limit.
    case tooLarge
    /// The task was cancelled.
    case cancelled
    /// The connection broke, or the answer is no HTTP.
    case broken
  }

  var reason: Reason
  /// libcurl's words; they name no address, key or body.
  var detail: String
  /// Bytes of the request that had left; 0 means that the server cannot have acted.
  var bytesSent: Int

  init(_ reason: Reason, _ detail: String, bytesSent: Int = 0) {
    self.reason = reason
    self.detail = detail
    self.bytesSent = bytesSent
  }
}
