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
    let layout = try chooseLayout()
    let reports = try input.messages().flatMap { message in
      input.hex ? [message] : Self.split(message, by: layout)
    }
    var isClean = true
    for finding in layout.findings(in: reports) {
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
    if !isClean { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }

  private func show(_ scan: HIDPOSScan) {
    let line = ScanLine(
      aim: scan.aim, symbology: scan.symbology, bytes: scan.bytes, pieces: scan.reports,
      isTruncated: scan.isTruncated)
    if json { Console.print(line.json) } else { Console.print(line.text) }
  }

  private func chooseLayout() throws(DeviceError) -> HIDPOSLayout {
    if let descriptor { return try Self.layout(descriptor: descriptor) }
    if let name = layout {
      guard let maker = HIDPOSMaker.allCases.first(where: { "\($0.name)" == name }) else {
        let known = HIDPOSMaker.allCases.map { "\($0.name)" }.joined(separator: ", ")
        throw DeviceError(
          .badInput, during: "choosing the layout '\(name)'", detail: "the layouts are \(known)")
      }
      return HIDPOSLayout(maker: maker)
    }
    if let device {
      guard case .usb(let vendor, _, _) = try DeviceAddress("usb:\(device)").route,
        let maker = HIDPOSMaker(usbVendor: vendor)
      else {
        throw DeviceError(
          .badInput, during: "choosing a layout for \(device)", detail: "no layout of that vendor is known",
          hint: "give the report descriptor: --descriptor /sys/class/hidraw/hidrawN/device/report_descriptor")
      }
      return HIDPOSLayout(maker: maker)
    }
    throw DeviceError(
      .badInput, during: "choosing a layout", detail: "reports cannot be read without one",
      hint: "give --descriptor /sys/class/hidraw/hidrawN/device/report_descriptor, --device or --layout")
  }

  private static func layout(descriptor: String) throws(DeviceError) -> HIDPOSLayout {
    let bytes = try ReportDescriptorText.bytes(of: descriptor)
    do throws(WireError) {
      return try HIDPOSLayout(descriptor: bytes.span)
    } catch {
      throw ReportDescriptorText.complaint(error)
    }
  }

  /// Raw captures of hidraw are reports back to back, each as long as its id says.
  private static func split(_ bytes: [UInt8], by layout: HIDPOSLayout) -> [[UInt8]] {
    var reports: [[UInt8]] = []
    var rest = bytes[...]
    while let id = rest.first {
      let known = layout.reports.first { !layout.numbersReports || $0.id == id }
      let length = max(1, known?.length ?? rest.count)
      reports.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return reports
  }
}
