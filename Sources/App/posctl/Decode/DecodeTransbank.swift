import ArgumentParser
import POSJSON
import POSModel
import POSTerminalWire
import POSWire

/// `posctl decode transbank`: bytes between a till and a Transbank terminal.
struct DecodeTransbank: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transbank",
    abstract: "Explains bytes between a till and a Transbank POS Integrado card terminal.",
    discussion: "Both directions may be in one capture. Card numbers are masked."
  )

  @OptionGroup var input: InputOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let printer = DecodedLines(json: json)
    for (index, bytes) in try input.messages().enumerated() {
      var framer = STXETXFramer(maximumLength: TransbankLink.maximumLength)
      printer.show(bytes, through: &framer, message: index) { text, printer in
        do throws(WireError) {
          printer.show(Self.line(try TransbankMessage(text.span)))
        } catch {
          printer.complain(error, message: index)
        }
      }
    }
    if !printer.isClean { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }

  private static func line(_ message: TransbankMessage) -> JSONLine {
    let digits = String(message.function)
    var line: JSONLine = [
      "type": "message", "name": .string("\(message.name)"),
      "function": .string(String(repeating: "0", count: max(0, 4 - digits.count)) + digits),
    ]
    for (place, key) in message.keys.enumerated() where place < message.fields.count {
      let field = message.fields[place]
      guard !field.isEmpty else { continue }
      let isNumber = ["amount", "total", "count", "tip"].contains("\(key)")
      line["\(key)"] =
        isNumber ? JSONValue(message.number(place)) : .string(String(decoding: field, as: UTF8.self))
      if "\(key)" == "code", let code = message.number(place) {
        line["code_meaning"] = .string("\(TransbankMessage.name(ofCode: code))")
      }
    }
    let rest = message.fields.dropFirst(message.keys.count).filter { !$0.isEmpty }
    if !rest.isEmpty {
      line["fields"] = .array(rest.map { .string(String(decoding: $0, as: UTF8.self)) })
    }
    return line
  }
}
