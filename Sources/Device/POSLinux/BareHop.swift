import CPOSLinux
import Glibc
package import POSModel
import POSTransport

/// The least that carries bytes from the kernel to a waiting task in Swift: a pipe, a thread that reads it, a stream.
/// What a driver takes is compared with it, in one run (DESIGN §7).
package final class BareHop: Sendable {
  private let writer: OwnedDescriptor
  private let arrivals: AsyncStream<Int>

  /// Makes the pipe and starts the thread, which ends when this value goes.
  package init() throws(DeviceError) {
    var numbers: [Int32] = [-1, -1]
    guard pipe(&numbers) == 0 else { throw SystemError(errno).deviceError(.opening, during: "making a pipe") }
    for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    writer = OwnedDescriptor(owning: numbers[1])
    let reader = numbers[0]
    let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
    arrivals = stream
    try translating(.opening, during: "starting a thread") { () throws(SystemError) in
      try startThread("pos-hop") {
        let reader = OwnedDescriptor(owning: reader)
        var buffer = [UInt8](repeating: 0, count: 64)
        while true {
          let count = pos_read(reader.number, &buffer, buffer.count)
          guard count > 0 else { break }
          continuation.yield(count)
        }
        continuation.finish()
      }
    }
  }

  /// Sends 64 bytes through and returns how long they took to this task.
  package func measure() async -> Duration {
    let start = Reactor.shared.now
    let bytes = [UInt8](repeating: 0x55, count: 64)
    _ = pos_write(writer.number, bytes, bytes.count, Int32(pos_file_pipe.rawValue))
    var iterator = arrivals.makeAsyncIterator()
    _ = await iterator.next()
    return Reactor.shared.now - start
  }
}
