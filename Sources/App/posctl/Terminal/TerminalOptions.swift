import ArgumentParser
import FoundationEssentials
import POSJournal
import POSLinux
import POSModel
import POSRuntime
import POSTerminalWire

/// Which card terminal, and where its journal is.
struct TerminalOptions: ParsableArguments {
  @Option(
    help: """
      The card terminal's address: \(DeviceOpener.terminalForms), or zvt+ or concert+ and an identity of \
      posctl devices. ZVT's password is read from ZVT_PASSWORD, the identifier of Caisse-AP from \
      CAISSE_AP_IDENTIFIER, the id of an ECR17 terminal from ECR17_TERMINAL_ID.
      """)
  var device: String

  @OptionGroup var state: StateOptions

  @Flag(help: "Prints a JSON line; so does an output that is no terminal.")
  var json = false

  /// Whether a program reads the output.
  var printsJSON: Bool { json || !Console.isTerminal }

  /// Whether nobody reads what the terminal shows meanwhile.
  var isQuiet: Bool { json && !StandardStream.error.isTerminal }

  /// Opens journal and terminal, and closes both after `work`.
  func withTerminal<Result>(
    currency: Currency, _ work: (any PaymentTerminal, Journal) async throws(DeviceError) -> Result
  ) async throws(DeviceError) -> Result {
    let address = try DeviceAddress(device)
    var opener = DeviceOpener()
    opener.currency = currency
    opener.terminalPassword = try TillOptions.terminalPassword()
    try TillOptions.setIdentifiers(of: &opener)
    let journal = try await state.place.openJournal()
    do throws(DeviceError) {
      let terminal = try opener.terminal(at: address, journal: journal)
      do throws(DeviceError) {
        let result = try await work(terminal, journal)
        await terminal.close()
        await journal.close()
        return result
      } catch {
        await terminal.close()
        throw error
      }
    } catch {
      await journal.close()
      throw error
    }
  }
}
