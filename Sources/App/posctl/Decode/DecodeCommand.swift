import ArgumentParser
import POSJSON
import POSModel
import POSWire

/// `posctl decode`: explains captured bytes, offline.
struct DecodeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Explains captured bytes, without any device.",
    subcommands: [
      DecodeHID.self, DecodeKeyboard.self, DecodeOEM.self, DecodeSSI.self, DecodeSerialScan.self,
      DecodeZVT.self, DecodeConcert.self, DecodeCaisseAP.self, DecodeECR17.self,
      DecodeTransbank.self, DecodeESCPOS.self, DecodeESCPOSStatus.self,
    ]
  )
}

/// What every decoder prints for bytes it cannot read.
enum DecoderComplaint {
  /// An `error` line: which message, which byte of it, which rule.
  static func line(_ error: WireError, message: Int? = nil) -> JSONLine {
    var line: JSONLine = [
      "type": "error", "offset": JSONValue(error.offset), "reason": .string("\(error.reason.name)"),
      "field": .string("\(error.field)"),
    ]
    if let message { line["message"] = JSONValue(message) }
    return line
  }

  /// The same for people.
  static func text(_ error: WireError, message: Int? = nil) -> String {
    let place = message.map { "message \($0), " } ?? ""
    return "error: \(place)offset \(error.offset): \(error.reason.name) in \(error.field)"
  }
}
