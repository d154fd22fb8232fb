import POSDrivers
import POSJSON
import POSModel
import POSTransport

/// How devices are shown: one line of JSON each, or a tree for people.
enum DeviceReport {
  /// One USB device, what is known of it and how it can be reached.
  static func line(_ type: String, _ device: USBDevice, among peers: [USBDevice]) -> JSONLine {
    [
      "type": .string(type), "name": .string(device.title), "usb": .string(device.numbers),
      "serial": JSONValue(device.serial), "port": .string(device.port), "speed": .string(device.speed),
      "release": .string(device.releaseText), "known": .bool(!recognise(device, peers).isEmpty),
      "functions": .array(recognise(device, peers).map { .object(function($0)) }),
      "interfaces": .array(device.interfaces.map { .object(interface($0)) }),
    ]
  }

  private static func recognise(_ device: USBDevice, _ peers: [USBDevice]) -> [RecognisedDevice] {
    DeviceMatcher.recognise(device, among: peers)
  }

  private static func function(_ function: RecognisedDevice) -> JSONLine {
    [
      "id": .string(function.id.text), "kind": .string(function.kind.rawValue),
      "mode": .string(function.mode.rawValue), "name": .string(function.name),
      "address": JSONValue(function.address?.description), "interface": JSONValue(function.interface),
      "accessible": .bool(function.node?.access.isGranted ?? false),
      "reason": JSONValue(reason(function)), "fix": JSONValue(fix(function)),
      "evidence": .string(function.evidence),
    ]
  }

  private static func interface(_ interface: USBInterface) -> JSONLine {
    [
      "number": JSONValue(interface.number), "class": JSONValue(interface.classCode),
      "driver": JSONValue(interface.driver), "ieee1284": JSONValue(interface.ieee1284),
      "nodes": .array(
        interface.nodes.map { node in
          .object([
            "path": .string(node.path), "kind": .string(node.kind.rawValue),
            "accessible": .bool(node.access.isGranted), "mode": .string(node.access.modeText),
          ])
        }),
    ]
  }

  /// Why a function cannot be used as it is.
  private static func reason(_ function: RecognisedDevice) -> String? {
    guard let node = function.node else { return "there is no \(function.mode.nodeKind.rawValue) node" }
    return node.access.reason ?? function.obstacle?.reason
  }

  private static func fix(_ function: RecognisedDevice) -> String? {
    guard let node = function.node else { return "posctl doctor \(function.id)" }
    return node.access.remedy ?? function.obstacle?.remedy
  }

  /// The tree of one device, as lines.
  static func tree(_ device: USBDevice, among peers: [USBDevice]) -> [String] {
    let functions = recognise(device, peers)
    let serial = device.serial.map { ", serial \($0)" } ?? ""
    var lines = ["\(device.port)  \(device.title) [\(device.numbers)\(serial)]"]
    if functions.isEmpty { lines.append("  not a known POS device") }
    for function in functions {
      lines.append("  \(function.kind.rawValue), \(function.mode.rawValue) mode: \(function.id)")
      if let reason = reason(function) { lines.append("    not usable: \(reason)") }
      if let fix = fix(function) { lines.append("    try: \(fix)") }
    }
    for interface in device.interfaces {
      let nodes = interface.nodes.map { "\($0.path)\($0.access.isGranted ? "" : " (no access)")" }
      let reach = nodes.isEmpty ? "" : " → \(nodes.joined(separator: ", "))"
      lines.append("  interface \(interface.number): \(interface.driver ?? "no driver")\(reach)")
    }
    return lines
  }
}
