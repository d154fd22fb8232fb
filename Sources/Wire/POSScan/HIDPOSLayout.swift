public import POSWire

/// Where a scanner puts the parts of a scan in its reports, and which of its output bits do what.
///
/// It comes from the device's own report descriptor; a maker's published layout stands in for devices whose
/// descriptor is not to be had.
///
///     let layout = try HIDPOSLayout(descriptor: bytes.span)
///     let layout = HIDPOSLayout(maker: .zebra)
public struct HIDPOSLayout: Sendable, Equatable {
  /// One input report that carries decoded data.
  public struct ScanReport: Sendable, Equatable {
    /// The report's id, 0 where reports are not numbered.
    public var id: UInt8
    /// How many bytes of the data are valid; without it, trailing zeros are not data.
    public var byteCount: HIDFieldRun?
    /// The three characters of the AIM identifier.
    public var aim: AIMRuns?
    /// The data, in order.
    public var data: [HIDFieldRun]
    /// The maker's code id.
    public var codeID: HIDFieldRun?
    /// The flag that the code goes on in the next report: one bit or many, any of them counts.
    public var continued: [HIDFieldRun]

    /// Bytes of data that fit the report.
    public internal(set) var capacity = 0
    /// Bytes the report must have, the last field in use included.
    public internal(set) var length = 0
  }

  /// Where the three characters of an AIM identifier are.
  public struct AIMRuns: Sendable, Equatable {
    /// The flag `]`.
    public var flag: HIDFieldRun
    /// The code character.
    public var code: HIDFieldRun
    /// The modifier.
    public var modifier: HIDFieldRun
  }

  /// Whose alphabet the code ids are of.
  public enum CodeIDs: UInt8, Sendable {
    /// Nobody's that is known: they say nothing.
    case unknown
    /// Honeywell's (specs/scanners.md §3.2).
    case honeywell
  }

  /// The reports that carry decoded data: one or more.
  public internal(set) var reports: [ScanReport]
  /// Whose alphabet ``ScanReport/codeID`` is of.
  public internal(set) var codeIDs: CodeIDs
  /// What the scanner can be told.
  public internal(set) var output: HIDPOSOutput
  /// Whether each report begins with its id.
  public internal(set) var numbersReports: Bool
  /// The length of the output report for menu commands, its id included; `nil` where the descriptor has none.
  public internal(set) var menuLength: Int?
  /// Ids of all input reports, where the descriptor listed them; `nil` for a maker's published layout.
  var declaredIDs: [UInt8]?
}

// MARK: - From a descriptor

extension HIDPOSLayout {
  /// Reads the layout from a report descriptor, by usages: offsets, ids and sizes are the device's business.
  ///
  /// Every input report with decoded data counts, under whatever collection it stands.
  ///
  /// - Throws: ``WireError`` of ``HIDReportDescriptor``, or `unsupported` at the descriptor's end when no
  ///   report holds decoded data: then this is no HID POS scanner.
  public init(descriptor bytes: Span<UInt8>) throws(WireError) {
    let descriptor = try HIDReportDescriptor(bytes)
    func run(_ usage: HIDUsage, _ id: UInt8) -> HIDFieldRun? {
      descriptor.runs(of: usage, in: .input).first { $0.reportID == id }
    }
    var reports: [ScanReport] = []
    for data in descriptor.runs(of: .decodedData, in: .input) where Self.holdsBytes(data) {
      if let known = reports.firstIndex(where: { $0.id == data.reportID }) {
        reports[known].data.append(data)
        continue
      }
      let id = data.reportID
      var aim: AIMRuns?
      if let flag = run(.symbologyIdentifier1, id), let code = run(.symbologyIdentifier2, id),
        let modifier = run(.symbologyIdentifier3, id)
      {
        aim = AIMRuns(flag: flag, code: code, modifier: modifier)
      }
      // A single byte of usage 0 is Honeywell's second vendor byte, which names no symbology.
      let pair = run(.honeywellVendorPair, id).flatMap { $0.count >= 2 ? $0 : nil }
      reports.append(
        ScanReport(
          id: id, byteCount: run(.byteCount, id), aim: aim, data: [data],
          codeID: run(.honeywellCodeID, id) ?? pair,
          continued: descriptor.runs(of: .decodedDataContinued, in: .input).filter { $0.reportID == id }))
    }
    guard !reports.isEmpty else { throw WireError(.unsupported, at: bytes.count, field: "decoded data") }
    var ids: [UInt8] = []
    for report in descriptor.reports where report.direction == .input { ids.append(report.id) }
    self.init(
      reports: reports, codeIDs: .honeywell, output: HIDPOSOutput(descriptor),
      numbersReports: descriptor.numbersReports,
      menuLength: descriptor.length(of: .output, id: Self.menuID).flatMap { $0 > 2 ? $0 : nil },
      declaredIDs: ids)
    measure()
  }

  /// The output report by which Honeywell's engines take menu commands (specs/scanners.md §1.2).
  private static let menuID: UInt8 = 0xFD

  /// The output report that carries a menu command: id, length, the command, zeros. `nil` where the scanner takes
  /// none, or none as long.
  public func menuReport(_ command: [UInt8]) -> [UInt8]? {
    guard let menuLength, command.count <= min(menuLength - 2, 255) else { return nil }
    let head = [Self.menuID, UInt8(command.count)] + command
    return head + [UInt8](repeating: 0, count: menuLength - head.count)
  }

  /// Whether the elements of `run` are bytes or wholes of bytes.
  private static func holdsBytes(_ run: HIDFieldRun) -> Bool { run.elementBits % 8 == 0 }

  /// Works out capacity and length of each report once, for use on every scan.
  private mutating func measure() {
    for index in reports.indices {
      let report = reports[index]
      var bits = 0
      var end = 0
      for run in report.data {
        bits += run.elementBits * run.count
        end = max(end, run.endBit)
      }
      for run in report.continued { end = max(end, run.endBit) }
      if let run = report.byteCount { end = max(end, run.bitOffset + run.elementBits) }
      if let run = report.codeID { end = max(end, run.bitOffset + run.elementBits) }
      if let aim = report.aim {
        for run in [aim.flag, aim.code, aim.modifier] { end = max(end, run.bitOffset + run.elementBits) }
      }
      reports[index].capacity = bits / 8
      reports[index].length = (end + 7) / 8
    }
  }
}

// MARK: - From a maker's manual

/// Makers whose scanned-data report is published (specs/scanners.md §1.2).
public enum HIDPOSMaker: UInt8, Sendable, CaseIterable {
  case zebra, honeywell, newland, microscan

  /// The name used on the command line.
  public var name: StaticString {
    switch self {
    case .zebra: "zebra"
    case .honeywell: "honeywell"
    case .newland: "newland"
    case .microscan: "microscan"
    }
  }

  /// The maker behind a USB vendor id, or `nil` for one whose layout is not known.
  public init?(usbVendor: UInt16) {
    switch usbVendor {
    case 0x05E0: self = .zebra
    // Access-IS and Youjie build on Honeywell's engine and report.
    case 0x0C2E, 0x0DB5, 0x23D0: self = .honeywell
    case 0x1EAB: self = .newland
    default: return nil
    }
  }
}

extension HIDPOSLayout {
  /// The layout a maker publishes, for reports whose descriptor is not at hand.
  ///
  /// It knows no output bits: makers' texts and devices disagree on those (specs/scanners.md §1.2).
  public init(maker: HIDPOSMaker) {
    let report =
      switch maker {
      case .zebra: Self.published(aimAt: 3, dataAt: 6, codeIDAt: 62, continuedAt: 63)
      case .honeywell: Self.published(aimAt: 2, dataAt: 5, codeIDAt: 61, continuedAt: 63)
      case .newland: Self.published(aimAt: nil, dataAt: 2, codeIDAt: 62, continuedAt: 63)
      case .microscan:
        ScanReport(
          id: 1, byteCount: Self.byte(1, of: 1), aim: nil, data: [Self.byte(2, of: 1, count: 62)],
          codeID: nil, continued: [])
      }
    self.init(
      reports: [report], codeIDs: maker == .zebra || maker == .honeywell ? .honeywell : .unknown,
      output: HIDPOSOutput(), numbersReports: true, menuLength: nil, declaredIDs: nil)
    measure()
  }

  /// The report of 64 bytes that most makers share: id 2, count in byte 1, 56 bytes of data.
  private static func published(
    aimAt aim: Int?, dataAt data: Int, codeIDAt codeID: Int, continuedAt continued: Int
  ) -> ScanReport {
    ScanReport(
      id: 2, byteCount: byte(1),
      aim: aim.map { AIMRuns(flag: byte($0), code: byte($0 + 1), modifier: byte($0 + 2)) },
      data: [byte(data, count: 56)], codeID: byte(codeID), continued: [byte(continued)])
  }

  private static func byte(_ offset: Int, of id: UInt8 = 2, count: Int = 1) -> HIDFieldRun {
    HIDFieldRun(reportID: id, bitOffset: 8 * offset, elementBits: 8, count: count)
  }
}
