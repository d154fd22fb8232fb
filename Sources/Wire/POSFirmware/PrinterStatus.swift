import ESCPOS

/// Begins a parser of what an ESC/POS printer sends.
@c(pos_printer_begin)
public func printerBegin(_ storage: UnsafeMutableRawPointer?, _ size: Int) -> Int32 {
  CallerStorage.begin(ESCPOSStatusParser(), in: storage, size: size)
}

/// Takes one byte. Returns what it completed, 0 for nothing, and copies its bytes into `buffer`.
///
/// 1 real-time status, 2 automatic status (4 bytes), 3 resume, 4 pause, 5 a block (its header first), 6 one byte
/// in answer to `GS r` or `GS I`.
@c(pos_printer_byte)
public func printerByte(
  _ printer: UnsafeMutableRawPointer?, _ byte: UInt8, _ buffer: UnsafeMutablePointer<UInt8>?, _ capacity: Int,
  _ count: UnsafeMutablePointer<Int>?
) -> Int32 {
  guard let printer, let buffer, let count else { return FirmwareResult.badArgument }
  count.pointee = 0
  let parser = printer.assumingMemoryBound(to: ESCPOSStatusParser.self)
  guard capacity > ESCPOSStatusParser.maximumBlockLength else { return FirmwareResult.bufferTooSmall }
  switch parser.pointee.on(byte) {
  case nil: return 0
  case .realTime(let value):
    buffer[0] = value
    count.pointee = 1
    return 1
  case .automatic(let status):
    for index in 0..<4 { buffer[index] = status.bytes[index] }
    count.pointee = 4
    return 2
  case .resume: return 3
  case .pause: return 4
  case .block(let header, let data):
    buffer[0] = header
    for index in data.indices { buffer[index + 1] = data[index] }
    count.pointee = data.count + 1
    return 5
  case .short(let value):
    buffer[0] = value
    count.pointee = 1
    return 6
  }
}

/// Forgets half an answer, after a silence for instance.
@c(pos_printer_reset)
public func printerReset(_ printer: UnsafeMutableRawPointer?) {
  printer?.assumingMemoryBound(to: ESCPOSStatusParser.self).pointee.reset()
}

/// Gives back what a parser holds.
@c(pos_printer_end)
public func printerEnd(_ printer: UnsafeMutableRawPointer?) {
  CallerStorage.end(ESCPOSStatusParser.self, in: printer)
}
