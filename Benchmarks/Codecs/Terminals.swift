import Benchmark
import Measure
import POSTerminalWire
import POSWire

/// Messages of card terminals to values.
func terminals() throws {
  // A status information after a payment with a chip card, field by field as specs/terminals.md §2.8.
  let data = hex(
    """
    27 00 04 00 00 00 00 20 40 49 09 78 0B 00 01 23 0C 12 34 56 0D 11 28 0E 27 12
    22 F0 F8 67 12 EE EE EE EE 12 34 29 29 00 10 06 3B 31 32 33 34 35 36 00 00 87 00 42 8A 05
    2A 31 32 33 34 35 36 37 38 39 30 20 20 20 20 20 3C F0 F1 F0 41 75 74 6F 72 69 73 69 65 72
    8B F0 F9 67 69 72 6F 63 61 72 64 00 19 60
    06 0F 1F 10 01 02 1F 12 01 02 41 01 00 40 02 00 01
    """)
  let apdu = [0x04, 0x0F, UInt8(data.count)] + data
  precondition(apdu.count == 120)
  Benchmark.measure("zvt-status-information") {
    let message = ZVTMessage(try ZVTAPDU(apdu.span))
    precondition(message.unread == nil && message.fields.count == 17)
    return message
  }

  let frame = DLEFramer.encode(apdu.span)
  let bytes = [0x06] + frame
  var link = ZVTSerialLink(maximumLength: 300)
  let request = hex("06 01 0A 04 00 00 00 00 20 40 49 09 78")
  // A command out, its acknowledgement and a frame of 120 bytes in, without a line between.
  Benchmark.measure("zvt-serial-link") {
    let sent = link.send(request, at: 0)
    return sent + link.receive(bytes.span, at: 0)
  }
}
