import CCurl

/// One easy handle of libcurl with the answer it collects. Lives on the client's queue.
final class HTTPTransfer {
  /// Decoded bytes of an answer's body, at most.
  static let bodyLimit = 4 << 20
  /// Bytes of all header lines of an answer, at most.
  static let headLimit = 64 << 10

  let easy: UnsafeMutableRawPointer
  private var headers: UnsafeMutablePointer<curl_slist>?
  private let timeoutMilliseconds: Int
  private var body: [UInt8] = []
  private var headBytes = 0
  private var requestID: String?
  private var isOverLimit = false

  /// A handle set up for `request`; `nil` when libcurl refuses an option, which means no memory.
  init?(_ request: HTTPRequest) {
    guard let easy = curl_easy_init() else { return nil }
    self.easy = easy
    timeoutMilliseconds = request.timeoutMilliseconds
    for (name, value) in request.headers {
      headers = curl_slist_append(headers, "\(name): \(value)")
    }
    // No waiting for "100 Continue": bodies are small.
    headers = curl_slist_append(headers, "Expect:")

    var isSet = true
    func set(_ code: CURLcode) { isSet = isSet && code == CURLE_OK }
    set(pos_curl_set_text(easy, CURLOPT_URL, request.url))
    set(pos_curl_allow_web_only(easy))
    set(pos_curl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)))
    set(pos_curl_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)))
    set(pos_curl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1))
    set(pos_curl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2))
    set(pos_curl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0))
    set(pos_curl_set_long(easy, CURLOPT_NOSIGNAL, 1))
    set(pos_curl_set_long(easy, CURLOPT_TIMEOUT_MS, request.timeoutMilliseconds))
    set(pos_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, request.timeoutMilliseconds))
    set(pos_curl_set_long(easy, CURLOPT_FRESH_CONNECT, request.isRepeatable ? 0 : 1))
    set(pos_curl_set_text(easy, CURLOPT_ACCEPT_ENCODING, "gzip"))
    if request.isLoopback { set(pos_curl_set_text(easy, CURLOPT_PROXY, "")) }
    if let body = request.body {
      set(body.withUnsafeBytes { pos_curl_set_body(easy, $0.baseAddress, $0.count) })
    }
    set(pos_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue))
    set(pos_curl_set_headers(easy, headers))
    set(pos_curl_set_sinks(easy, Self.bodySink, Self.headSink, Unmanaged.passUnretained(self).toOpaque()))
    guard isSet else { return nil }
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headers)
  }

  /// Bytes of the request that have left so far.
  var bytesSent: Int {
    var size = 0
    pos_curl_get_long(easy, CURLINFO_REQUEST_SIZE, &size)
    return max(0, size)
  }

  /// What came of the transfer that ended with `code`.
  func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPFailure> {
    if code == CURLE_OK {
      var status = 0
      pos_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
      return .success(HTTPResponse(status: status, body: body, requestID: requestID))
    }
    if isOverLimit {
      return .failure(
        HTTPFailure(.tooLarge, "the answer exceeds \(Self.bodyLimit) bytes", bytesSent: bytesSent))
    }
    let words = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
      CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
      CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
      return .failure(HTTPFailure(.unreachable, words))
    case CURLE_OPERATION_TIMEDOUT:
      return .failure(
        HTTPFailure(.timedOut, "no answer within \(timeoutMilliseconds) ms", bytesSent: bytesSent))
    default:
      return .failure(HTTPFailure(.broken, words, bytesSent: bytesSent))
    }
  }

  /// Takes bytes of the body; taking fewer than offered ends the transfer.
  private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard body.count + bytes.count <= Self.bodyLimit else {
      isOverLimit = true
      return 0
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  /// Takes one header line.
  private func takeHead(_ line: UnsafeRawBufferPointer) -> Int {
    headBytes += line.count
    guard headBytes <= Self.headLimit else {
      isOverLimit = true
      return 0
    }
    let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
    if parts.count == 2, String(decoding: parts[0], as: UTF8.self).lowercased() == "x-request-id" {
      // The server's text goes into logs: only what a request id is made of, and not without end.
      let id = parts[1].filter { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x2E: true
        default: false
        }
      }
      requestID = String(decoding: id.prefix(64), as: UTF8.self)
    }
    return line.count
  }

  private static let bodySink: pos_curl_sink = { bytes, size, count, context in
    guard let bytes, let context else { return 0 }
    return Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
      .takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
  }

  private static let headSink: pos_curl_sink = { bytes, size, count, context in
    guard let bytes, let context else { return 0 }
    return Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
      .takeHead(UnsafeRawBufferPointer(start: bytes, count: size * count))
  }
}
