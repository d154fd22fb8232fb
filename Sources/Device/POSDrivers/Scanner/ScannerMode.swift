public import POSScan
import POSWire

/// How a scanner that sends reports speaks, other than HID POS.
public enum ReportScannerMode: Sendable, Equatable {
  /// It types. Its keystrokes are taken from hidraw; that they go nowhere else is up to whoever opens it.
  case keyboard(KeyboardSettings)
  /// IBM/Toshiba USB-OEM, hand-held or table-top.
  case oem
  /// Symbol and Zebra's own, as far as it is known.
  case snapi
}

/// How a scanner that sends a stream of bytes speaks.
public enum StreamScannerMode: Sendable, Equatable {
  /// Data and what was set around them. The dialect says what may be sent; with `none` nothing is.
  case serial(SerialScanSettings, SerialScannerDialect)
  /// Symbol and Zebra's Simple Serial Interface.
  case ssi
}

/// What a decoder wants done.
enum ScannerAction: Sendable, Equatable {
  case publish(DecodedCode)
  /// Something that says that codes before or after it may be wrong.
  case complain(WireError, length: Int)
  /// The scanner itself is in trouble, in words.
  case trouble(String)
  case send([UInt8])
}

/// A decoder of any mode, as the reader drives it: bytes and time in, actions out.
protocol ScannerMachine: Sendable {
  /// What to send so that the scanner reads codes.
  var enabling: [[UInt8]] { get }
  /// What to send so that it does not.
  var disabling: [[UInt8]] { get }
  /// When ``expire(at:)`` has something to do.
  var deadline: Int64? { get }
  /// Bytes of a code that has begun and not ended, `nil` between codes.
  var pendingBytes: Int? { get }

  mutating func receive(_ bytes: [UInt8], at now: Int64) -> [ScannerAction]
  mutating func expire(at now: Int64) -> [ScannerAction]
}

struct KeyboardMachine: ScannerMachine {
  var decoder: KeyboardDecoder
  var enabling: [[UInt8]] { [] }
  var disabling: [[UInt8]] { [] }
  var deadline: Int64? { decoder.deadline }
  var pendingBytes: Int? { decoder.deadline == nil ? nil : decoder.pendingCharacters }

  mutating func receive(_ bytes: [UInt8], at now: Int64) -> [ScannerAction] {
    var actions: [ScannerAction] = []
    do throws(WireError) {
      try decoder.receive(bytes.span, at: now) { Self.note($0, &actions) }
    } catch {
      actions.append(.complain(error, length: bytes.count))
    }
    return actions
  }

  mutating func expire(at now: Int64) -> [ScannerAction] {
    var actions: [ScannerAction] = []
    decoder.expire(at: now) { Self.note($0, &actions) }
    return actions
  }

  /// A flawed scan is the beginning of a code at best: it must never pass for a whole one.
  private static func note(_ event: KeyboardEvent, _ actions: inout [ScannerAction]) {
    guard case .scan(var scan) = event else { return }
    if !scan.flaws.isEmpty {
      actions.append(.trouble("keystrokes are missing or unclear (flaws \(scan.flaws.rawValue))"))
      scan.code.isTruncated = true
    }
    actions.append(.publish(scan.code))
  }
}

struct OEMMachine: ScannerMachine {
  var decoder = OEMDecoder()
  var enabling: [[UInt8]] { [OEMCommand.enable.bytes] }
  var disabling: [[UInt8]] { [OEMCommand.disable.bytes] }
  var deadline: Int64? { decoder.deadline }
  var pendingBytes: Int? { decoder.deadline == nil ? nil : decoder.pendingBytes }

  mutating func receive(_ bytes: [UInt8], at now: Int64) -> [ScannerAction] {
    var actions: [ScannerAction] = []
    do throws(WireError) {
      try decoder.receive(bytes.span, at: now) { Self.note($0, &actions) }
    } catch {
      actions.append(.complain(error, length: bytes.count))
    }
    return actions
  }

  mutating func expire(at now: Int64) -> [ScannerAction] {
    var actions: [ScannerAction] = []
    decoder.expire(at: now) { Self.note($0, &actions) }
    return actions
  }

  private static func note(_ event: OEMDecoder.Event, _ actions: inout [ScannerAction]) {
    switch event {
    case .scan(let code, _): actions.append(.publish(code))
    case .status(let status):
      let troubles: [(OEMStatus, String)] = [
        (.hardwareError, "the scanner reports a hardware error"),
        (.checkDigitError, "a label failed its check digit"),
        (.commandRejected, "the scanner rejected a command"),
      ]
      for (flag, text) in troubles where status.contains(flag) { actions.append(.trouble(text)) }
    case .configuration, .direct: break
    }
  }
}

struct SNAPIMachine: ScannerMachine {
  var decoder = SNAPIDecoder()
  var enabling: [[UInt8]] { [] }
  var disabling: [[UInt8]] { [] }
  var deadline: Int64? { decoder.deadline }
  var pendingBytes: Int? { decoder.deadline == nil ? nil : decoder.pendingBytes }

  mutating func receive(_ bytes: [UInt8], at now: Int64) -> [ScannerAction] {
    var actions: [ScannerAction] = []
    do throws(WireError) {
      try decoder.receive(bytes.span, at: now) { Self.note($0, &actions) }
    } catch {
      actions.append(.complain(error, length: bytes.count))
    }
    return actions
  }

  mutating func expire(at now: Int64) -> [ScannerAction] {
    var actions: [ScannerAction] = []
    decoder.expire(at: now) { Self.note($0, &actions) }
    return actions
  }

  private static func note(_ event: SNAPIDecoder.Event, _ actions: inout [ScannerAction]) {
    switch event {
    case .scan(let code, _): actions.append(.publish(code))
    case .send(let report): actions.append(.send(report))
    case .status, .other: break
    }
  }
}

struct SSIMachine: ScannerMachine {
  var decoder = SSIDecoder()
  var enabling: [[UInt8]] { [SSIPacket(opcode: SSIOpcode.enable).bytes] }
  var disabling: [[UInt8]] { [SSIPacket(opcode: SSIOpcode.disable).bytes] }
  var deadline: Int64? { decoder.deadline }
  var pendingBytes: Int? { decoder.pendingBytes > 0 ? decoder.pendingBytes : nil }

  mutating func receive(_ bytes: [UInt8], at now: Int64) -> [ScannerAction] {
    var actions: [ScannerAction] = []
    decoder.receive(bytes.span, at: now) { Self.note($0, bytes.count, &actions) }
    return actions
  }

  mutating func expire(at now: Int64) -> [ScannerAction] {
    var actions: [ScannerAction] = []
    decoder.expire(at: now) { Self.note($0, 0, &actions) }
    return actions
  }

  private static func note(_ event: SSIDecoder.Event, _ length: Int, _ actions: inout [ScannerAction]) {
    switch event {
    case .scan(let code, _): actions.append(.publish(code))
    case .send(let bytes): actions.append(.send(bytes))
    case .undecodable(let error): actions.append(.complain(error, length: length))
    case .refused(let cause): actions.append(.trouble("the scanner refused a command (cause \(cause))"))
    case .acknowledged, .parameters, .packet: break
    }
  }
}

struct SerialMachine: ScannerMachine {
  var decoder: SerialScanDecoder
  let dialect: SerialScannerDialect
  var enabling: [[UInt8]] { dialect.enable.map { [$0] } ?? [] }
  var disabling: [[UInt8]] { dialect.disable.map { [$0] } ?? [] }
  var deadline: Int64? { decoder.deadline }
  var pendingBytes: Int? { decoder.pendingBytes > 0 ? decoder.pendingBytes : nil }

  mutating func receive(_ bytes: [UInt8], at now: Int64) -> [ScannerAction] {
    var actions: [ScannerAction] = []
    decoder.receive(bytes.span, at: now) { Self.note($0, bytes.count, &actions) }
    return actions
  }

  mutating func expire(at now: Int64) -> [ScannerAction] {
    var actions: [ScannerAction] = []
    decoder.expire(at: now) { Self.note($0, 0, &actions) }
    return actions
  }

  private static func note(_ event: SerialScanDecoder.Event, _ length: Int, _ actions: inout [ScannerAction])
  {
    switch event {
    case .scan(let code): actions.append(.publish(code))
    case .undecodable(let error): actions.append(.complain(error, length: length))
    }
  }
}
