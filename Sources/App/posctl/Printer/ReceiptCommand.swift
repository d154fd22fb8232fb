import ArgumentParser
import ESCPOS
import POSDrivers
import POSJSON
import POSModel
import POSPicture

/// `posctl receipt`: what a receipt document looks like, without a printer.
struct ReceiptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt",
    abstract: "Lays out a receipt document for a model of printer, and shows or keeps the result.",
    discussion: """
      The preview is made from the very bytes a printer would get. The form of documents is described in \
      Documentation/receipts.md; Examples has some.
      """
  )

  @Argument(help: "A receipt document, or - for standard input.")
  var file: String

  @OptionGroup var model: ProfileOption

  @Option(help: "Writes the printer commands.")
  var escpos: String?

  @Option(help: "Writes a picture of the paper.")
  var png: String?

  @Flag(
    help: "Prints the text on the paper, without what is drawn: pictures, and characters the printer lacks.")
  var text = false

  @Option(help: "Who draws bar codes: auto takes the fewest bytes, native the printer, raster this program.")
  var route = RouteArgument.auto

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let profile = try model.value()
    let commands = try ReceiptLayout(profile, barcodes: route.layout, glyphs: GlyphSource.system)
      .escpos(try ReceiptFile.read(file, dots: profile.dots))
    var interpreter = ESCPOSInterpreter(profile.geometry)
    interpreter.feed(commands.span)
    interpreter.finish()
    let page = interpreter.page
    let drawn = page.items.count { if case .bitmap = $0 { true } else { false } }
    if page.complaints.contains(where: { $0.reason == .overLimit }) {
      Console.complain(
        "posctl: the receipt is longer than what is shown, which ends after \(page.height) rows of dots")
    }
    if let escpos { try OutputFile.write(commands, to: escpos) }
    if let png { try OutputFile.write(try PagePainter(glyphs: try GlyphSource()).paint(page).png(), to: png) }
    if json {
      Console.print([
        "type": "receipt", "profile": .string(profile.name), "bytes": JSONValue(commands.count),
        "width": JSONValue(page.width), "height": JSONValue(page.height),
        "lines": .array(page.textLines.map { .string($0) }), "cuts": JSONValue(page.cuts.count),
        "drawn": JSONValue(drawn), "drawer": JSONValue(page.drawerPulses.count), "escpos": JSONValue(escpos),
        "png": JSONValue(png),
      ])
    } else if text {
      for line in page.textLines { Console.print(line) }
      if drawn > 0 {
        Console.complain(
          "posctl: \(drawn) pieces of the receipt are drawn and not in its text; --png FILE shows them")
      }
    } else if escpos == nil, png == nil {
      for line in TerminalReceipt(page).lines { Console.print(line) }
    }
  }
}

extension RouteArgument {
  /// The same for receipts.
  var layout: ReceiptLayout.BarcodeRoute {
    switch self {
    case .auto: .auto
    case .native: .native
    case .raster: .raster
    }
  }
}
