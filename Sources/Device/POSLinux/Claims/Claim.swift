import CPOSLinux
import Glibc
public import POSModel
import POSTransport

/// The right to use one device, which one process at a time has. It ends with the value, and with the process,
/// however that ends.
///
///     let claim = try await Claim.take(printer.id, owner: session)
///
/// Whoever wants the device asks its owner, who keeps it only by saying so in time (DESIGN §2.11): one that hangs
/// loses it. A process that is stopped altogether cannot be made to let go; the error then names it.
public struct Claim: ~Copyable, Sendable {
  /// The device.
  public let device: DeviceID
  private let lease: ClaimLease

  private init(_ device: DeviceID, _ lease: ClaimLease, _ owner: (any ClaimOwner)?) {
    self.device = device
    self.lease = lease
    // It ends with the lease.
    Task { await lease.answer(for: owner) }
  }

  deinit { lease.end() }

  /// Whether the claim is still ours: an owner that did not answer in time has lost it.
  public var isHeld: Bool { lease.isHeld }

  /// Lets go at once.
  public consuming func release() {}

  /// Takes the device, after asking whoever has it.
  ///
  /// - Parameter owner: who answers for the device from now on. Without one, the device is kept.
  /// - Throws: `device.busy` with the process that keeps the device in its detail; what opening the claim's file
  ///   fails with.
  public static func take(
    _ device: DeviceID, owner: (any ClaimOwner)? = nil, in directory: ClaimDirectory = .standard
  ) async throws(DeviceError) -> Claim {
    let operation = "claiming \(device)"
    if let lease = try directory.lock(device, during: operation) { return Claim(device, lease, owner) }
    let answer = await directory.ask(device, .release)
    if let lease = try directory.lock(device, during: operation) { return Claim(device, lease, owner) }
    throw busy(answer, during: operation)
  }

  /// Which process has the device; `nil` when nobody has it, or its owner cannot be seen.
  public static func holder(of device: DeviceID, in directory: ClaimDirectory = .standard) async
    -> ProcessIdentity?
  {
    await directory.ask(device, .name).owner
  }

  private static func busy(_ answer: ClaimDirectory.Answer, during operation: String) -> DeviceError {
    guard let owner = answer.owner else {
      return DeviceError(.busy, during: operation, detail: "another process has it")
    }
    let manner = answer.wasGiven ? "keeps it" : "does not answer"
    return DeviceError(
      .busy, during: operation, detail: "\(owner) \(manner)", hint: owner.ending)
  }
}

/// Who answers for a claimed device.
public protocol ClaimOwner: Sendable {
  /// Another process wants the device. The owner keeps it by saying so within ``ClaimDirectory/timeToAnswer``; before it
  /// lets go, it closes the device.
  func releaseRequested(by asker: ProcessIdentity?) async -> ClaimAnswer

  /// The owner did not answer in time: another process may have the device already. The owner closes it.
  func claimLost() async
}

/// What an owner says.
public enum ClaimAnswer: Sendable {
  /// The device is needed.
  case keep
  /// The device has been closed.
  case letGo
}
