public import POSWire

extension KeyboardLayout {
  /// A code whose keystrokes tell the layouts apart: print it, scan it, and see which layouts give it back.
  public static let selfTest: StaticString = "0123456789@#;]/yz"

  /// The layouts under which `reports` type `expected`: the ones the scanner may be set to.
  ///
  /// More than one come back where the code holds nothing that tells them apart, none where the scanner adds
  /// something or types through a layout that is not known here.
  ///
  /// - Parameters:
  ///   - reports: the keyboard's reports of one scan, of any number of keys.
  ///   - expected: what the scanned code holds.
  ///   - settings: everything but the layout.
  public static func candidates(
    for reports: [[UInt8]], expecting expected: [UInt8], shape: KeyboardReportShape = .boot,
    settings: KeyboardSettings = KeyboardSettings()
  ) -> [KeyboardLayout] {
    allCases.filter { layout in
      var settings = settings
      settings.layout = layout
      var decoder = KeyboardDecoder(shape, settings)
      var isMatch = false
      var scans = 0
      func note(_ event: KeyboardEvent) {
        guard case .scan(let scan) = event else { return }
        scans += 1
        isMatch = scan.code.bytes == expected && scan.flaws.isEmpty
      }
      for report in reports { decoder.take(report, note) }
      decoder.flush(note)
      return scans == 1 && isMatch
    }
  }
}

/// What a capture of keyboard reports came to; `report` counts the capture's reports from 0.
public enum KeyboardFinding: Sendable, Equatable {
  /// A code that ended with this report.
  case scan(KeyboardScan, report: Int)
  /// A report that carries no keys.
  case notKeys(reportID: UInt8, report: Int)
  /// A report that cannot be read.
  case undecodable(WireError, report: Int)
}

extension KeyboardDecoder {
  /// Takes a report of a capture without a clock. Reports that cannot be read mark the code at hand.
  fileprivate mutating func take(_ report: [UInt8], _ emit: (KeyboardEvent) -> Void) {
    do throws(WireError) { try receive(report.span, at: 0, emit) } catch {}
  }

  /// Explains a capture: what `posctl decode keyboard` prints. A capture has no clock, so silence is at its end.
  public static func findings(
    in capture: [[UInt8]], shape: KeyboardReportShape, settings: KeyboardSettings
  ) -> [KeyboardFinding] {
    var decoder = KeyboardDecoder(shape, settings)
    var findings: [KeyboardFinding] = []
    func note(_ event: KeyboardEvent, _ index: Int) {
      switch event {
      case .scan(let scan): findings.append(.scan(scan, report: index))
      case .notKeys(let id): findings.append(.notKeys(reportID: id, report: index))
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
