import Benchmark
import Measure

let benchmarks: @Sendable () -> Void = {
  // The least that makes a value of bytes from outside: what every codec is compared with.
  let source = [UInt8](0..<64)
  Benchmark.measure("floor") { source.withUnsafeBytes { Array($0) } }
  do {
    try scanners()
    try terminals()
    try receipts()
    try pictures()
    texts()
    answers()
  } catch {
    fatalError("\(error)")
  }
}
