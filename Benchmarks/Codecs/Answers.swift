import Benchmark
import ESCPOS
import Measure

/// What printers send back (specs/escpos.md §4.6), an item a byte.
func answers() {
  let frames = (0..<4096).flatMap { _ in Status.frames.joined() }
  Benchmark.measure("status-frames", times: .one, items: frames.count, lasting: .seconds(1)) {
    let count = Status.messages(frames)
    precondition(count == frames.count / 4)
    return count
  }

  // Knuth's multiplier; the upper bits of such a generator are the random ones.
  var state: UInt64 = 1
  let noise = (0..<65_536).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 56)
  }
  Benchmark.measure("status-noise", times: .one, items: noise.count, lasting: .seconds(1)) {
    Status.messages(noise)
  }

  // Not its time is of interest.
  Benchmark.measure(
    "status-resync", times: .one, bytes: Status.bytesToResynchronise(), lasting: .milliseconds(100)
  ) { Status.bytesToResynchronise() }
}

private enum Status {
  /// Automatic status: off line without paper; well; open, with an error; the drawer's pin high and the roll near its end.
  /// The third has no NUL.
  static let frames: [[UInt8]] = [
    [0x18, 0x00, 0x0C, 0x0F], [0x10, 0x00, 0x00, 0x0F], [0x3C, 0x68, 0x0F, 0x0F], [0x14, 0x00, 0x03, 0x0F],
  ]

  static func messages(_ bytes: [UInt8]) -> Int {
    var parser = ESCPOSStatusParser()
    var count = 0
    for byte in bytes where parser.on(byte) != nil { count += 1 }
    return count
  }

  /// How many bytes after a stray one, of any value and anywhere in a frame, have gone by at most before all frames are
  /// read again.
  static func bytesToResynchronise() -> Int {
    var most = 0
    for frame in frames {
      let following = (0..<64).flatMap { _ in frame }
      for place in frame.indices {
        for stray in UInt8.min...UInt8.max {
          var parser = ESCPOSStatusParser()
          for byte in frame[..<place] + [stray] { _ = parser.on(byte) }
          for (index, byte) in (frame[place...] + following).enumerated() {
            let message = parser.on(byte)
            guard (place + index) % 4 == 3 else { continue }
            if case .automatic(let status)? = message,
              frame.indices.allSatisfy({ status.bytes[$0] == frame[$0] })
            {
              continue
            }
            most = max(most, index + 1)
          }
        }
      }
    }
    return most
  }
}
