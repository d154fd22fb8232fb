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

  /// Says why a command came to nothing: to people on standard error, to programs (`json`) in a line on standard output
  /// too.
  static func fail(_ error: DeviceError, json: Bool) {
    complain(error)
    guard json else { return }
    print([
      "type": "error", "code": .string(error.code.rawValue), "during": .string(error.operation),
      "detail": .string(error.detail), "hint": .string(error.hint),
    ])
  }

  /// The same for arguments that make no sense.
  static func fail(usage text: String, json: Bool) {
    complain(text)
    guard json else { return }
    let first = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
    print([
      "type": "error", "code": "input.usage", "during": "reading the command line", "detail": .string(first),
      "hint": "posctl --help",
    ])
  }
}

/// A command that prints lines for programs without `--json`, too, where no person looks on.
protocol PrintsLines {
  var printsJSON: Bool { get }
}
