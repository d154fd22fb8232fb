import ArgumentParser
import FoundationEssentials
import POSDrivers
import POSJSON
import POSModel
import POSRuntime
import POSTransport
import POSUdev

/// `posctl doctor`: why a device does not work, and the one command that mends it.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract:
      "Examines devices: plugged in, seen as what they are, may be opened, held by whom, answering, changed.",
    discussion: """
      It looks before it asks: a scanner is opened and its reports are read, a printer is asked for its status,
      and nothing is written to a port behind which there may be anything. Ends with the exit code of the worst
      finding.
      """
  )

  @Argument(help: "An identity that posctl devices lists, or a node; all known devices by default.")
  var device: String?

  @OptionGroup var state: StateOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let directory = state.place.directory
    var doctor = Doctor(history: DeviceHistory(in: directory))
    let known = DeviceMatcher.recognise(try await UdevEnumerator().list())
    let patients = device.map { wanted in known.filter { $0.isNamed(wanted) } } ?? known
    guard !patients.isEmpty else {
      show(.absent(device.map { DeviceID($0) }, doctor.history), of: device ?? "any device")
      throw ExitCode(ErrorTable.ExitCode.notFound.rawValue)
    }
    var worst: [Finding] = []
    var history = doctor.history
    for patient in patients {
      let findings = try await doctor.examine(patient).findings
      for finding in findings { show(finding, of: patient.id.text) }
      if let problem = findings.worst {
        worst.append(problem)
      } else if findings.contains(where: { $0.check == .answer && $0.grade == .ok }) {
        history.remember(patient, at: Date())
      }
    }
    if history != doctor.history {
      doctor.history = history
      try StateDirectory.make(directory)
      try history.save(in: directory)
    }
    summarise(worst, patients.count)
    if let worst = worst.worst { throw ExitCode(worst.exit.rawValue) }
  }

  private func show(_ finding: Finding, of id: String) {
    if json {
      Console.print([
        "type": "finding", "device": .string(id), "check": .string(finding.check.rawValue),
        "grade": .string(finding.grade.rawValue), "text": .string(finding.text),
        "code": JSONValue(finding.code?.rawValue), "fix": JSONValue(finding.remedy),
        "exit": JSONValue(finding.exit.rawValue),
      ])
    } else {
      let sign =
        switch finding.grade {
        case .ok: "ok  "
        case .note: "note"
        case .problem: "FAIL"
        }
      if finding.check == .plugged { Console.print(id) }
      Console.print("  \(sign) \(finding.check.rawValue): \(finding.text)")
      if let remedy = finding.remedy { Console.print("       try: \(remedy)") }
    }
  }

  private func summarise(_ problems: [Finding], _ count: Int) {
    if json {
      Console.print([
        "type": "doctor", "devices": JSONValue(count), "problems": JSONValue(problems.count),
        "code": JSONValue(problems.worst?.code?.rawValue), "fix": JSONValue(problems.worst?.remedy),
      ])
    } else {
      Console.print(problems.isEmpty ? "nothing is wrong" : "\(problems.count) of \(count) cannot be used")
    }
  }
}

extension RecognisedDevice {
  /// Whether a person means this one, or may mean it: of those with one serial number all are looked at.
  fileprivate func isNamed(_ text: String) -> Bool {
    let name = DeviceID(text)
    return isCalled(name) || serialName == name || node?.path == text || address?.description == text
      || kind.rawValue == text
  }
}
