import ArgumentParser
import POSJSON
import POSJournal
import POSLinux
import POSLoyalty
import POSModel

/// `posctl outbox`: what waits for the loyalty programme.
struct OutboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outbox",
    abstract: "Lists and sends the check-ins and receipts that wait for the loyalty programme.",
    subcommands: [OutboxList.self, OutboxFlush.self, OutboxRelease.self, OutboxExport.self]
  )
}

/// `posctl outbox list`.
struct OutboxList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists what waits, what was refused, and what became too old.")

  @OptionGroup var state: StateOptions

  @Flag(help: "Lists also what was delivered.")
  var all = false

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let journal = try await state.place.openJournal()
    let states = all ? OutboxEntry.State.allCases : OutboxEntry.State.allCases.filter { $0 != .done }
    do throws(DeviceError) {
      let entries = try await journal.outbox(states)
      for entry in entries { show(entry) }
      if entries.isEmpty, !json { Console.print(all ? "nothing was ever put in" : "nothing waits") }
      await journal.close()
    } catch {
      await journal.close()
      throw error
    }
  }

  private func show(_ entry: OutboxEntry) {
    if json {
      Console.print([
        "type": "outbox-entry", "id": JSONValue(entry.id), "kind": .string(entry.item.kind.rawValue),
        "key": .string(entry.item.key), "state": .string(entry.state.rawValue),
        "attempts": JSONValue(entry.attempts), "reason": .string(entry.reason),
      ])
    } else {
      let reason = entry.reason.isEmpty ? "" : ": \(entry.reason)"
      Console.print(
        "\(entry.id)  \(entry.item.kind.rawValue)  \(entry.item.key)  \(entry.state.rawValue), \(entry.attempts) sent\(reason)"
      )
    }
  }
}

/// `posctl outbox flush`.
struct OutboxFlush: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flush",
    abstract: "Sends everything that waits, in order, without waiting out the pauses after failures."
  )

  @OptionGroup var loyalty: LoyaltyOptions
  @OptionGroup var state: StateOptions

  @Flag(
    help: "Sends also what was put in for another server or location key: when PAR has moved the location.")
  var anyServer = false

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    CurrentProcess.outliveReaders()
    let provider = try loyalty.provider(currency: .usDollar, state: state.place.directory)
    let journal = try await state.place.openJournal()
    let sender = OutboxSender(provider: provider, journal: journal, clock: .system, adoptsAll: anyServer)
    do throws(DeviceError) {
      try await sender.resume()
      let report = await sender.flush(patience: .seconds(10))
      for delivery in report.deliveries { show(delivery) }
      let refused = try await journal.outbox([.parked]).count
      let waiting = try await journal.outbox([.pending, .inFlight]).count + refused
      if json {
        Console.print([
          "type": "outbox", "sent": JSONValue(report.deliveries.count), "waiting": JSONValue(waiting),
        ])
      } else {
        Console.print("\(report.deliveries.count) sent, \(waiting) waiting")
      }
      await journal.close()
      if report.foreign > 0 {
        throw DeviceError(
          .badConfiguration, during: "flushing the outbox",
          detail: "\(report.foreign) items wait for another server or location key",
          hint: "flush with the --server and keys of those sales; if PAR has moved the location: --any-server"
        )
      }
      if let error = Self.reason(report.pause, waiting: waiting, refused: refused) { throw error }
    } catch {
      await journal.close()
      throw error
    }
  }

  /// Why not everything is out.
  private static func reason(_ pause: OutboxSender.Pause, waiting: Int, refused: Int) -> DeviceError? {
    let operation = "flushing the outbox"
    switch pause {
    case .failed(let error): return error
    case .halted:
      return DeviceError(.loyaltyKeyRefused, during: operation, detail: "\(waiting) items still wait")
    case .empty, .enough, .until:
      guard waiting > 0 else { return nil }
      guard waiting == refused else {
        return DeviceError(
          .loyaltyUnreachable, during: operation, detail: "\(waiting) items still wait",
          hint: "posctl outbox list")
      }
      return DeviceError(
        .loyaltyRefused, during: operation, detail: "\(refused) items were refused",
        hint: "posctl outbox list  # says why; then: posctl outbox release ID")
    }
  }

  private func show(_ delivery: OutboxSender.Delivery) {
    let outcome: String
    switch delivery.verdict {
    case .done: outcome = "delivered"
    case .again(_, let reason): outcome = "waits again: \(reason)"
    case .parked(let reason): outcome = "refused: \(reason)"
    }
    if json {
      Console.print([
        "type": "delivery", "kind": .string(delivery.kind.rawValue), "key": .string(delivery.key),
        "outcome": .string(outcome), "points_earned": JSONValue(delivery.pointsEarned),
      ])
    } else {
      Console.print("\(delivery.kind.rawValue)  \(delivery.key)  \(outcome)")
    }
  }
}

/// `posctl outbox release`.
struct OutboxRelease: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Lets items that were refused, or became too old, be sent again by the next flush.")

  @Argument(help: "The items' numbers, as posctl outbox list shows them.")
  var ids: [Int64]

  @OptionGroup var state: StateOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let journal = try await state.place.openJournal()
    do throws(DeviceError) {
      for id in ids {
        guard try await journal.release(id) else {
          throw DeviceError(
            .unknownName, during: "releasing the item \(id)",
            detail: "no such item was refused or is too old",
            hint: "posctl outbox list")
        }
        if json {
          Console.print(["type": "outbox-release", "id": JSONValue(id)])
        } else {
          Console.print("\(id) waits again")
        }
      }
      await journal.close()
    } catch {
      await journal.close()
      throw error
    }
  }
}
