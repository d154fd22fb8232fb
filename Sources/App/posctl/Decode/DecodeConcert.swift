import ArgumentParser
import POSJSON
import POSModel
import POSTerminalWire
import POSWire

/// `posctl decode concert`: bytes between a till and a Concert terminal.
struct DecodeConcert: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "concert",
    abstract: "Explains bytes between a till and a Concert E or E+ card terminal.",
    discussion: "Both directions may be in one capture. The card data of long answers is masked."
  )

  @OptionGroup var input: InputOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let printer = DecodedLines(json: json)
    for (index, bytes) in try input.messages().enumerated() {
      var framer = STXETXFramer(maximumLength: ConcertLink.maximumLength)
      printer.show(bytes, through: &framer, message: index) { text, printer in
        show(text, printer, message: index)
      }
    }
    if !printer.isClean { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }

  private func show(_ text: [UInt8], _ printer: DecodedLines, message: Int) {
    func words(_ text: [UInt8]) -> JSONValue { .string(String(decoding: text, as: UTF8.self)) }
    do throws(WireError) {
      switch try ConcertMessage(text.span) {
      case .request(let request):
        printer.show([
          "type": "message", "name": "order", "till": JSONValue(request.till),
          "amount": JSONValue(request.amount), "currency": .string(Self.number(request.currency)),
          "kind": .string("\(request.kind)"), "mode": words([request.mode]),
          "report": .string("\(request.report)"), "reference": words(request.reference),
          "answers_at_once": .bool(request.answersAtOnce),
          "forces_authorisation": .bool(request.forcesAuthorisation),
          "protocol": .string(request.isExtended ? "E+" : "E"),
        ])
      case .answer(let answer):
        var line: JSONLine = [
          "type": "message", "name": "answer", "till": JSONValue(answer.till),
          "result": words([answer.result.rawValue]), "result_meaning": .string("\(answer.result.name)"),
          "amount": JSONValue(answer.amount), "currency": .string(Self.number(answer.currency)),
          "mode": words([answer.mode]), "reference": words(answer.reference),
        ]
        if let report = answer.report { line["report"] = words(report) }
        printer.show(line)
      }
    } catch {
      printer.complain(error, message: message)
    }
  }

  /// Three digits, as ISO 4217 writes them.
  static func number(_ currency: UInt16) -> String {
    let digits = String(currency)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }
}

/// `posctl decode caisse-ap`: texts between a till and a Caisse-AP terminal.
struct DecodeCaisseAP: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caisse-ap",
    abstract: "Explains texts between a till and a Caisse-AP (Concert V3) card terminal.",
    discussion: "A text is one message: the whole input, or one line with --hex. Card data is masked."
  )

  @OptionGroup var input: InputOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let printer = DecodedLines(json: json)
    for (index, text) in try input.messages().enumerated() {
      // Captures end in a line feed more often than terminals send one.
      let bytes = Array(text.reversed().drop { $0 == 0x0A || $0 == 0x0D }.reversed())
      do throws(WireError) {
        let message = try CaisseAPMessage(bytes.span)
        var line: JSONLine = [
          "type": "message", "name": .string(message[.result] == nil ? "order" : "answer"),
        ]
        for field in message.fields {
          let code = [UInt8(field.tag.rawValue >> 8), UInt8(truncatingIfNeeded: field.tag.rawValue)]
          let key = field.tag.name.map { "\($0)" } ?? String(decoding: code, as: UTF8.self)
          let isNumber = field.tag == .amount
          line[key] =
            isNumber
            ? JSONValue(message.number(field.tag)) : .string(String(decoding: field.value, as: UTF8.self))
        }
        printer.show(line)
      } catch {
        printer.complain(error, message: index)
      }
    }
    if !printer.isClean { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }
}

/// Prints what a decoder has found, and remembers whether all of it made sense.
final class DecodedLines {
  private let json: Bool
  private(set) var isClean = true

  init(json: Bool) { self.json = json }

  func show(_ line: JSONLine) {
    if json {
      Console.print(line)
    } else {
      let fields = line.members.dropFirst(2).map { "\($0.key) \(JSONLine.text(of: $0.value))" }
      guard case .string(let name) = line["name"] else { return }
      Console.print(name + (fields.isEmpty ? "" : ": " + fields.joined(separator: ", ")))
    }
  }

  /// Shows what passes through a link of STX and ETX: its controls here, its texts with `body`.
  func show(
    _ bytes: [UInt8], through framer: inout STXETXFramer, message: Int,
    _ body: ([UInt8], DecodedLines) -> Void
  ) {
    for (offset, byte) in bytes.enumerated() {
      switch framer.push(byte) {
      case .frame(let text): body(text, self)
      case .acknowledged: show(frame: "ack")
      case .refused: show(frame: "nak")
      case .enquiry: show(frame: "enq")
      case .endOfTransmission: show(frame: "eot")
      case .damaged(let reason): complain(WireError(reason, at: offset, field: "frame"), message: message)
      case nil: break
      }
    }
    if framer.isInsideFrame {
      complain(WireError(.truncated, at: bytes.count, field: "frame"), message: message)
    }
    show(noise: framer.skippedBytes)
  }

  func show(frame: String, check: String? = nil) {
    guard json else {
      Console.print(frame + (check.map { ", check over \($0)" } ?? ""))
      return
    }
    var line: JSONLine = ["type": "frame", "frame": .string(frame)]
    if let check { line["check"] = .string(check) }
    Console.print(line)
  }

  func show(noise bytes: Int) {
    guard bytes > 0 else { return }
    if json {
      Console.print(["type": "frame", "frame": "noise", "bytes": JSONValue(bytes)])
    } else {
      Console.print("\(bytes) bytes outside frames")
    }
  }

  func complain(_ error: WireError, message: Int) {
    isClean = false
    if json {
      Console.print(DecoderComplaint.line(error, message: message))
    } else {
      Console.print(DecoderComplaint.text(error, message: message))
    }
  }
}
