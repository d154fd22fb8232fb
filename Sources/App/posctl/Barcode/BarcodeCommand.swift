import ArgumentParser
import ESCPOS
import POSBarcode
import POSJSON
import POSModel
import POSPicture
import POSWire

/// `posctl barcode`: one symbol with exact modules.
struct BarcodeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "barcode",
    abstract: "Draws one bar code with exact modules.",
    subcommands: [EAN13Command.self]
  )
}

/// `posctl barcode ean13 DATA`.
struct EAN13Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ean13",
    abstract: "Draws an EAN-13, from 12 digits or from 13 with a correct check digit.",
    discussion: """
      A module is a whole number of dots, quiet zones are 11 modules left and 7 right. Without --png or \
      --escpos the symbol is described and, on a terminal, shown.
      """
  )

  @Argument(help: "12 digits, or 13 of which the last is the check digit.")
  var data: String

  @Option(help: "Dots in a module, 1 to 8. 3 is 0.375 mm at 203 dpi.")
  var module = 3

  @Option(help: "Dots of the bars, 1 to 1000.")
  var height = 208

  @Option(help: "Writes a picture.")
  var png: String?

  @Option(help: "Writes the printer commands that draw it.")
  var escpos: String?

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let symbol: EAN13
    let bitmap: Bitmap
    let ascii = Array(data.utf8)
    do throws(WireError) {
      symbol = try EAN13(ascii: ascii.span)
      bitmap = try symbol.bitmap(module: module, height: height)
    } catch {
      throw explain(error)
    }
    let digits = String(decoding: symbol.ascii, as: UTF8.self)
    if let png { try OutputFile.write(try Picture(bitmap, margin: 2 * module).png(), to: png) }
    if let escpos {
      var encoder = ESCPOSEncoder(codePages: CodePageSet([.init(.pc437, 0)]))
      encoder.initialize()
      do throws(WireError) { try encoder.raster(bitmap, bandRows: bitmap.height) } catch {
        throw explain(error)
      }
      try OutputFile.write(encoder.bytes, to: escpos)
    }
    if json {
      Console.print([
        "type": "barcode", "symbology": .string("\(Symbology.ean13.name)"), "data": .string(digits),
        "module": JSONValue(module), "width": JSONValue(bitmap.width), "height": JSONValue(bitmap.height),
        "png": JSONValue(png), "escpos": JSONValue(escpos),
      ])
    } else {
      Console.print("\(digits): \(bitmap.width) × \(bitmap.height) dots, module \(module)")
      if Console.isTerminal, png == nil, escpos == nil {

        for line in Picture(bitmap).braille(cellWidth: 2 * module, cellHeight: 16) { Console.print(line) }

      }
    }
  }

  private func explain(_ error: WireError) -> DeviceError {
    let what: String
    switch error.reason {
    case .checksum: what = "the check digit is wrong; give 12 digits to have it computed"
    case .truncated, .lengthOverLimit: what = "an EAN-13 has 12 digits and a check digit"
    default: what = "\(error.field) is out of range at offset \(error.offset)"
    }
    return DeviceError(.badInput, during: "drawing the EAN-13 '\(data)'", detail: what)
  }
}
