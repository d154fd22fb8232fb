// Written by tools/generate-printer-profiles from printer-profiles/*.toml.
// swift-format-ignore-file

import ESCPOS
import POSBarcode
import POSDoubleByte

extension PrinterProfile {
  /// The profiles that come with the package.
  public static let all = [generic58, generic80, confirming80, generic80Probed, bixolonSrp330ii,
        bixolonSrp350iii, bixolonSrp350iiiKorea, bixolonSrpE300, bixolonSrpF310, bixolonSrpS300,
        citizenCtE351, citizenCtS310ii, citizenCtS651, citizenCtS65183mm, epsonTmL90, epsonTmM30,
        epsonTmM30iii, epsonTmP80, epsonTMT20II, epsonTmT20iii, epsonTmT20x, epsonTmT70, epsonTmT82iii,
        epsonTmT88ii, epsonTmT88iii, epsonTmT88iv, epsonTMT88V, epsonTmT88vi, epsonTmT88viJapan,
        epsonTmT88vii, epsonTmU220, itpp047, kr306, nt80, p822d, pos5890, pos80Big5, pos80Gbk, rp326,
        starMcPrint2Escpos, starMcPrint3Escpos, starTsp100Escpos, starTsp600Escpos, starTsp800Escpos,
        sunmiV2, th230, yhd8390, zj5870]

  /// 58 mm paper at 203 dpi promises no more.
  public static let generic58 = PrinterProfile(
    name: "generic-58",
    models: [],
    dots: 384, dotsPerInch: 203, columns: 32, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0)]),
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .tearBar(lines: 4), cutterDistance: 0,
    symbols: NativeSymbols([]),
    confirmation: .none, realTimeStatus: .maybe)

  /// 80 mm paper at 203 dpi promises no more.
  public static let generic80 = PrinterProfile(
    name: "generic-80",
    models: [],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0)]),
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([]),
    confirmation: .none, realTimeStatus: .maybe)

  /// for printers whose manual has DLE EOT, GS r and page 19.
  public static let confirming80 = PrinterProfile(
    name: "generic-80-gs-r",
    models: [],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19)]),
    pictures: PictureSupport(commands: [.raster],
      bandRows: 1024, bandBytes: 16384),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// what --profile auto takes a printer for that names no known model but answers DLE EOT and GS r.
  public static let generic80Probed = PrinterProfile(
    name: "generic-80-probed",
    models: [],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0)]),
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// Bixolon command manual; not tried.
  public static let bixolonSrp330ii = PrinterProfile(
    name: "bixolon-srp-330ii",
    models: ["srp-330ii", "srp-330iii"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 64, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc860, 3), .init(.pc863, 4), .init(.pc865, 5)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24],
      bandRows: 960, bandBytes: 16384),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .qr, .pdf417]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// Bixolon command manual; not tried.
  public static let bixolonSrp350iii = PrinterProfile(
    name: "bixolon-srp-350iii",
    models: ["srp-350iii", "srp-350plusiii"],
    dots: 512, dotsPerInch: 180, columns: 42, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 56, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc860, 3), .init(.pc863, 4), .init(.pc865, 5)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24],
      bandRows: 960, bandBytes: 16384),
    cutter: .partial, cutterDistance: 106,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .qr, .pdf417]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// Bixolon models with Korean characters; not tried.
  public static let bixolonSrp350iiiKorea = PrinterProfile(
    name: "bixolon-srp-350iii-korea",
    models: [],
    dots: 512, dotsPerInch: 180, columns: 42, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 56, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc860, 3), .init(.pc863, 4), .init(.pc865, 5)], doubleByte: .ksX1001),
    startsInDoubleByteMode: true,
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24],
      bandRows: 960, bandBytes: 16384),
    cutter: .partial, cutterDistance: 106,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .qr, .pdf417]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// Bixolon command manual; not tried.
  public static let bixolonSrpE300 = PrinterProfile(
    name: "bixolon-srp-e300",
    models: ["srp-e300", "srp-e302"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 64, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc860, 3), .init(.pc863, 4), .init(.pc865, 5)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24],
      bandRows: 960, bandBytes: 16384),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .qr, .pdf417]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// Bixolon command manual; not tried.
  public static let bixolonSrpF310 = PrinterProfile(
    name: "bixolon-srp-f310",
    models: ["srp-f310", "srp-f310ii"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 64, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc860, 3), .init(.pc863, 4), .init(.pc865, 5)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24],
      bandRows: 960, bandBytes: 16384),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .qr, .pdf417]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// escpos-printer-db: page numbers.
  public static let bixolonSrpS300 = PrinterProfile(
    name: "bixolon-srp-s300",
    models: ["srp-s300"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc866, 17), .init(.iso8859Part15, 40)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24],
      bandRows: 960, bandBytes: 16384),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .qr, .pdf417]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// Citizen command reference; not tried.
  public static let citizenCtE351 = PrinterProfile(
    name: "citizen-ct-e351",
    models: ["ct-e351", "ct-e651"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc860, 3), .init(.pc863, 4), .init(.pc865, 5)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .graphics],
      bandRows: 2303, bandBytes: 16384),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .qr, .pdf417]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// Citizen command reference; not tried.
  public static let citizenCtS310ii = PrinterProfile(
    name: "citizen-ct-s310ii",
    models: ["ct-s310ii"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc860, 3), .init(.pc863, 4), .init(.pc865, 5)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .graphics],
      bandRows: 2303, bandBytes: 16384),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .qr, .pdf417]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// escpos-printer-db: page numbers.
  public static let citizenCtS651 = PrinterProfile(
    name: "citizen-ct-s651",
    models: ["ct-s651", "ct-s651ii"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc866, 17)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .graphics],
      bandRows: 2303, bandBytes: 16384),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .qr, .pdf417]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// escpos-printer-db: 82.5 mm paper.
  public static let citizenCtS65183mm = PrinterProfile(
    name: "citizen-ct-s651-83mm",
    models: [],
    dots: 640, dotsPerInch: 203, columns: 53, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 71, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc866, 17)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .graphics],
      bandRows: 2303, bandBytes: 16384),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .qr, .pdf417]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// escpos-printer-db.
  public static let epsonTmL90 = PrinterProfile(
    name: "epson-tm-l90",
    models: ["tm-l90"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc737, 14), .init(.pc857, 13), .init(.pc860, 3),
        .init(.pc863, 4), .init(.pc865, 5), .init(.iso8859Part2, 39), .init(.iso8859Part15, 40),
        .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc720, 32), .init(.pc775, 33),
        .init(.pc855, 34), .init(.pc861, 35), .init(.pc862, 36), .init(.pc864, 37), .init(.pc869, 38),
        .init(.windows1250, 45), .init(.windows1251, 46), .init(.windows1253, 47), .init(.windows1254, 48),
        .init(.windows1255, 49), .init(.windows1256, 50), .init(.windows1257, 51), .init(.windows1258, 52),
        .init(.rk1048, 53), .init(.pc851, 11), .init(.pc774, 42), .init(.pc772, 43), .init(.pc1125, 44)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 2303, bandBytes: 65536),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode]),
    confirmation: .processID, realTimeStatus: .always)

  /// Epson TM-m30; not tried.
  public static let epsonTmM30 = PrinterProfile(
    name: "epson-tm-m30",
    models: ["tm-m30", "tm-m30ii", "tm-m30ii-h", "tm-m30ii-nt"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc737, 14), .init(.pc857, 13), .init(.pc860, 3),
        .init(.pc863, 4), .init(.pc865, 5), .init(.iso8859Part2, 39), .init(.iso8859Part15, 40),
        .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc720, 32), .init(.pc775, 33),
        .init(.pc855, 34), .init(.pc861, 35), .init(.pc862, 36), .init(.pc864, 37), .init(.pc869, 38),
        .init(.windows1250, 45), .init(.windows1251, 46), .init(.windows1253, 47), .init(.windows1254, 48),
        .init(.windows1255, 49), .init(.windows1256, 50), .init(.windows1257, 51), .init(.windows1258, 52),
        .init(.rk1048, 53), .init(.pc851, 11), .init(.pc774, 42), .init(.pc772, 43), .init(.pc1125, 44)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 2303, bandBytes: 65536),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode]),
    confirmation: .processID, realTimeStatus: .always)

  /// escpos-printer-db: no page 858.
  public static let epsonTmM30iii = PrinterProfile(
    name: "epson-tm-m30iii",
    models: ["tm-m30iii", "tm-m30iii-h"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.windows1252, 16), .init(.pc850, 2), .init(.pc852, 18),
        .init(.pc866, 17), .init(.pc737, 14), .init(.iso8859Part15, 40), .init(.iso8859Part2, 39),
        .init(.iso8859Part7, 15), .init(.windows1250, 45), .init(.windows1251, 46), .init(.katakana, 1)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 2303, bandBytes: 65536),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode]),
    confirmation: .processID, realTimeStatus: .always)

  /// Epson TM-P80 (portable, tear bar); not tried.
  public static let epsonTmP80 = PrinterProfile(
    name: "epson-tm-p80",
    models: ["tm-p80"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc737, 14), .init(.pc857, 13), .init(.pc860, 3),
        .init(.pc863, 4), .init(.pc865, 5), .init(.iso8859Part2, 39), .init(.iso8859Part15, 40),
        .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc720, 32), .init(.pc775, 33),
        .init(.pc855, 34), .init(.pc861, 35), .init(.pc862, 36), .init(.pc864, 37), .init(.pc869, 38),
        .init(.windows1250, 45), .init(.windows1251, 46), .init(.windows1253, 47), .init(.windows1254, 48),
        .init(.windows1255, 49), .init(.windows1256, 50), .init(.windows1257, 51), .init(.windows1258, 52),
        .init(.rk1048, 53), .init(.pc851, 11), .init(.pc774, 42), .init(.pc772, 43), .init(.pc1125, 44)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 2303, bandBytes: 65536),
    cutter: .tearBar(lines: 4), cutterDistance: 0,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode]),
    confirmation: .processID, realTimeStatus: .always)

  /// Epson TM-T20II; escpos-printer-db.
  public static let epsonTMT20II = PrinterProfile(
    name: "epson-tm-t20ii",
    models: ["tm-t20ii"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc737, 14), .init(.pc857, 13), .init(.pc860, 3),
        .init(.pc863, 4), .init(.pc865, 5), .init(.iso8859Part2, 39), .init(.iso8859Part15, 40),
        .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc720, 32), .init(.pc775, 33),
        .init(.pc855, 34), .init(.pc861, 35), .init(.pc862, 36), .init(.pc864, 37), .init(.pc869, 38),
        .init(.windows1250, 45), .init(.windows1251, 46), .init(.windows1253, 47), .init(.windows1254, 48),
        .init(.windows1255, 49), .init(.windows1256, 50), .init(.windows1257, 51), .init(.windows1258, 52),
        .init(.rk1048, 53), .init(.pc851, 11), .init(.pc774, 42), .init(.pc772, 43), .init(.pc1125, 44)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 2303, bandBytes: 65536),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode]),
    confirmation: .processID, realTimeStatus: .always)

  /// Epson TM-T20III; not tried.
  public static let epsonTmT20iii = PrinterProfile(
    name: "epson-tm-t20iii",
    models: ["tm-t20iii", "tm-t20iiil"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc737, 14), .init(.pc857, 13), .init(.pc860, 3),
        .init(.pc863, 4), .init(.pc865, 5), .init(.iso8859Part2, 39), .init(.iso8859Part15, 40),
        .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc720, 32), .init(.pc775, 33),
        .init(.pc855, 34), .init(.pc861, 35), .init(.pc862, 36), .init(.pc864, 37), .init(.pc869, 38),
        .init(.windows1250, 45), .init(.windows1251, 46), .init(.windows1253, 47), .init(.windows1254, 48),
        .init(.windows1255, 49), .init(.windows1256, 50), .init(.windows1257, 51), .init(.windows1258, 52),
        .init(.rk1048, 53), .init(.pc851, 11), .init(.pc774, 42), .init(.pc772, 43), .init(.pc1125, 44)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 2303, bandBytes: 65536),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode]),
    confirmation: .processID, realTimeStatus: .always)

  /// Epson TM-T20X; not tried.
  public static let epsonTmT20x = PrinterProfile(
    name: "epson-tm-t20x",
    models: ["tm-t20x", "tm-t20x-ii"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc737, 14), .init(.pc857, 13), .init(.pc860, 3),
        .init(.pc863, 4), .init(.pc865, 5), .init(.iso8859Part2, 39), .init(.iso8859Part15, 40),
        .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc720, 32), .init(.pc775, 33),
        .init(.pc855, 34), .init(.pc861, 35), .init(.pc862, 36), .init(.pc864, 37), .init(.pc869, 38),
        .init(.windows1250, 45), .init(.windows1251, 46), .init(.windows1253, 47), .init(.windows1254, 48),
        .init(.windows1255, 49), .init(.windows1256, 50), .init(.windows1257, 51), .init(.windows1258, 52),
        .init(.rk1048, 53), .init(.pc851, 11), .init(.pc774, 42), .init(.pc772, 43), .init(.pc1125, 44)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 2303, bandBytes: 65536),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode]),
    confirmation: .processID, realTimeStatus: .always)

  /// Epson TM-T70; not tried.
  public static let epsonTmT70 = PrinterProfile(
    name: "epson-tm-t70",
    models: ["tm-t70"],
    dots: 512, dotsPerInch: 180, columns: 42, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 56, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    verticalUnitsPerInch: 360,
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc737, 14), .init(.pc857, 13), .init(.pc860, 3),
        .init(.pc863, 4), .init(.pc865, 5), .init(.iso8859Part2, 39), .init(.iso8859Part15, 40),
        .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc720, 32), .init(.pc775, 33),
        .init(.pc855, 34), .init(.pc861, 35), .init(.pc862, 36), .init(.pc864, 37), .init(.pc869, 38),
        .init(.windows1250, 45), .init(.windows1251, 46), .init(.windows1253, 47), .init(.windows1254, 48),
        .init(.windows1255, 49), .init(.windows1256, 50), .init(.windows1257, 51), .init(.windows1258, 52),
        .init(.rk1048, 53), .init(.pc851, 11), .init(.pc774, 42), .init(.pc772, 43), .init(.pc1125, 44)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 2303, bandBytes: 65536),
    cutter: .partial, cutterDistance: 106,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode]),
    confirmation: .processID, realTimeStatus: .always)

  /// Epson TM-T82III; not tried.
  public static let epsonTmT82iii = PrinterProfile(
    name: "epson-tm-t82iii",
    models: ["tm-t82iii", "tm-t82iiil"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc737, 14), .init(.pc857, 13), .init(.pc860, 3),
        .init(.pc863, 4), .init(.pc865, 5), .init(.iso8859Part2, 39), .init(.iso8859Part15, 40),
        .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc720, 32), .init(.pc775, 33),
        .init(.pc855, 34), .init(.pc861, 35), .init(.pc862, 36), .init(.pc864, 37), .init(.pc869, 38),
        .init(.windows1250, 45), .init(.windows1251, 46), .init(.windows1253, 47), .init(.windows1254, 48),
        .init(.windows1255, 49), .init(.windows1256, 50), .init(.windows1257, 51), .init(.windows1258, 52),
        .init(.rk1048, 53), .init(.pc851, 11), .init(.pc774, 42), .init(.pc772, 43), .init(.pc1125, 44)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 2303, bandBytes: 65536),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode]),
    confirmation: .processID, realTimeStatus: .always)

  /// escpos-printer-db: no page 858; GS ( H came later.
  public static let epsonTmT88ii = PrinterProfile(
    name: "epson-tm-t88ii",
    models: ["tm-t88ii"],
    dots: 512, dotsPerInch: 180, columns: 42, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 56, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    verticalUnitsPerInch: 360,
    codePages: CodePageSet([.init(.pc437, 0), .init(.windows1252, 16), .init(.pc850, 2), .init(.pc866, 17),
        .init(.pc852, 18), .init(.iso8859Part15, 40)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8],
      bandRows: 2303, bandBytes: 65536),
    cutter: .partial, cutterDistance: 106,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// TM-T88III specification: receive buffer 4 KB, no GS ( H.
  public static let epsonTmT88iii = PrinterProfile(
    name: "epson-tm-t88iii",
    models: ["tm-t88iii"],
    dots: 512, dotsPerInch: 180, columns: 42, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 56, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    verticalUnitsPerInch: 360,
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc860, 3), .init(.pc863, 4), .init(.pc865, 5)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8],
      bandRows: 2303, bandBytes: 4096),
    cutter: .partial, cutterDistance: 106,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .pdf417]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// Epson TM-T88IV; not tried.
  public static let epsonTmT88iv = PrinterProfile(
    name: "epson-tm-t88iv",
    models: ["tm-t88iv"],
    dots: 512, dotsPerInch: 180, columns: 42, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 56, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    verticalUnitsPerInch: 360,
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc737, 14), .init(.pc857, 13), .init(.pc860, 3),
        .init(.pc863, 4), .init(.pc865, 5), .init(.iso8859Part2, 39), .init(.iso8859Part15, 40),
        .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc720, 32), .init(.pc775, 33),
        .init(.pc855, 34), .init(.pc861, 35), .init(.pc862, 36), .init(.pc864, 37), .init(.pc869, 38),
        .init(.windows1250, 45), .init(.windows1251, 46), .init(.windows1253, 47), .init(.windows1254, 48),
        .init(.windows1255, 49), .init(.windows1256, 50), .init(.windows1257, 51), .init(.windows1258, 52),
        .init(.rk1048, 53), .init(.pc851, 11), .init(.pc774, 42), .init(.pc772, 43), .init(.pc1125, 44)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 2303, bandBytes: 65536),
    cutter: .partial, cutterDistance: 106,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode]),
    confirmation: .processID, realTimeStatus: .always)

  /// Epson TM-T88V; escpos-printer-db.
  public static let epsonTMT88V = PrinterProfile(
    name: "epson-tm-t88v",
    models: ["tm-t88v"],
    dots: 512, dotsPerInch: 180, columns: 42, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 56, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    verticalUnitsPerInch: 360,
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc737, 14), .init(.pc857, 13), .init(.pc860, 3),
        .init(.pc863, 4), .init(.pc865, 5), .init(.iso8859Part2, 39), .init(.iso8859Part15, 40),
        .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc720, 32), .init(.pc775, 33),
        .init(.pc855, 34), .init(.pc861, 35), .init(.pc862, 36), .init(.pc864, 37), .init(.pc869, 38),
        .init(.windows1250, 45), .init(.windows1251, 46), .init(.windows1253, 47), .init(.windows1254, 48),
        .init(.windows1255, 49), .init(.windows1256, 50), .init(.windows1257, 51), .init(.windows1258, 52),
        .init(.rk1048, 53), .init(.pc851, 11), .init(.pc774, 42), .init(.pc772, 43), .init(.pc1125, 44)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 2303, bandBytes: 65536),
    cutter: .partial, cutterDistance: 106,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode]),
    confirmation: .processID, realTimeStatus: .always)

  /// Epson TM-T88VI; GS v 0 rows by report.
  public static let epsonTmT88vi = PrinterProfile(
    name: "epson-tm-t88vi",
    models: ["tm-t88vi"],
    dots: 512, dotsPerInch: 180, columns: 42, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 56, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    verticalUnitsPerInch: 360,
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc737, 14), .init(.pc857, 13), .init(.pc860, 3),
        .init(.pc863, 4), .init(.pc865, 5), .init(.iso8859Part2, 39), .init(.iso8859Part15, 40),
        .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc720, 32), .init(.pc775, 33),
        .init(.pc855, 34), .init(.pc861, 35), .init(.pc862, 36), .init(.pc864, 37), .init(.pc869, 38),
        .init(.windows1250, 45), .init(.windows1251, 46), .init(.windows1253, 47), .init(.windows1254, 48),
        .init(.windows1255, 49), .init(.windows1256, 50), .init(.windows1257, 51), .init(.windows1258, 52),
        .init(.rk1048, 53), .init(.pc851, 11), .init(.pc774, 42), .init(.pc772, 43), .init(.pc1125, 44)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 4095, bandBytes: 65536),
    cutter: .partial, cutterDistance: 106,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode, .aztec,
        .dataMatrix]),
    confirmation: .processID, realTimeStatus: .always)

  /// Epson models with Japanese characters.
  public static let epsonTmT88viJapan = PrinterProfile(
    name: "epson-tm-t88vi-japan",
    models: [],
    dots: 512, dotsPerInch: 180, columns: 42, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 56, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    verticalUnitsPerInch: 360,
    codePages: CodePageSet([.init(.pc437, 0), .init(.katakana, 1), .init(.pc858, 19), .init(.windows1252, 16)], doubleByte: .shiftJIS),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 4095, bandBytes: 65536),
    cutter: .partial, cutterDistance: 106,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode, .aztec,
        .dataMatrix]),
    confirmation: .processID, realTimeStatus: .always)

  /// Epson TM-T88VII; not tried.
  public static let epsonTmT88vii = PrinterProfile(
    name: "epson-tm-t88vii",
    models: ["tm-t88vii"],
    dots: 512, dotsPerInch: 180, columns: 42, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 56, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    verticalUnitsPerInch: 360,
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc850, 2),
        .init(.pc852, 18), .init(.pc866, 17), .init(.pc737, 14), .init(.pc857, 13), .init(.pc860, 3),
        .init(.pc863, 4), .init(.pc865, 5), .init(.iso8859Part2, 39), .init(.iso8859Part15, 40),
        .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc720, 32), .init(.pc775, 33),
        .init(.pc855, 34), .init(.pc861, 35), .init(.pc862, 36), .init(.pc864, 37), .init(.pc869, 38),
        .init(.windows1250, 45), .init(.windows1251, 46), .init(.windows1253, 47), .init(.windows1254, 48),
        .init(.windows1255, 49), .init(.windows1256, 50), .init(.windows1257, 51), .init(.windows1258, 52),
        .init(.rk1048, 53), .init(.pc851, 11), .init(.pc774, 42), .init(.pc772, 43), .init(.pc1125, 44)]),
    pictures: PictureSupport(commands: [.raster, .rasterDoubling, .columns24, .columns8, .graphics,
        .longGraphics, .storedGraphics, .downloadedGraphics],
      bandRows: 4095, bandBytes: 65536),
    cutter: .partial, cutterDistance: 106,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .gs1128, .dataBar, .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode, .aztec,
        .dataMatrix]),
    confirmation: .processID, realTimeStatus: .always)

  /// Epson TM-U220: nine needles, ESC * of 8 dots only; no raster, no symbols.
  public static let epsonTmU220 = PrinterProfile(
    name: "epson-tm-u220",
    models: ["tm-u220", "tm-u220b", "tm-u220ii"],
    dots: 400, dotsPerInch: 144, columns: 33, cell: PrinterGeometry.Cell(width: 12, height: 16),
    smallColumns: 40, smallCell: PrinterGeometry.Cell(width: 10, height: 16),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.pc850, 2), .init(.windows1252, 16),
        .init(.pc866, 17), .init(.pc852, 18)]),
    pictures: PictureSupport(commands: [],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 0,
    symbols: NativeSymbols([]),
    confirmation: .paperStatus, realTimeStatus: .always)

  /// escpos-printer-db: ITPP047.
  public static let itpp047 = PrinterProfile(
    name: "itpp047",
    models: [],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.pc850, 2), .init(.windows1252, 6),
        .init(.pc866, 17)], doubleByte: .gbk),
    startsInDoubleByteMode: true,
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([]),
    confirmation: .none, realTimeStatus: .maybe)

  /// escpos-printer-db: KR-306.
  public static let kr306 = PrinterProfile(
    name: "kr-306",
    models: [],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 14), .init(.pc850, 2), .init(.windows1252, 11),
        .init(.pc866, 12), .init(.windows1251, 51)]),
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([]),
    confirmation: .none, realTimeStatus: .maybe)

  /// escpos-printer-db: NT-80.
  public static let nt80 = PrinterProfile(
    name: "nt-80",
    models: [],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.pc850, 2), .init(.windows1252, 16),
        .init(.pc866, 17), .init(.windows1251, 73)], doubleByte: .gbk),
    startsInDoubleByteMode: true,
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128]),
    confirmation: .none, realTimeStatus: .maybe)

  /// escpos-printer-db: P822D.
  public static let p822d = PrinterProfile(
    name: "p822d",
    models: [],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.pc850, 2), .init(.windows1252, 16),
        .init(.pc866, 17), .init(.windows1251, 73)], doubleByte: .gbk),
    startsInDoubleByteMode: true,
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128]),
    confirmation: .none, realTimeStatus: .maybe)

  /// escpos-printer-db: POS-5890, NT-5890K.
  public static let pos5890 = PrinterProfile(
    name: "pos-5890",
    models: [],
    dots: 384, dotsPerInch: 203, columns: 32, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.pc850, 2), .init(.windows1252, 16),
        .init(.pc866, 17), .init(.windows1251, 73)], doubleByte: .gbk),
    startsInDoubleByteMode: true,
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .tearBar(lines: 4), cutterDistance: 0,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar]),
    confirmation: .none, realTimeStatus: .maybe)

  /// 80 mm clones for Taiwan.
  public static let pos80Big5 = PrinterProfile(
    name: "pos-80-big5",
    models: [],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0)], doubleByte: .big5),
    startsInDoubleByteMode: true,
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([]),
    confirmation: .none, realTimeStatus: .maybe)

  /// 80 mm clones for the Chinese market.
  public static let pos80Gbk = PrinterProfile(
    name: "pos-80-gbk",
    models: [],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0)], doubleByte: .gbk),
    startsInDoubleByteMode: true,
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([]),
    confirmation: .none, realTimeStatus: .maybe)

  /// escpos-printer-db: RP326, RP332.
  public static let rp326 = PrinterProfile(
    name: "rp326",
    models: [],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.pc850, 2), .init(.windows1252, 16),
        .init(.pc866, 7), .init(.windows1251, 6), .init(.iso8859Part15, 44)]),
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128, .qr]),
    confirmation: .none, realTimeStatus: .maybe)

  /// Star mC-Print2, 58 mm; not tried.
  public static let starMcPrint2Escpos = PrinterProfile(
    name: "star-mc-print2-escpos",
    models: ["mcp21", "mcp20", "mc-print2"],
    dots: 384, dotsPerInch: 203, columns: 32, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 42, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 1), .init(.pc858, 4), .init(.windows1252, 32), .init(.pc866, 10),
        .init(.windows1251, 34)]),
    pictures: PictureSupport(commands: [.raster, .columns24, .graphics],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128]),
    confirmation: .none, realTimeStatus: .maybe)

  /// escpos-printer-db: mcPrint.
  public static let starMcPrint3Escpos = PrinterProfile(
    name: "star-mc-print3-escpos",
    models: ["mcp31", "mcp30", "mc-print3"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 1), .init(.pc858, 4), .init(.windows1252, 32), .init(.pc866, 10),
        .init(.windows1251, 34)]),
    pictures: PictureSupport(commands: [.raster, .columns24, .graphics],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128]),
    confirmation: .none, realTimeStatus: .maybe)

  /// Star ESC/POS command manual; not tried.
  public static let starTsp100Escpos = PrinterProfile(
    name: "star-tsp100-escpos",
    models: ["tsp100", "tsp143"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0)]),
    pictures: PictureSupport(commands: [.raster, .columns24],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128]),
    confirmation: .none, realTimeStatus: .maybe)

  /// escpos-printer-db: page numbers of TSP600.
  public static let starTsp600Escpos = PrinterProfile(
    name: "star-tsp600-escpos",
    models: ["tsp650", "tsp650ii", "tsp654", "tsp654ii"],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 1), .init(.pc858, 4), .init(.windows1252, 32), .init(.pc866, 10),
        .init(.windows1251, 34)]),
    pictures: PictureSupport(commands: [.raster, .columns24],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128]),
    confirmation: .none, realTimeStatus: .maybe)

  /// escpos-printer-db; 112 mm paper.
  public static let starTsp800Escpos = PrinterProfile(
    name: "star-tsp800-escpos",
    models: ["tsp800", "tsp847", "tsp847ii"],
    dots: 832, dotsPerInch: 203, columns: 69, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallColumns: 92, smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 1), .init(.pc858, 4), .init(.windows1252, 32), .init(.pc866, 10),
        .init(.windows1251, 34)]),
    pictures: PictureSupport(commands: [.raster, .columns24],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128]),
    confirmation: .none, realTimeStatus: .maybe)

  /// escpos-printer-db; built into a handheld, tear bar.
  public static let sunmiV2 = PrinterProfile(
    name: "sunmi-v2",
    models: [],
    dots: 384, dotsPerInch: 203, columns: 32, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0)], doubleByte: .gbk),
    startsInDoubleByteMode: true,
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .tearBar(lines: 4), cutterDistance: 0,
    symbols: NativeSymbols([]),
    confirmation: .none, realTimeStatus: .maybe)

  /// escpos-printer-db: TH230.
  public static let th230 = PrinterProfile(
    name: "th230",
    models: [],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 6), .init(.pc850, 1), .init(.windows1252, 8),
        .init(.pc866, 7)]),
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([.upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93,
        .code128]),
    confirmation: .none, realTimeStatus: .maybe)

  /// escpos-printer-db: YHD-8390.
  public static let yhd8390 = PrinterProfile(
    name: "yhd-8390",
    models: [],
    dots: 576, dotsPerInch: 203, columns: 48, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 14), .init(.pc850, 2), .init(.windows1252, 11),
        .init(.pc866, 12), .init(.windows1251, 18)], doubleByte: .gbk),
    startsInDoubleByteMode: true,
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .partial, cutterDistance: 120,
    symbols: NativeSymbols([]),
    confirmation: .none, realTimeStatus: .maybe)

  /// escpos-printer-db: no page 858.
  public static let zj5870 = PrinterProfile(
    name: "zj-5870",
    models: [],
    dots: 384, dotsPerInch: 203, columns: 32, cell: PrinterGeometry.Cell(width: 12, height: 24),
    smallCell: PrinterGeometry.Cell(width: 9, height: 17),
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc850, 2), .init(.windows1252, 16), .init(.pc866, 17)], doubleByte: .gbk),
    startsInDoubleByteMode: true,
    pictures: PictureSupport(commands: [.raster],
      bandRows: 960, bandBytes: 4096),
    cutter: .tearBar(lines: 4), cutterDistance: 0,
    symbols: NativeSymbols([]),
    confirmation: .none, realTimeStatus: .maybe)
}
