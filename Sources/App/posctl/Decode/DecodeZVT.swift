import ArgumentParser
import POSJSON
import POSModel
import POSTerminalWire
import POSWire

/// `posctl decode zvt`: bytes between a till and a ZVT terminal.
struct DecodeZVT: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zvt",
    abstract: "Explains bytes between a till and a ZVT card terminal.",
    discussion: """
      Card numbers are masked, tracks and passwords withheld.

        posctl decode zvt --link serial --hex capture.hex
        posctl decode zvt --link tcp capture.bin
      """
  )

  /// How APDUs are told apart.
  enum Link: String, ExpressibleByArgument, CaseIterable {
    case serial, tcp
  }

  @Option(help: "serial: DLE frames with CRC. tcp: APDUs back to back.")
  var link = Link.serial

  /// What the terminal's texts are written in.
  struct CharacterSet: ExpressibleByArgument {
    let set: ZVTCharacterSet

    init(_ set: ZVTCharacterSet) { self.set = set }

    init?(argument: String) {
      switch argument {
      case "cp437": set = .cp437
      case "7-bit": set = .sevenBit
      case "utf-8": set = .utf8
      default:
        guard argument.hasPrefix("iso8859-"), let part = UInt8(argument.dropFirst(8)), (1...16).contains(part)
        else { return nil }
        set = .iso8859(part)
      }
    }

    var defaultValueDescription: String { "cp437" }
  }

  @Option(help: "What texts are written in where a message does not say: cp437, 7-bit, iso8859-N, utf-8.")
  var charset = CharacterSet(.cp437)

  @OptionGroup var input: InputOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    var printer = ZVTPrinter(json: json, characterSet: charset.set)
    for (index, message) in try input.messages().enumerated() {
      switch link {
      case .serial: printer.showSerial(message, message: index)
      case .tcp: printer.showStream(message, message: index)
      }
    }
    if !printer.isClean { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }
}

/// Shows APDUs, and what could not be read.
private struct ZVTPrinter {
  let json: Bool
  let characterSet: ZVTCharacterSet
  var isClean = true

  mutating func showSerial(_ bytes: [UInt8], message: Int) {
    var framer = DLEFramer(maximumLength: ZVTAPDU.maximumDataLength + 5)
    for (offset, byte) in bytes.enumerated() {
      switch framer.push(byte) {
      case .frame(let apdu): show(apdu, message: message, endingAt: offset)
      case .acknowledged: show(frame: "ack")
      case .refused: show(frame: "nak")
      case .damaged(let reason):
        complain(WireError(reason, at: offset, field: "serial frame"), message: message)
      case .enquiry, .endOfTransmission, nil: break
      }
    }
    if framer.isInsideFrame {
      complain(WireError(.truncated, at: bytes.count, field: "serial frame"), message: message)
    }
    if framer.skippedBytes > 0 {
      if json {
        Console.print(["type": "frame", "frame": "noise", "bytes": JSONValue(framer.skippedBytes)])
      } else {
        Console.print("\(framer.skippedBytes) bytes outside frames")
      }
    }
  }

  mutating func showStream(_ bytes: [UInt8], message: Int) {
    var reader = ZVTStreamReader(maximumDataLength: ZVTAPDU.maximumDataLength)
    for apdu in reader.push(bytes.span) { show(apdu, message: message, endingAt: bytes.count) }
    if let failure = reader.failure { complain(failure, message: message) }
    guard reader.isInsideMessage else { return }
    // A capture may end early; what is there is explained all the same.
    complain(WireError(.truncated, at: bytes.count, field: "APDU"), message: message)
    if bytes.count >= 3, bytes[2] != 0xFF {
      show(
        ZVTMessage(
          ZVTCommand(rawValue: UInt16(bytes[0]) << 8 | UInt16(bytes[1])), data: Array(bytes[3...]),
          characterSet: characterSet))
    }
  }

  private mutating func show(_ bytes: [UInt8], message: Int, endingAt offset: Int) {
    do throws(WireError) {
      show(ZVTMessage(try ZVTAPDU(bytes.span), characterSet: characterSet))
    } catch {
      complain(error, message: message)
    }
  }

  private func show(frame: String) {
    if json {
      Console.print(["type": "frame", "frame": .string(frame)])
    } else {
      Console.print(frame)
    }
  }

  private mutating func complain(_ error: WireError, message: Int) {
    isClean = false
    if json {
      Console.print(DecoderComplaint.line(error, message: message))
    } else {
      Console.print(DecoderComplaint.text(error, message: message))
    }
  }

  private func show(_ message: ZVTMessage) {
    let code =
      HexText.text([UInt8(message.command.rawValue >> 8)]) + " "
      + HexText.text([UInt8(truncatingIfNeeded: message.command.rawValue)])
    var line: JSONLine = [
      "type": message.command.isAnswer ? "reply" : "apdu", "command": .string(code),
      "name": .string("\(message.command.name)"),
    ]
    Self.add(message.fields, to: &line)
    if let unread = message.unread {
      line["unread"] = .object([
        "offset": JSONValue(unread.offset), "bytes": JSONValue(unread.count),
        "reason": .string("\(unread.error.reason.name)"),
      ])
    }
    if json {
      Console.print(line)
    } else {
      let fields = line.members.dropFirst(3).map { "\($0.key) \(JSONLine.text(of: $0.value))" }
      Console.print(
        "\(code) \(message.command.name)" + (fields.isEmpty ? "" : ": " + fields.joined(separator: ", ")))
    }
  }

  private static func add(_ fields: [ZVTField], to line: inout JSONLine) {
    for field in fields {
      let key = "\(field.key)"
      var value: JSONValue
      switch field.value {
      case .number(let number): value = JSONValue(number)
      case .digits(let digits):
        let text = String(decoding: digits, as: UTF8.self)
        value = .string(field.tag == .currency ? String(text.suffix(3)) : text)
      case .code(let bytes): value = .string(HexText.text(bytes))
      case .text(let utf8): value = .string(String(decoding: utf8, as: UTF8.self))
      case .maskedPAN(let pan): value = .string(String(decoding: pan.characters, as: UTF8.self))
      case .withheld(let count): value = .string("withheld (\(count) bytes)")
      case .fields(let inner):
        var object: JSONLine = [:]
        add(inner, to: &object)
        value = .object(object)
      }
      // A field that repeats, such as a line of text, becomes an array.
      if line.contains(key) {
        if case .array(let earlier) = line[key] {
          value = .array(earlier + [value])
        } else {
          value = [line[key], value]
        }
      }
      line[key] = value
      if let meaning = field.meaning { line[key + "_meaning"] = .string("\(meaning)") }
    }
  }
}
