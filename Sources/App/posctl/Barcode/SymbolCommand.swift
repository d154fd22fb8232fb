import ArgumentParser
import ESCPOS
import POSBarcode
import POSDrivers
import POSJSON
import POSModel
import POSPicture
import POSWire

/// What every `posctl barcode` command takes.
struct SymbolOptions: ParsableArguments {
  @Argument(help: "What the symbol holds.")
  var data: String

  @Option(help: "Dots in a module: 1 to 8, of a QR code 1 to 32. 3 is 0.375 mm at 203 dpi.")
  var module = 3

  @Option(help: "Dots of the bars, 1 to 1000.")
  var height = 208

  @Flag(inversion: .prefixedNo, help: "Whether the characters stand below the bars.")
  var text = true

  @Option(help: "Of a QR code.")
  var errorCorrection = ErrorCorrectionArgument.medium

  @Option(help: "Writes a picture.")
  var png: String?

  @Option(help: "Writes the printer commands that draw it.")
  var escpos: String?

  @Option(help: "The printer that --escpos is for.")
  var profile = PrinterProfile.generic80.name

  @Option(help: "Who draws it: auto takes the fewest bytes, native the printer, raster this program.")
  var route = RouteArgument.auto

  @Flag(help: "Prints a JSON line.")
  var json = false
}

/// Who draws a symbol, on the command line.
enum RouteArgument: String, ExpressibleByArgument, CaseIterable {
  case auto, native, raster

  /// The same for the encoder.
  var route: SymbolRoute {
    switch self {
    case .auto: .auto
    case .native: .native
    case .raster: .raster
    }
  }
}

/// A QR code's error correction, on the command line.
enum ErrorCorrectionArgument: String, ExpressibleByArgument, CaseIterable {
  case low, medium, quartile, high

  /// The same for the encoder.
  var level: QRCode.ErrorCorrection {
    switch self {
    case .low: .low
    case .medium: .medium
    case .quartile: .quartile
    case .high: .high
    }
  }
}

/// One symbology of `posctl barcode`.
protocol SymbolCommand: AsyncParsableCommand {
  static var symbology: Symbology { get }
  var options: SymbolOptions { get }
}

extension SymbolCommand {
  func run() async throws {
    let drawn: (data: [UInt8], picture: Bitmap)
    do throws(WireError) { drawn = try draw() } catch { throw explain(error) }
    let text = Scan.text(of: drawn.data)
    let picture = drawn.picture
    let module = options.module
    var commands: (bytes: [UInt8], route: SymbolRoute)?
    if options.escpos != nil { commands = try printerCommands() }
    if let png = options.png { try OutputFile.write(try Picture(picture, margin: 2 * module).png(), to: png) }
    if let escpos = options.escpos, let commands { try OutputFile.write(commands.bytes, to: escpos) }
    if options.json {
      var line: JSONLine = [
        "type": "barcode", "symbology": .string("\(Self.symbology.name)"), "data": .string(text),
        "module": JSONValue(module), "width": JSONValue(picture.width), "height": JSONValue(picture.height),
        "png": JSONValue(options.png), "escpos": JSONValue(options.escpos),
      ]
      if let commands {
        line["bytes"] = JSONValue(commands.bytes.count)
        line["route"] = .string(commands.route == .native ? "native" : "raster")
        line["profile"] = .string(options.profile)
      }
      Console.print(line)
    } else {
      Console.print("\(text): \(picture.width) × \(picture.height) dots, module \(module)")
      if let commands {
        let way = commands.route == .native ? "drawn by the printer" : "drawn here"
        Console.print("\(commands.bytes.count) bytes for \(options.profile), \(way)")
      }
      if Console.isTerminal, options.png == nil, options.escpos == nil {
        for line in Picture(picture).braille(cellWidth: 2 * module, cellHeight: 4 * module) {
          Console.print(line)
        }
      }
    }
  }

  /// The data as a scanner will report it, and the symbol with its quiet zones.
  private func draw() throws(WireError) -> (data: [UInt8], picture: Bitmap) {
    let bytes = Array(options.data.utf8)
    if Self.symbology == .qr {
      let code = try QRCode(bytes.span, level: options.errorCorrection.level)
      return (code.data, try code.bitmap(module: options.module))
    }
    let symbol = try LinearSymbol(Self.symbology, ascii: bytes.span)
    let picture = try symbol.bitmap(module: options.module, height: options.height, showsText: options.text)
    return (symbol.data, picture)
  }

  private func printerCommands() throws -> (bytes: [UInt8], route: SymbolRoute) {
    let profile = try ProfileOption.named(options.profile)
    var request = SymbolRequest(
      Self.symbology, data: Array(options.data.utf8), module: options.module, height: options.height,
      showsText: options.text)
    request.errorCorrection = options.errorCorrection.level
    var encoder = ESCPOSEncoder(codePages: profile.codePages)
    // Digits and letters look the same in every country's ASCII.
    let isPlain = request.data.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
    }
    if isPlain { encoder.reset() } else { encoder.initialize() }
    do throws(WireError) {
      let taken = try encoder.symbol(request, on: profile.symbolSupport, route: options.route.route)
      return (encoder.bytes, taken)
    } catch {
      throw explain(error)
    }
  }

  private func explain(_ error: WireError) -> DeviceError {
    let operation = "drawing the \(Self.symbology.name) '\(options.data)'"
    switch (error.reason, "\(error.field)") {
    case (.checksum, _):
      return DeviceError(
        .badInput, during: operation, detail: "the check digit is wrong; leave it out to have it computed")
    case (_, "symbol width"):
      return DeviceError(
        .doesNotFit, during: operation, detail: "\(options.profile) has \(error.offset) dots")
    case (.unsupported, let field):
      return DeviceError(
        .unsupported, during: operation, detail: "\(options.profile): \(field)", hint: "use --route raster")
    case (.truncated, let field):
      return DeviceError(.badInput, during: operation, detail: "too short: \(field), \(error.offset) given")
    case (.lengthOverLimit, let field):
      return DeviceError(.badInput, during: operation, detail: "too long: \(field), at most \(error.offset)")
    case (let reason, let field):
      return DeviceError(
        .badInput, during: operation, detail: "\(field): \(reason.name) at offset \(error.offset)")
    }
  }
}
