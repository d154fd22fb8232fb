import ArgumentParser
import FoundationEssentials
import POSJSON
import POSJournal
import POSLinux
import POSLoyalty
import POSModel

/// `posctl loyalty`: single calls to the loyalty programme.
struct LoyaltyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loyalty",
    abstract: "Calls the loyalty programme.",
    subcommands: [
      LoyaltyConfiguration.self, LoyaltyLookUp.self, LoyaltySignUp.self, LoyaltyQuote.self,
      LoyaltyCommit.self,
      LoyaltyCheckIn.self, LoyaltyReceipt.self, LoyaltyVoid.self, LoyaltyUnlock.self, KeyCommand.self,
      LoyaltyKeys.self,
      LoyaltyCertify.self,
    ]
  )
}

/// `posctl loyalty configuration`.
struct LoyaltyConfiguration: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "configuration",
    abstract: "Asks for the location's configuration and keeps it for when the server is away."
  )

  @OptionGroup var loyalty: LoyaltyOptions
  @OptionGroup var state: StateOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let provider = try loyalty.provider(currency: .usDollar, state: state.place.directory)
    let journal = try await state.place.openJournal()
    let location: POSLoyalty.LocationConfiguration
    do throws(DeviceError) {
      location = try await ConfigurationCache(provider: provider, journal: journal, clock: .system).refresh()
      await journal.close()
    } catch {
      await journal.close()
      throw error
    }
    if json {
      Console.print([
        "type": "location", "name": .string(location.locationName), "short_key": JSONValue(location.shortKey),
        "prints_barcodes": .bool(location.printsBarcodes), "header": .string(location.header),
        "trailers": .array(location.trailers.map { .string($0) }),
        "update_interval_minutes": JSONValue(location.updateInterval),
      ])
    } else {
      Console.print("\(location.locationName), short key \(location.shortKey)")
      Console.print("bar codes: \(location.printsBarcodes ? "printed" : "not printed")")
      Console.print("header: \(location.header)")
      for trailer in location.trailers { Console.print("trailer: \(trailer)") }
    }
  }
}

extension TillClock {
  /// The machine's clocks and time zone.
  static var system: TillClock {
    TillClock(monotonic: Reactor.shared, secondsFromUTC: TimeZone.current.secondsFromGMT())
  }
}
