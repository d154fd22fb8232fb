import ArgumentParser
import POSJSON
import POSJournal
import POSLoyalty
import POSModel

/// `posctl outbox`: what waits for the loyalty programme.
struct OutboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outbox",
    abstract: "Lists and sends the check-ins and receipts that wait for the loyalty programme.",
    subcommands: [OutboxList.self, OutboxFlush.self]
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
      for entry in try await journal.outbox(states) { show(entry) }
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

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let provider = try loyalty.provider(currency: .usDollar)
    let journal = try await state.place.openJournal()
    let sender = OutboxSender(provider: provider, journal: journal, clock: .system)
    do throws(DeviceError) {
      try await sender.resume()
      let report = await sender.flush(patience: .seconds(10))
      for delivery in report.deliveries { show(delivery) }
      let waiting = try await journal.outbox([.pending, .inFlight, .parked]).count
      if json {
        Console.print([
          "type": "outbox", "sent": JSONValue(report.deliveries.count), "waiting": JSONValue(waiting),
        ])
      } else {
        Console.print("\(report.deliveries.count) sent, \(waiting) waiting")
      }
      await journal.close()
      if waiting > 0 {
        throw DeviceError(
          .loyaltyUnreachable, during: "flushing the outbox", detail: "\(waiting) items still wait",
          hint: "posctl outbox list")
      }
    } catch {
      await journal.close()
      throw error
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
