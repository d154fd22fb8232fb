import Foundation
import POSDrivers
import POSLinux
import POSModel
import POSRuntime
import POSTransport
import Testing

@Suite("Opening discovered devices", .timeLimit(.minutes(1)))
struct DiscoveredDeviceTests {
  static let denied = NodeAccess(.denied, mode: 0o600, owner: "root", group: "root", user: "till")

  /// What is plugged in, what is named, what it is to do, and what comes of it.
  static let failures:
    [(devices: [USBDevice], id: String, kind: DeviceKind, code: DeviceError.Code, hint: String)] = [
      ([], "usb-04b8-0e03-J8KF-if00", .printer, .notFound, "posctl devices"),
      ([Sample.printer()], "usb-04b8-0e03-J8KF-if00", .scanner, .unsupported, "posctl devices"),
      (
        [Sample.printer(denied)], "usb-04b8-0e03-J8KF-if00", .printer, .permissionDenied,
        "sudo posctl rules install"
      ),
      ([Sample.printer(NodeAccess(.missing))], "usb-04b8-0e03-J8KF-if00", .printer, .notFound, "ls -l /dev"),
      (
        [Sample.wedge()], "usb-0c2e-0b61@1-2-if00", .scanner, .unsupported,
        "posctl scan keyboard+usb-0c2e-0b61@1-2-if00, or switch it: scan 'Terminal ID'"
      ),
    ]

  @Test(
    "what cannot be opened is refused before it is tried, with what mends it", arguments: failures.indices)
  func refused(index: Int) async throws {
    let (devices, id, kind, code, hint) = Self.failures[index]
    do throws(DeviceError) {
      let found = try await DeviceFinder(FakeEnumerator(devices: devices)).find(DeviceID(id), toOpen: kind)
      Issue.record("found \(found)")
    } catch {
      #expect(error.code == code)
      #expect(error.hint.hasPrefix(hint))
    }
  }

  @Test("a scanner in any mode is opened by who names it, and whoever does not hears how")
  func modes() async throws {
    let schemes: [String?] = [nil, "keyboard", "oem", "snapi", "ssi"]
    let cases: [(device: USBDevice, fitting: [String?], hint: String)] = [
      (Sample.wedge(), ["keyboard"], "posctl scan keyboard+usb-0c2e-0b61@1-2-if00, or switch it: "),
      // There is no HID POS to switch a Datalogic to.
      (Sample.scanner(0x05F9, 0x1206), ["oem"], "posctl scan oem+usb-05f9-1206@1-4-if00"),
      (Sample.scanner(0x05E0, 0x1900), ["snapi"], "posctl scan snapi+usb-05e0-1900@1-4-if00, or switch it: "),
      (
        Sample.scanner(0x1EAB, 0x1D06, line: "/dev/ttyACM0"), [nil, "ssi"],
        "posctl scan usb-1eab-1d06@1-4-if00, or switch it: "
      ),
    ]
    for (device, fitting, hint) in cases {
      let finder = DeviceFinder(FakeEnumerator(devices: [device]))
      let known = try #require(DeviceMatcher.recognise([device]).first)
      #expect(known.obstacle != nil, "the doctor goes on saying that it is better switched")
      for scheme in schemes {
        do throws(DeviceError) {
          let found = try await finder.find(known.id, toOpen: .scanner, speaking: scheme)
          #expect(fitting.contains(scheme), "\(known.id) \(scheme ?? "")")
          #expect(found.address == known.address)
        } catch {
          #expect(!fitting.contains(scheme), "\(error)")
          #expect(error.code == .unsupported)
          let isWhole = !hint.hasSuffix(" ")
          #expect(error.hint.hasPrefix(hint) && isWhole == (error.hint == hint), "\(error)")
        }
      }
    }
  }

  @Test(
    "a scanner on a serial line is read by its identity, behind an adapter too", arguments: [true, false])
  func serialScanner(isAdapter: Bool) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "opener-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let line = try PseudoTerminal()
    let device =
      isAdapter ? Sample.adapter(path: line.path) : Sample.scanner(0x1EAB, 0x1D06, line: line.path)
    let id = try #require(DeviceMatcher.recognise([device]).first?.id)
    var opener = DeviceOpener()
    opener.enumerator = FakeEnumerator(devices: [device])
    opener.claims = ClaimDirectory(folder.path)
    let scanner = try await opener.scanner(at: DeviceAddress(route: .discovered(id)))
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    try await line.write(Array("4006381333931\r".utf8), until: nil)
    let event = await events.next()
    if case .scan(let scan) = event {
      #expect(scan.text == "4006381333931")
      #expect(scan.device == id)
    } else {
      Issue.record("\(String(describing: event)) is no scan")
    }
    await scanner.close()
    let packets = try await opener.scanner(at: DeviceAddress(scheme: "ssi", route: .discovered(id)))
    await packets.close()
    // Nobody types over a serial line.
    let refusal: DeviceError.Code = isAdapter ? .badAddress : .unsupported
    do throws(DeviceError) {
      let typist = try await opener.scanner(at: DeviceAddress(scheme: "keyboard", route: .discovered(id)))
      await typist.close()
      Issue.record("opened as a keyboard")
    } catch {
      #expect(error.code == refusal, "\(error)")
    }
    await line.close()
  }

  @Test("a discovered device opens where it is today, and is claimed until it is closed")
  func claimed() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "opener-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let terminal = try PseudoTerminal()
    var opener = DeviceOpener()
    opener.enumerator = FakeEnumerator(devices: [Sample.adapter(path: terminal.path)])
    opener.claims = ClaimDirectory(folder.path)
    let address = try DeviceAddress("usb-1a86-7523@1-3-if00")
    let printer = try await opener.printer(at: address)
    #expect(printer.descriptor.id.text == "usb-1a86-7523@1-3-if00")
    do throws(DeviceError) {
      let second = try await opener.printer(at: address)
      await second.close()
      Issue.record("opened twice")
    } catch {
      #expect(error.code == .busy)
      #expect(error.detail.contains("pid \(getpid())"))
    }
    await printer.close()
    let again = try await opener.printer(at: address)
    await again.close()
    await terminal.close()
  }

  @Test("a printer that is named by its node is claimed as one that is named by its identity")
  func claimedByNode() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "opener-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let terminal = try PseudoTerminal()
    var opener = DeviceOpener()
    opener.enumerator = FakeEnumerator(devices: [Sample.printer(path: terminal.path)])
    opener.claims = ClaimDirectory(folder.path)
    let addresses = [
      DeviceAddress(route: .usblp(path: terminal.path)), try DeviceAddress("usb-04b8-0e03-J8KF-if00"),
    ]
    for (first, second) in [(addresses[0], addresses[1]), (addresses[1], addresses[0])] {
      let printer = try await opener.printer(at: first)
      do throws(DeviceError) {
        let again = try await opener.printer(at: second)
        await again.close()
        Issue.record("opened twice")
      } catch {
        #expect(error.code == .busy && error.operation.hasPrefix("claiming"), "\(error)")
      }
      await printer.close()
    }
    // One that is no device's is opened all the same.
    opener.enumerator = FakeEnumerator()
    let stray = try await opener.printer(at: addresses[0])
    await stray.close()
    await terminal.close()
  }

  @Test("a stranger that may not be opened gets the command that names it, for no other one covers it")
  func stranger() async throws {
    var stranger = Sample.printer()
    stranger.vendor = 0xDEAD
    stranger.interfaces[0].ieee1284 = nil
    var recognised = stranger
    recognised.interfaces[0].ieee1284 = "CMD:ESC/POS;"
    let cases = [
      (stranger, "sudo posctl rules install --device dead:0e03"),
      (recognised, "sudo posctl rules install"), (Sample.printer(), "sudo posctl rules install"),
    ]
    for (device, hint) in cases {
      var device = device
      device.node = DeviceNode(path: "/dev/bus/usb/001/002", kind: .usb, access: Self.denied)
      let address = DeviceAddress(
        route: .usb(vendor: device.vendor, product: device.product, serial: nil))
      do throws(DeviceError) {
        let found = try await DeviceFinder(FakeEnumerator(devices: [device])).find(
          vendor: device.vendor, product: device.product, serial: nil, toOpen: address)
        Issue.record("found \(found)")
      } catch {
        #expect(error.code == .permissionDenied)
        #expect(error.hint == hint)
      }
    }
  }

  @Test("waiting ends with a device that is there, that comes, or that becomes usable")
  func waiting() async throws {
    let ready = Sample.printer()
    let barred = Sample.printer(Self.denied)
    let enumerators = [
      FakeEnumerator(devices: [ready]), FakeEnumerator(later: [.attached(ready)]),
      FakeEnumerator(devices: [barred], later: [.changed(ready, was: barred)]),
    ]
    for enumerator in enumerators {
      let found = try await DeviceWait(enumerator, clock: Reactor.shared).first(until: nil) { $0.isUsable }
      #expect(found.id.text == "usb-04b8-0e03-J8KF-if00")
    }
  }

  @Test("waiting ends at its deadline, and with the watching")
  func waitingInVain() async {
    let clock = Reactor.shared
    let cases: [(FakeEnumerator, MonotonicInstant?, DeviceError.Code)] = [
      (FakeEnumerator(devices: [Sample.wedge()]), clock.now, .notFound),
      (FakeEnumerator(later: [.failed(DeviceError(.inputOutput, during: "watching"))]), nil, .inputOutput),
    ]
    for (enumerator, deadline, code) in cases {
      do throws(DeviceError) {
        let found = try await DeviceWait(enumerator, clock: clock).first(until: deadline) { $0.isUsable }
        Issue.record("found \(found.id)")
      } catch {
        #expect(error.code == code)
      }
    }
  }
}
