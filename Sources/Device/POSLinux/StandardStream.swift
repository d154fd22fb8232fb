import Glibc
public import POSModel

/// The standard streams of this process, for command lines.
public enum StandardStream: Sendable {
  /// Standard output.
  case output
  /// Standard error.
  case error

  private var number: Int32 {
    switch self {
    case .output: STDOUT_FILENO
    case .error: STDERR_FILENO
    }
  }

  /// Whether a person looks at it: colours and pictures go nowhere else.
  public var isTerminal: Bool { isatty(number) == 1 }

  /// Writes all of `text`, unbuffered, so that whoever reads a pipe sees it at once. A reader that has gone is
  /// not complained of.
  public func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
      guard count > 0 || errno == EINTR else { return }
      bytes = bytes.dropFirst(max(0, count))
    }
  }

  /// Reads standard input to its end.
  ///
  /// - Throws: `input.malformed` beyond `limit` bytes, `device.io`.
  public static func readInput(upTo limit: Int) throws(DeviceError) -> [UInt8] {
    var input: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = piece.withUnsafeMutableBytes { Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count == 0 { return input }
      guard count > 0 || errno == EINTR else {
        throw DeviceError(.inputOutput, during: "reading standard input", errno: errno)
      }
      input += piece.prefix(max(0, count))
      guard input.count <= limit else {
        throw DeviceError(
          .badInput, during: "reading standard input", detail: "it is larger than \(limit) bytes")
      }
    }
  }
}
