import ArgumentParser
import POSModel
import POSScan

/// `posctl decode serial-scan`: bytes of a scanner on a serial line.
struct DecodeSerialScan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serial-scan",
    abstract: "Explains bytes of a scanner on a serial line.",
    discussion: """
      With --terminator silence each line of hexadecimal text is one code. Honeywell's decode header is understood
      wherever it turns up.

        posctl decode serial-scan --identifiers datalogic-eu capture
      """
  )

  @OptionGroup var serial: SerialScanOptions
  @OptionGroup var surroundings: EnvelopeOptions
  @OptionGroup var input: InputOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let settings = try serial.settings(surroundings.envelope())
    var decoder = SerialScanDecoder(settings)
    var isClean = true
    func show(_ event: SerialScanDecoder.Event) {
      switch event {
      case .scan(let code):
        let line = ScanLine(code)
        if json { Console.print(line.json) } else { Console.print(line.text) }
      case .undecodable(let error):
        isClean = false
        DecoderComplaint.show(error, json: json)
      }
    }
    for message in try input.messages() {
      decoder.receive(message.span, at: 0, show)
      if settings.terminator == .silence { decoder.flush(show) }
    }
    decoder.flush(show)
    if !isClean { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }
}
