import POSBarcode
import POSScan
import POSWire
import TestSupport
import Testing

/// What holds for the decoders of every mode: bytes are never glued across devices, no scan and no state exceeds
/// 8 kB, and numbered packets tell loss from completeness.
@Suite("Decoders of every mode")
struct ScannerPropertyTests {
  /// One decoder, reports or bytes in, codes out.
  private enum Decoder {
    case hidPOS(HIDPOSDecoder)
    case keyboard(KeyboardDecoder)
    case oem(OEMDecoder)
    case snapi(SNAPIDecoder)
    case ssi(SSIDecoder)
    case serial(SerialScanDecoder)

    static var all: [Decoder] {
      var settings = SerialScanSettings()
      settings.terminator = .silence
      return [
        .hidPOS(HIDPOSDecoder(HIDPOSLayout(maker: .zebra))),
        .hidPOS(HIDPOSDecoder(HIDPOSLayout(maker: .newland))),
        .keyboard(KeyboardDecoder(.boot, KeyboardSettings(layout: .cz))), .oem(OEMDecoder()),
        .snapi(SNAPIDecoder()), .ssi(SSIDecoder()), .serial(SerialScanDecoder(settings)),
      ]
    }

    mutating func receive(_ bytes: [UInt8], at now: Int64, _ emit: (DecodedCode) -> Void) {
      do throws(WireError) {
        switch self {
        case .hidPOS(var decoder):
          defer { self = .hidPOS(decoder) }
          try decoder.receive(bytes.span, at: now) { if case .scan(let scan) = $0 { emit(Self.code(scan)) } }
        case .keyboard(var decoder):
          defer { self = .keyboard(decoder) }
          try decoder.receive(bytes.span, at: now) { if case .scan(let scan) = $0 { emit(scan.code) } }
        case .oem(var decoder):
          defer { self = .oem(decoder) }
          try decoder.receive(bytes.span, at: now) { if case .scan(let code) = $0 { emit(code) } }
        case .snapi(var decoder):
          defer { self = .snapi(decoder) }
          try decoder.receive(bytes.span, at: now) { if case .scan(let code, _) = $0 { emit(code) } }
        case .ssi(var decoder):
          defer { self = .ssi(decoder) }
          decoder.receive(bytes.span, at: now) { if case .scan(let code, _) = $0 { emit(code) } }
        case .serial(var decoder):
          defer { self = .serial(decoder) }
          decoder.receive(bytes.span, at: now) { if case .scan(let code) = $0 { emit(code) } }
        }
      } catch {}
    }

    var pendingBytes: Int {
      switch self {
      case .hidPOS(let decoder): decoder.pendingBytes
      case .keyboard(let decoder): decoder.pendingCharacters
      case .oem(let decoder): decoder.pendingBytes
      case .snapi(let decoder): decoder.pendingBytes
      case .ssi(let decoder): decoder.pendingBytes
      case .serial(let decoder): decoder.pendingBytes
      }
    }

    private static func code(_ scan: HIDPOSScan) -> DecodedCode {
      DecodedCode(symbology: scan.symbology, bytes: scan.bytes, isTruncated: scan.isTruncated)
    }
  }

  /// A report that says that more follows, in the decoder's mode.
  private static func endlessPiece(_ decoder: Decoder, _ step: Int, _ byte: UInt8) -> [UInt8] {
    switch decoder {
    case .hidPOS: return [2, 255] + [UInt8](repeating: byte, count: 61) + [1]
    case .keyboard: return step % 2 == 0 ? [0, 0, 4 + byte % 26, 0, 0, 0, 0, 0] : [0, 0, 0, 0, 0, 0, 0, 0]
    case .oem: return [64, 16, 3, 0] + [UInt8](repeating: byte, count: 57) + [0x10, 0x33, 0x0B]
    case .snapi:
      return [0x26, 0xFF, 0xFF, UInt8(step >> 8 & 0xFF), UInt8(step & 0xFF), 56, 28, 0]
        + [UInt8](repeating: byte, count: 56)
    case .ssi:
      return SSIPacket(
        opcode: SSIOpcode.decodeData, source: 0, status: .continued,
        data: [28] + [UInt8](repeating: byte, count: 250)
      ).bytes
    case .serial: return [UInt8](repeating: byte, count: 200)
    }
  }

  @Test("a code that never ends is bounded at 8 kB, delivered as truncated, and what follows is read")
  func bounded() {
    for decoder in Decoder.all {
      var decoder = decoder
      var longest = 0
      var wrong = 0
      for step in 0..<20_000 {
        let piece = Self.endlessPiece(decoder, step, UInt8(truncatingIfNeeded: step))
        decoder.receive(piece, at: Int64(step)) { code in
          longest = max(longest, code.bytes.count)
          if !code.isTruncated { wrong += 1 }
        }
        if decoder.pendingBytes > 8192 { wrong += 1 }
      }
      #expect(longest <= 8192 && wrong == 0, "\(decoder)")
    }
  }

  @Test("any bytes in any pieces: nothing traps, nothing exceeds 8 kB")
  func anything() {
    var random = SeededGenerator(seed: 77)
    for decoder in Decoder.all {
      var decoder = decoder
      for step in 0..<4000 {
        var piece = Self.endlessPiece(
          decoder, Int.random(in: 0...3, using: &random), .random(in: 0...255, using: &random))
        for _ in 0..<Int.random(in: 0...4, using: &random) {
          piece[Int.random(in: piece.indices, using: &random)] = .random(in: 0...255, using: &random)
        }
        piece.removeLast(Int.random(in: 0..<piece.count, using: &random) / 4)
        var longest = 0
        decoder.receive(piece, at: Int64(step) * 10_000_000) { longest = max(longest, $0.bytes.count) }
        if longest > 8192 || decoder.pendingBytes > 8192 { Issue.record("\(decoder) at \(step)") }
      }
    }
  }

  @Test("devices whose reports arrive in turns are never mixed, whatever the turns")
  func interleaved() {
    var random = SeededGenerator(seed: 4)
    for mode in Decoder.all.indices {
      for _ in 0..<20 {
        // Each device's code is one letter many times over: one foreign byte would show.
        var devices = [Decoder.all[mode], Decoder.all[mode], Decoder.all[mode]]
        var seen = [Set<UInt8>](repeating: [], count: devices.count)
        for step in 0..<300 {
          let device = Int.random(in: devices.indices, using: &random)
          let piece = Self.endlessPiece(devices[device], step, 0x41 + UInt8(device))
          devices[device].receive(piece, at: Int64(step)) { seen[device].formUnion($0.bytes) }
        }
        for device in devices.indices {
          devices[device].receive([], at: .max) { seen[device].formUnion($0.bytes) }
          #expect(seen[device].count <= 1)
        }
      }
    }
  }

  @Test("SNAPI packets that are dropped, doubled or out of turn never make a whole code that was not sent")
  func numberedPackets() {
    var random = SeededGenerator(seed: 22)
    var whole = 0
    for _ in 0..<2000 {
      var decoder = SNAPIDecoder()
      let codes = (0..<3).map { _ -> [UInt8] in
        (0..<Int.random(in: 1...300, using: &random)).map { _ in .random(in: 0...255, using: &random) }
      }
      var reports: [[UInt8]] = []
      for code in codes {
        let count = (code.count + 57) / 58
        for index in 0..<count {
          let piece = code.dropFirst(index * 58).prefix(58)
          reports.append([0x22, UInt8(count), UInt8(index), UInt8(piece.count), 28, 0] + piece)
        }
      }
      let index = Int.random(in: reports.indices, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: reports.remove(at: index)
      case 1: reports.insert(reports[index], at: index)
      // Packets of two codes cannot overtake each other: each waits for its acknowledgement.
      default: if reports[index][2] > 0 { reports.swapAt(index, index - 1) }
      }
      for (step, report) in reports.enumerated() {
        do throws(WireError) {
          try decoder.receive(report.span, at: Int64(step)) { event in
            guard case .scan(let code, _) = event, !code.isTruncated else { return }
            whole += 1
            if !codes.contains(code.bytes) { Issue.record("invented \(code.bytes.count) bytes") }
          }
        } catch {}
      }
    }
    #expect(whole > 2000)
  }
}
