import CPOSLinux
import POSModel
import POSTransport

/// A locked file and the socket at which its owner is asked for it.
final class ClaimLease: Sendable {
  private let lock: Lock<OwnedDescriptor?>
  private let listener: SharedDescriptor

  init(lock: consuming OwnedDescriptor, listener: SharedDescriptor) {
    self.lock = Lock(lock)
    self.listener = listener
  }

  /// Whether the file is still locked.
  var isHeld: Bool { lock.withLock { $0 != nil } }

  /// Unlocks the file.
  func end() { lock.withLock { $0 = nil } }

  /// Answers whoever asks, one after the other, until the task is cancelled or the device is given up.
  func answer(for owner: (any ClaimOwner)?) async {
    while isHeld, let number = try? await listener.accept(until: nil) {
      guard
        let asker = try? SharedDescriptor(OwnedDescriptor(owning: number), name: "whoever asks for a claim")
      else { continue }
      await answer(asker, for: owner, pid: pos_peer_process(number))
    }
  }

  private func answer(_ asker: SharedDescriptor, for owner: (any ClaimOwner)?, pid: Int32) async {
    let clock = Reactor.shared
    let deadline = clock.now + Claim.timeToAnswer
    let question = try? await asker.receivePacket(upTo: 1, until: deadline, during: "answering")
    guard question?.first == ClaimDirectory.Question.release.rawValue else { return }
    let answer: ClaimAnswer?
    if let owner {
      answer = await Self.answer(of: owner, to: ProcessIdentity(pid: pid), until: deadline)
    } else {
      answer = .keep
    }
    switch answer {
    case .keep: try? await asker.sendPacket([1], until: deadline)
    case .letGo: end()
    case nil:
      end()
      await owner?.claimLost()
    }
  }

  /// The owner's answer; `nil` when it does not come in time.
  private static func answer(
    of owner: any ClaimOwner, to asker: ProcessIdentity?, until deadline: MonotonicInstant
  ) async -> ClaimAnswer? {
    let given = Lock<ClaimAnswer?>(nil)
    let wait = Wait()
    Task {
      let answer = await owner.releaseRequested(by: asker)
      given.withLock { $0 = answer }
      wait.end(.ready)
    }
    _ = await wait.outcome(until: deadline, by: Reactor.shared)
    return given.withLock { $0 }
  }
}
