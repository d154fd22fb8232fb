import ArgumentParser
import FoundationEssentials
import POSJournal
import POSLinux
import POSLoyalty
import POSModel
import POSRuntime

/// Where the journal is.
struct StateOptions: ParsableArguments {
  @Option(help: "The folder of journal and outbox; by default the user's state folder.")
  var state: String?

  @Option(
    help:
      "For tests of recovery: kills posctl before or after its Nth durable write, as before:3, or once a printer has got so many bytes, as sent:512."
  )
  var crashAt: CrashPoint?

  /// The place to open the journal in.
  var place: StatePlace {
    StatePlace(
      directory: state ?? StatePlace.defaultDirectory, crashAt: crashAt?.point,
      crashAfterBytes: crashAt?.sentBytes)
  }
}

/// Where a journal is, and where posctl is to be killed in it.
struct StatePlace {
  var directory: String
  var crashAt: Journal.CommitPoint?
  /// Bytes to a printer after which posctl is to be killed.
  var crashAfterBytes: Int?

  /// Opens the journal.
  func openJournal() async throws(DeviceError) -> Journal {
    try StateDirectory.make(directory)
    var options = Journal.Options()
    if let crashAt {
      options.onCommit = { point throws(DeviceError) in
        if point == crashAt { CurrentProcess.kill() }
      }
    }
    return try await Journal.open(in: directory, options: options)
  }

  /// What a printer may still wait for since a print of this queue stopped in the middle; 0 where there is no journal, or
  /// another program has it, which looks after the printer itself.
  func owedBytes(by printer: DeviceID) async -> Int {
    guard Journal.exists(in: directory),
      let journal = try? await StatePlace(directory: directory).openJournal()
    else { return 0 }
    let owed = try? await PrintQueue.owedBytes(by: printer, in: journal)
    await journal.close()
    return owed ?? 0
  }

  /// The user's state folder.
  static var defaultDirectory: String {
    let environment = ProcessInfo.processInfo.environment
    if let folder = environment["XDG_STATE_HOME"], !folder.isEmpty { return folder + "/posctl" }
    return (environment["HOME"] ?? "/var/lib") + "/.local/state/posctl"
  }
}

/// One side of one durable write, or a number of bytes to a printer.
struct CrashPoint: ExpressibleByArgument {
  let point: Journal.CommitPoint?
  let sentBytes: Int?

  init?(argument: String) {
    let parts = argument.split(separator: ":")
    guard parts.count == 2, let number = Int(parts[1]), number >= 0 else { return nil }
    if parts[0] == "sent" {
      point = nil
      sentBytes = number
      return
    }
    guard let moment = Journal.CommitPoint.Moment(rawValue: String(parts[0])), number > 0 else { return nil }
    point = Journal.CommitPoint(number: number, moment: moment)
    sentBytes = nil
  }
}
