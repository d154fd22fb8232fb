import FoundationEssentials
import Glibc
import POSModel

/// Standard output for results, standard error for complaints.
enum Console {
  /// Whether standard output is a terminal: colours and pictures go nowhere else.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Prints one line and flushes, so that whoever reads a pipe sees it at once.
  static func print(_ line: String) {
    write(line + "\n", to: STDOUT_FILENO)
  }

  /// Prints one JSON line with the schema number in front (DESIGN §4).
  static func print(_ line: JSONLine) {
    var numbered: JSONLine = ["schema": 1]
    for member in line.members { numbered[member.key] = member.value }
    print(numbered.text)
  }

  /// Prints a complaint to standard error.
  static func complain(_ text: String) {
    write(text + "\n", to: STDERR_FILENO)
  }

  /// Prints an error and its remedy to standard error.
  static func complain(_ error: DeviceError) {
    complain("posctl: \(error)")
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 || errno == EINTR else { return }
      bytes = bytes.dropFirst(max(0, count))
    }
  }
}
