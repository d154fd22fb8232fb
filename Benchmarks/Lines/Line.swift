import POSLinux
import POSModel
import POSTransport

/// A line with somebody at its other end who counts bytes and answers.
actor Line {
  private let end: PseudoTerminal
  private let answering: Task<Void, any Error>
  private var opened: SerialPort?

  /// - Parameter count: after so many bytes comes `answer`; the last of them is what follows an answer, so the first
  ///   answer comes one byte sooner.
  init(asking count: Int, answering answer: [UInt8]) throws {
    let end = try PseudoTerminal()
    self.end = end
    answering = Task {
      var missing = count - 1
      while case .bytes(let bytes) = try await end.read(upTo: 256, until: nil) {
        missing -= bytes.count
        while missing <= 0 {
          missing += count
          try await end.write(answer, until: nil)
        }
      }
    }
  }

  /// Our end, opened once.
  func port() async throws -> SerialPort {
    if let opened { return opened }
    let port = try await SerialPort.open(end.path)
    opened = port
    return port
  }
}
