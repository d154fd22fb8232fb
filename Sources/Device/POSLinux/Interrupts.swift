import CPOSLinux
public import POSModel
import POSTransport

/// Ctrl-C as something to wait for, in place of the end of the process: a payment must not be left in the middle without
/// a word.
///
///     let interrupts = try Interrupts()
///     while await interrupts.next() { … }
///
/// One at a time in a process. ``close()`` lets the next Ctrl-C end the process again.
public final class Interrupts: Sendable {
  private let pipe: DescriptorTransport

  /// Catches SIGINT from now on.
  ///
  /// - Throws: `device.io` without room for a pipe.
  public init() throws(DeviceError) {
    let operation = "catching interrupts"
    let end = try translating(.opening, during: operation) { () throws(SystemError) in
      try OwnedDescriptor(returned: pos_interrupts_open())
    }
    pipe = try DescriptorTransport(end, name: "interrupts", .stream)
  }

  /// Waits for the next one; `false` after ``close()`` and where the task was cancelled.
  public func next() async -> Bool {
    do throws(DeviceError) {
      let result = try await pipe.read(upTo: 1, until: nil)
      switch result {
      case .bytes(let bytes): return !bytes.isEmpty
      case .timedOut, .endOfStream: return false
      }
    } catch {
      return false
    }
  }

  /// Lets an interrupt end the process again.
  public func close() async {
    pos_interrupts_restore()
    await pipe.close()
  }
}
