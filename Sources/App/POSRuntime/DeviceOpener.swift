public import POSDrivers
import POSLinux
public import POSModel
public import POSTerminalWire
public import POSTransport

/// Opens devices by their addresses: the one place that knows which driver serves which address.
///
///     let opener = DeviceOpener()
///     let printer = try await opener.printer(at: DeviceAddress("tcp:192.0.2.7:9100"))
///     let terminal = try opener.terminal(at: DeviceAddress("zvt+serial:/dev/ttyACM0"), journal: journal)
///
/// Nothing is written to a device before its driver is asked to do something.
public struct DeviceOpener: Sendable {
  /// What printers opened from here are like.
  public var printerProfile = PrinterProfile.generic80
  /// The password that ZVT terminals ask of a till. There is no default: terminals count wrong ones.
  public var terminalPassword: ZVTPassword?
  /// The currency that card terminals are registered with.
  public var currency = Currency.euro
  /// What Caisse-AP terminals know the till's software by: twelve characters from Association du Paiement.
  public var tillIdentifier = "000000000000"
  /// Wraps every byte transport of a kind of device, for instance in a ``RecordingTransport``.
  public var wrap: @Sendable (DeviceKind, any ByteTransport) -> any ByteTransport = { $1 }

  /// An opener for 80 mm printers without particulars, and no card terminals as long as it has no password.
  public init() {}

  /// Opens a scanner.
  ///
  /// - Throws: `device.bad_address` for an address that no scanner has, and what opening throws.
  public func scanner(at address: DeviceAddress) async throws(DeviceError) -> any Scanner {
    let transport: any ReportTransport
    switch address.route {
    case .reportSocket(let path): transport = try await ReportSocket.open(path)
    case .hidraw(let path): transport = try await HIDRaw.open(path)
    case .tcp, .serial, .usblp, .usb, .file, .discovered:
      throw unsupported(address, "scanners are at hidraw:PATH or report-socket:PATH")
    }
    do throws(DeviceError) {
      return try HIDPOSScanner(descriptor(.scanner, address, "HID POS scanner"), transport: transport)
    } catch {
      await transport.close()
      throw error
    }
  }

  /// Opens a printer.
  ///
  /// - Throws: `device.bad_address` for an address that no printer has, and what opening throws.
  public func printer(at address: DeviceAddress) async throws(DeviceError) -> any ReceiptPrinter {
    let transport = wrap(.printer, try await byteTransport(to: address, serial: SerialSettings(baud: 9600)))
    var profile = printerProfile
    // A file never answers, so the driver must not wait for it.
    if case .file = address.route { profile = profile.oneWay }
    return ESCPOSPrinter(
      descriptor(.printer, address, "ESC/POS printer"), over: transport, profile: profile)
  }

  /// Names a card terminal. The link is opened by the first payment, and again whenever it was lost.
  ///
  /// - Throws: `device.bad_address` for an address that no card terminal has, `input.configuration` for a ZVT terminal
  ///   without a password.
  public func terminal(
    at address: DeviceAddress, journal: any PaymentJournal
  ) throws(DeviceError) -> any PaymentTerminal {
    let (dialect, name, line) = try terminalProtocol(of: address)
    let opener = self
    return CardTerminal(
      descriptor(.terminal, address, name), speaking: dialect, journal: journal, clock: Reactor.shared,
      connect: { () async throws(DeviceError) -> any ByteTransport in
        opener.wrap(.terminal, try await opener.byteTransport(to: address, serial: line))
      })
  }

  /// Which protocol an address names, what to call the terminal, and how its serial line is set.
  private func terminalProtocol(
    of address: DeviceAddress
  ) throws(DeviceError) -> (CardTerminalProtocol, String, SerialSettings) {
    switch (address.scheme, address.route) {
    case ("zvt", .serial), ("zvt", .tcp):
      guard let password = terminalPassword else {
        throw DeviceError(
          .badConfiguration, during: "opening \(address)", detail: "its password is not known",
          hint: "set ZVT_PASSWORD to the terminal's six digits")
      }
      let link: ZVTConfiguration.Link = if case .tcp = address.route { .stream } else { .serial }
      // PA00P016 §2.1: 9600 baud, eight bits, two stop bits.
      return (
        .zvt(ZVTConfiguration(link: link, password: password, currency: currency)), "ZVT terminal",
        SerialSettings(baud: 9600, frame: .eightNoneTwo)
      )
    case ("concert", .serial(let path, _)):
      // Behind USB any setting does; a real RS-232 line has seven bits and even parity (specs/terminals.md §3.1).
      let isUSB = path.contains("ttyACM") || path.contains("by-id")
      return (
        .concert(ConcertConfiguration()), "Concert terminal",
        SerialSettings(baud: 9600, frame: isUSB ? .eightNoneOne : .sevenEvenOne)
      )
    case ("caisse-ap", .tcp):
      return (
        .caisseAP(CaisseAPConfiguration(identifier: tillIdentifier)), "Caisse-AP terminal", SerialSettings()
      )
    default:
      throw unsupported(
        address,
        "card terminals are at zvt+serial:PATH[:BAUD], zvt+tcp:HOST:PORT, concert+serial:PATH[:BAUD] or "
          + "caisse-ap+tcp:HOST:PORT")
    }
  }

  private func byteTransport(
    to address: DeviceAddress, serial settings: SerialSettings
  ) async throws(DeviceError) -> any ByteTransport {
    switch address.route {
    case .tcp(let host, let port):
      return try await TCPConnection.open(host: host, port: port)
    case .serial(let path, let baud):
      return try await SerialPort.open(
        path, SerialSettings(baud: baud ?? settings.baud, frame: settings.frame))
    case .file(let path):
      return try await FileSink.open(path)
    case .usblp, .usb, .hidraw, .reportSocket, .discovered:
      throw unsupported(address, "streams of bytes are at tcp:HOST:PORT, serial:PATH[:BAUD] or file:PATH")
    }
  }

  /// A device known by its address alone. Its identity is where it is, not how fast the line runs.
  private func descriptor(_ kind: DeviceKind, _ address: DeviceAddress, _ name: String) -> DeviceDescriptor {
    var place = address
    if case .serial(let path, _) = address.route { place.route = .serial(path: path, baud: nil) }
    return DeviceDescriptor(
      id: DeviceID(place.description), kind: kind, address: address, name: "\(name) at \(address)")
  }

  private func unsupported(_ address: DeviceAddress, _ detail: String) -> DeviceError {
    DeviceError(.badAddress, during: "opening \(address)", detail: detail)
  }
}
