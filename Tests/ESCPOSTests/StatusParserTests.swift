import ESCPOS
import TestSupport
import Testing

@Suite("ESC/POS status")
struct StatusParserTests {
  static func messages(_ bytes: [UInt8]) -> [ESCPOSStatusParser.Message] {
    var parser = ESCPOSStatusParser()
    return bytes.compactMap { parser.on($0) }
  }

  static func frame(_ message: ESCPOSStatusParser.Message?) -> [UInt8]? {
    guard case .automatic(let status) = message else { return nil }
    return (0..<4).map { status.bytes[$0] }
  }

  @Test("sorts first bytes as the table of §2.2 does")
  func firstBytes() {
    for byte in UInt8.min...UInt8.max {
      var parser = ESCPOSStatusParser()
      let message = parser.on(byte)
      switch byte {
      case 0x11: #expect(message == .resume)
      case 0x13: #expect(message == .pause)
      case 0x35, 0x37, 0x3B, 0x3D, 0x5F: #expect(message == nil && parser.droppedBytes == 0)
      case _ where byte & 0x93 == 0x12: #expect(message == .realTime(byte))
      case _ where byte & 0x93 == 0x10: #expect(message == nil && parser.droppedBytes == 0)
      case _ where byte & 0x90 == 0: #expect(message == .short(byte))
      default: #expect(message == nil && parser.droppedBytes == 1, "\(byte)")
      }
    }
  }

  @Test("reads what printers answer")
  func answers() {
    // Real-time: well; off line. Automatic: cover open; paper out (§2.1, §2.2).
    #expect(Self.messages(hex("12 1A")) == [.realTime(0x12), .realTime(0x1A)])
    #expect(Self.messages(hex("38 00 00 0F")).map(Self.frame) == [hex("38 00 00 0F")])
    // GS ( H with id "A001", GS I 67, GS r (§2.3, §2.4)
    #expect(Self.messages(hex("37 22 41 30 30 31 00")).first?.processID == Array("A001".utf8))
    #expect(
      Self.messages(hex("5F 54 4D 2D 54 38 38 56 00"))
        == [.block(header: 0x5F, data: Array("TM-T88V".utf8))])
    #expect(Self.messages(hex("0C")) == [.short(0x0C)])
    // The offline notice is no process id, nor is an id of the wrong length.
    #expect(Self.messages(hex("37 23 41 30 30 31 00")).first?.processID == nil)
    #expect(Self.messages(hex("37 22 41 30 30 00")).first?.processID == nil)
    #expect(Self.messages(hex("37 25 30 00")).first?.processID == nil)
  }

  @Test("names the bits (§2.1, §2.2)")
  func bits() throws {
    #expect(PrinterStateFlags(rawValue: 0x1A).contains(.offline))
    #expect(PrinterStateFlags(rawValue: 0x16).contains(.drawerPinHigh))
    #expect(OfflineCauseFlags(rawValue: 0x16).contains(.coverOpen))
    #expect(OfflineCauseFlags(rawValue: 0x32).contains(.paperOut))
    #expect(ErrorCauseFlags(rawValue: 0x1A).contains(.cutter))
    #expect(ErrorCauseFlags(rawValue: 0x32).contains(.unrecoverable))
    for out: UInt8 in [0x72, 0x52, 0x32] { #expect(PaperSensorFlags(rawValue: out).isOut) }
    for near: UInt8 in [0x1E, 0x1A, 0x16] { #expect(PaperSensorFlags(rawValue: near).isNearEnd) }
    #expect(!PaperSensorFlags(rawValue: 0x12).isOut && !PaperSensorFlags(rawValue: 0x12).isNearEnd)
    guard case .automatic(let status) = Self.messages(hex("3C 68 0F 00")).first else {
      Issue.record("no frame")
      return
    }
    #expect(status.isDrawerPinHigh && status.isOffline && status.isCoverOpen)
    #expect(status.hasCutterError && status.hasUnrecoverableError && status.hasAutoRecoverableError)
    #expect(!status.hasRecoverableError)
    #expect(status.isPaperNearEnd && status.isPaperOut)
  }

  @Test("finds its way back after noise in an automatic frame (§1.4 B14)")
  func resync() {
    let frame = hex("18 00 0C 0F")
    for position in 0...4 {
      for noise in UInt8.min...UInt8.max {
        var bytes = frame
        bytes.insert(noise, at: position)
        bytes += frame + frame
        let found = Self.messages(bytes).compactMap(Self.frame)
        #expect(found.suffix(1) == [frame], "noise \(noise) at \(position)")
      }
    }
  }

  @Test("flow control between the bytes of a frame or block belongs to neither (§2.2)")
  func flow() {
    #expect(Self.messages(hex("18 13 00 11 0C 0F")).count == 3)
    #expect(Self.messages(hex("18 13 00 11 0C 0F")).compactMap(Self.frame) == [hex("18 00 0C 0F")])
    #expect(Self.messages(hex("37 22 41 13 30 30 31 11 00")).last?.processID == Array("A001".utf8))
  }

  @Test("keeps no block longer than its limit")
  func longBlock() {
    let most = ESCPOSStatusParser.maximumBlockLength
    let text = [UInt8](repeating: 0x41, count: most)
    #expect(Self.messages([0x5F] + text + [0]) == [.block(header: 0x5F, data: text)])
    var parser = ESCPOSStatusParser()
    let tooLong = [0x5F] + text + [0x12]
    #expect(tooLong.compactMap { parser.on($0) }.last == .realTime(0x12))
    #expect(parser.droppedBytes == most + 1)
  }

  @Test("a silence ends a partial answer")
  func reset() {
    var parser = ESCPOSStatusParser()
    #expect(parser.on(0x5F) == nil)
    parser.reset()
    #expect(parser.on(0x12) == .realTime(0x12))
    #expect(parser.droppedBytes == 1)
  }

  @Test("counts or reads every byte of any noise")
  func noise() {
    var generator = SeededGenerator(seed: 22)
    for _ in 0..<200 {
      var parser = ESCPOSStatusParser()
      var used = 0
      let bytes = (0..<2000).map { _ in UInt8.random(in: 0...255, using: &generator) }
      for byte in bytes {
        switch parser.on(byte) {
        case .automatic: used += 4
        case .block(_, let data):
          used += 2 + data.count
          #expect(data.count <= ESCPOSStatusParser.maximumBlockLength)
        case .realTime, .resume, .pause, .short: used += 1
        case nil: break
        }
      }
      parser.reset()
      #expect(used + parser.droppedBytes == bytes.count)
    }
  }
}
