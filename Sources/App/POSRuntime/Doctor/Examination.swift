public import POSDrivers
public import POSLinux
public import POSModel
import POSTransport

/// Everything a doctor knows about one device. Judging it is pure: see ``findings``.
public struct Examination: Sendable {
  /// Whether the device did what was asked of it.
  public enum Answer: Sendable, Equatable {
    /// It answered.
    case given(String)
    /// It did not, for this reason; the remedy is a command or an action.
    case missing(String, DeviceError.Code, remedy: String)
    /// It was not asked, for this reason.
    case notAsked(String)
  }

  /// The device as it is listed.
  public var device: RecognisedDevice
  /// Who has its nodes open.
  public var holders: NodeHolders.Report
  /// Who has claimed it.
  public var claimant: ProcessIdentity?
  /// What it answered.
  public var answer: Answer
  /// What it was like when it last worked.
  public var lastTime: DeviceSnapshot?

  /// An examination with these results.
  public init(
    device: RecognisedDevice, holders: NodeHolders.Report, claimant: ProcessIdentity?, answer: Answer,
    lastTime: DeviceSnapshot?
  ) {
    self.device = device
    self.holders = holders
    self.claimant = claimant
    self.answer = answer
    self.lastTime = lastTime
  }

  /// What is wrong with the device before anybody tries to open it.
  public static func obstacles(of device: RecognisedDevice) -> [Finding] {
    [plugged(device)] + seen(device) + access(device)
  }

  /// What was found, in the order a technician asks.
  public var findings: [Finding] {
    Self.obstacles(of: device) + holder + [answered] + changes
  }

  // MARK: The questions

  private static func plugged(_ device: RecognisedDevice) -> Finding {
    let usb = device.device
    var text = "in port \(usb.port)"
    if !usb.speed.isEmpty { text += " at \(usb.speed) Mbit/s" }
    if let current = usb.power.milliamperes { text += ", draws up to \(current) mA" }
    guard usb.power.mayBeSuspended else { return .ok(.plugged, text) }
    let state = usb.power.isSuspended ? "is asleep" : "may be put to sleep"
    return .note(
      .plugged, "\(text); it \(state), and the first code or command after that may be lost",
      remedy: "sudo posctl rules install")
  }

  private static func seen(_ device: RecognisedDevice) -> [Finding] {
    let name =
      "\(device.name) (\(device.device.numbers)), \(device.kind.rawValue) in \(device.mode.rawValue) mode"
    let driver = device.device.interfaces.first { $0.number == device.interface }?.driver
    var findings: [Finding] = []
    if let obstacle = device.obstacle, !device.isAdapter {
      findings.append(
        .problem(.seen, "\(name): \(obstacle.reason)", .wrongMode, remedy: obstacle.remedy))
    } else if device.node == nil, device.isTakenByProgram {
      // Its driver comes back when that program lets go: who it is, is the next question.
      findings.append(
        .note(.seen, "\(name): a program has taken it from the kernel's driver and reaches it through usbfs"))
    } else if device.node == nil {
      let bound = driver.map { "driver \($0) has it" } ?? "no driver has it"
      findings.append(
        .problem(
          .seen, "\(name): there is no \(device.mode.nodeKind.rawValue) node, \(bound)", .noDriver,
          remedy: "sudo modprobe \(device.mode.kernelDriver)  # then plug it in again"))
    } else {
      findings.append(
        .ok(.seen, "\(name), driver \(driver ?? "unknown"), \(device.node?.path ?? ""): \(device.evidence)"))
    }
    if device.isAdapter, let obstacle = device.obstacle {
      findings.append(.note(.seen, obstacle.reason, remedy: obstacle.remedy))
    }
    return findings
  }

  private static func access(_ device: RecognisedDevice) -> [Finding] {
    guard let node = device.node else { return [] }
    guard let reason = node.access.reason, let remedy = node.access.remedy else {
      return [.ok(.access, "\(node.path) may be opened (\(node.access.modeText))")]
    }
    let code: DeviceError.Code = node.access.verdict == .missing ? .notFound : .permissionDenied
    return [.problem(.access, "\(node.path) may not be opened: \(reason)", code, remedy: remedy)]
  }

  private var holder: [Finding] {
    if let claimant {
      return [
        .problem(.holder, "claimed by \(claimant)", .busy, remedy: Self.ending(claimant))
      ]
    }
    guard holders.holders.isEmpty else {
      return holders.holders.map { process in
        .problem(.holder, "held by \(process)", .busy, remedy: Self.ending(process))
      }
    }
    guard !device.isTakenByProgram else {
      return [
        .problem(
          .holder, "held through usbfs by a program that you may not see", .busy,
          remedy: "sudo posctl doctor \(device.id)")
      ]
    }
    guard holders.isComplete else {
      return [
        .note(
          .holder, "nobody of yours holds it; processes of others cannot be seen",
          remedy: "sudo posctl doctor \(device.id)")
      ]
    }
    return [.ok(.holder, "nobody else holds it")]
  }

  /// How to keep a program off for good, where it is one that takes POS devices for something else.
  static func ending(_ process: ProcessIdentity) -> String {
    switch process.name {
    case "ModemManager": "sudo posctl rules install && sudo systemctl restart ModemManager"
    case "brltty": "sudo systemctl mask --now brltty.service  # unless somebody here reads Braille"
    case "cupsd", "usb": "lpstat -v  # then, for its queue: sudo lpadmin -x QUEUE"
    default: process.ending
    }
  }

  private var answered: Finding {
    switch answer {
    case .given(let text): .ok(.answer, text)
    case .missing(let text, let code, let remedy): .problem(.answer, text, code, remedy: remedy)
    case .notAsked(let reason): .note(.answer, "not asked: \(reason)")
    }
  }

  private var changes: [Finding] {
    guard let lastTime else { return [.note(.history, "it has not been examined before")] }
    let changes = lastTime.changes(to: DeviceSnapshot(device))
    guard !changes.isEmpty else { return [.ok(.history, "nothing has changed since \(lastTime.time)")] }
    return [.note(.history, "since \(lastTime.time): \(changes.joined(separator: "; "))")]
  }
}

extension Examination.Answer {
  /// The answer of a device that could not be asked, with a remedy that is not this very examination again.
  package static func failure(
    _ error: DeviceError, of device: RecognisedDevice, _ holders: NodeHolders.Report
  ) -> Self {
    let row = ErrorTable.row(for: error.code)
    let reason = error.detail.isEmpty ? "" : ": \(error.detail)"
    var remedy = error.hint
    if error.code == .busy, remedy == row.hint {
      // Whoever has it was looked for, and is nobody that can be seen from here.
      remedy =
        holders.isComplete
        ? "sudo fuser -v \(device.node?.path ?? "/dev/usb/lp*")  # outside, if this is a container"
        : "sudo posctl doctor \(device.id)"
    }
    return .missing("\(row.operatorText)\(reason)", error.code, remedy: remedy)
  }
}

extension RecognisedDevice {
  /// Whether a program has its interface through libusb or usbfs, so that the kernel's driver has let go of it.
  var isTakenByProgram: Bool {
    device.interfaces.contains { $0.number == interface && $0.driver == "usbfs" }
  }
}
