import POSModel
public import POSTransport
public import Testing

/// What every ``ReportTransport`` promises, checked on a link of 64-byte input reports without ids.
public enum ReportTransportConformance: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case reportsStayWholeAndInOrder
  case deadlineWithoutReport
  case pendingReportsAreDroppedAndCounted
  case cancelledReadLosesNothing
  case closingEndsReading
  case deviceGoes

  /// The name.
  public var testDescription: String { rawValue }

  /// The two ends of a link.
  public struct Link: Sendable {
    /// The end under test.
    public var near: any ReportTransport
    /// The device's.
    public var far: any ReportDevice
    /// Takes away what is left.
    public var end: @Sendable () async -> Void

    /// A link of these ends.
    public init(
      near: any ReportTransport, far: any ReportDevice, end: @escaping @Sendable () async -> Void = {}
    ) {
      self.near = near
      self.far = far
      self.end = end
    }
  }

  /// Checks this promise on a fresh link.
  public func check(_ rig: Rig<Link>) async throws {
    let link = try await rig.open()
    let (near, far, end) = (link.near, link.far, link.end)
    do {
      try await check(near, far, "\(rig.name): \(rawValue)")
    } catch {
      await near.close()
      await far.close()
      await end()
      throw error
    }
    await near.close()
    await far.close()
    await end()
  }

  private static func report(_ number: Int) -> [UInt8] {
    // No id: hidraw would take 00 for one only in output reports.
    (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
  }

  private func check(
    _ near: any ReportTransport, _ far: any ReportDevice, _ comment: Comment
  ) async throws {
    let patience = near.clock.now + .seconds(30)
    func next() async throws -> [UInt8]? {
      guard case .report(let report, _) = try await near.readReport(until: patience) else { return nil }
      return report
    }
    switch self {
    case .reportsStayWholeAndInOrder:
      // A real device's queue holds 64 of them.
      for number in 0..<40 { try await far.sendReport(Self.report(number), until: patience) }
      for number in 0..<40 { #expect(try await next() == Self.report(number), comment) }
    case .deadlineWithoutReport:
      #expect(try await near.readReport(until: near.clock.now) == .timedOut, comment)
      try await far.sendReport(Self.report(1), until: patience)
      #expect(try await next() == Self.report(1), comment)
    case .pendingReportsAreDroppedAndCounted:
      #expect(try await near.discardPendingReports() == 0, comment)
      for number in 0..<3 { try await far.sendReport(Self.report(number), until: patience) }
      // Reading the first tells that they are on their way; the others follow at once, or are read as new ones.
      #expect(try await next() == Self.report(0), comment)
      var dropped = 0
      while dropped < 2 {
        dropped += try await near.discardPendingReports()
        // On a machine with one processor the device sends nothing as long as this asks.
        await Task.yield()
      }
      #expect(dropped == 2, comment)
      try await far.sendReport(Self.report(9), until: patience)
      #expect(try await next() == Self.report(9), comment)
    case .cancelledReadLosesNothing:
      let reading = Task { try await near.readReport(until: nil) }
      reading.cancel()
      let error = await #expect(throws: DeviceError.self, comment) { _ = try await reading.value }
      #expect(error?.code == .cancelled, comment)
      try await far.sendReport(Self.report(5), until: patience)
      #expect(try await next() == Self.report(5), comment)
    case .closingEndsReading:
      let reading = Task { try await near.readReport(until: nil) }
      await Task.yield()
      await near.close()
      let error = await #expect(throws: DeviceError.self, comment) { _ = try await reading.value }
      #expect(error?.code == .closed, comment)
    case .deviceGoes:
      await far.close()
      do throws(DeviceError) {
        let result = try await near.readReport(until: patience)
        #expect(result == .endOfStream, comment)
      } catch {
        #expect([.gone, .connectionLost].contains(error.code), "\(comment): \(error)")
      }
    }
  }
}
