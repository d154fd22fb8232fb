import ArgumentParser
import ESCPOS
import POSBarcode
import POSJSON
import POSModel
import POSPicture

/// `posctl decode escpos`: what a printer would do with these bytes.
struct DecodeESCPOS: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "escpos",
    abstract: "Shows what a receipt printer would put on paper.",
    discussion: """
      Obeys the bytes like a strict printer and says what stands on the paper, with every objection to the \
      bytes. Ends with one summary line.
      """
  )

  @OptionGroup var input: InputOptions

  @Option(help: "Dots across the paper: 576 for 80 mm, 384 for 58 mm.")
  var width = 576

  @Option(help: "Writes a picture of the paper.")
  var png: String?

  @Option(help: "Writes the text on the paper.")
  var text: String?

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws {
    guard (8...4096).contains(width) else { throw ValidationError("--width is 8 to 4096 dots") }
  }

  func run() async throws {
    var interpreter = ESCPOSInterpreter(PrinterGeometry(width: width, dotsPerInch: 203))
    for message in try input.messages() { interpreter.feed(message.span) }
    interpreter.finish()
    let page = interpreter.page
    let lines = page.textLines
    if let png { try OutputFile.write(try PagePainter(glyphs: try GlyphSource()).paint(page).png(), to: png) }
    if let text { try OutputFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: text) }
    if json {
      Console.print(summary(of: page, lines: lines))
    } else {
      for line in lines { Console.print(line) }
      for symbol in page.symbols + page.drawnSymbols {
        Console.print("[\(symbol.symbology.name) \(Scan.text(of: symbol.data))]")
      }
      for complaint in page.complaints { Console.print("offset \(complaint.offset): \(complaint.text)") }
    }
  }

  private func summary(of page: PrintedPage, lines: [String]) -> JSONLine {
    [
      "type": "summary", "width": JSONValue(page.width), "height": JSONValue(page.height),
      "lines": .array(lines.map { .string($0) }),
      "symbols": .array(
        (page.symbols + page.drawnSymbols).map { symbol in
          .object([
            "symbology": .string("\(symbol.symbology.name)"), "data": .string(Scan.text(of: symbol.data)),
            "module": JSONValue(symbol.module), "width": JSONValue(symbol.width),
          ])
        }),
      "bitmaps": JSONValue(page.items.count { if case .bitmap = $0 { true } else { false } }),
      "cuts": JSONValue(page.cuts.count), "drawer": JSONValue(page.drawerPulses.count),
      "complaints": .array(
        page.complaints.map { complaint in
          .object(["offset": JSONValue(complaint.offset), "reason": .string("\(complaint.text)")])
        }),
    ]
  }
}

extension PrintedPage {
  /// The lines as strings.
  var textLines: [String] { lines.map { String(String.UnicodeScalarView($0)) } }
}
