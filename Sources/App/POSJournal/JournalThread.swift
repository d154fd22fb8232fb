import Dispatch

/// Runs the journal's jobs one after the other on a thread that may block in `fdatasync`.
///
/// A private queue borrows its thread from the dispatch library, never from the cooperative pool, so a slow
/// disk delays the journal and nothing else.
final class JournalThread: SerialExecutor {
  private let queue = DispatchQueue(label: "pos.journal")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  /// Runs `work` on the thread after everything that waits for it now.
  func runLast(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

  func checkIsolated() {
    dispatchPrecondition(condition: .onQueue(queue))
  }
}
