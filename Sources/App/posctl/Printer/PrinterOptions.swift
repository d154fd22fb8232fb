import ArgumentParser
import POSDrivers
import POSJournal
import POSModel
import POSPicture
import POSRuntime
import POSUdev

/// Which printer, and what it is like.
struct PrinterOptions: ParsableArguments {
  @Option(
    help:
      "The printer: tcp:HOST:PORT, serial:PATH[:BAUD][:FLOW] (FLOW: rts-cts, xon-xoff or dtr-dsr, as the printer is set), usblp:PATH, usb:VID:PID[:SERIAL], file:PATH or an identity of posctl devices; by default the only printer that is plugged in."
  )
  var to: String?

  @OptionGroup var model: ProfileOption

  @Flag(help: "Prints JSON lines.")
  var json = false

  /// Where the printer is.
  func address() async throws(DeviceError) -> DeviceAddress {
    if let to { return try DeviceAddress(to) }
    let printers = DeviceMatcher.recognise(try await UdevEnumerator().list()).filter { $0.kind == .printer }
    guard printers.count == 1, let printer = printers.first else {
      throw DeviceError(
        .notFound, during: "looking for the printer", detail: "\(printers.count) printers are plugged in",
        hint: "name one: --to tcp:HOST:9100, or --to and an identity that posctl devices lists")
    }
    return try DeviceAddress(printer.id.text)
  }

  /// What the printer is like: as named, or with `auto` as the model is that it says it is. One that is not known, or
  /// says nothing, is taken for what the queue holds commands for, else for one of 80 mm that can do no more than most,
  /// but confirm if it does.
  ///
  /// - Parameters:
  ///   - queued: the profile that commands in the queue were laid out for, which holds when none is named.
  ///   - owedBytes: what the printer may still wait for; see `DeviceOpener.printer(at:owedBytes:)`.
  func profile(queued: String? = nil, owedBytes: Int = 0) async throws(DeviceError) -> PrinterProfile {
    guard model.isAsked else { return try model.value(queued: queued) }
    let address = try await address()
    let found = try await opener(profile: .generic80).identifiedProfile(
      ofPrinterAt: address, owedBytes: owedBytes)
    if let found, found != .generic80Probed { return found }
    // A guess that the queue holds commands for is no better than this one.
    let laidOut = model.queuedProfile(queued).flatMap { $0 == .generic80 ? nil : $0 }
    var guess = laidOut ?? found ?? .generic80
    Console.complain("posctl: \(address) did not name a model that is known; it is taken for \(guess.name)")
    // The answer that did not come may still do, and would be taken for a print's.
    if found == nil, guess.confirmation == .paperStatus { guess.confirmation = .none }
    return guess
  }

  /// An opener for printers like this one.
  ///
  /// - Parameter patience: seconds that somebody has to mend what the printer says is wrong.
  func opener(profile: PrinterProfile, patience: Int = 0) -> DeviceOpener {
    var opener = DeviceOpener()
    opener.printerProfile = profile
    opener.glyphs = GlyphSource.system
    opener.printerTiming.repair = .seconds(patience)
    return opener
  }

  /// Opens the printer, and closes it after `work`.
  ///
  /// - Parameter state: whose print queue knows of prints that stopped in the middle.
  func withPrinter<Result>(
    after state: StatePlace, _ work: (any ReceiptPrinter) async throws(DeviceError) -> Result
  ) async throws(DeviceError) -> Result {
    let address = try await address()
    let owed = await state.owedBytes(by: DeviceOpener.deviceID(of: address))
    let printer = try await opener(profile: try await profile(owedBytes: owed))
      .printer(at: address, owedBytes: owed)
    do throws(DeviceError) {
      let result = try await work(printer)
      await printer.close()
      return result
    } catch {
      await printer.close()
      throw error
    }
  }
}

extension PrinterOptions {
  /// Opens the printer behind its queue, which knows what became of what was printed, and closes it after `work`, which is
  /// told what the printer is like and whether anything waits.
  func withQueuedPrinter<Result>(
    _ state: StateOptions,
    _ work: (any ReceiptPrinter, PrinterProfile, _ isWaitedFor: Bool) async throws(DeviceError) -> Result
  ) async throws(DeviceError) -> Result {
    let address = try await address()
    return try await PrintQueueCommand.withJournal(state) { (journal) async throws(DeviceError) in
      let id = DeviceOpener.deviceID(of: address)
      let profile = try await profile(owedBytes: try await PrintQueue.owedBytes(by: id, in: journal))
      let isWaitedFor = try await journal.nextPrint(on: id) != nil
      let opener = opener(profile: profile)
      let printer = try await QueuedPrinter.open(at: address, with: opener, journal: journal)
      do throws(DeviceError) {
        let result = try await work(printer, profile, isWaitedFor)
        await printer.close()
        return result
      } catch {
        await printer.close()
        throw error
      }
    }
  }
}

/// `--profile`: what a printer is like.
struct ProfileOption: ParsableArguments {
  @Option(
    help:
      "The printer's profile, by default \(PrinterProfile.generic80.name): \(Self.names). Where there is a printer, auto asks it for its model."
  )
  var profile: String?

  /// Whether the printer is to be asked.
  var isAsked: Bool { profile == "auto" }

  /// The profile of that name; without one, what the commands in the queue were laid out for, or one that can do no more
  /// than most printers.
  func value(queued: String? = nil) throws(DeviceError) -> PrinterProfile {
    if let profile { return try Self.named(profile) }
    return queuedProfile(queued) ?? .generic80
  }

  /// What the commands in the queue were laid out for.
  func queuedProfile(_ name: String?) -> PrinterProfile? { name.flatMap { PrinterProfile.named($0) } }

  /// Every profile there is.
  static var names: String { PrinterProfile.all.map(\.name).joined(separator: ", ") }

  /// The profile called `name`.
  static func named(_ name: String) throws(DeviceError) -> PrinterProfile {
    guard let known = PrinterProfile.named(name) else {
      throw DeviceError(
        .badConfiguration, during: "choosing the printer profile '\(name)'",
        detail: "the profiles are \(names)", hint: "name one of them: --profile NAME")
    }
    return known
  }
}
