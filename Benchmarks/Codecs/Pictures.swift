import Benchmark
import Foundation
import Measure
import POSBarcode

/// Grey pictures to dots, and to the width of the paper (specs/escpos.md §4.6). An item is a dot of the given picture.
func pictures() throws {
  let side = 2048
  // Levels of no pattern that the filter's steps could be in time with.
  let levels = (0..<(side * side)).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
  guard let photograph = Picture(width: side, height: side, levels: levels) else {
    throw CocoaError(.fileReadCorruptFile)
  }
  Benchmark.measure("resize", times: .one, items: side * side, lasting: .seconds(1)) {
    photograph.scaled(toWidth: 576)
  }

  guard let picture = try Inputs()?.picture else { return }
  let repeated = (0..<10).flatMap { _ in picture.levels }
  guard let tall = Picture(width: picture.width, height: 10 * picture.height, levels: repeated) else {
    throw CocoaError(.fileReadCorruptFile)
  }
  for (name, dithering) in Dithering.named {
    Benchmark.measure("dither-\(name)", times: .one, items: picture.levels.count) {
      picture.dithered(dithering)
    }
    Benchmark.measure("dither-\(name)-tall", times: .one, items: repeated.count, lasting: .seconds(1)) {
      tall.dithered(dithering)
    }
  }
}
