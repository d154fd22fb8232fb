import ArgumentParser
import POSDrivers
import POSLinux
import POSModel
import POSRuntime
import POSScan

/// Where a scanner is and how it was set up.
struct ScannerPlace: ParsableArguments {
  @Argument(help: "Where the scanner is.")
  var address: String

  @Option(
    help:
      "What a serial scanner may be sent: \(SerialScannerDialect.allCases.map { "\($0.name)" }.joined(separator: ", "))."
  )
  var dialect = "none"

  @Option(
    help:
      "The shape of a character on a serial line: \(SerialSettings.Frame.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var frame = SerialSettings.Frame.eightNoneOne.rawValue

  @OptionGroup var keyboard: KeyboardOptions
  @OptionGroup var serial: SerialScanOptions
  @OptionGroup var surroundings: EnvelopeOptions

  func validate() throws {
    if SerialSettings.Frame(rawValue: frame) == nil {
      throw ValidationError("--frame: there is no '\(frame)'")
    }
  }

  /// An opener with these settings.
  func opener() throws(DeviceError) -> DeviceOpener {
    var opener = DeviceOpener()
    let envelope = try surroundings.envelope()
    opener.scannerSettings.keyboard = try keyboard.settings(envelope)
    opener.scannerSettings.serial = try serial.settings(envelope)
    opener.scannerSettings.dialect = try Named.value(
      dialect, of: SerialScannerDialect.allCases, \.name, "dialect")
    opener.scannerSettings.frame = SerialSettings.Frame(rawValue: frame) ?? .eightNoneOne
    return opener
  }

  /// Opens the scanner, enables it, and closes it again whatever happens.
  func withScanner(
    delivery: ScanDelivery = ScanDelivery(), _ body: (CodeScanner) async throws -> Void
  ) async throws {
    var opener = try opener()
    opener.scannerSettings.delivery = delivery
    let scanner = try await opener.scanner(at: DeviceAddress(address))
    do {
      try await body(scanner)
    } catch {
      await scanner.close()
      throw error
    }
    await scanner.close()
  }
}
