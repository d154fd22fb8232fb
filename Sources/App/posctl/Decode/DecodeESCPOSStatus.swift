import ArgumentParser
import ESCPOS
import POSJSON
import POSModel

/// `posctl decode escpos-status`: bytes that a receipt printer sent.
struct DecodeESCPOSStatus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "escpos-status",
    abstract: "Explains the bytes that a receipt printer sends back.",
    discussion: """
      Automatic status, answers to DLE EOT, texts and process ids. What an answer to DLE EOT means depends on \
      the question: --asked 1,2,4 names them in their order. Without it each meaning is given.
      """
  )

  @OptionGroup var input: InputOptions

  @Option(help: "The numbers n of the DLE EOT n that were asked, 1 to 4, separated by commas.")
  var asked = ""

  @Flag(help: "Prints JSON lines.")
  var json = false

  private var questions: [RealTimeQuestion] {
    get throws {
      try asked.split(separator: ",", omittingEmptySubsequences: true).map { word in
        guard let question = Int(word).flatMap(RealTimeQuestion.init(rawValue:)) else {
          throw ValidationError("--asked holds numbers from 1 to 4, not '\(word)'")
        }
        return question
      }
    }
  }

  func validate() throws { _ = try questions }

  func run() async throws {
    let lines = DecodedLines(json: json)
    var parser = ESCPOSStatusParser()
    var questions = try questions[...]
    for message in try input.messages() {
      for byte in message {
        guard let answer = parser.on(byte) else { continue }
        switch answer {
        case .realTime(let byte): lines.show(Self.realTime(byte, asked: questions.popFirst()))
        case .automatic(let status): lines.show(Self.line(status))
        case .resume: lines.show(frame: "xon")
        case .pause: lines.show(frame: "xoff")
        case .short(let byte):
          lines.show(["type": "reply", "name": "one byte", "byte": .string(HexText.text([byte]))])
        case .block(let header, let data):
          lines.show(Self.block(header, data, processID: answer.processID))
        }
      }
    }
    // What began and never ended belongs to no answer either.
    parser.reset()
    lines.show(noise: parser.droppedBytes)
  }

  private static func realTime(_ byte: UInt8, asked: RealTimeQuestion?) -> JSONLine {
    var line: JSONLine = [
      "type": "status", "name": "real-time status", "byte": .string(HexText.text([byte])),
    ]
    if let asked { line["asked"] = JSONValue(asked.rawValue) }
    for question in asked.map({ [$0] }) ?? RealTimeQuestion.allCases {
      let flags = question.flags(in: byte).map { JSONValue.string($0) }
      line[asked == nil ? "if_asked_\(question.rawValue)" : "flags"] = .array(flags)
    }
    return line
  }

  private static func block(_ header: UInt8, _ data: [UInt8], processID: [UInt8]?) -> JSONLine {
    if let processID {
      return [
        "type": "reply", "name": "process id", "id": .string(String(decoding: processID, as: UTF8.self)),
      ]
    }
    return [
      "type": "reply", "name": "block", "header": .string(HexText.text([header])),
      "text": .string(String(decoding: data, as: UTF8.self)), "bytes": .string(HexText.text(data)),
    ]
  }

  private static func line(_ status: AutomaticStatus) -> JSONLine {
    let errors = [
      (status.hasRecoverableError, "recoverable"), (status.hasCutterError, "cutter"),
      (status.hasUnrecoverableError, "unrecoverable"), (status.hasAutoRecoverableError, "passes by itself"),
    ]
    return [
      "type": "status", "name": "automatic status", "online": .bool(!status.isOffline),
      "paper": .string(status.isPaperOut ? "out" : status.isPaperNearEnd ? "nearEnd" : "present"),
      "cover_open": .bool(status.isCoverOpen), "drawer_pin": .string(status.isDrawerPinHigh ? "high" : "low"),
      "errors": .array(errors.filter(\.0).map { .string($0.1) }),
    ]
  }
}

/// What `DLE EOT n` asks, and what the bits of its answer are called (specs/escpos.md §2.1).
private enum RealTimeQuestion: Int, CaseIterable {
  case printer = 1
  case offlineCause, errorCause, rollSensor

  /// The names of what is so.
  func flags(in byte: UInt8) -> [String] {
    let names: [(Bool, String)]
    switch self {
    case .printer:
      let flags = PrinterStateFlags(rawValue: byte)
      names = [
        (flags.contains(.drawerPinHigh), "drawer pin high"), (flags.contains(.offline), "off line"),
        (flags.contains(.waitsForRecovery), "waits for recovery"),
        (flags.contains(.feedButton), "feed button held"),
      ]
    case .offlineCause:
      let flags = OfflineCauseFlags(rawValue: byte)
      names = [
        (flags.contains(.coverOpen), "cover open"), (flags.contains(.feedingByButton), "fed by button"),
        (flags.contains(.paperOut), "paper out"), (flags.contains(.error), "error"),
      ]
    case .errorCause:
      let flags = ErrorCauseFlags(rawValue: byte)
      names = [
        (flags.contains(.recoverable), "recoverable error"), (flags.contains(.cutter), "cutter error"),
        (flags.contains(.unrecoverable), "unrecoverable error"),
        (flags.contains(.autoRecoverable), "error that passes by itself"),
      ]
    case .rollSensor:
      let flags = PaperSensorFlags(rawValue: byte)
      names = [(flags.isNearEnd, "paper near end"), (flags.isOut, "paper out")]
    }
    return names.filter(\.0).map(\.1)
  }
}
