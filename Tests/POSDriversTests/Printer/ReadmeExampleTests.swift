import ESCPOS
import Foundation
import POSBarcode
import POSDrivers
import POSLinux
import POSModel
import POSSimulation
import Testing

/// The library example of the README, run against a simulated printer. Line for line the same text, ports aside.
@Suite("README")
struct ReadmeExampleTests {
  @Test("the library example prints")
  func example() async throws {
    let listener = try TCPListener()
    let device = Task {
      let printer = SimulatedPrinter(
        over: try await listener.accept(until: nil), PrinterProfile.epsonTMT20II.geometry)
      await printer.run()
      return await printer.page
    }
    let transport = try await TCPConnection.open(host: "127.0.0.1", port: listener.port)
    let place = DeviceDescriptor(
      id: DeviceID("counter-1"), kind: .printer, address: try DeviceAddress("tcp:192.0.2.7:9100"),
      name: "counter printer")
    let printer = ESCPOSPrinter(place, over: transport, profile: .epsonTMT20II)

    var receipt = ReceiptDocument()
    receipt.text("Burger Barn", style: .bold, alignment: .centre)
    receipt.columns("Classic burger", "9.00")
    receipt.barcode(.ean13, "3157882326401")
    receipt.cut()

    #expect(await printer.print(PrintJob(id: "check-1042", document: receipt)) == .printed)
    await printer.close()
    await listener.close()
    let page = try await device.value
    #expect((page.symbols + page.drawnSymbols).map(\.data) == [Array("3157882326401".utf8)])
  }

  @Test("the README shows what this test runs")
  func sameText() throws {
    let here = URL(filePath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    func words(_ url: URL) throws -> String {
      try String(contentsOf: url, encoding: .utf8).split(whereSeparator: \.isWhitespace).joined(
        separator: " ")
    }
    let readme = try words(root.appending(path: "README.md"))
    let test = try words(here)
    for part in [
      "let place = DeviceDescriptor( id: DeviceID(\"counter-1\"), kind: .printer,",
      "let printer = ESCPOSPrinter(place, over: transport, profile: .epsonTMT20II)",
      "var receipt = ReceiptDocument() receipt.text(\"Burger Barn\", style: .bold, alignment: .centre)",
      "receipt.columns(\"Classic burger\", \"9.00\") receipt.barcode(.ean13, \"3157882326401\") receipt.cut()",
      "await printer.print(PrintJob(id: \"check-1042\", document: receipt))",
    ] {
      #expect(readme.contains(part) && test.contains(part), "\(part)")
    }
  }
}
