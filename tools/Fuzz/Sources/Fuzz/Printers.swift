import ESCPOS
import POSBarcode
import POSDrivers
import POSTransport
import POSWire

extension FuzzTarget {
  /// What a job may do to a printer that keeps little.
  private static let limits = ESCPOSInterpreter.Limits(
    height: 4_000, items: 400, rasterBytes: 1 << 16, complaints: 40)

  static let printers: [FuzzTarget] = [
    FuzzTarget(
      "escpos",
      seeds: {
        var job = ESCPOSEncoder(codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19)]))
        job.initialize()
        job.align(.centre)
        job.text("Grüße €".unicodeScalars)
        job.lineFeed()
        var style = ESCPOSEncoder.TextStyle()
        style.width = 2
        style.isBold = true
        job.select(style)
        job.text("2".unicodeScalars)
        job.feed(lines: 2)
        let symbol = try? EAN13(ascii: Array("4006381333931".utf8).span)
        if let picture = try? symbol?.bitmap(module: 2, height: 30) { try? job.raster(picture, bandRows: 24) }
        for native in [NativeSymbols.linear, .qr] {
          let request = SymbolRequest(
            native == .qr ? .qr : .ean13, data: Array("4006381333931".utf8), height: 60)
          _ = try? job.symbol(
            request, on: SymbolSupport(dots: 384, dotsPerInch: 203, native: native), route: .native)
        }
        job.cut(.partialAfterFeeding(16))
        try? job.drawer(pin: 2, on: 100, off: 200)
        return [
          job.bytes,
          Seeds.hex("1d 28 6b 03 00 31 43 03 1d 28 6b 06 00 31 50 30 41 42 43 1d 28 6b 03 00 31 51 30"),
          Seeds.hex("1b 2a 21 04 00 ff 00 ff 00 ff 00 ff 00 ff 00 ff 00 0a 1d 56 42 10"),
          Seeds.hex("1d 76 30 00 02 00 02 00 ff 00 10 04 01 1d 6b 49 05 7b 42 41 42 43"),
          Seeds.hex("10 04 01 10 14 01 00 02 1d 28 48 06 00 30 30 31 32 33 34 1d 61 ff 1d 72 01"),
          Seeds.hex("1b 44 08 10 00 09 41 09 42 0a 1b 24 20 00 1b 5c f0 ff 43 1d 4c 10 00 1d 57 80 00 0a"),
          Seeds.hex(
            "1b 4c 1b 57 00 00 00 00 80 00 80 00 1b 54 01 1d 24 30 00 1b 24 08 00 41 42 1d 6b 44 07 31 32 33 34 35 36 37 1b 0c 18 0c"
          ),
          Seeds.hex(
            "1c 71 02 01 00 01 00 1b 70 00 19 fa 00 00 00 01 00 01 00 10 04 01 00 00 00 00 00 1c 70 01 00"),
          Seeds.hex(
            "1b 26 03 41 42 01 ff 00 ff 02 ff 00 ff 00 ff 00 1b 25 01 41 0a 1d 51 30 00 02 00 01 00 ff ff"),
          Seeds.hex(
            "1d 44 30 43 30 41 42 30 31 42 4d 0a 00 00 00 01 02 03 04 1c 67 31 00 00 00 00 00 02 00 41 42"),
          Seeds.hex(
            "1d 43 30 03 01 1d 43 31 01 00 ff 00 01 01 1d 43 32 05 00 1d 43 3b 31 3b 39 3b 3b 31 3b 3b 1d 63 0a"
          ),
          Seeds.hex(
            "1d 28 6b 04 00 30 45 31 05 1d 28 6b 04 00 35 42 30 04 1d 28 6b 05 00 36 42 31 08 20 1d 6b 4e 04 31 30 41 42"
          ),
        ]
      }
    ) { bytes in
      let geometry = PrinterGeometry(width: 384, dotsPerInch: 203, cutterDistance: 80)
      var printer = ESCPOSInterpreter(geometry, limits: limits)
      for byte in bytes { _ = printer.feed(byte) }
      printer.finish()
      let page = printer.page
      require(printer.consumedBytes == bytes.count, "\(printer.consumedBytes) of \(bytes.count) bytes obeyed")
      require(page.height <= limits.height, "\(page.height) dots of paper")
      require(page.items.count <= limits.items, "\(page.items.count) items")
      require(page.complaints.count <= limits.complaints, "\(page.complaints.count) complaints")
      var rasterBytes = 0
      for case .bitmap(let placed) in page.items {
        rasterBytes += (placed.bitmap.width + 7) / 8 * placed.bitmap.height
      }
      require(rasterBytes <= limits.rasterBytes, "\(rasterBytes) bytes of pictures")
      for complaint in page.complaints {
        require((0...bytes.count).contains(complaint.offset), "a complaint about byte \(complaint.offset)")
      }
      _ = page.lines
      _ = page.paddedLines(cellWidth: 12)
      _ = page.drawnSymbols
      _ = page.cuts
      _ = page.drawerPulses
      for symbol in page.symbols { require(symbol.data.count <= bytes.count, "more out than in") }
    },

    FuzzTarget(
      "escpos-text",
      seeds: { ["Grüße €uro", "naïve café 10 ½", "日本 €€ ž"].map { Array($0.utf8) } }
    ) { bytes in
      // What the encoder sends is what stands on the paper.
      let pages = CodePageSet([
        .init(.pc437, 0), .init(.pc850, 2), .init(.windows1252, 16), .init(.pc858, 19),
      ])
      let scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(40))
      let expected = pages.printable(scalars)
      require(pages.printable(expected) == expected, "printable text that changes when made printable again")
      guard expected.count <= 48 else { return }
      var job = ESCPOSEncoder(codePages: pages)
      job.initialize()
      job.text(scalars)
      job.lineFeed()
      var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203, codePages: pages))
      printer.feed(job.bytes.span)
      printer.finish()
      let found = printer.page.lines.first ?? []
      require(found == expected, "\(expected) came out as \(found)")
      require(printer.page.complaints.isEmpty, "\(printer.page.complaints)")
    },

    FuzzTarget(
      "escpos-status",
      seeds: {
        [
          Seeds.hex("16 12 12 12"), Seeds.hex("1c 00 00 0f 10 00 0c 0f 13 11"),
          Seeds.hex("5f 54 4d 2d 54 32 30 49 49 00 37 22 31 32 33 34 00 3b 33 30 00 0c"),
        ]
      }
    ) { bytes in
      var parser = ESCPOSStatusParser()
      var kept = 0
      for byte in bytes {
        switch parser.on(byte) {
        case .automatic(let status):
          kept += 4
          _ = (status.isPaperOut, status.isOffline, status.isCoverOpen, status.hasCutterError)
        case .block(_, let data)?:
          require(data.count <= ESCPOSStatusParser.maximumBlockLength, "a block of \(data.count) bytes")
          kept += data.count + 2
        case .realTime, .resume, .pause, .short: kept += 1
        case nil: break
        }
      }
      parser.reset()
      require(
        kept + parser.droppedBytes == bytes.count,
        "\(bytes.count) in, \(kept) out, \(parser.droppedBytes) dropped")
    },

    FuzzTarget(
      "device-id",
      seeds: {
        ["MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;", "KEYBOARD", "HID POS scanner"].map {
          Array($0.utf8)
        }
      }
    ) { bytes in
      let text = USBDevice.printable(String(decoding: bytes, as: UTF8.self))
      let half = bytes.count / 2
      let name = USBDevice.printable(String(decoding: bytes[..<half], as: UTF8.self))
      for classCode in [0x03, 0x07, 0x0A, 0xFF] as [UInt8] {
        let interface = USBInterface(
          number: 0, classCode: classCode, subclass: 1, protocolCode: 1, name: name, ieee1284: text,
          reportDescriptor: bytes)
        let device = USBDevice(
          vendor: 0x04B8, product: 0x0202, release: 0x0100, serial: text, maker: name, model: text,
          port: "1-1",
          number: 2, speed: "12", interfaces: [interface])
        let twin = USBDevice(
          vendor: 0x04B8, product: 0x0202, release: 0x0100, serial: text, maker: name, model: text,
          port: "1-2",
          number: 3, speed: "12", interfaces: [interface])
        let found = DeviceMatcher.recognise([device, twin])
        let ids = found.map(\.id)
        require(Set(ids).count == ids.count, "two devices of one identity: \(ids)")
      }
    },
  ]
}
