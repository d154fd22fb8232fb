import ArgumentParser
import POSJSON
import POSModel
import POSScan
import POSWire

/// `posctl decode hid`: input reports of a HID POS scanner.
struct DecodeHID: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hid",
    abstract: "Explains input reports of a HID POS scanner.",
    discussion: """
      Reports are read by the fields that the report descriptor declares. Where only the maker is known, \
      --device or --layout takes the maker's usual layout.

        posctl decode hid --descriptor descriptor.hex --hex reports.hex
        posctl decode hid --device 05e0:2100 --hex reports.hex
      """
  )

  @Option(help: "The report descriptor: hexadecimal digits, or a file of raw bytes or hexadecimal text.")
  var descriptor: String?

  @Option(help: "Vendor and product, VID:PID in hexadecimal: takes the maker's layout.")
  var device: String?

  @Option(
    help: "A maker's layout by name: \(HIDPOSMaker.allCases.map { "\($0.name)" }.joined(separator: ", ")).")
  var layout: String?

  @OptionGroup var input: InputOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let (layout, descriptor) = try chooseLayout()
    let capture = try RawReports(input) { Self.cut($0, by: layout, descriptor) }
    var isClean = true
    for finding in layout.findings(in: capture.reports) {
      switch finding {
      case .scan(let scan, _):
        show(scan)
      case .notAScan(let id, let report):
        if json {
          Console.print(["type": "frame", "report": JSONValue(report), "report_id": JSONValue(id)])
        } else {
          Console.print("report \(report): id \(id), no scan")
        }
      case .undecodable(let error, let report):
        isClean = false
        if json {
          Console.print(DecoderComplaint.line(error, message: report))
        } else {
          Console.print(DecoderComplaint.text(error, message: report))
        }
      }
    }
    if let failure = capture.failure { throw failure }
    if !isClean { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }

  private func show(_ scan: HIDPOSScan) {
    let line = ScanLine(
      aim: scan.aim, symbology: scan.symbology, bytes: scan.bytes, pieces: scan.reports,
      isTruncated: scan.isTruncated)
    if json { Console.print(line.json) } else { Console.print(line.text) }
  }

  /// The layout, and the descriptor it was read from, if there is one.
  private func chooseLayout() throws(DeviceError) -> (HIDPOSLayout, HIDReportDescriptor?) {
    if let descriptor { return try Self.layout(descriptor: descriptor) }
    if let name = layout {
      guard let maker = HIDPOSMaker.allCases.first(where: { "\($0.name)" == name }) else {
        let known = HIDPOSMaker.allCases.map { "\($0.name)" }.joined(separator: ", ")
        throw DeviceError(
          .badInput, during: "choosing the layout '\(name)'", detail: "the layouts are \(known)")
      }
      return (HIDPOSLayout(maker: maker), nil)
    }
    if let device {
      guard case .usb(let vendor, _, _) = try DeviceAddress("usb:\(device)").route,
        let maker = HIDPOSMaker(usbVendor: vendor)
      else {
        throw DeviceError(
          .badInput, during: "choosing a layout for \(device)", detail: "no layout of that vendor is known",
          hint: "give the report descriptor: --descriptor /sys/class/hidraw/hidrawN/device/report_descriptor")
      }
      return (HIDPOSLayout(maker: maker), nil)
    }
    throw DeviceError(
      .badInput, during: "choosing a layout", detail: "reports cannot be read without one",
      hint: "give --descriptor /sys/class/hidraw/hidrawN/device/report_descriptor, --device or --layout")
  }

  private static func layout(
    descriptor: String
  ) throws(DeviceError) -> (HIDPOSLayout, HIDReportDescriptor?) {
    let bytes = try ReportDescriptorText.bytes(of: descriptor)
    do throws(WireError) {
      return (try HIDPOSLayout(descriptor: bytes.span), try HIDReportDescriptor(bytes.span))
    } catch {
      throw ReportDescriptorText.complaint(error)
    }
  }

  /// A maker's layout knows the length of the reports that hold scans and of no other.
  private static func cut(
    _ capture: [UInt8], by layout: HIDPOSLayout, _ descriptor: HIDReportDescriptor?
  ) -> RawReports {
    if let descriptor { return RawReports(capture, by: descriptor) }
    let hint = "give the report descriptor: --descriptor /sys/class/hidraw/hidrawN/device/report_descriptor"
    return RawReports(capture, hint: hint) { id in
      layout.reports.first { !layout.numbersReports || $0.id == id }?.length
    }
  }
}
