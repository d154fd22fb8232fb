import Foundation
import POSJournal
import POSModel
import Testing

/// A real process, really killed: what it was told is on disk is there, and the lock is gone with it.
@Suite struct KillTests {
  @Test(arguments: 2...5, Journal.CommitPoint.Moment.allCases)
  func killedAtAWrite(number: Int, moment: Journal.CommitPoint.Moment) async throws {
    let scratch = Scratch()
    let path = scratch.path
    let side = moment.rawValue
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, number = number as Int, side = side as String] in
      var options = Journal.Options()
      options.onCommit = { point in
        if point.number == number, point.moment.rawValue == side { kill(getpid(), SIGKILL) }
      }
      let journal = try await Journal.open(in: path, options: options)
      for sale in 2...9 {
        _ = try await journal.nextNumber(in: "transaction")
        var batch = JournalBatch()
        batch.openSale("sale \(sale)")
        batch.append(SaleLogEntry(number: 0, kind: "opened", payload: [1, 2, 3]), to: "sale \(sale)")
        batch.enqueue(OutboxItem(name: "item \(sale)", kind: .checkIn, key: "k", payload: [4]))
        try await journal.commit(batch)
      }
    }
    let journal = try await Journal.open(in: path)
    // The first write of a new journal creates it; the sale numbered like its write is the one at stake.
    let last = moment == .before ? number - 1 : number
    let sales = (2...9).filter { $0 <= last }
    #expect(try await journal.openSales() == sales.map { "sale \($0)" })
    #expect(try await journal.outbox().map(\.item.name) == sales.map { "item \($0)" })
    #expect(try await journal.nextNumber(in: "transaction") == Int64(sales.count + 1))
    await journal.close()
  }

  /// Of many that are written together, whoever was told "accepted" is there after the kill, and nobody twice.
  @Test(arguments: [3, 6, 9], Journal.CommitPoint.Moment.allCases)
  func killedInAGroup(number: Int, moment: Journal.CommitPoint.Moment) async throws {
    let scratch = Scratch()
    let path = scratch.path
    let side = moment.rawValue
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, number = number as Int, side = side as String] in
      var options = Journal.Options()
      options.onCommit = { point in
        if point.number == number, point.moment.rawValue == side { kill(getpid(), SIGKILL) }
      }
      let journal = try await Journal.open(in: path, options: options)
      let told = open(path + "/told", O_WRONLY | O_CREAT | O_APPEND, 0o600)
      await withTaskGroup(of: Void.self) { group in
        for lane in 0..<8 {
          group.addTask {
            for sale in 0..<200 {
              let name = "\(lane)-\(sale)"
              var batch = JournalBatch()
              batch.enqueue(OutboxItem(name: name, kind: .checkIn, key: name, payload: [4]))
              guard (try? await journal.commit(batch)) != nil else { return }
              _ = (name + "\n").withCString { write(told, $0, strlen($0)) }
            }
          }
        }
      }
    }
    let told = String(
      decoding: FileManager.default.contents(atPath: path + "/told") ?? Data(), as: UTF8.self
    ).split(separator: "\n").map(String.init)
    let journal = try await Journal.open(in: path)
    let items = try await journal.outbox(limit: .max).map(\.item.name)
    #expect(Set(items).count == items.count)
    #expect(Set(told).subtracting(items) == [])
    #expect(!items.isEmpty)
    await journal.close()
  }

  @Test func otherProcessIsNamed() async throws {
    let scratch = Scratch()
    let path = scratch.path
    let journal = try await Journal.open(in: path)
    let mine = ProcessInfo.processInfo.processIdentifier
    await #expect(processExitsWith: .exitCode(5)) { [path = path as String, mine = mine as Int32] in
      do throws(DeviceError) {
        _ = try await Journal.open(in: path)
      } catch {
        guard error.code == .journalLocked, error.hint.contains("process \(mine) holds it") else { exit(1) }
        exit(ErrorTable.row(for: error.code).exit.rawValue)
      }
    }
    await journal.close()
  }
}
