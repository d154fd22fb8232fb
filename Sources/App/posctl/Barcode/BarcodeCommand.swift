import ArgumentParser
import POSBarcode

/// `posctl barcode`: one symbol with exact modules.
struct BarcodeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "barcode",
    abstract: "Draws one bar code with exact modules.",
    discussion: """
      A module is a whole number of dots, and the quiet zones are in the picture. Check digits are computed, or \
      verified when they are given. Without --png or --escpos the symbol is described and, on a terminal, shown.
      """,
    subcommands: [
      EAN13Command.self, EAN8Command.self, UPCACommand.self, UPCECommand.self, Code39Command.self,
      Code93Command.self, Code128Command.self, GS1128Command.self, ITFCommand.self, CodabarCommand.self,
      QRCommand.self,
    ]
  )
}

/// `posctl barcode ean13 DATA`.
struct EAN13Command: SymbolCommand {
  static let configuration = CommandConfiguration(
    commandName: "ean13", abstract: "EAN-13: 12 digits, or 13 with the check digit.", aliases: ["ean-13"])
  static let symbology = Symbology.ean13
  @OptionGroup var options: SymbolOptions
}

/// `posctl barcode ean8 DATA`.
struct EAN8Command: SymbolCommand {
  static let configuration = CommandConfiguration(
    commandName: "ean8", abstract: "EAN-8: 7 digits, or 8 with the check digit.", aliases: ["ean-8"])
  static let symbology = Symbology.ean8
  @OptionGroup var options: SymbolOptions
}

/// `posctl barcode upca DATA`.
struct UPCACommand: SymbolCommand {
  static let configuration = CommandConfiguration(
    commandName: "upca", abstract: "UPC-A: 11 digits, or 12 with the check digit.", aliases: ["upc-a"])
  static let symbology = Symbology.upcA
  @OptionGroup var options: SymbolOptions
}

/// `posctl barcode upce DATA`.
struct UPCECommand: SymbolCommand {
  static let configuration = CommandConfiguration(
    commandName: "upce", abstract: "UPC-E: 6 to 8 digits, or the 11 or 12 of a UPC-A with a short form.",
    aliases: ["upc-e"])
  static let symbology = Symbology.upcE
  @OptionGroup var options: SymbolOptions
}

/// `posctl barcode code39 DATA`.
struct Code39Command: SymbolCommand {
  static let configuration = CommandConfiguration(
    commandName: "code39", abstract: "Code 39: digits, capital letters and - . $ / + % and the space.",
    aliases: ["code-39"])
  static let symbology = Symbology.code39
  @OptionGroup var options: SymbolOptions
}

/// `posctl barcode code93 DATA`.
struct Code93Command: SymbolCommand {
  static let configuration = CommandConfiguration(
    commandName: "code93", abstract: "Code 93: ASCII.", aliases: ["code-93"])
  static let symbology = Symbology.code93
  @OptionGroup var options: SymbolOptions
}

/// `posctl barcode code128 DATA`.
struct Code128Command: SymbolCommand {
  static let configuration = CommandConfiguration(
    commandName: "code128", abstract: "Code 128: ASCII, in as few code words as there can be.",
    aliases: ["code-128"])
  static let symbology = Symbology.code128
  @OptionGroup var options: SymbolOptions
}

/// `posctl barcode gs1-128 DATA`.
struct GS1128Command: SymbolCommand {
  static let configuration = CommandConfiguration(
    commandName: "gs1-128", abstract: "GS1-128: elements as in '(01)09501101530003(10)AB-123'.")
  static let symbology = Symbology.gs1128
  @OptionGroup var options: SymbolOptions
}

/// `posctl barcode itf DATA`.
struct ITFCommand: SymbolCommand {
  static let configuration = CommandConfiguration(
    commandName: "itf", abstract: "Interleaved 2 of 5: an even number of digits.")
  static let symbology = Symbology.interleaved2of5
  @OptionGroup var options: SymbolOptions
}

/// `posctl barcode codabar DATA`.
struct CodabarCommand: SymbolCommand {
  static let configuration = CommandConfiguration(
    commandName: "codabar", abstract: "Codabar: digits and - $ : / . + between A to D, which may be left out."
  )
  static let symbology = Symbology.codabar
  @OptionGroup var options: SymbolOptions
}

/// `posctl barcode qr DATA`.
struct QRCommand: SymbolCommand {
  static let configuration = CommandConfiguration(
    commandName: "qr", abstract: "QR code: any text, as UTF-8.")
  static let symbology = Symbology.qr
  @OptionGroup var options: SymbolOptions
}
