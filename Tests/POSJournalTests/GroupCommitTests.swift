import Dispatch
import Foundation
import POSJournal
import POSModel
import Synchronization
import Testing

/// Batches that come while the disk is busy share the next write of it.
@Suite struct GroupCommitTests {
  let scratch = Scratch()

  /// A journal whose disk is busy with its second write, the first after the creation, until it is let go.
  private final class BusyDisk: Sendable {
    private let points = Mutex<[Journal.CommitPoint]>([])
    private let gate = DispatchSemaphore(value: 0)
    private let entered = DispatchSemaphore(value: 0)
    let dying: Journal.CommitPoint?

    init(dyingAt point: Journal.CommitPoint? = nil) { dying = point }

    var writes: Int { points.withLock { $0.count { $0.moment == .after } } }

    var options: Journal.Options {
      var options = Journal.Options()
      options.onCommit = { point throws(DeviceError) in
        if point == Journal.CommitPoint(number: 2, moment: .before) {
          self.entered.signal()
          self.gate.wait()
        }
        self.points.withLock { $0.append(point) }
        if point == self.dying { throw DeviceError(.cancelled, during: "dying") }
      }
      return options
    }

    /// Runs `body` while the disk is busy with a sale called `first`.
    func whileBusy(_ journal: Journal, _ body: () async -> Void) async {
      let first = Task { await code { try await journal.commit(Self.sale("first")) } }
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
          self.entered.wait()
          continuation.resume()
        }
      }
      await body()
      gate.signal()
      #expect(await first.value == nil)
    }

    static func sale(_ name: String) -> JournalBatch {
      var batch = JournalBatch()
      batch.openSale(name)
      batch.append(SaleLogEntry(number: 0, kind: "opened", payload: [1]), to: name)
      batch.enqueue(OutboxItem(name: name, kind: .checkIn, key: name, payload: [2]))
      return batch
    }
  }

  /// Commits every batch at the same time while the disk is busy; the error of each, in order.
  private func together(_ batches: [JournalBatch], on journal: Journal, _ disk: BusyDisk) async
    -> [DeviceError.Code?]
  {
    let started = AsyncStream<Void>.makeStream()
    var tasks: [Task<DeviceError.Code?, Never>] = []
    await disk.whileBusy(journal) {
      for batch in batches {
        tasks.append(
          Task {
            started.continuation.yield()
            return await code { try await journal.commit(batch) }
          })
      }
      var waiting = batches.count
      for await _ in started.stream {
        waiting -= 1
        if waiting == 0 { break }
      }
    }
    var codes: [DeviceError.Code?] = []
    for task in tasks { codes.append(await task.value) }
    return codes
  }

  @Test func oneWriteForAllWhoWait() async throws {
    let disk = BusyDisk()
    let journal = try await Journal.open(in: scratch.path, options: disk.options)
    let names = (0..<64).map { "sale \($0)" }
    let codes = await together(names.map(BusyDisk.sale), on: journal, disk)
    #expect(codes.allSatisfy { $0 == nil })
    // The creation, the first, and the group; whoever had started but not come to the journal yet makes a few more.
    #expect((3...12).contains(disk.writes), "\(disk.writes) writes")
    #expect(Set(try await journal.openSales()) == Set(names + ["first"]))
    #expect(try await journal.outbox().count == 65)
    await journal.close()
  }

  /// What is wrong with one batch is its caller's affair.
  @Test func badBatchIsAlone() async throws {
    let disk = BusyDisk()
    let journal = try await Journal.open(in: scratch.path, options: disk.options)
    var bad = BusyDisk.sale("bad")
    bad.append(SaleLogEntry(number: 0, kind: "opened", payload: []), to: "nobody")
    let names = (0..<8).map { "sale \($0)" }
    let codes = await together(
      names[..<4].map(BusyDisk.sale) + [bad] + names[4...].map(BusyDisk.sale), on: journal, disk)
    #expect(codes[4] == .journalFailed)
    #expect(codes.count { $0 == nil } == 8)
    #expect(Set(try await journal.outbox().map(\.item.name)) == Set(names + ["first"]))
    await journal.close()
  }

  /// Nobody of a group whose write died is told that it was accepted.
  @Test(arguments: Journal.CommitPoint.Moment.allCases)
  func dyingInAGroup(moment: Journal.CommitPoint.Moment) async throws {
    let disk = BusyDisk(dyingAt: Journal.CommitPoint(number: 3, moment: moment))
    let journal = try await Journal.open(in: scratch.path, options: disk.options)
    let codes = await together((0..<8).map { BusyDisk.sale("sale \($0)") }, on: journal, disk)
    #expect(codes.allSatisfy { $0 == .cancelled })
    let again = try await Journal.open(in: scratch.path)
    let count = try await again.openSales().count
    #expect(moment == .before ? count == 1 : count > 1)
    await again.close()
  }

  /// A closing journal writes what was handed to it before.
  @Test func closingWritesWhatWaits() async throws {
    let disk = BusyDisk()
    let journal = try await Journal.open(in: scratch.path, options: disk.options)
    var closing: Task<Void, Never>?
    let started = AsyncStream<Void>.makeStream()
    var tasks: [Task<DeviceError.Code?, Never>] = []
    await disk.whileBusy(journal) {
      for number in 0..<4 {
        tasks.append(
          Task {
            started.continuation.yield()
            return await code { try await journal.commit(BusyDisk.sale("sale \(number)")) }
          })
      }
      closing = Task { await journal.close() }
    }
    await closing?.value
    var accepted = ["first"]
    for (number, task) in tasks.enumerated() {
      let code = await task.value
      #expect(code == nil || code == .closed)
      if code == nil { accepted.append("sale \(number)") }
    }
    let again = try await Journal.open(in: scratch.path)
    #expect(Set(try await again.openSales()) == Set(accepted))
    await again.close()
  }
}
