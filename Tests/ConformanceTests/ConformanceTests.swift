import Conformance
import Testing

/// What every transport and every driver promises, over simulators. `tools/lab` runs the same over the kernel's own
/// drivers, `POS_DEVICES` over what stands on the table: see ``HardwareConformanceTests``.
@Suite("Transports and drivers keep what they promise", .timeLimit(.minutes(2)))
struct ConformanceTests {
  @Test(arguments: ByteTransportConformance.allCases, Rig<ByteTransportConformance.Pair>.simulated)
  func bytes(_ promise: ByteTransportConformance, _ rig: Rig<ByteTransportConformance.Pair>) async throws {
    try await promise.check(rig)
  }

  @Test(arguments: ReportTransportConformance.allCases, Rig<ReportTransportConformance.Link>.simulated)
  func reports(_ promise: ReportTransportConformance, _ rig: Rig<ReportTransportConformance.Link>)
    async throws
  {
    try await promise.check(rig)
  }

  @Test(arguments: ScannerConformance.allCases, Rig<ScannerConformance.Bench>.simulated)
  func scanners(_ promise: ScannerConformance, _ rig: Rig<ScannerConformance.Bench>) async throws {
    try await promise.check(rig)
  }

  @Test(arguments: PrinterConformance.allCases, PrinterConformance.Rig.simulated)
  func printers(_ promise: PrinterConformance, _ rig: PrinterConformance.Rig) async throws {
    try await promise.check(rig)
  }

  @Test(arguments: TerminalConformance.allCases, TerminalConformance.Rig.simulated)
  func terminals(_ promise: TerminalConformance, _ rig: TerminalConformance.Rig) async throws {
    try await promise.check(rig)
  }
}
