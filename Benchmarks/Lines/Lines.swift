import Benchmark
import Measure
import POSDrivers
import POSLinux
import POSModel
import POSTerminalWire
import POSTransport
import POSWire

let benchmarks: @Sendable () -> Void = {
  do {
    try serialTerminal()
    try receiptPrinter()
  } catch {
    fatalError("\(error)")
  }
}

/// A command of 13 bytes to a terminal on a pseudo-terminal, its acknowledgement and answer, and ours of that.
private func serialTerminal() throws {
  let command = hex("06 01 0A 04 00 00 00 00 20 40 49 09 78")
  let answer = hex("80 00 00")
  let reply = [0x06] + DLEFramer.encode(answer.span)
  let asked = DLEFramer.encode(command.span).count

  let spoken = try Line(asking: asked + 1, answering: reply)
  Benchmark.measure("zvt-round-trip") {
    let port = try await spoken.port()
    var link = ZVTSerialLink(maximumLength: 300)
    var actions = link.send(command, at: 0)
    var isAnswered = false
    while true {
      for case .write(let bytes) in actions { try await port.write(bytes, until: nil) }
      for case .deliver(let apdu) in actions { isAnswered = apdu == answer }
      if isAnswered { return }
      guard case .bytes(let bytes) = try await port.read(upTo: 256, until: nil) else { break }
      actions = link.receive(bytes.span, at: 0)
    }
    throw DeviceError(.protocolViolation, during: "measuring a frame")
  }

  // The same bytes both ways, and nobody who understands them.
  let bare = try Line(asking: asked + 1, answering: reply)
  let question = [UInt8](repeating: 0x55, count: asked + 1)
  Benchmark.measure("zvt-floor") {
    let port = try await bare.port()
    try await port.write(question, until: nil)
    var count = 0
    while count < reply.count {
      guard case .bytes(let bytes) = try await port.read(upTo: 256, until: nil) else { break }
      count += bytes.count
    }
  }
}

/// A receipt of forty lines to a printer on a pseudo-terminal, until it says that all of it stands on the paper.
private func receiptPrinter() throws {
  var receipt = ReceiptDocument()
  for number in 1...40 { receipt.columns("\(number) x Article number \(1000 + number)", "9.00") }
  receipt.barcode(.ean13, "3157882326401")
  receipt.cut()
  let commands = try ReceiptLayout(.epsonTMT20II).escpos(receipt)
  let desk = Desk()
  Benchmark.measure(
    "print-confirmed", bytes: commands.count, lasting: .seconds(1), preparing: { try await desk.setUp() }
  ) {
    try await desk.print(commands)
  }

  // The same bytes to the last one, and one byte back.
  let bare = try Line(asking: commands.count, answering: [0x16])
  Benchmark.measure("print-floor", bytes: commands.count, lasting: .seconds(1)) {
    let port = try await bare.port()
    try await port.write(commands, until: nil)
    guard case .bytes = try await port.read(upTo: 256, until: nil) else {
      throw DeviceError(.protocolViolation, during: "measuring a print")
    }
  }
}
