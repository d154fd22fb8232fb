import POSModel
import POSScan

/// A raw capture of hidraw, cut into its reports: they lie back to back, and how long each is only its id
/// tells.
struct RawReports {
  /// The reports up to the first whose length nobody knows.
  private(set) var reports: [[UInt8]] = []
  /// Why the rest of the capture was left alone; `nil` where there is none.
  private(set) var failure: DeviceError?

  /// The reports of `input`: its lines in hexadecimal as they stand, else what `cut` makes of the capture.
  init(_ input: InputOptions, cut: (_ capture: [UInt8]) -> RawReports) throws(DeviceError) {
    let messages = try input.messages()
    if input.hex { reports = messages } else { self = cut(messages.flatMap { $0 }) }
  }

  /// Cuts `capture` by a report descriptor.
  init(_ capture: [UInt8], by descriptor: HIDReportDescriptor) {
    let ids = descriptor.reports.filter { $0.direction == .input }.map { HexText.text([$0.id]) }
    let hint = "the descriptor declares the input reports \(ids.joined(separator: ", "))"
    self.init(capture, hint: hint) { id in
      descriptor.length(of: .input, id: descriptor.numbersReports ? id : 0)
    }
  }

  /// Cuts `capture` by `length`, which knows the reports of some ids.
  init(_ capture: [UInt8], hint: String, length lengthOf: (UInt8) -> Int?) {
    var offset = 0
    while offset < capture.count {
      guard let length = lengthOf(capture[offset]), length > 0 else {
        let id = HexText.text([capture[offset]])
        failure = DeviceError(
          .protocolViolation, during: "cutting the capture into reports",
          detail: "nobody knows how long report \(reports.count) is, at byte \(offset) under id \(id)",
          hint: hint)
        return
      }
      reports.append(Array(capture[offset..<min(offset + length, capture.count)]))
      offset += length
    }
  }
}
