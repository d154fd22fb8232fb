import ESCPOS
import POSBarcode
import POSDrivers
import POSModel
import POSSimulation
import POSTransport
import Testing

/// A driver and a simulated printer at the two ends of a link in memory.
struct PrinterLab {
  let clock: ManualClock
  let link: MemoryLink
  let printer: ESCPOSPrinter
  let device: SimulatedPrinter
  let running: Task<Void, Never>

  init(
    _ profile: PrinterProfile = .epsonTMT20II, _ faults: SimulatedPrinter.Faults = .init(),
    timing: ESCPOSPrinter.Timing = .init(), recovery: ESCPOSPrinter.ErrorRecovery = .beforeJobs,
    identities: PrinterIdentities = PrinterIdentities()
  ) {
    clock = ManualClock()
    link = MemoryLink(clock: clock)
    let device = SimulatedPrinter(over: link.device, profile.geometry, faults: faults)
    self.device = device
    printer = Self.printer(over: link, profile, timing: timing, recovery: recovery, identities: identities)
    running = Task { await device.run() }
  }

  /// Another connection to the printer of `earlier`, whose link has ended.
  init(reconnecting earlier: PrinterLab, owedBytes: Int, profile: PrinterProfile = .epsonTMT20II) async {
    await earlier.printer.close()
    await earlier.running.value
    clock = earlier.clock
    link = MemoryLink(clock: clock)
    let device = earlier.device
    self.device = device
    await device.connect(over: link.device)
    printer = Self.printer(over: link, profile, owedBytes: owedBytes)
    running = Task { await device.run() }
  }

  private static func printer(
    over link: MemoryLink, _ profile: PrinterProfile, timing: ESCPOSPrinter.Timing = .init(),
    recovery: ESCPOSPrinter.ErrorRecovery = .beforeJobs, owedBytes: Int = 0,
    identities: PrinterIdentities = PrinterIdentities()
  ) -> ESCPOSPrinter {
    ESCPOSPrinter(
      DeviceDescriptor(
        id: DeviceID("lab"), kind: .printer, address: DeviceAddress(route: .file(path: "lab")),
        name: "the lab printer"),
      over: link.host, profile: profile, timing: timing, recovery: recovery, owedBytes: owedBytes,
      identities: identities)
  }

  /// Prints, and lets time pass whenever nothing else can happen: every wait of the driver ends at its deadline.
  ///
  /// - Parameter cut: how many bytes reach the printer, where a cut swallows the rest.
  func printPassingTime(_ job: PrintJob, cut: Int = .max) async -> PrintOutcome {
    await passingTime(cut: cut) { await printer.print(job) }
  }

  /// Lets time pass whenever nothing else can happen, until `work` has ended.
  func passingTime<Result: Sendable>(
    cut: Int = .max, _ work: @escaping @Sendable () async -> Result
  ) async -> Result {
    let working = Task { await work() }
    let passing = Task {
      while !Task.isCancelled {
        await clock.waitForAlarms()
        let alarm = clock.nextAlarm
        // The alarm is the driver's as long as the printer waits for bytes, which it does without one.
        let arrived = min(cut, link.bytesMoved(.toDevice))
        // Or the end of the paper's movement, for which nobody may have begun to wait yet.
        if await device.isAtRest(after: arrived), let alarm, clock.nextAlarm == alarm,
          alarm <= (await device.movesUntil ?? alarm),
          arrived == min(cut, link.bytesMoved(.toDevice))
        {
          clock.advance(to: alarm)
        } else {
          await Task.yield()
        }
      }
    }
    let result = await working.value
    passing.cancel()
    return result
  }

  func end() async {
    await printer.close()
    await device.stop()
    await running.value
  }
}

extension ReceiptDocument {
  /// A short receipt with one of everything.
  static var sample: ReceiptDocument {
    var receipt = ReceiptDocument()
    receipt.text("Burger Barn", style: [.bold, .doubleWidth, .doubleHeight], alignment: .centre)
    receipt.columns("Crème brûlée", "9,00 €")
    receipt.rule()
    receipt.blocks.append(
      .barcode(Barcode(symbology: .ean13, data: "3157882326401", module: 2, height: 12)))
    receipt.text("Thank you")
    receipt.cut()
    return receipt
  }
}

/// Whether the paper shows the whole of ``ReceiptDocument/sample``.
func showsWholeSample(_ page: PrintedPage, times: Int = 1) -> Bool {
  let texts = page.lines.map { line in String(String.UnicodeScalarView(line)) }
  let symbols = page.symbols + page.drawnSymbols
  return texts.filter { $0 == "Burger Barn" }.count == times
    && texts.filter { $0.hasPrefix("Crème brûlée ") && $0.hasSuffix(" 9,00 €") }.count == times
    && texts.filter { $0 == "Thank you" }.count == times && symbols.count == times
    && page.cuts.count == times
}
