import ArgumentParser
import POSJSON
import POSJournal
import POSLoyalty
import POSModel

/// `posctl outbox export`.
struct OutboxExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Prints what waits, was refused or became too old, one JSON line each.",
    discussion: "Codes and contacts of guests are left out. Nothing is changed.")

  @OptionGroup var state: StateOptions

  @Flag(help: "Changes nothing: the lines are JSON either way.")
  var json = false

  func run() async throws {
    let journal = try await state.place.openJournal()
    do throws(DeviceError) {
      for entry in try await journal.outbox([.pending, .inFlight, .parked, .expired], limit: .max) {
        let payload = try entry.item.shareablePayload() ?? Array("null".utf8)
        var line: JSONLine = [
          "type": "outbox-entry", "id": JSONValue(entry.id),
          "kind": .string(entry.item.kind.rawValue), "key": .string(entry.item.key),
          "state": .string(entry.state.rawValue), "created_ms": JSONValue(entry.created.milliseconds),
          "attempts": JSONValue(entry.attempts), "reason": .string(entry.reason),
        ]
        line["content"] = .string(String(decoding: payload, as: UTF8.self))
        Console.print(line)
      }
      await journal.close()
    } catch {
      await journal.close()
      throw error
    }
  }
}
