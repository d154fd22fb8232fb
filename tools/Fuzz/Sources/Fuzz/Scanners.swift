import POSBarcode
import POSScan
import POSWire

extension FuzzTarget {
  /// What a decoder of reports says of itself while it works.
  private struct Watch {
    var payload = 0
    var events = 0

    mutating func saw(_ bytes: Int, limit: Int) {
      events += 1
      require(bytes <= limit, "a scan of \(bytes) bytes")
    }
  }

  static let scanners: [FuzzTarget] = [
    FuzzTarget("report-descriptor", seeds: { Seeds.fixtures("scanners", "descriptor").flatMap { $0 } }) {
      bytes in
      guard let descriptor = try? HIDReportDescriptor(bytes.span) else {
        require((try? HIDPOSLayout(descriptor: bytes.span)) == nil, "a layout from what is no descriptor")
        require(
          (try? KeyboardReportShape(descriptor: bytes.span)) == nil, "a shape from what is no descriptor")
        return
      }
      require(
        descriptor.fields.count <= HIDReportDescriptor.Limit.fields, "\(descriptor.fields.count) fields")
      require(
        descriptor.usages.count <= HIDReportDescriptor.Limit.usages, "\(descriptor.usages.count) usages")
      for report in descriptor.reports {
        let idBits = descriptor.numbersReports ? 8 : 0
        require(
          report.bits - idBits <= HIDReportDescriptor.Limit.reportBits, "a report of \(report.bits) bits")
        require(descriptor.length(of: report.direction, id: report.id) != nil, "a report without a length")
      }
      // Reports full of ones and of zeros, each as long as it is declared: every field is read.
      let longest = HIDReportDescriptor.Limit.reportBits / 8 + 1
      let shape = try? KeyboardReportShape(descriptor: bytes.span)
      let layout = try? HIDPOSLayout(descriptor: bytes.span)
      for (place, report) in descriptor.reports.enumerated() where report.direction == .input && place < 8 {
        for fill in [0xFF, 0x01] as [UInt8] {
          guard let length = descriptor.length(of: .input, id: report.id) else { continue }
          require(length <= longest, "a report of \(length) bytes")
          var content = [UInt8](repeating: fill, count: length)
          if descriptor.numbersReports, length > 0 { content[0] = report.id }
          if let shape { require(!isTruncated(shape, content), "a report too short for keys") }
          if let layout { require(!isTruncated(layout, content), "a report too short for a scan") }
        }
      }
    },

    FuzzTarget(
      "hid-pos",
      seeds: {
        let reports = [
          Seeds.fixtures("scanners", "zebra"), Seeds.fixtures("scanners", "honeywell"),
        ]
        var seeds: [[UInt8]] = []
        for (maker, files) in reports.enumerated() {
          for file in files { seeds.append(Script.of([UInt8(maker)], file)) }
        }
        for descriptor in Seeds.fixtures("scanners", "descriptor").compactMap(\.first) {
          let report = Seeds.fixtures("scanners", "honeywell-xenon")[0][0]
          seeds.append(Script.of([4], [descriptor, report, Array(report.dropLast()) + [1], report]))
        }
        return seeds
      }
    ) { bytes in
      var script = Script(bytes)
      let choice = script.choice(HIDPOSMaker.allCases.count + 1)
      let layout: HIDPOSLayout
      if choice < HIDPOSMaker.allCases.count {
        layout = HIDPOSLayout(maker: HIDPOSMaker.allCases[choice])
      } else {
        let descriptor = script.chunk()
        guard let read = try? HIDPOSLayout(descriptor: descriptor.span) else { return }
        layout = read
      }
      var decoder = HIDPOSDecoder(layout)
      var watch = Watch()
      let room = layout.reports.count * HIDPOSDecoder.payloadLimit
      var now: Int64 = 0
      func note(_ event: HIDPOSEvent) {
        switch event {
        case .scan(let scan): watch.saw(scan.bytes.count, limit: HIDPOSDecoder.payloadLimit)
        case .reply(let reply):
          watch.saw(reply.echo.count, limit: HIDPOSDecoder.payloadLimit)
          require(reply.text.count <= 64 * HIDPOSDecoder.payloadLimit, "a reply without end")
        case .notAScan: break
        }
      }
      while let step = script.step() {
        switch step {
        case .pause(let time):
          now += time
          if time == 0 { decoder.awaitReply(until: now + 1_000_000_000) }
          decoder.expire(at: now, note)
        case .report(let report): try? decoder.receive(report.span, at: now, note)
        }
        require(decoder.pendingBytes <= room, "\(decoder.pendingBytes) bytes pending")
      }
      decoder.flush(note)
      require(decoder.pendingBytes == 0 && decoder.deadline == nil, "something left after the end of time")
    },

    FuzzTarget(
      "keyboard",
      seeds: {
        Seeds.fixtures("scanners", "keyboard").flatMap { file in
          [Script.of([0, 0, 0, 0, 0], file), Script.of([3, 2, 1, 1, 0], file + file)]
        }
      }
    ) { bytes in
      var script = Script(bytes)
      var settings = KeyboardSettings(
        layout: KeyboardLayout.allCases[script.choice(KeyboardLayout.allCases.count)])
      settings.terminator =
        [.automatic, .enter, .enterAndLineFeed, .tab, .character(4), .silence][script.choice(6)]
      settings.altCodes =
        KeyboardSettings.AltCodes.allCases[
          script.choice(KeyboardSettings.AltCodes.allCases.count)]
      settings.capsLock =
        KeyboardSettings.CapsLock.allCases[
          script.choice(KeyboardSettings.CapsLock.allCases.count)]
      settings.envelope.identifiers = .aim
      settings.envelope.separatorSubstitute = [0x7C]
      var shape = KeyboardReportShape.boot
      if script.byte() & 1 == 1 {
        let descriptor = script.chunk()
        guard let read = try? KeyboardReportShape(descriptor: descriptor.span) else { return }
        shape = read
      }
      var decoder = KeyboardDecoder(shape, settings)
      var now: Int64 = 0
      // One character is three bytes of UTF-8 at most.
      let limit = 3 * KeyboardDecoder.characterLimit
      func note(_ event: KeyboardEvent) {
        guard case .scan(let scan) = event else { return }
        require(scan.code.bytes.count <= limit, "a scan of \(scan.code.bytes.count) bytes")
        require(scan.code.raw.count <= limit + 6, "\(scan.code.raw.count) raw bytes")
        require(!scan.code.raw.isEmpty, "a scan of nothing")
        _ = scan.burst.classify()
      }
      while let step = script.step() {
        switch step {
        case .pause(let time):
          now += time
          decoder.expire(at: now, note)
        case .report(let report):
          now += 1_000_000
          try? decoder.receive(report.span, at: now, note)
        }
        require(decoder.pendingCharacters <= KeyboardDecoder.characterLimit, "too many characters pending")
      }
      decoder.flush(note)
      require(
        decoder.pendingCharacters == 0 && decoder.deadline == nil, "something left after the end of time")
    },

    FuzzTarget("oem", seeds: { Seeds.fixtures("scanners", "oem").map { Script.of([], $0) } }) { bytes in
      var script = Script(bytes)
      var decoder = OEMDecoder()
      var watch = Watch()
      var now: Int64 = 0
      func note(_ event: OEMDecoder.Event) {
        switch event {
        case .scan(let code):
          watch.saw(code.bytes.count, limit: OEMDecoder.payloadLimit)
          require(code.raw.count <= 2 * OEMDecoder.payloadLimit, "\(code.raw.count) raw bytes")
        case .status(let status):
          for (flag, name) in OEMStatus.names where status.contains(flag) { _ = name.utf8CodeUnitCount }
        case .configuration(let content, _), .direct(let content): watch.saw(content.count, limit: 255)
        }
      }
      while let step = script.step() {
        switch step {
        case .pause(let time):
          now += time
          decoder.expire(at: now, note)
        case .report(let report): try? decoder.receive(report.span, at: now, note)
        }
        require(decoder.pendingBytes <= OEMDecoder.payloadLimit, "\(decoder.pendingBytes) bytes pending")
      }
      decoder.flush(note)
      require(decoder.pendingBytes == 0 && decoder.deadline == nil, "something left after the end of time")
    },

    FuzzTarget(
      "snapi",
      seeds: {
        [
          Script.of(
            [],
            [Seeds.hex("22 01 00 0d 0b 00 34 30 30 36 33 38 31 33 33 33 39 33 31"), Seeds.hex("21 0a 01")]),
          Script.of(
            [],
            [
              Seeds.hex("22 02 00 04 0b 00 34 30 30 36"), Seeds.hex("22 02 01 03 0b 00 33 38 31"),
              Seeds.hex("26 00 02 00 00 02 1b 00 41 42"), Seeds.hex("26 00 02 00 01 01 1b 00 43"),
            ]),
        ]
      }
    ) { bytes in
      var script = Script(bytes)
      var decoder = SNAPIDecoder()
      var watch = Watch()
      var now: Int64 = 0
      func note(_ event: SNAPIDecoder.Event) {
        if case .scan(let code, _) = event { watch.saw(code.bytes.count, limit: SNAPIDecoder.payloadLimit) }
        if case .send(let answer) = event { require(answer.count == 4, "an answer of \(answer.count) bytes") }
      }
      while let step = script.step() {
        switch step {
        case .pause(let time):
          now += time
          decoder.expire(at: now, note)
        case .report(let report): try? decoder.receive(report.span, at: now, note)
        }
        require(decoder.pendingBytes <= SNAPIDecoder.payloadLimit, "\(decoder.pendingBytes) bytes pending")
      }
      decoder.flush(note)
      require(decoder.pendingBytes == 0 && decoder.deadline == nil, "something left after the end of time")
    },

    FuzzTarget(
      "ssi",
      seeds: {
        Seeds.fixtures("scanners", "ssi").map { $0.flatMap { $0 } } + [
          SSIPacket(opcode: SSIOpcode.decodeData, source: 0, status: .continued, data: [11, 0x34, 0x30]).bytes
            + SSIPacket(opcode: SSIOpcode.decodeData, source: 0, data: [11, 0x30, 0x36]).bytes,
          SSIPacket(
            opcode: SSIOpcode.segment, source: 2, status: [],
            data: [0] + Seeds.hex("f3 00 00 00 00 1b 01 00 04 41")
          ).bytes + SSIPacket(opcode: SSIOpcode.segment, source: 0, data: [1, 0x42, 0x43, 0x44]).bytes,
        ]
      }
    ) { bytes in
      inAnySplit(bytes) { pieces in
        var decoder = SSIDecoder()
        var events: [SSIDecoder.Event] = []
        for piece in pieces {
          decoder.receive(piece.span, at: 0) { events.append($0) }
          require(decoder.pendingBytes <= SSIDecoder.payloadLimit, "\(decoder.pendingBytes) bytes pending")
        }
        decoder.flush { events.append($0) }
        require(decoder.pendingBytes == 0 && decoder.deadline == nil, "something left after the end of time")
        // Each byte can end one run of damage, one packet and one code, and have them answered.
        require(events.count <= 4 * bytes.count + 4, "\(events.count) events from \(bytes.count) bytes")
        for case .scan(let code, _) in events {
          require(code.bytes.count <= SSIDecoder.payloadLimit, "a scan of \(code.bytes.count) bytes")
        }
        return events
      }
      // Every packet reads back.
      guard bytes.count >= 3 else { return }
      let packet = SSIPacket(
        opcode: bytes[0], source: bytes[1], status: .init(rawValue: bytes[2]), data: Array(bytes[3...]))
      var framer = SSIFramer()
      var found: [SSIFramer.Event] = []
      for byte in packet.bytes { framer.push(byte) { found.append($0) } }
      require(found == [.packet(packet)], "\(packet) came back as \(found)")
    },

    FuzzTarget(
      "serial-scan",
      seeds: {
        Seeds.fixtures("scanners", "serial").map { [0, 0, 1, 0] + $0.flatMap { $0 } } + [
          [1, 0, 2, 0] + Array("PFX4006381333931|;SFX\r\n".utf8), [2, 3, 1, 1] + Array("]d2010\r".utf8),
        ]
      }
    ) { bytes in
      var script = Script(bytes)
      var settings = SerialScanSettings()
      settings.terminator = [.line, .bytes([0x7C, 0x3B]), .silence][script.choice(3)]
      settings.parity =
        SerialScanSettings.Parity.allCases[
          script.choice(SerialScanSettings.Parity.allCases.count)]
      settings.envelope.identifiers =
        [
          .none, .aim, .codeIDs(CodeIDSet.allCases[bytes.count % CodeIDSet.allCases.count]),
        ][script.choice(3)]
      if script.byte() & 1 == 1 {
        settings.envelope.prefix = Array("PFX".utf8)
        settings.envelope.suffix = Array("SFX".utf8)
        settings.envelope.separatorSubstitute = Array("{GS}".utf8)
      }
      inAnySplit(script.remaining) { [settings] pieces in
        var decoder = SerialScanDecoder(settings)
        var events: [SerialScanDecoder.Event] = []
        for piece in pieces {
          decoder.receive(piece.span, at: 0) { events.append($0) }
          require(
            decoder.pendingBytes <= 2 * SerialScanDecoder.payloadLimit,
            "\(decoder.pendingBytes) bytes pending")
        }
        decoder.flush { events.append($0) }
        require(decoder.pendingBytes == 0 && decoder.deadline == nil, "something left after the end of time")
        for case .scan(let code) in events {
          require(code.bytes.count <= SerialScanDecoder.payloadLimit, "a scan of \(code.bytes.count) bytes")
        }
        return events
      }
    },

    FuzzTarget(
      "scanner-replies",
      seeds: {
        [
          [1] + [0x01] + Array("mMagellan 1500i\u{1E}f1.2\u{1E}".utf8) + [0x04]
            + Array("4006381333931\r".utf8),
          [2] + Array("Product Name: Xenon\r\nREVINF".utf8) + [0x06] + Array(".".utf8),
          [0, 0x05, 0xD1, 0x00, 0x00, 0x01, 0xFF, 0x29],
        ]
      }
    ) { bytes in
      var script = Script(bytes)
      // The question that is open: 0 is SSI's, 1 Datalogic's, 2 Honeywell's.
      let question = script.choice(3)
      let answer = script.remaining
      // Whatever is no answer is a code: no byte is lost between the two.
      var datalogic = DatalogicReply()
      datalogic.expect(until: 10)
      var out: [UInt8] = []
      for byte in answer {
        switch datalogic.take(byte, isBetweenCodes: out.last != 0x0D) {
        case .notExpected: out.append(byte)
        case .held: break
        case .reply(let text): out += [0x01] + text + [0x04]
        case .released(let code): out += code
        }
        require(datalogic.pendingBytes <= 4096, "\(datalogic.pendingBytes) bytes held")
      }
      require(datalogic.expire(at: 9).isEmpty, "held too short")
      require(out + datalogic.expire(at: 10) == answer, "bytes lost on the way")
      require(datalogic.deadline == nil && datalogic.pendingBytes == 0, "something left")

      inAnySplit(answer) { pieces in
        var probe = SerialScannerProbe(timeout: 10)
        var actions = probe.start(at: 0)
        for step in 0..<[0, 2, 1][question] { actions += probe.expire(at: Int64(step + 1) * 10) }
        for piece in pieces { actions += probe.receive(piece.span, at: 20) }
        for step in 0..<3 { actions += probe.expire(at: 100 + Int64(step) * 100) }
        require(probe.deadline == nil, "a probe without end")
        require(
          actions.count {
            if case .end = $0 { true } else { false }
          } == 1, "a probe that ends more than once, or never")
        return question == 2 ? [] : actions
      }
    },
  ]

  /// Whether a report of the declared length is too short for the shape.
  private static func isTruncated(_ shape: KeyboardReportShape, _ report: [UInt8]) -> Bool {
    do throws(WireError) {
      _ = try shape.read(report.span)
      return false
    } catch {
      return error.reason == .truncated
    }
  }

  /// Whether a report of the declared length is too short for the layout.
  private static func isTruncated(_ layout: HIDPOSLayout, _ report: [UInt8]) -> Bool {
    var decoder = HIDPOSDecoder(layout)
    do throws(WireError) {
      try decoder.receive(report.span, at: 0) { _ in }
      return false
    } catch {
      return error.reason == .truncated
    }
  }
}
