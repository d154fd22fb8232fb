import ArgumentParser
import FoundationEssentials
import POSBarcode
import POSDrivers
import POSJSON
import POSModel

/// `posctl printer selftest`: what a printer can do, tried out, one grade a line.
struct PrinterSelfTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest",
    abstract: "Tries a printer out and prints a test page.",
    discussion: """
      Each line says passed, failed or skipped. What the profile promises and the printer does not keep has failed;
      a test page is printed once, unless receipts wait, and its bar code can be scanned. Exit code 1 when anything has \
      failed.
      """
  )

  @OptionGroup var printer: PrinterOptions
  @OptionGroup var state: StateOptions

  @Flag(help: "Also opens the drawer.")
  var drawer = false

  @Flag(help: "Prints nothing.")
  var quiet = false

  /// How a step went.
  private enum Grade: String { case passed, failed, skipped }

  func run() async throws {
    let hasFailed = try await printer.withQueuedPrinter(state) {
      (printer, profile, isWaitedFor) async throws(DeviceError) in
      var grades: [Grade] = []
      func grade(_ step: String, _ grade: Grade, _ text: String) {
        grades.append(grade)
        show(step, grade, text)
      }
      let status = await Self.result { () async throws(DeviceError) in try await printer.status() }
      switch status {
      case .success(let status) where status.isOnline && status.faults.isEmpty:
        grade("status", .passed, "on line, paper \(status.paper.rawValue)")
      case .success(let status):
        let fault = status.faults.first ?? .printerOffline
        grade(
          "status", .failed, "\(ErrorTable.row(for: fault).operatorText); \(ErrorTable.row(for: fault).hint)")
      case .failure(let error):
        grade("status", profile.realTimeStatus == .always ? .failed : .skipped, "\(error)")
      }
      if case .success(let status) = status, status.isOnline {
        switch await Self.result({ () async throws(DeviceError) in try await printer.identity() }) {
        case .success(let identity):
          grade("identity", .passed, "\(identity.maker) \(identity.model) \(identity.serialNumber)")
        case .failure(let error): grade("identity", .skipped, "\(error)")
        }
      } else {
        grade("identity", .skipped, "it does not answer")
      }
      if quiet {
        grade("print", .skipped, "--quiet")
      } else if isWaitedFor {
        // They were laid out for this printer as it was taken for then, and whoever prints them is told of them.
        grade("print", .skipped, "receipts wait: posctl printer queue resume --to \(printer.descriptor.id)")
      } else {
        let job = PrintJob(id: "selftest-\(UUID().uuidString.lowercased())", document: Self.page(profile))
        let outcome = await printer.print(job)
        switch outcome {
        case .printed: grade("print", .passed, PrintReport.text(outcome))
        case .sent:
          grade("print", profile.confirmation == .none ? .passed : .failed, PrintReport.text(outcome))
        case .notPrinted, .unknown: grade("print", .failed, PrintReport.text(outcome))
        }
      }
      guard drawer else {
        grade("drawer", .skipped, "--drawer opens it")
        return grades.contains(.failed)
      }
      switch await printer.openDrawer(DrawerPulse()) {
      case .opened: grade("drawer", .passed, "its switch has moved")
      case .pulsed: grade("drawer", .skipped, "the pulse was sent; no switch has moved")
      case .notOpened(let error), .unknown(let error): grade("drawer", .failed, "\(error)")
      }
      return grades.contains(.failed)
    }
    if hasFailed { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }

  private func show(_ step: String, _ grade: Grade, _ text: String) {
    if printer.json {
      Console.print([
        "type": "selftest", "step": .string(step), "grade": .string(grade.rawValue), "text": .string(text),
      ])
    } else {
      Console.print("\(grade.rawValue)  \(step): \(text)")
    }
  }

  private static func result<Value>(
    _ work: () async throws(DeviceError) -> Value
  ) async -> Result<Value, DeviceError> {
    do throws(DeviceError) { return .success(try await work()) } catch { return .failure(error) }
  }

  /// A page on which one sees what is wrong: the width, the styles, the characters, the dots.
  static func page(_ profile: PrinterProfile) -> ReceiptDocument {
    var page = ReceiptDocument()
    page.text(profile.name, style: [.bold, .doubleWidth, .doubleHeight], alignment: .centre)
    page.text(
      "\(profile.dots) dots, \(profile.columns) columns, \(profile.dotsPerInch) dpi", alignment: .centre)
    page.rule()
    page.text(String((0..<profile.columns).map { Character("\(($0 + 1) % 10)") }))
    page.text([
      .init("plain "), .init("bold ", style: .bold), .init("underlined", style: .underline), .init(" "),
      .init("inverse", style: .inverse),
    ])
    page.columns("left", "right")
    page.text("\u{E9}\u{FC}\u{F1}\u{E7} \u{20AC} \u{3B1}\u{3B2}\u{3B3} \u{416}\u{429}\u{42F}")
    page.feed()
    page.blocks.append(.barcode(.init(symbology: .ean13, data: "4006381333931", module: 2, height: 100)))
    page.rule(.double)
    page.cut()
    return page
  }
}
