import POSJSON
import POSLinux
import POSModel

/// Standard output for results, standard error for complaints.
enum Console {
  /// Whether a person reads the output: pictures go nowhere else.
  static var isTerminal: Bool { StandardStream.output.isTerminal }

  /// Prints one line.
  static func print(_ line: String) { StandardStream.output.write(line + "\n") }

  /// Prints one JSON line with the schema number in front (DESIGN §4).
  static func print(_ line: JSONLine) {
    var numbered: JSONLine = ["schema": 1]
    for member in line.members { numbered[member.key] = member.value }
    print(numbered.text)
  }

  /// Prints a complaint to standard error.
  static func complain(_ text: String) { StandardStream.error.write(text + "\n") }

  /// Prints an error and its remedy to standard error.
  static func complain(_ error: DeviceError) { complain("posctl: \(error)") }
}
