import POSModel
public import POSTransport
public import Testing

/// What every ``ByteTransport`` promises, checked on two connected ends: simulated, in the lab, or over a loop-back
/// plug. One check each, on a fresh pair.
public enum ByteTransportConformance: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case everythingArrivesInOrder
  case readsAtMostWhatWasAskedFor
  case deadlineWithoutBytes
  case cancelledReadLosesNothing
  case closingEndsReading
  case closedStaysClosed
  case stuckWriteSaysWhatLeft
  case farEndGoes

  /// The name.
  public var testDescription: String { rawValue }

  /// Two connected ends.
  public struct Pair: Sendable {
    /// The end under test.
    public var near: any ByteTransport
    /// The device's.
    public var far: any ByteTransport
    /// Pulls the cable.
    public var cut: @Sendable () async -> Void
    /// Takes away what is left.
    public var end: @Sendable () async -> Void

    /// A pair of these ends; `cut` closes the far one unless something else does it.
    public init(
      near: any ByteTransport, far: any ByteTransport, cut: (@Sendable () async -> Void)? = nil,
      end: @escaping @Sendable () async -> Void = {}
    ) {
      self.near = near
      self.far = far
      self.cut = cut ?? { await far.close() }
      self.end = end
    }
  }

  /// 40 kB in which no stretch looks like another.
  static let sample: [UInt8] = (0..<20_000).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }

  /// Checks this promise on a fresh pair.
  public func check(_ rig: Rig<Pair>) async throws {
    let pair = try await rig.open()
    do {
      try await check(pair, "\(rig.name): \(rawValue)")
    } catch {
      await pair.near.close()
      await pair.cut()
      await pair.end()
      throw error
    }
    // Together: a line that closes waits until its bytes have been taken.
    async let cut: Void = pair.cut()
    await pair.near.close()
    await cut
    await pair.end()
  }

  private func check(_ pair: Pair, _ comment: Comment) async throws {
    let (near, far) = (pair.near, pair.far)
    let patience = near.clock.now + .seconds(30)
    switch self {
    case .everythingArrivesInOrder:
      async let got = far.take(Self.sample.count)
      try await near.write(Self.sample, until: patience)
      #expect(try await got == Self.sample, comment)
      async let sent: Void = far.write(Self.sample, until: patience)
      #expect(try await near.take(Self.sample.count, piece: 977) == Self.sample, comment)
      try await sent
      try await near.write([], until: patience)
    case .readsAtMostWhatWasAskedFor:
      try await far.write([1, 2, 3, 4, 5], until: patience)
      var bytes: [UInt8] = []
      while bytes.count < 5, case .bytes(let some) = try await near.read(upTo: 2, until: patience) {
        #expect((1...2).contains(some.count), comment)
        bytes += some
      }
      #expect(bytes == [1, 2, 3, 4, 5], comment)
    case .deadlineWithoutBytes:
      #expect(try await near.read(upTo: 8, until: near.clock.now) == .timedOut, comment)
      try await far.write([7], until: patience)
      #expect(try await near.read(upTo: 8, until: patience) == .bytes([7]), comment)
      #expect(
        try await near.read(upTo: 8, until: near.clock.now + .milliseconds(1)) == .timedOut, comment)
    case .cancelledReadLosesNothing:
      let reading = Task { try await near.read(upTo: 8, until: nil) }
      reading.cancel()
      let error = await #expect(throws: DeviceError.self, comment) { _ = try await reading.value }
      #expect(error?.code == .cancelled, comment)
      try await far.write([1, 2, 3], until: patience)
      #expect(try await near.take(3) == [1, 2, 3], comment)
    case .closingEndsReading:
      let reading = Task { try await near.read(upTo: 8, until: nil) }
      await Task.yield()
      await near.close()
      let error = await #expect(throws: DeviceError.self, comment) { _ = try await reading.value }
      #expect(error?.code == .closed, comment)
    case .closedStaysClosed:
      await near.close()
      await near.close()
      let read = await #expect(throws: DeviceError.self, comment) {
        _ = try await near.read(upTo: 8, until: patience)
      }
      let write = await #expect(throws: DeviceError.self, comment) {
        try await near.write([1], until: patience)
      }
      #expect(read?.code == .closed, comment)
      #expect(write?.code == .closed, comment)
      #expect(write?.bytesMoved == 0, comment)
    case .stuckWriteSaysWhatLeft:
      let count = 1 << 24
      let error = await #expect(throws: DeviceError.self, comment) {
        try await near.write(
          [UInt8](repeating: 0x55, count: count), until: near.clock.now + .milliseconds(300))
      }
      #expect(error?.code == .timedOut, comment)
      #expect((0..<count).contains(error?.bytesMoved ?? -1), comment)
      #expect(error?.hint.isEmpty == false, comment)
      // With the cable still in: what does not leave must not hold up whoever closes.
      await near.close()
    case .farEndGoes:
      await pair.cut()
      do throws(DeviceError) {
        let result = try await near.read(upTo: 8, until: patience)
        #expect(result == .endOfStream, comment)
      } catch {
        #expect([.gone, .connectionLost].contains(error.code), "\(comment): \(error)")
      }
    }
  }
}

extension ByteTransport {
  /// Reads exactly `count` bytes, in pieces of at most `piece`.
  func take(_ count: Int, piece: Int = 4096) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count,
      case .bytes(let some) = try await read(upTo: min(piece, count - bytes.count), until: nil)
    {
      bytes += some
    }
    return bytes
  }
}
