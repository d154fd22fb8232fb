import CPOSLinux
import Glibc
import POSLinux
import POSModel
import POSTransport
import Testing

@Suite("Calls that hang", .timeLimit(.minutes(1)))
struct InterruptibleCallTests {
  /// Longer than anything takes here.
  var soon: MonotonicInstant { Reactor.shared.now + .seconds(30) }

  @Test("a call that ends by itself is waited for, and not disturbed")
  func undisturbed() async throws {
    let result = Lock<Int32>(-1)
    let call = try InterruptibleCall("pos-test") { isToEnd in
      let ready = poll(nil, 0, 20)
      result.withLock { $0 = ready }
    }
    let hasEnded = await call.end(interruptedFrom: soon, until: soon)
    #expect(hasEnded)
    #expect(result.withLock { $0 } == 0)
  }

  @Test("a call that hangs ends at its deadline")
  func interrupted() async throws {
    let wasTold = Lock(false)
    let call = try InterruptibleCall("pos-test") { isToEnd in
      _ = pause()
      let isOver = isToEnd()
      wasTold.withLock { $0 = isOver }
    }
    let hasEnded = await call.end(interruptedFrom: .start, until: soon)
    #expect(hasEnded)
    #expect(wasTold.withLock { $0 })
  }

  @Test("a call that no signal ends is left to its thread")
  func leftBehind() async throws {
    var ends: [Int32] = [-1, -1]
    let status = pipe(&ends)
    try #require(status == 0)
    let (reader, writer) = (ends[0], ends[1])
    let call = try InterruptibleCall("pos-test") { _ in
      var byte: UInt8 = 0
      // Tries again whatever interrupts it.
      _ = pos_read(reader, &byte, 1)
      _ = close(reader)
    }
    let gaveUp = await call.end(
      interruptedFrom: .start, until: Reactor.shared.now + .milliseconds(100))
    #expect(!gaveUp)
    close(writer)
    let hasEnded = await call.end(interruptedFrom: soon, until: soon)
    #expect(hasEnded)
  }
}
