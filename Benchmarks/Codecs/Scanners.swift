import Benchmark
import Measure
import POSBarcode
import POSScan
import POSWire

/// Reports and texts of scanners to values.
func scanners() throws {
  let descriptor = try fixture("scanners/descriptor-honeywell-family")[0]
  let layout = try HIDPOSLayout(descriptor: descriptor.span)
  var report = [UInt8](repeating: 0, count: 64)
  report.replaceSubrange(0..<18, with: [2, 13] + Array("]E04006381333931".utf8))
  let scan = report
  var hidPOS = HIDPOSDecoder(layout)
  Benchmark.measure("hid-pos") {
    var length = 0
    try hidPOS.receive(scan.span, at: 0) { if case .scan(let scan) = $0 { length = scan.bytes.count } }
    precondition(length == 13)
    return length
  }

  // The usages of digits on a keyboard are 30 for 1 to 39 for 0, and Enter is 40; each key goes down and up.
  let keys: [UInt8] = "4006381333931".utf8.map { $0 == 0x30 ? 39 : $0 - 0x31 + 30 } + [40]
  let up = [UInt8](repeating: 0, count: 8)
  let typed: [[UInt8]] = keys.flatMap { [[0, 0, $0, 0, 0, 0, 0, 0], up] }
  precondition(typed.count == 28)
  var keyboard = KeyboardDecoder()
  Benchmark.measure("keyboard") {
    var length = 0
    for report in typed {
      try keyboard.receive(report.span, at: 0) {
        if case .scan(let scan) = $0 { length = scan.code.bytes.count }
      }
    }
    precondition(length == 13)
    return length
  }

  let elements = Array("0104012345678901172612311012AB\u{1D}2112345678".utf8)
  Benchmark.measure("gs1") {
    let parsed = GS1ElementString(elements.span)
    precondition(parsed.isValid && parsed.elements.count == 4)
    return parsed
  }

  Benchmark.measure("report-descriptor") { try HIDReportDescriptor(descriptor.span) }
  Benchmark.measure("hid-pos-layout") { try HIDPOSLayout(descriptor: descriptor.span) }
}
