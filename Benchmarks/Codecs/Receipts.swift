import Benchmark
import ESCPOS
import Foundation
import Measure
import POSBarcode
import POSWire

/// What tools/peers/escpos_inputs.py wrote into the folder `POS_BENCH_INPUTS`: python-escpos gets the same.
struct Inputs {
  let picture: Picture
  let lines: [String]
  let digits: [UInt8]

  init?() throws {
    guard let folder = ProcessInfo.processInfo.environment["POS_BENCH_INPUTS"] else { return nil }
    func file(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: "\(folder)/\(name)")) }
    guard let picture = Picture(width: 576, height: 300, levels: [UInt8](try file("grey"))) else {
      throw CocoaError(.fileReadCorruptFile)
    }
    self.picture = picture
    lines = String(decoding: try file("lines"), as: UTF8.self).split(separator: "\n").map(String.init)
    digits = [UInt8](try file("digits"))
  }
}

/// The cases of specs/escpos.md §4.6 that have a peer, bar codes of all widths, and the interpreter.
func receipts() throws {
  let digits = Array("315788232640".utf8)
  for (name, module) in [("ean13-bitmap", 3), ("ean13-bitmap-2", 2), ("ean13-bitmap-4", 4)] {
    // Guards, centre and twelve digits.
    Benchmark.measure(name, items: 95, lasting: .seconds(1)) {
      try EAN13(ascii: digits.span).bitmap(module: module, height: 208)
    }
  }
  let symbol = try EAN13(ascii: digits.span).bitmap(module: 3, height: 208)
  let size = (symbol.width + 7) / 8 * symbol.height
  Benchmark.measure("ean13-floor") { [UInt8](repeating: 0, count: size) }

  guard let inputs = try Inputs() else { return }
  let job = Job(inputs: inputs)
  let characters = inputs.lines.reduce(0) { $0 + $1.unicodeScalars.count }
  try job.measure("text40", items: characters) { try $0.text(to: &$1) }
  try job.measure("image") { try $0.image(to: &$1) }
  try job.measure("ean13-raster") { try $0.ean13(to: &$1) }
  try job.measure("receipt") {
    try $0.text(to: &$1)
    try $0.image(to: &$1)
    try $0.ean13(to: &$1)
  }
  try job.measure("ean13-native") { try $0.checkIn(to: &$1, route: .native) }
  try job.measure("ean13-fewest-bytes") { try $0.checkIn(to: &$1, route: .raster) }

  let paper = try job.bytes {
    try $0.text(to: &$1)
    try $0.image(to: &$1)
    try $0.ean13(to: &$1)
  }
  Benchmark.measure("interpreter", times: .one, bytes: paper.count) {
    var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203, codePages: Job.pages))
    printer.feed(paper.span)
    return printer.page.cuts.count
  }
}

/// Pieces of a receipt.
private struct Job {
  static let pages = CodePageSet([.init(.pc437, 0), .init(.pc858, 19)])
  let inputs: Inputs
  let support = SymbolSupport(
    dots: 576, dotsPerInch: 203,
    pictures: PictureSupport(commands: .raster, bandRows: 2303, bandBytes: 65_536), native: .linear)

  func bytes(_ body: (Job, inout ESCPOSEncoder) throws -> Void) throws -> [UInt8] {
    var encoder = ESCPOSEncoder(codePages: Self.pages, reservingCapacity: 40_000)
    try body(self, &encoder)
    return encoder.bytes
  }

  func measure(
    _ name: String, items: Int = 0, _ body: @escaping (Job, inout ESCPOSEncoder) throws -> Void
  ) throws {
    Benchmark.measure(name, times: .one, bytes: try bytes(body).count, items: items) { try bytes(body) }
  }

  func text(to encoder: inout ESCPOSEncoder) throws {
    encoder.initialize()
    for line in inputs.lines {
      encoder.text(line.unicodeScalars)
      encoder.lineFeed()
    }
    encoder.cut(.partialAfterFeeding(0))
  }

  func image(to encoder: inout ESCPOSEncoder) throws {
    try encoder.picture(inputs.picture.dithered(.floydSteinberg), on: support)
  }

  func ean13(to encoder: inout ESCPOSEncoder) throws {
    let symbol = try EAN13(ascii: inputs.digits.span)
    try encoder.raster(symbol.bitmap(module: 3, height: 208), bandRows: 2303)
  }

  /// The check-in bar code as a receipt has it, on a printer that can do everything.
  func checkIn(to encoder: inout ESCPOSEncoder, route: SymbolRoute) throws {
    var able = support
    able.pictures.commands = [.raster, .rasterDoubling, .columns8, .columns24]
    encoder.reset()
    try encoder.symbol(SymbolRequest(.ean13, data: inputs.digits), on: able, route: route)
  }
}
