import CPOSLinux
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
    try read(STDIN_FILENO, upTo: limit, during: "reading standard input")
  }

  /// Reads what stands at `path` to its end, be it a file, a pipe or a device.
  ///
  /// - Throws: `input.not_found`; `input.malformed` beyond `limit` bytes, and what opening and reading throw.
  public static func readFile(_ path: String, upTo limit: Int) throws(DeviceError) -> [UInt8] {
    let operation = "reading \(path)"
    do throws(DeviceError) {
      let file = try translating(.opening, during: operation, hint: { $0.fileHint(path, for: .read) }) {
        () throws(SystemError) in
        try OwnedDescriptor(opening: path, O_RDONLY | O_NOCTTY)
      }
      return try read(file.number, upTo: limit, during: operation)
    } catch {
      // What is missing is no device.
      guard error.code == .notFound else { throw error }
      throw DeviceError(
        .unknownName, during: operation, detail: error.detail, hint: error.hint, errno: error.errno)
    }
  }

  private static func read(
    _ number: Int32, upTo limit: Int, during operation: String
  ) throws(DeviceError) -> [UInt8] {
    var input: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try translating(.opening, during: operation) { () throws(SystemError) in
        try SystemError.check(
          piece.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { pos_read(number, $0, buffer.count) } ?? 0
          })
      }
      if count == 0 { return input }
      input += piece.prefix(count)
      guard input.count <= limit else {
        throw DeviceError(.badInput, during: operation, detail: "it is larger than \(limit) bytes")
      }
    }
  }
}
