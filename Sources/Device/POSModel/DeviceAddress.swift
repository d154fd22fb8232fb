/// Where a device is, as a technician types it (DESIGN §4).
///
///     zvt+serial:/dev/ttyACM0:9600    tcp:192.0.2.7:9100    hidraw:/dev/hidraw0    usb-05e0-2100-S123-if00
///     serial:/dev/ttyS0:19200:dtr-dsr
public struct DeviceAddress: Sendable, Hashable {
  /// How bytes or reports reach the device.
  public enum Route: Sendable, Hashable {
    /// A TCP server: host name or address and port.
    case tcp(host: String, port: UInt16)
    /// A serial port or pty; `baud` is `nil` when the driver's default applies.
    case serial(path: String, baud: Int?, flow: SerialFlowControl = .none)
    /// A printer node of the kernel's usblp driver.
    case usblp(path: String)
    /// A USB device by vendor, product and, if two are alike, serial number.
    case usb(vendor: UInt16, product: UInt16, serial: String?)
    /// A raw HID node.
    case hidraw(path: String)
    /// The kernel's event node of a scanner that types: a way that loses some of what was typed.
    case evdev(path: String)
    /// A local socket of packets that carries HID reports: what a simulated scanner offers.
    case reportSocket(path: String)
    /// A plain file that collects what is written.
    case file(path: String)
    /// An identity that discovery has listed.
    case discovered(DeviceID)
  }

  /// The protocol in front of the route (`zvt`, `concert`, `caisse-ap`), or `nil` when the kind implies it.
  public var scheme: String?
  /// The way to the device.
  public var route: Route

  /// An address from its parts.
  public init(scheme: String? = nil, route: Route) {
    self.scheme = scheme
    self.route = route
  }

  /// Reads the text forms of DESIGN §4. Text that matches none is taken as a discovered identity, unless it is a path or
  /// `HOST:PORT` whose form was forgotten.
  ///
  /// - Throws: ``DeviceError`` with code `device.bad_address` for such a slip, and for a known form with a bad part.
  public init(_ text: String) throws(DeviceError) {
    func bad(_ detail: String) -> DeviceError {
      DeviceError(.badAddress, during: "reading the address '\(text)'", detail: detail)
    }
    // Identities have no slash, and begin with the bus.
    if text.first == "/" {
      throw bad(
        "a path needs its form in front: usblp:\(text), serial:\(text), hidraw:\(text) or file:\(text)")
    }
    guard let colon = text.firstIndex(of: ":") else {
      // Identities have no plus sign, so one in front of them ends a protocol's name.
      let plus = text.lastIndex(of: "+")
      let identity = plus.map { String(text[text.index(after: $0)...]) } ?? text
      guard !identity.isEmpty else { throw bad("it is empty") }
      self.init(scheme: plus.map { String(text[..<$0]) }, route: .discovered(DeviceID(identity)))
      return
    }
    var form = String(text[..<colon])
    let rest = String(text[text.index(after: colon)...])
    var scheme: String?
    if let plus = form.lastIndex(of: "+") {
      scheme = String(form[..<plus])
      form = String(form[form.index(after: plus)...])
    }
    func path() throws(DeviceError) -> String {
      guard !rest.isEmpty else { throw bad("the path is missing") }
      return rest
    }
    switch form {
    case "tcp":
      guard let last = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: last)...]), port > 0
      else { throw bad("expected tcp:HOST:PORT with a port from 1 to 65535") }
      var host = String(rest[..<last])
      if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
      guard !host.isEmpty else { throw bad("the host is missing") }
      self.init(scheme: scheme, route: .tcp(host: host, port: port))
    case "serial":
      var place = Substring(rest)
      // What stands behind the last colon. Paths may have colons too: those of /dev/serial/by-path do.
      func end() -> Substring? { place.lastIndex(of: ":").map { place[place.index(after: $0)...] } }
      func flowAtEnd() -> SerialFlowControl? { end().flatMap { SerialFlowControl(rawValue: String($0)) } }
      var flow = SerialFlowControl.none
      if let named = flowAtEnd(), let word = end() {
        flow = named
        place = place.dropLast(word.count + 1)
      }
      var baud: Int?
      if let word = end() {
        place = place.dropLast(word.count + 1)
        guard let number = Int(word), number > 0, flowAtEnd() == nil else {
          let flows = SerialFlowControl.allCases.map(\.rawValue).joined(separator: ", ")
          throw bad("expected serial:PATH[:BAUD][:FLOW], FLOW one of \(flows)")
        }
        baud = number
      }
      guard !place.isEmpty else { throw bad("the path is missing") }
      self.init(scheme: scheme, route: .serial(path: String(place), baud: baud, flow: flow))
    case "usblp": self.init(scheme: scheme, route: .usblp(path: try path()))
    case "hidraw": self.init(scheme: scheme, route: .hidraw(path: try path()))
    case "evdev": self.init(scheme: scheme, route: .evdev(path: try path()))
    case "report-socket": self.init(scheme: scheme, route: .reportSocket(path: try path()))
    case "file": self.init(scheme: scheme, route: .file(path: try path()))
    case "usb":
      let parts = rest.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count >= 2, let vendor = UInt16(parts[0], radix: 16),
        let product = UInt16(parts[1], radix: 16)
      else { throw bad("expected usb:VID:PID or usb:VID:PID:SERIAL in hexadecimal") }
      self.init(
        scheme: scheme,
        route: .usb(vendor: vendor, product: product, serial: parts.count == 3 ? String(parts[2]) : nil))
    default:
      if !form.hasPrefix("usb-"), let port = UInt16(rest), port > 0 {
        throw bad("the form is missing; if it is on the network: tcp:\(text)")
      }
      self.init(route: .discovered(DeviceID(text)))
    }
  }
}

extension DeviceAddress: CustomStringConvertible {
  /// The text form that reads back to the same address.
  public var description: String {
    let front = scheme.map { $0 + "+" } ?? ""
    func hex(_ value: UInt16) -> String {
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 4 - digits.count) + digits
    }
    switch route {
    case .tcp(let host, let port):
      return "\(front)tcp:\(host.contains(":") ? "[\(host)]" : host):\(port)"
    case .serial(let path, let baud, let flow):
      let end = flow == .none ? "" : ":" + flow.rawValue
      return "\(front)serial:\(path)\(baud.map { ":\($0)" } ?? "")\(end)"
    case .usblp(let path): return "\(front)usblp:\(path)"
    case .usb(let vendor, let product, let serial):
      return "\(front)usb:\(hex(vendor)):\(hex(product))\(serial.map { ":" + $0 } ?? "")"
    case .hidraw(let path): return "\(front)hidraw:\(path)"
    case .evdev(let path): return "\(front)evdev:\(path)"
    case .reportSocket(let path): return "\(front)report-socket:\(path)"
    case .file(let path): return "\(front)file:\(path)"
    case .discovered(let id): return "\(front)\(id.text)"
    }
  }
}
