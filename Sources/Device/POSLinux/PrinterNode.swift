import CPOSLinux
import Glibc
public import POSModel
import POSTransport

/// Opens printers through the kernel's usblp driver, `/dev/usb/lp0`.
///
/// What the driver does, and this mends (specs/testlab.md §D; drivers/usb/class/usblp.c):
/// - It takes a write before the printer has, and forgets it when the node is closed: closing waits up to ten
///   seconds until the printer has taken everything.
/// - It reads nothing when the printer sends an empty packet: that is not the end of the stream.
/// - A printer without a way back fails each read with `device.unsupported`.
public enum PrinterNode {
  /// Opens a node for this program alone, as the driver sees to.
  ///
  /// - Throws: `device.not_found`, `device.permission_denied`, `device.busy`.
  public static func open(_ path: String) async throws(DeviceError) -> DescriptorTransport {
    let name = DeviceAddress(route: .usblp(path: path)).description
    let operation = "opening \(name)"
    let number = try await BlockingCall("pos-open", during: operation) { () throws(DeviceError) in
      try translating(.opening, during: operation) { () throws(SystemError) in
        try OwnedDescriptor(opening: path, O_RDWR | O_NONBLOCK | O_NOCTTY).release()
      }
    }.value()
    return try DescriptorTransport(
      OwnedDescriptor(owning: number), name: name, .printerNode(drainAtMost: .seconds(10)))
  }
}
