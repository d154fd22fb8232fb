/// What a scanner can be told through its output report, a set of bits.
public struct HIDPOSControls: OptionSet, Sendable, Hashable {
  /// One bit a control.
  public let rawValue: UInt8

  /// A set of controls.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Keep from reading codes, for as long as the bit is set.
  public static let preventRead = HIDPOSControls(rawValue: 1)
  /// Pull the trigger.
  public static let initiateRead = HIDPOSControls(rawValue: 2)
  /// Sound the error beep.
  public static let errorBeep = HIDPOSControls(rawValue: 4)
  /// Sound the good-read beep.
  public static let goodReadBeep = HIDPOSControls(rawValue: 8)
  /// Sound the beep for an article that is not on file.
  public static let notOnFileBeep = HIDPOSControls(rawValue: 16)
}

/// The output report a scanner is controlled by, as its descriptor declares it.
///
/// One report carries all controls, so each report sent restates all of them: a beep while reading is
/// prevented is `[.preventRead, .goodReadBeep]`.
public struct HIDPOSOutput: Sendable, Equatable {
  private struct Control: Sendable, Equatable {
    var control: HIDPOSControls
    var run: HIDFieldRun
  }

  private var controls: [Control] = []
  private var reportID: UInt8 = 0
  private var length = 0
  private var numbersReports = false

  /// The controls the descriptor declares.
  public private(set) var declared: HIDPOSControls = []

  /// No controls at all.
  public init() {}

  /// The controls of one report: the one that can prevent reading, else the first that can do anything.
  ///
  /// The bits are the descriptor's own: makers' manuals number them differently from their devices
  /// (specs/scanners.md §1.2).
  public init(_ descriptor: HIDReportDescriptor) {
    let known: [(HIDPOSControls, HIDUsage)] = [
      (.preventRead, .preventReadOfBarcodes), (.initiateRead, .initiateBarcodeRead),
      (.errorBeep, .soundErrorBeep), (.goodReadBeep, .soundGoodReadBeep),
      (.notOnFileBeep, .soundNotOnFileBeep),
    ]
    for (control, usage) in known {
      for run in descriptor.runs(of: usage, in: .output) {
        if controls.isEmpty { reportID = run.reportID }
        guard run.reportID == reportID, !declared.contains(control) else { continue }
        controls.append(Control(control: control, run: run))
        declared.insert(control)
      }
    }
    length = descriptor.length(of: .output, id: reportID) ?? 0
    numbersReports = descriptor.numbersReports
  }

  /// The report, id first where reports are numbered, that sets `wanted` and clears every other control.
  ///
  /// `nil` when the descriptor does not declare all of `wanted`, or declares nothing.
  public func report(setting wanted: HIDPOSControls) -> [UInt8]? {
    guard !controls.isEmpty, declared.isSuperset(of: wanted) else { return nil }
    var report = [UInt8](repeating: 0, count: length)
    if numbersReports { report[0] = reportID }
    for control in controls where wanted.contains(control.control) {
      let bit = control.run.bitOffset
      report[bit / 8] |= 1 << UInt8(bit % 8)
    }
    return report
  }
}
