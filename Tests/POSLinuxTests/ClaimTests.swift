import Foundation
import POSLinux
import POSModel
import Synchronization
import Testing

/// One process may stand for two here: what locks a file is the open file, not the process.
@Suite("Claims", .serialized)
struct ClaimTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "claims-\(UUID().uuidString)")
  let device = DeviceID("usb-05e0-1900-S1-if00")

  /// Whoever answers does so, however busy the machine is.
  var directory: ClaimDirectory {
    ClaimDirectory(folder.path, timeToAnswer: .seconds(60), patience: .seconds(60))
  }

  /// An owner with an answer of its own.
  final class Owner: ClaimOwner {
    let answer: ClaimAnswer?
    let asker = Mutex<Int32?>(nil)
    let lost = AsyncStream.makeStream(of: Void.self)

    init(_ answer: ClaimAnswer?) { self.answer = answer }

    func releaseRequested(by asker: ProcessIdentity?) async -> ClaimAnswer {
      self.asker.withLock { $0 = asker?.pid }
      if let answer { return answer }
      // It hangs, as far as anybody can see.
      for await _ in lost.stream {}
      return .keep
    }

    func claimLost() async { lost.continuation.finish() }
  }

  @Test("a claim without an owner to ask is kept, and the error names its process")
  func kept() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let claim = try await Claim.take(device, in: directory)
    let error = await busy()
    #expect(error?.code == .busy)
    #expect(error?.detail.contains("pid \(getpid())") == true)
    #expect(error?.detail.hasSuffix("keeps it") == true)
    expectHeld(claim)
    #expect(await Claim.holder(of: device, in: directory)?.pid == getpid())
    claim.release()
    #expect(await Claim.holder(of: device, in: directory) == nil)
    expectHeld(try await Claim.take(device, in: directory))
  }

  @Test("an owner is asked, told by whom, and may keep the device or let it go")
  func asked() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    for answer in [ClaimAnswer.keep, .letGo] {
      let owner = Owner(answer)
      let claim = try await Claim.take(device, owner: owner, in: directory)
      let error = await busy()
      #expect(owner.asker.withLock { $0 } == getpid())
      #expect(error?.code == (answer == .keep ? .busy : nil))
      expectHeld(claim, answer == .keep)
      claim.release()
    }
  }

  @Test("an owner that does not answer loses the device, and hears of it")
  func hung() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let owner = Owner(nil)
    let hasty = ClaimDirectory(folder.path, timeToAnswer: .milliseconds(100), patience: .seconds(60))
    let claim = try await Claim.take(device, owner: owner, in: hasty)
    #expect(await busy() == nil)
    expectHeld(claim, false)
    for await _ in owner.lost.stream {}
  }

  @Test("devices are claimed one by one, and none leads out of the folder")
  func independent() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = try await Claim.take(device, in: directory)
    let second = try await Claim.take(DeviceID("../escape"), in: directory)
    expectHeld(first)
    expectHeld(second)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(names) == ["\(device.text).claim", ".._escape.claim"])
  }

  @Test("copies that a forked child holds for a moment keep nothing")
  func copied() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let claim = try await Claim.take(device, in: directory)
    let copies = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
      .filter { Self.target(of: $0)?.hasPrefix(folder.path) == true }
      .map { dup($0) }
    defer { for copy in copies { close(copy) } }
    #expect(copies.count == 1)
    claim.release()
    #expect(await Claim.holder(of: device, in: directory) == nil)
    expectHeld(try await Claim.take(device, in: directory))
  }

  private static func target(of number: Int32) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
  }

  @Test("asking whose it is changes nothing, and nobody has what was let go")
  func looking() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let claim = try await Claim.take(device, owner: Owner(.letGo), in: directory)
    for _ in 0..<5 { #expect(await Claim.holder(of: device, in: directory)?.pid == getpid()) }
    #expect(await busy() == nil)
    expectHeld(claim, false)
    #expect(await Claim.holder(of: device, in: directory) == nil)
  }

  @Test("a process that is killed has claimed nothing any more")
  func killed() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "claims-killed-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
      let claim = try await Claim.take(DeviceID("usb-1-1"), in: ClaimDirectory(path))
      if claim.isHeld { CurrentProcess.kill() }
    }
    expectHeld(try await Claim.take(DeviceID("usb-1-1"), in: ClaimDirectory(folder.path)))
  }

  @Test("a file that says nothing useful leaves the device busy and its owner unnamed")
  func spoiled() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let claim = try await Claim.take(device, in: directory)
    for text in ["", String(repeating: "x", count: 4096), "\0\0"] {
      let file = try FileHandle(forWritingTo: folder.appending(path: "\(device.text).claim"))
      try file.truncate(atOffset: 0)
      try file.write(contentsOf: Data(text.utf8))
      try file.close()
      let error = await busy()
      #expect(error?.code == .busy)
      #expect(error?.detail == "another process has it")
    }
    expectHeld(claim)
  }

  /// A macro cannot take what cannot be copied.
  private func expectHeld(_ claim: borrowing Claim, _ expected: Bool = true) {
    let isHeld = claim.isHeld
    #expect(isHeld == expected)
  }

  /// Why the device cannot be claimed; `nil` when it can.
  private func busy() async -> DeviceError? {
    do throws(DeviceError) {
      try await Claim.take(device, in: directory).release()
      return nil
    } catch {
      return error
    }
  }
}
