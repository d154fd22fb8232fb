import CPOSLinux
import POSModel
import POSTransport

/// A locked file and the socket at which its owner is asked for it.
final class ClaimLease: Sendable {
  private let lock: Lock<OwnedDescriptor?>
  private let listener: SharedDescriptor
  private let timeToAnswer: Duration

  init(lock: consuming OwnedDescriptor, listener: SharedDescriptor, timeToAnswer: Duration) {
    self.timeToAnswer = timeToAnswer
    self.lock = Lock(lock)
    self.listener = listener
  }

  /// Whether the file is still locked.
  var isHeld: Bool { lock.withLock { $0 != nil } }

  /// Unlocks the file, and lets nobody ask any more.
  ///
  /// Closing alone would do neither at once: a child that was forked a moment ago holds copies of both descriptors
  /// until it has become its program, and the task that answers holds the socket until it has ended.
  func end() {
    lock.withLock { lock in
      guard let file = lock.take() else { return }
      _ = pos_shutdown(listener.number)
      _ = pos_unlock(file.number)
    }
  }

  /// Answers whoever asks until the device is given up. An asker that says nothing holds up no other.
  func answer(for owner: (any ClaimOwner)?) async {
    await withDiscardingTaskGroup { group in
      while let number = try? await listener.accept(until: nil) {
        guard
          let asker = try? SharedDescriptor(OwnedDescriptor(owning: number), name: "whoever asks for a claim")
        else { continue }
        group.addTask { await self.answer(asker, for: owner, pid: pos_peer_process(number)) }
      }
    }
  }

  private func answer(_ asker: SharedDescriptor, for owner: (any ClaimOwner)?, pid: Int32) async {
    let clock = Reactor.shared
    let deadline = clock.now + timeToAnswer
    let question = try? await asker.receivePacket(upTo: 1, until: deadline, during: "answering")
    guard question?.first == ClaimDirectory.Question.release.rawValue else { return }
    let answer: ClaimAnswer?
    if isHeld, let owner {
      answer = await Self.answer(of: owner, to: ProcessIdentity(pid: pid), until: deadline)
    } else {
      answer = .keep
    }
    if answer != .keep { end() }
    let reply = isHeld ? ClaimDirectory.Reply.keep : .letGo
    try? await asker.sendPacket([reply.rawValue], until: clock.now + timeToAnswer)
    if answer == nil { await owner?.claimLost() }
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
