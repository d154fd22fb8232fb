import ArgumentParser
import POSJSON
import POSModel
import POSTerminalWire
import POSWire

/// `posctl decode ecr17`: bytes between a till and an ECR17 terminal.
struct DecodeECR17: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ecr17",
    abstract: "Explains bytes between a till and an ECR17 card terminal.",
    discussion: """
      Which of the four checks in the field a capture has is found out. Both directions may be in it. Card numbers are
      masked.
      """
  )

  @OptionGroup var input: InputOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let printer = DecodedLines(json: json)
    for (index, bytes) in try input.messages().enumerated() {
      // The check that damages least.
      let readings = ECR17Check.allCases.map { Reading(bytes, $0) }
      guard let best = readings.min(by: { $0.damages < $1.damages }) else { continue }
      for (offset, event) in best.events { show(event, at: offset, best.check, printer, message: index) }
      if best.isCut {
        printer.complain(WireError(.truncated, at: bytes.count, field: "frame"), message: index)
      }
      printer.show(noise: best.skipped)
    }
    if !printer.isClean { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }

  /// A capture as one kind of check reads it.
  private struct Reading {
    let check: ECR17Check
    var events: [(offset: Int, event: ECR17Event)] = []
    let skipped: Int
    let isCut: Bool

    init(_ bytes: [UInt8], _ check: ECR17Check) {
      self.check = check
      var framer = ECR17Framer(maximumLength: ECR17Link.maximumLength)
      framer.check = check
      for (offset, byte) in bytes.enumerated() {
        if let event = framer.push(byte) { events.append((offset, event)) }
      }
      skipped = framer.skippedBytes
      isCut = framer.isInsideFrame
    }

    var damages: Int { events.count { if case .damaged = $0.event { true } else { false } } }
  }

  private func show(
    _ event: ECR17Event, at offset: Int, _ check: ECR17Check, _ printer: DecodedLines, message: Int
  ) {
    switch event {
    case .control(let isAcknowledged, let check):
      printer.show(frame: isAcknowledged ? "ack" : "nak", check: Self.name(check))
    case .progress(let text):
      printer.show(["type": "message", "name": "progress", "text": .string(Self.words(text))])
    case .damaged(let reason):
      printer.complain(WireError(reason, at: offset, field: "frame"), message: message)
    case .frame(let payload):
      do throws(WireError) {
        var line = try Self.line(payload)
        line["check"] = .string(Self.name(check))
        printer.show(line)
      } catch {
        printer.complain(error, message: message)
      }
    }
  }

  private static func line(_ bytes: [UInt8]) throws(WireError) -> JSONLine {
    let payload = try ECR17Payload(bytes.span)
    var line: JSONLine = [
      "type": "message", "name": .string("\(payload.name)"),
      "direction": payload.isOrder ? "to-terminal" : "to-till",
      "terminal_id": .string(words(payload.terminalID)),
    ]
    if payload.isOrder {
      if payload.rest.count >= 8 { line["till"] = .string(words(Array(payload.rest.prefix(8)))) }
      if let amount = payload.amount { line["amount"] = JSONValue(amount) }
      if payload.code == 0x53 { line["trace"] = .string(words(Array(payload.rest.dropFirst(8).prefix(6)))) }
    } else if payload.code == 0x45 || payload.code == 0x56 {
      let result = try ECR17Result(bytes.span)
      line["result"] = .string(words(result.code))
      line["done"] = .bool(result.isDone)
      line["card_number"] = JSONValue(result.cardNumber.map { words($0.characters) })
      line["authorisation"] = JSONValue(result.authorisation.map(words))
      line["date"] = JSONValue(result.date.map(words))
      line["acquirer"] = JSONValue(result.acquirer.map(words))
      line["trace"] = JSONValue(result.trace)
      line["text"] = JSONValue(result.text.map(words))
    } else {
      line["rest"] = .string(words(payload.rest))
    }
    return line
  }

  private static func words(_ text: [UInt8]) -> String { String(decoding: text, as: UTF8.self) }

  private static func name(_ check: ECR17Check) -> String {
    switch check {
    case .standard: "payload"
    case .startIncluded: "payload and STX"
    case .endIncluded: "payload and ETX"
    case .bothIncluded: "payload, STX and ETX"
    }
  }
}
