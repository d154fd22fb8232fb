public import POSWire

/// What a report in a capture came to; `report` counts the capture's reports from 0.
public enum HIDPOSFinding: Sendable, Equatable {
  /// A code that ended with this report.
  case scan(HIDPOSScan, report: Int)
  /// A report that carries no scan.
  case notAScan(reportID: UInt8, report: Int)
  /// A report that cannot be read; the offset is within the report.
  case undecodable(WireError, report: Int)
}

extension HIDPOSLayout {
  /// Explains a capture: what `posctl decode hid` prints.
  ///
  /// A capture has no clock, so pieces of one code may be any time apart. A code whose end is missing comes
  /// last, as truncated.
  public func findings(in capture: [[UInt8]]) -> [HIDPOSFinding] {
    var decoder = HIDPOSDecoder(self)
    var findings: [HIDPOSFinding] = []
    func note(_ event: HIDPOSEvent, _ index: Int) {
      switch event {
      case .scan(let scan): findings.append(.scan(scan, report: index))
      case .notAScan(let id): findings.append(.notAScan(reportID: id, report: index))
      // Only a decoder that was told of a command finds replies.
      case .reply: break
      }
    }
    for (index, report) in capture.enumerated() {
      do throws(WireError) {
        try decoder.receive(report.span, at: 0) { note($0, index) }
      } catch {
        findings.append(.undecodable(error, report: index))
      }
    }
    decoder.flush { note($0, capture.count - 1) }
    return findings
  }
}
