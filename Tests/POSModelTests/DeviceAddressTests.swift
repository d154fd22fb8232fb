import POSModel
import Testing

@Suite("Device addresses (DESIGN §4)")
struct DeviceAddressTests {
  @Test(
    "every form reads and prints back",
    arguments: [
      "tcp:192.0.2.7:9100", "tcp:[2001:db8::1]:9100", "serial:/dev/ttyUSB0", "serial:/dev/ttyUSB0:115200",
      "serial:/dev/ttyS0:dtr-dsr", "serial:/dev/ttyS0:19200:xon-xoff",
      "usblp:/dev/usb/lp0", "usb:04b8:0202", "usb:04b8:0202:X3A1:7", "hidraw:/dev/hidraw0",
      "evdev:/dev/input/event5", "keyboard+hidraw:/dev/hidraw0",
      "file:/tmp/out.bin",
      "zvt+serial:/dev/ttyACM0:9600", "zvt+tcp:192.0.2.9:20007", "concert+serial:/dev/ttyACM0",
      "caisse-ap+tcp:192.0.2.9:8888", "report-socket:/tmp/scanner.sock", "usb-1-2.3:1.0",
    ])
  func roundTrip(text: String) throws {
    #expect(try DeviceAddress(text).description == text)
  }

  @Test(
    "a known form with a bad part is an error with exit code 2",
    arguments: [
      "", "tcp:host", "tcp::9100", "tcp:host:0", "tcp:host:70000", "serial:", "serial:/dev/x:fast",
      "serial:/dev/x:9600:dtr",
      "serial::dtr-dsr", "serial:/dev/x:xon-xoff:9600",
      "usb:zz:1", "/dev/usb/lp0", "192.0.2.7:9100", "printer.example:9100",
    ])
  func malformed(text: String) {
    let error = #expect(throws: DeviceError.self) { try DeviceAddress(text) }
    #expect(error?.code == .badAddress)
    #expect(ErrorTable.row(for: .badAddress).exit == .usage)
  }
}
