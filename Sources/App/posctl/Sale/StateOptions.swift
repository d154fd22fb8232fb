import ArgumentParser
import FoundationEssentials
import POSJournal
import POSLinux
import POSLoyalty
import POSModel

/// Where the journal is.
struct StateOptions: ParsableArguments {
  @Option(help: "The folder of journal and outbox; by default the user's state folder.")
  var state: String?

  @Option(help: "For tests of recovery: kills posctl before or after its Nth durable write, as before:3.")
  var crashAt: CrashPoint?

  /// The place to open the journal in.
  var place: StatePlace {
    StatePlace(directory: state ?? StatePlace.defaultDirectory, crashAt: crashAt?.point)
  }
}

/// Where a journal is, and where posctl is to be killed in it.
struct StatePlace {
  var directory: String
  var crashAt: Journal.CommitPoint?

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

  /// The user's state folder.
  static var defaultDirectory: String {
    let environment = ProcessInfo.processInfo.environment
    if let folder = environment["XDG_STATE_HOME"], !folder.isEmpty { return folder + "/posctl" }
    return (environment["HOME"] ?? "/var/lib") + "/.local/state/posctl"
  }
}

/// One side of one durable write.
struct CrashPoint: ExpressibleByArgument {
  let point: Journal.CommitPoint

  init?(argument: String) {
    let parts = argument.split(separator: ":")
    guard parts.count == 2, let moment = Journal.CommitPoint.Moment(rawValue: String(parts[0])),
      let number = Int(parts[1]), number > 0
    else { return nil }
    point = Journal.CommitPoint(number: number, moment: moment)
  }
}
