import ESCPOS
import POSModel
import Testing

@testable import POSSimulation

/// The answers of specs/escpos.md §2.1 to §2.4, byte for byte, from the printer's side.
@Suite("Simulated printer")
struct SimulatedPrinterTests {
  static func machine(_ change: (inout SimulatedPrinter.Faults) -> Void = { _ in }) -> SimulatedPrinterMachine
  {
    var faults = SimulatedPrinter.Faults()
    change(&faults)
    return SimulatedPrinterMachine(PrinterGeometry(width: 384, dotsPerInch: 203), faults: faults)
  }

  @Test("answers real-time requests at once")
  func realTime() {
    var well = Self.machine()
    #expect((1...4).map { well.receive([0x10, 0x04, $0]) } == [[0x12], [0x12], [0x12], [0x12]])
    #expect(well.setDrawer(isOpen: true) == [])
    #expect(well.receive([0x10, 0x04, 1]) == [0x16])
    var empty = Self.machine { $0.paperDots = 0 }
    #expect((1...4).map { empty.receive([0x10, 0x04, $0]) } == [[0x1A], [0x32], [0x12], [0x7E]])
    var open = Self.machine { $0.isCoverOpen = true }
    #expect((1...4).map { open.receive([0x10, 0x04, $0]) } == [[0x1A], [0x16], [0x12], [0x12]])
    var jammed = Self.machine { $0.isCutterStuck = true }
    #expect((1...4).map { jammed.receive([0x10, 0x04, $0]) } == [[0x1A], [0x52], [0x1A], [0x12]])
    var near = Self.machine { $0.paperDots = 300 }
    #expect(near.receive([0x10, 0x04, 4]) == [0x1E])
  }

  @Test("answers queued requests when it comes to them")
  func queued() {
    var printer = Self.machine()
    let id: [UInt8] = [0x1D, 0x28, 0x48, 6, 0, 0x30, 0x30, 0x41, 0x42, 0x43, 0x44]
    #expect(printer.receive(id) == [0x37, 0x22, 0x41, 0x42, 0x43, 0x44, 0x00])
    #expect(printer.receive([0x1D, 0x72, 1]) == [0x00])
    #expect(printer.receive([0x1D, 0x72, 2]) == [0x00])
    #expect(printer.receive([0x1D, 0x49, 67]) == [0x5F] + Array("RECEIPT".utf8) + [0x00])
    var deaf = Self.machine {
      $0.answersProcessID = false
      $0.answersPaperStatus = false
      $0.answersRealTimeStatus = false
    }
    #expect(deaf.receive(id + [0x1D, 0x72, 1, 0x10, 0x04, 1]) == [])
  }

  @Test("stops at the end of the paper, answers in real time only, and goes on with a new roll")
  func paperOut() {
    var printer = Self.machine { $0.paperDots = 40 }
    let id: [UInt8] = [0x1D, 0x28, 0x48, 6, 0, 0x30, 0x30, 0x41, 0x42, 0x43, 0x44]
    #expect(printer.receive(Array("a\nb\nc\n".utf8) + id) == [])
    #expect(printer.isPaperOut)
    #expect(printer.page.height == 40)
    #expect(printer.page.lines.count == 2)
    #expect(printer.receive([0x10, 0x04, 4]) == [0x7E])
    // The request that was answered already is not answered again when its turn comes in the buffer.
    #expect(printer.loadPaper(dots: nil) == [0x37, 0x22, 0x41, 0x42, 0x43, 0x44, 0x00])
    #expect(printer.page.lines.count == 3)
    #expect(printer.page.height == 3 * 34)
  }

  @Test("sends automatic status on every change once it is asked to, until it is reset")
  func automatic() {
    var printer = Self.machine { $0.paperDots = 1000 }
    #expect(printer.setCover(isOpen: true) == [])
    #expect(printer.setCover(isOpen: false) == [])
    #expect(printer.receive([0x1D, 0x61, 0xFF]) == [0x10, 0x00, 0x00, 0x0F])
    #expect(printer.receive([0x0A]) == [])
    #expect(printer.setCover(isOpen: true) == [0x38, 0x00, 0x00, 0x0F])
    #expect(printer.setCover(isOpen: false) == [0x10, 0x00, 0x00, 0x0F])
    #expect(printer.setDrawer(isOpen: true) == [0x14, 0x00, 0x00, 0x0F])
    #expect(printer.receive([0x1B, 0x64, 30]) == [0x1C, 0x00, 0x0F, 0x0F])
    #expect(printer.loadPaper(dots: nil) == [0x14, 0x00, 0x00, 0x0F])
    #expect(printer.receive([0x1B, 0x40]) == [])
    #expect(printer.setDrawer(isOpen: false) == [])
  }

  @Test("paper takes time: what comes behind it waits, but for requests in real time")
  func speed() {
    func at(_ milliseconds: Int) -> MonotonicInstant { .start + .milliseconds(milliseconds) }
    var printer = Self.machine {
      $0.dotsPerSecond = 1000
      $0.bufferBytes = 8
    }
    // Lines of 34 dots. The second waits for the first.
    #expect(printer.receive(Array("a\nb\n".utf8) + [0x1D, 0x72, 1]) == [])
    #expect(printer.page.lines.count == 1 && printer.movesUntil == at(34))
    #expect(printer.receive([0x10, 0x04, 1]) == [0x12])
    #expect(printer.isFull)
    #expect(printer.pass(to: at(33)) == [])
    #expect(printer.page.lines.count == 1)
    #expect(printer.pass(to: at(34)) == [])
    #expect(printer.page.lines.count == 2 && printer.movesUntil == at(68) && !printer.isFull)
    #expect(printer.pass(to: at(70)) == [0x00])
    #expect(printer.movesUntil == nil)
    // A fault in the middle: it goes on when that is mended and the paper stands.
    _ = printer.receive(Array("c\n".utf8))
    _ = printer.setCover(isOpen: true)
    _ = printer.receive(Array("d\n".utf8))
    _ = printer.pass(to: at(200))
    #expect(printer.page.lines.count == 3)
    _ = printer.setCover(isOpen: false)
    #expect(printer.page.lines.count == 4)
    // Without power it stops where it is.
    _ = printer.pass(to: at(210))
    printer.cutPower()
    #expect(printer.pages.map(\.height) == [3 * 34 + 10, 0])
    #expect(printer.movesUntil == nil && printer.receive([0x1D, 0x72, 1]) == [0x00])
  }

  @Test("keeps every byte, and no more than it says")
  func record() {
    var printer = Self.machine { $0.isCoverOpen = true }
    let block = [UInt8](repeating: 0x41, count: 1 << 20)
    for _ in 0..<3 { _ = printer.receive(block) }
    #expect(printer.received.count == SimulatedPrinterMachine.recordLimit)
    #expect(printer.receivedCount == 3 << 20)
    #expect(printer.isFull)
  }
}
