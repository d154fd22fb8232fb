import ArgumentParser
import ESCPOS
import POSBarcode
import POSDrivers
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
  var width: Int?

  @Option(help: "The printer that the bytes are for: its widths, code pages and cutter.")
  var profile = PrinterProfile.epsonTMT20II.name

  @Option(help: "Writes a picture of the paper.")
  var png: String?

  @Option(help: "Writes the text on the paper.")
  var text: String?

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws {
    guard (8...4096).contains(width ?? 8) else { throw ValidationError("--width is 8 to 4096 dots") }
  }

  func run() async throws {
    var geometry = try ProfileOption.named(profile).geometry
    if let width { geometry.width = width }
    var interpreter = ESCPOSInterpreter(geometry)
    for message in try input.messages() { interpreter.feed(message.span) }
    interpreter.finish()
    let page = interpreter.page
    let lines = page.textLines
    if let png { try OutputFile.write(try PagePainter(glyphs: try GlyphSource()).paint(page).png(), to: png) }
    if let text { try OutputFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: text) }
    if json {
      for item in page.items { Console.print(operation(item)) }
      Console.print(summary(of: page, lines: lines))
    } else {
      for line in lines { Console.print(line) }
      for symbol in page.symbols + page.drawnSymbols {
        Console.print("[\(symbol.symbology.name) \(Scan.text(of: symbol.data))]")
      }
      for complaint in page.complaints { Console.print("offset \(complaint.offset): \(complaint.text)") }
    }
  }

  /// One thing on the paper, or done while printing.
  private func operation(_ item: PrintedPage.Item) -> JSONLine {
    switch item {
    case .text(let run):
      return [
        "type": "text", "x": JSONValue(run.x), "y": JSONValue(run.y),
        "text": .string(String(String.UnicodeScalarView(run.scalars))),
        "font": .string(run.font == .a ? "a" : run.font == .b ? "b" : "c"),
        "width": JSONValue(run.widthFactor),
        "height": JSONValue(run.heightFactor), "bold": .bool(run.isBold),
        "underline": JSONValue(run.underline),
        "inverse": .bool(run.isInverse),
        "turn": JSONValue(run.turn.quarters * 90), "lying": .bool(run.isLying),
      ]
    case .bitmap(let placed):
      return [
        "type": "bitmap", "x": JSONValue(placed.x), "y": JSONValue(placed.y),
        "width": JSONValue(placed.bitmap.width), "height": JSONValue(placed.bitmap.height),
      ]
    case .symbol(let symbol):
      return [
        "type": "symbol", "x": JSONValue(symbol.x), "y": JSONValue(symbol.y),
        "symbology": .string("\(symbol.symbology.name)"), "data": .string(Scan.text(of: symbol.data)),
        "module": JSONValue(symbol.module), "width": JSONValue(symbol.width),
        "height": JSONValue(symbol.height), "turn": JSONValue(symbol.turn.quarters * 90),
      ]
    case .cut(let cut):
      return ["type": "cut", "y": JSONValue(cut.y), "kind": .string(cut.kind == .full ? "full" : "partial")]
    case .drawer(let pulse):
      return [
        "type": "drawer", "pin": JSONValue(pulse.pin), "on": JSONValue(pulse.on), "off": JSONValue(pulse.off),
      ]
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
