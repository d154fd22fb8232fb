import ArgumentParser
import POSJSON
import POSModel
import POSScan
import POSWire

/// `posctl decode ssi`: bytes of Symbol and Zebra's Simple Serial Interface.
struct DecodeSSI: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ssi",
    abstract: "Explains bytes of the Simple Serial Interface of Symbol and Zebra scanners.",
    discussion: "Bytes of both directions may stand in one capture."
  )

  @OptionGroup var input: InputOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    var decoder = SSIDecoder()
    var isClean = true
    for message in try input.messages() {
      decoder.receive(message.span, at: 0) { if !show($0) { isClean = false } }
    }
    decoder.flush { if !show($0) { isClean = false } }
    if !isClean { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }

  /// Prints an event; `false` for one that is an error. What a host would answer is not part of the capture.
  private func show(_ event: SSIDecoder.Event) -> Bool {
    switch event {
    case .send: break
    case .scan(let code, let type):
      var line = ScanLine(code)
      line.more["code_type"] = JSONValue(type.rawValue)
      if json { Console.print(line.json) } else { Console.print(line.text) }
    case .acknowledged: reply("acknowledged", [:])
    case .refused(let cause): reply("refused", ["cause": JSONValue(cause)])
    case .parameters(let parameters):
      reply(
        "parameters",
        [
          "parameters": .array(
            parameters.map { .object(["number": JSONValue($0.number), "value": JSONValue($0.value)]) })
        ])
    case .packet(let packet):
      let opcode = HexText.text([packet.opcode])
      if json {
        Console.print([
          "type": "message", "opcode": .string(opcode), "source": JSONValue(packet.source),
          "status": JSONValue(packet.status.rawValue), "bytes": .string(HexText.text(packet.data)),
        ])
      } else {
        Console.print("packet \(opcode) \(HexText.text(packet.data))")
      }
    case .undecodable(let error):
      DecoderComplaint.show(error, json: json)
      return false
    }
    return true
  }

  private func reply(_ name: String, _ more: JSONLine) {
    var line: JSONLine = ["type": "reply", "name": .string(name)]
    for member in more.members { line[member.key] = member.value }
    if json {
      Console.print(line)
    } else {
      Console.print(name + more.members.map { " \($0.key) \(JSONLine.text(of: $0.value))" }.joined())
    }
  }
}
