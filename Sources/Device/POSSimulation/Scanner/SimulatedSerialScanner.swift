public import POSModel
public import POSTransport

/// A scanner on a serial line: plain text with CR, or Simple Serial Interface packets that want an answer.
/// Laid out by hand from specs/scanners.md §1.5 and §1.6.
public struct SimulatedSerialScanner: Sendable {
  /// What it speaks.
  public enum Mode: String, Sendable, CaseIterable {
    case serial, ssi
  }

  /// What came of holding a code before the scanner.
  public enum Outcome: Sendable, Equatable {
    /// Sent; how often SSI had to send packets again.
    case sent(repeats: Int)
    /// The host did not answer three times.
    case unanswered
  }

  private let line: any ByteTransport
  private let mode: Mode
  private let answerTime: Duration

  /// A scanner at the device's end of a line. SSI waits `answerTime` for each answer.
  public init(line: any ByteTransport, mode: Mode, answerTime: Duration = .seconds(2)) {
    self.line = line
    self.mode = mode
    self.answerTime = answerTime
  }

  /// Holds a code before the scanner. SSI types: 28 for QR and 11 for EAN-13, say.
  @discardableResult
  public func scan(_ code: SimulatedBarcode, ssiType: UInt8 = 28, sendsAIM: Bool = false)
    async throws(DeviceError)
    -> Outcome
  {
    switch mode {
    case .serial:
      try await line.write((sendsAIM ? code.aim : []) + code.data + [0x0D], until: nil)
      return .sent(repeats: 0)
    case .ssi:
      var repeats = 0
      var rest = code.data[...]
      repeat {
        let piece = rest.prefix(200)
        rest = rest.dropFirst(200)
        var attempt = 0
        let more: UInt8 = rest.isEmpty ? 0 : 2
        while true {
          try await line.write(
            Self.packet([0xF3, 0x00, more | (attempt > 0 ? 1 : 0), ssiType] + piece), until: nil)
          if try await hearsAcknowledgement() { break }
          attempt += 1
          repeats += 1
          if attempt == 3 { return .unanswered }
        }
      } while !rest.isEmpty
      return .sent(repeats: repeats)
    }
  }

  /// Waits for a host to say anything; `false` when it goes away.
  public func waitForHost() async throws(DeviceError) -> Bool {
    if case .bytes = try await line.read(upTo: 256, until: nil) { return true }
    return false
  }

  /// Six bytes of CMD_ACK, wherever they stand in what the host sends.
  private func hearsAcknowledgement() async throws(DeviceError) -> Bool {
    let deadline = line.clock.now + answerTime
    var heard: [UInt8] = []
    while case .bytes(let bytes) = try await line.read(upTo: 64, until: deadline) {
      heard += bytes
      for start in heard.indices where heard[start...].starts(with: [0x04, 0xD0, 0x04, 0x00, 0xFF, 0x28]) {
        return true
      }
    }
    return false
  }

  private static func packet(_ body: [UInt8]) -> [UInt8] {
    let counted = [UInt8(body.count + 1)] + body
    let check = (0x10000 - counted.reduce(0) { $0 + Int($1) }) & 0xFFFF
    return counted + [UInt8(check >> 8), UInt8(check & 0xFF)]
  }
}
