public import POSDrivers
import POSLinux
public import POSModel
import POSScan
import POSTransport
import POSWire

/// Examines devices: who holds them, whether they answer. Looking comes first, asking last, and only those are
/// asked that are known to understand the question.
public struct Doctor: Sendable {
  /// Opens printers to ask for their status.
  public var opener: DeviceOpener
  /// What devices were like.
  public var history: DeviceHistory

  /// An opener that gives a printer five seconds to answer: a technician would rather wait than hear that a slow one is
  /// silent.
  public static var patientOpener: DeviceOpener {
    var opener = DeviceOpener()
    opener.printerTiming.status = .seconds(5)
    return opener
  }

  /// A doctor who knows this history.
  public init(opener: DeviceOpener = Doctor.patientOpener, history: DeviceHistory = DeviceHistory()) {
    self.opener = opener
    self.history = history
  }

  /// Examines one device.
  public func examine(_ device: RecognisedDevice) async throws(DeviceError) -> Examination {
    let holders = try await NodeHolders.holders(of: device.heldNodes)
    let claimant = await Claim.holder(of: device.place, in: opener.claims)
    let isFree = holders.holders.isEmpty && claimant == nil && !device.isTakenByProgram
    return Examination(
      device: device, holders: holders, claimant: claimant,
      answer: await answer(of: device, isFree: isFree, holders), lastTime: history.lastTime(of: device))
  }

  private func answer(
    of device: RecognisedDevice, isFree: Bool, _ holders: NodeHolders.Report
  ) async -> Examination.Answer {
    guard !Examination.obstacles(of: device).contains(where: { $0.grade == .problem }) else {
      return .notAsked("it cannot be opened")
    }
    guard isFree else { return .notAsked("another program has it") }
    do throws(DeviceError) {
      switch device.mode {
      case .hidPOS: return try await readDescriptor(of: device)
      case .printer: return try await askPrinter(device)
      case .serial where device.kind == .terminal:
        return .notAsked(
          "a card terminal answers only to its protocol: posctl terminal status --device zvt+\(device.id)")
      case .serial: return .notAsked("nothing is written to a port behind which there may be anything")
      case .keyboard, .usbOEM, .snapi, .maintenance: return .notAsked("no driver speaks its mode")
      }
    } catch {
      return .failure(error, of: device, holders)
    }
  }

  /// Opens a scanner, reads what its reports hold, and closes it: nothing is sent.
  private func readDescriptor(of device: RecognisedDevice) async throws(DeviceError) -> Examination.Answer {
    guard let path = device.node?.path else { return .notAsked("it has no node") }
    let transport = try await HIDRaw.open(path)
    let bytes = transport.reportDescriptor
    await transport.close()
    do throws(WireError) {
      let layout = try HIDPOSLayout(descriptor: bytes.span)
      let capacity = layout.reports.map(\.capacity).max() ?? 0
      return .given("opens; its reports hold up to \(capacity) bytes of a code")
    } catch {
      return .missing(
        "its report descriptor cannot be used: \(error)", .protocolViolation,
        remedy: "report this, with the output of: xxd /sys/class/hidraw/*/device/report_descriptor")
    }
  }

  private func askPrinter(_ device: RecognisedDevice) async throws(DeviceError) -> Examination.Answer {
    let printer = try await opener.printer(at: DeviceAddress(route: .discovered(device.id)))
    let answer: PrinterStatus
    do throws(DeviceError) {
      answer = try await printer.status()
      await printer.close()
    } catch {
      await printer.close()
      throw error
    }
    if let fault = answer.faults.first {
      let row = ErrorTable.row(for: fault)
      return .missing("answers: \(row.operatorText)", fault, remedy: row.hint)
    }
    if answer.isCoverOpen {
      return .missing("answers: the cover is open", .coverOpen, remedy: "close the cover")
    }
    if answer.paper == .out {
      return .missing("answers: it is out of paper", .paperOut, remedy: "put in a new roll")
    }
    return .given("answers: \(answer.isOnline ? "on line" : "off line"), paper \(answer.paper.rawValue)")
  }
}

extension RecognisedDevice {
  /// The nodes whose opener keeps others from the device: many programs open the node of a whole USB device only to
  /// read what it is, so that counts where one has taken the interface through it.
  fileprivate var heldNodes: [String] {
    [node?.path, isTakenByProgram ? device.node?.path : nil].compactMap { $0 }
  }
}
