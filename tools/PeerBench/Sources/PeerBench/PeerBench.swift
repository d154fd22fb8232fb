import ESCPOS
import Foundation
import POSBarcode
import POSWire

/// Times the encoder and the interpreter on the inputs of tools/peers/escpos_bench.py, one JSON line a case.
///
/// With `--allocations N` it makes N receipts and nothing else, for valgrind to count.
@main
struct PeerBench {
  static let pages = CodePageSet([.init(.pc437, 0), .init(.pc858, 19)])

  let picture: Picture
  let lines: [String]
  let support = SymbolSupport(
    dots: 576, dotsPerInch: 203,
    pictures: PictureSupport(commands: .raster, bandRows: 2303, bandBytes: 65_536))

  static func main() throws {
    let arguments = CommandLine.arguments
    let levels = [UInt8](try Data(contentsOf: URL(filePath: arguments[1])))
    guard let picture = Picture(width: 576, height: 300, levels: levels) else {
      throw CocoaError(.fileReadCorruptFile)
    }
    let lines = try String(contentsOf: URL(filePath: arguments[2]), encoding: .utf8)
      .split(separator: "\n").map(String.init)
    let bench = PeerBench(picture: picture, lines: lines)
    if arguments.count == 5, arguments[3] == "--allocations", let count = Int(arguments[4]) {
      var bytes = 0
      for _ in 0..<count { bytes += try bench.receipt().count }
      print(bytes)
      return
    }
    try bench.run("text40") { try bench.text().bytes }
    try bench.run("image") { try bench.image() }
    try bench.run("ean13-raster") { try bench.ean13() }
    try bench.run("receipt") { try bench.receipt() }
    try bench.run("ean13-fewest-bytes") { try bench.fewestBytes() }
    try bench.interpret()
  }

  func run(_ name: String, _ body: () throws -> [UInt8]) throws {
    let (best, bytes) = try least(body)
    print(#"{"case":"\#(name)","microseconds":\#(best),"bytes":\#(bytes)}"#)
  }

  /// The least time of many runs in microseconds, and the bytes of the result.
  func least(_ body: () throws -> [UInt8]) throws -> (Double, Int) {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(3)
    var best = Duration.seconds(60)
    var bytes = 0
    while clock.now < end {
      let start = clock.now
      let result = try body()
      best = min(best, clock.now - start)
      bytes = result.count
    }
    return (best / .microseconds(1), bytes)
  }

  func text() throws -> ESCPOSEncoder {
    var encoder = ESCPOSEncoder(codePages: Self.pages, reservingCapacity: 40_000)
    encoder.initialize()
    for line in lines {
      encoder.text(line.unicodeScalars)
      encoder.lineFeed()
    }
    encoder.cut(.partialAfterFeeding(0))
    return encoder
  }

  func addImage(to encoder: inout ESCPOSEncoder) throws {
    try encoder.picture(picture.dithered(.floydSteinberg), on: support)
  }

  func addEAN13(to encoder: inout ESCPOSEncoder) throws {
    let digits = Array("315788232640".utf8)
    let symbol = try EAN13(ascii: digits.span)
    try encoder.raster(symbol.bitmap(module: 3, height: 208), bandRows: 2303)
  }

  func image() throws -> [UInt8] {
    var encoder = ESCPOSEncoder(codePages: Self.pages, reservingCapacity: 24_000)
    try addImage(to: &encoder)
    return encoder.bytes
  }

  func ean13() throws -> [UInt8] {
    var encoder = ESCPOSEncoder(codePages: Self.pages, reservingCapacity: 12_000)
    try addEAN13(to: &encoder)
    return encoder.bytes
  }

  func fewestBytes() throws -> [UInt8] {
    var encoder = ESCPOSEncoder(codePages: Self.pages, reservingCapacity: 12_000)
    var cheap = support
    cheap.pictures.commands = [.raster, .rasterDoubling, .columns8, .columns24]
    try encoder.symbol(SymbolRequest(.ean13, data: Array("315788232640".utf8)), on: cheap)
    return encoder.bytes
  }

  func receipt() throws -> [UInt8] {
    var encoder = try text()
    try addImage(to: &encoder)
    try addEAN13(to: &encoder)
    return encoder.bytes
  }

  func interpret() throws {
    let job = try receipt()
    let (best, _) = try least {
      var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203, codePages: Self.pages))
      printer.feed(job.span)
      return [UInt8](repeating: 0, count: printer.page.cuts.count)
    }
    print(
      #"{"case":"interpreter","microseconds":\#(best),"megabytes_per_second":\#(Double(job.count) / best)}"#)
  }
}
