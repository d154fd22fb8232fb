public import POSDrivers
public import POSLinux
public import POSModel
public import POSScan
public import POSTerminalWire
public import POSTransport
import POSUSB
import POSUdev

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
  /// Draws characters that printers opened from here lack; `nil` where nobody has a font.
  public var glyphs: (any CharacterDrawing)?
  /// How long printers opened from here are waited for.
  public var printerTiming = ESCPOSPrinter.Timing()
  /// Who printers opened from here, and from copies of this, have said they are.
  public var identities = PrinterIdentities()
  /// The password that ZVT terminals ask of a till. There is no default: terminals count wrong ones.
  public var terminalPassword: ZVTPassword?
  /// The currency that card terminals are registered with.
  public var currency = Currency.euro
  /// What Caisse-AP terminals know the till's software by: twelve characters from Association du Paiement.
  public var tillIdentifier = "000000000000"
  /// The eight digits of an ECR17 terminal, which each message to it begins with.
  public var terminalID = ""
  /// How scanners opened from here are set up.
  public var scannerSettings = ScannerSettings()
  /// Wraps every byte transport of a kind of device, for instance in a ``RecordingTransport``.
  public var wrap: @Sendable (DeviceKind, any ByteTransport) -> any ByteTransport = { $1 }

  /// Who knows where discovered devices are.
  public var enumerator: any DeviceEnumerator = UdevEnumerator()
  /// Where discovered devices are claimed, so that no other process of this project opens them meanwhile.
  public var claims = ClaimDirectory.standard

  /// The addresses that card terminals have.
  public static let terminalForms =
    "zvt+serial:PATH[:BAUD], zvt+tcp:HOST:PORT, concert+serial:PATH[:BAUD], "
    + "caisse-ap+tcp:HOST:PORT, ecr17+tcp:HOST:PORT, transbank+serial:PATH[:BAUD]"

  /// An opener for 80 mm printers without particulars, and no card terminals as long as it has no password.
  public init() {}

  /// Opens a scanner. The protocol in front of the route, or of an identity, is `keyboard`, `oem` or `snapi` for devices
  /// that send reports, `ssi` for a stream; without one, reports are HID POS and a stream is plain serial.
  ///
  /// - Throws: `device.bad_address` for an address that no scanner has, and what opening throws.
  public func scanner(at address: DeviceAddress) async throws(DeviceError) -> CodeScanner {
    switch address.route {
    case .serial, .tcp: return try await streamScanner(at: address)
    case .discovered(let id):
      // Its node says whether it sends a stream or reports, as the address does elsewhere.
      let found = try await DeviceFinder(enumerator).find(id, toOpen: .scanner, speaking: address.scheme)
      if case .serial = found.address.route { return try await streamScanner(at: address) }
    case .reportSocket, .hidraw, .evdev, .usblp, .usb, .file: break
    }
    var name = "scanner"
    var scheme = address.scheme
    if case .evdev = address.route {
      // There are nothing but keys there, and not all of them.
      scheme = scheme ?? "keyboard"
      name = "scanner (some keys may be lost, which hidraw would not lose)"
    }
    let mode: ReportScannerMode
    switch scheme {
    case nil: mode = .hidPOS()
    case "keyboard": mode = .keyboard(scannerSettings.keyboard)
    case "oem": mode = .oem
    case "snapi": mode = .snapi()
    default: throw unsupported(address, Self.scannerAddresses)
    }
    let transport = try await reportTransport(to: address)
    do throws(DeviceError) {
      return try CodeScanner(
        descriptor(.scanner, address, name), reports: transport, mode: mode,
        delivery: scannerSettings.delivery)
    } catch {
      await transport.close()
      throw error
    }
  }

  /// Asks a serial line which scanner is on it; see ``SerialScannerProbe``.
  ///
  /// - Throws: `device.bad_address` for an address that is no stream of bytes, and what opening throws.
  public func probeScanner(at address: DeviceAddress) async throws(DeviceError) -> SerialScannerProbe.Finding?
  {
    let line = wrap(
      .scanner,
      try await byteTransport(
        to: address, serial: SerialSettings(frame: scannerSettings.frame), kind: .scanner))
    do throws(DeviceError) {
      let finding = try await SerialScannerProbe.run(over: line)
      await line.close()
      return finding
    } catch {
      await line.close()
      throw error
    }
  }

  private static let scannerAddresses =
    "scanners are at [keyboard+|oem+|snapi+]hidraw:PATH or report-socket:PATH, evdev:PATH, [ssi+]serial:PATH[:BAUD], tcp:HOST:PORT or, with the same in front, an identity of posctl devices"

  private func streamScanner(at address: DeviceAddress) async throws(DeviceError) -> CodeScanner {
    let mode: StreamScannerMode
    switch address.scheme {
    case nil: mode = .serial(scannerSettings.serial, scannerSettings.dialect)
    case "ssi": mode = .ssi()
    default: throw unsupported(address, Self.scannerAddresses)
    }
    let line = try await byteTransport(
      to: address, serial: SerialSettings(frame: scannerSettings.frame), kind: .scanner)
    return CodeScanner(
      descriptor(.scanner, address, "scanner"), bytes: wrap(.scanner, line), mode: mode,
      delivery: scannerSettings.delivery)
  }

  /// Opens a printer.
  ///
  /// - Parameter owedBytes: what it may still wait for since the last job on it stopped in the middle
  ///   (`PrinterCommands.bytesOwed(after:)`); 0 when it did not.
  /// - Throws: `device.bad_address` for an address that no printer has, and what opening throws.
  public func printer(
    at address: DeviceAddress, owedBytes: Int = 0
  ) async throws(DeviceError) -> any ReceiptPrinter {
    try await escposPrinter(at: address, owedBytes: owedBytes)
  }

  private func escposPrinter(
    at address: DeviceAddress, owedBytes: Int = 0
  ) async throws(DeviceError) -> ESCPOSPrinter {
    let transport = wrap(
      .printer, try await byteTransport(to: address, serial: SerialSettings(baud: 9600), kind: .printer))
    var profile = printerProfile
    // A file never answers, so the driver must not wait for it.
    if case .file = address.route { profile = profile.oneWay }
    return ESCPOSPrinter(
      descriptor(.printer, address, "ESC/POS printer"), over: transport, profile: profile,
      glyphs: glyphs, timing: printerTiming, owedBytes: owedBytes, identities: identities)
  }

  /// Asks a printer for its model and finds the profile of it. One that is not known, or does not say, is asked whether
  /// it confirms, and taken for one of 80 mm that can do no more than most (`generic-80-probed`); `nil` if it does not
  /// confirm.
  ///
  /// A printer that does not answer `DLE EOT` is not asked for its model: it might print the question.
  ///
  /// - Parameter owedBytes: as for ``printer(at:owedBytes:)``.
  ///
  /// - Throws: `device.bad_address` for an address that no printer has, what opening throws, and an obstacle such as
  ///   `printer.paper_out` of a printer that is off line and so cannot answer.
  public func identifiedProfile(
    ofPrinterAt address: DeviceAddress, owedBytes: Int = 0
  ) async throws(DeviceError) -> PrinterProfile? {
    var careful = self
    careful.printerProfile.realTimeStatus = .always
    let printer = try await careful.escposPrinter(at: address, owedBytes: owedBytes)
    do throws(DeviceError) {
      let profile = try await Self.profile(asking: printer)
      await printer.close()
      return profile
    } catch {
      await printer.close()
      guard error.code == .timedOut || error.code == .unsupported else { throw error }
      return nil
    }
  }

  private static func profile(asking printer: ESCPOSPrinter) async throws(DeviceError) -> PrinterProfile? {
    do throws(DeviceError) {
      if let known = PrinterProfile.identified(by: try await printer.identity().model) { return known }
    } catch {
      guard error.code == .unsupported else { throw error }
    }
    return try await printer.answersPaperStatus() ? .generic80Probed : nil
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
      names: { () async throws(DeviceError) in try await opener.terminalNames(of: address) },
      connect: { () async throws(DeviceError) -> any ByteTransport in
        opener.wrap(.terminal, try await opener.byteTransport(to: address, serial: line, kind: .terminal))
      })
  }

  /// Which protocol an address names, what to call the terminal, and how its serial line is set.
  private func terminalProtocol(
    of address: DeviceAddress
  ) throws(DeviceError) -> (CardTerminalProtocol, String, SerialSettings) {
    switch (address.scheme, address.route) {
    case ("zvt", .serial), ("zvt", .tcp), ("zvt", .discovered):
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
    case ("concert", .serial), ("concert", .discovered):
      // Behind USB any setting does; a real RS-232 line has seven bits and even parity (specs/terminals.md §3.1).
      let isUSB =
        if case .serial(let path, _, _) = address.route {
          path.contains("ttyACM") || path.contains("by-id")
        } else {
          true
        }
      return (
        .concert(ConcertConfiguration()), "Concert terminal",
        SerialSettings(baud: 9600, frame: isUSB ? .eightNoneOne : .sevenEvenOne)
      )
    case ("caisse-ap", .tcp):
      return (
        .caisseAP(CaisseAPConfiguration(identifier: tillIdentifier)), "Caisse-AP terminal", SerialSettings()
      )
    case ("ecr17", .tcp):
      guard let head = ECR17Head(terminalID: Array(terminalID.utf8), till: Array("00000001".utf8)) else {
        throw DeviceError(
          .badConfiguration, during: "opening \(address)", detail: "the terminal's id is not known",
          hint: "set ECR17_TERMINAL_ID to the terminal's eight digits")
      }
      return (.ecr17(ECR17Configuration(head: head)), "ECR17 terminal", SerialSettings())
    case ("transbank", .serial):
      return (.transbank(TransbankConfiguration()), "Transbank terminal", SerialSettings(baud: 115_200))
    default:
      throw unsupported(
        address,
        "card terminals are at \(Self.terminalForms), or zvt+ or concert+ and an identity of posctl devices")
    }
  }

  private func reportTransport(to address: DeviceAddress) async throws(DeviceError) -> any ReportTransport {
    switch address.route {
    case .reportSocket(let path): return try await ReportSocket.open(path)
    case .hidraw(let path): return try await HIDRaw.open(path, grabbingKeys: address.scheme == "keyboard")
    case .evdev(let path) where [nil, "keyboard"].contains(address.scheme):
      return try await KeyboardEvents.open(path)
    case .discovered(let id):
      let found = try await DeviceFinder(enumerator).find(id, toOpen: .scanner, speaking: address.scheme)
      let claim = try await Claim.take(found.place, in: claims)
      // The protocol decides about more than the decoder: keys are kept from the desktop.
      let node = DeviceAddress(scheme: address.scheme, route: found.address.route)
      return ClaimedReportTransport(try await reportTransport(to: node), claim)
    case .tcp, .serial, .usblp, .usb, .evdev, .file:
      throw unsupported(address, Self.scannerAddresses)
    }
  }

  private func byteTransport(
    to address: DeviceAddress, serial settings: SerialSettings, kind: DeviceKind
  ) async throws(DeviceError) -> any ByteTransport {
    switch address.route {
    case .tcp(let host, let port):
      return try await TCPConnection.open(host: host, port: port)
    case .serial(let path, let baud, let flow):
      return try await SerialPort.open(
        path, SerialSettings(baud: baud ?? settings.baud, frame: settings.frame, flow: flow))
    case .usblp(let path):
      guard let found = try? await function(behind: path) else { return try await PrinterNode.open(path) }
      let claim = try await Claim.take(found.place, in: claims)
      return ClaimedByteTransport(try await PrinterNode.open(path), claim)
    case .file(let path):
      return try await FileSink.open(path)
    case .usb(let vendor, let product, let serial):
      return try await usbStream(to: address, vendor, product, serial)
    case .discovered(let id):
      let found = try await DeviceFinder(enumerator).find(id, toOpen: kind, speaking: address.scheme)
      let claim = try await Claim.take(found.place, in: claims)
      if case .usblp(let path) = found.address.route {
        return ClaimedByteTransport(try await PrinterNode.open(path), claim)
      }
      return ClaimedByteTransport(
        try await byteTransport(to: found.address, serial: settings, kind: kind), claim)
    case .hidraw, .evdev, .reportSocket:
      throw unsupported(
        address,
        "streams of bytes are at tcp:HOST:PORT, serial:PATH[:BAUD][:FLOW], usblp:PATH, usb:VID:PID[:SERIAL], file:PATH or an identity of posctl devices"
      )
    }
  }

  /// The claim has other programs of this project asked, and the kernel keeps those off that use libusb too. One that
  /// prints through usblp would lose the printer in the middle of a receipt, so whether there is one is looked at.
  private func usbStream(
    to address: DeviceAddress, _ vendor: UInt16, _ product: UInt16, _ serial: String?
  ) async throws(DeviceError) -> any ByteTransport {
    let (device, node) = try await DeviceFinder(enumerator).find(
      vendor: vendor, product: product, serial: serial, toOpen: address)
    let interface = device.interfaces.first { $0.classCode == 7 } ?? device.interfaces.first
    let place = USBIdentity.place(of: device, interface: interface?.number ?? 0)
    let claim = try await Claim.take(place, in: claims)
    if let printer = interface?.node(.printer), try await PrinterNode.isInUse(printer.path) {
      throw await Self.busy(printer.path, place, during: "opening \(address)")
    }
    return ClaimedByteTransport(try await USBStream.open(node.path, name: address.description), claim)
  }

  /// A printer that a program has open at `path`.
  private static func busy(_ path: String, _ place: DeviceID, during operation: String) async -> DeviceError {
    let holders = (try? await NodeHolders.holders(of: [path]))?.holders ?? []
    guard let holder = holders.first else {
      return DeviceError(
        .busy, during: operation, detail: "a program prints through \(path)",
        hint: "sudo posctl doctor \(place)")
    }
    return DeviceError(
      .busy, during: operation, detail: "\(holder) prints through \(path)",
      hint: Examination.ending(holder))
  }

  /// The function of a USB device that has this node: what it is called, and always called.
  private func function(
    behind path: String
  ) async throws(DeviceError) -> (id: DeviceID, place: DeviceID)? {
    let node = NodePath.resolved(path)
    let all = try await enumerator.list()
    for device in all {
      for interface in device.interfaces where interface.nodes.contains(where: { $0.path == node }) {
        return (
          USBIdentity.id(of: device, interface: interface.number, among: all),
          USBIdentity.place(of: device, interface: interface.number)
        )
      }
    }
    return nil
  }

  /// What a journal may know the card terminal at an address by, the name for new payments first: the USB device that
  /// it is, whichever way leads there and whatever it speaks, its place, by which it went if there was another one of
  /// its serial number, and its port, by which it goes while it is unplugged; else the port that a link leads to; then
  /// the address as it stands. A network's names for one host are not compared.
  ///
  /// - Throws: what listing throws: nobody then knows what is plugged in.
  public func terminalNames(of address: DeviceAddress) async throws(DeviceError) -> [DeviceID] {
    let asItStands = Self.deviceID(of: address)
    switch address.route {
    case .discovered(let id):
      let known = DeviceMatcher.recognise(try await enumerator.list())
      guard let found = known.first(where: { $0.isCalled(id) }) else { return [id, asItStands] }
      let ports: [String] = if case .serial(let path, _, _) = found.address?.route { [path] } else { [] }
      return Self.names(found.id, found.place, ports) + [asItStands]
    case .serial(let path, _, _):
      let node = NodePath.resolved(path)
      if let found = try await function(behind: path) {
        return Self.names(found.id, found.place, [node, path]) + [asItStands]
      }
      // A pseudo-terminal is somebody else's by the next time; the link to it is what stays.
      guard !node.hasPrefix("/dev/pts/") else { return [asItStands] }
      return [Self.name(ofPort: node), asItStands]
    case .tcp, .usblp, .usb, .hidraw, .evdev, .reportSocket, .file: return [asItStands]
    }
  }

  private static func names(_ id: DeviceID, _ place: DeviceID, _ ports: [String]) -> [DeviceID] {
    var names = [id]
    for other in [place] + ports.map(Self.name(ofPort:)) where !names.contains(other) { names.append(other) }
    return names
  }

  private static func name(ofPort path: String) -> DeviceID { DeviceID("serial:\(path)") }

  /// What a device known by its address alone is called: where it is, not how the line is set.
  public static func deviceID(of address: DeviceAddress) -> DeviceID {
    var place = address
    if case .serial(let path, _, _) = address.route { place.route = .serial(path: path, baud: nil) }
    return DeviceID(place.description)
  }

  private func descriptor(_ kind: DeviceKind, _ address: DeviceAddress, _ name: String) -> DeviceDescriptor {
    DeviceDescriptor(
      id: Self.deviceID(of: address), kind: kind, address: address, name: "\(name) at \(address)")
  }

  private func unsupported(_ address: DeviceAddress, _ detail: String) -> DeviceError {
    DeviceError(.badAddress, during: "opening \(address)", detail: detail)
  }
}
