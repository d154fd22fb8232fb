import Dispatch

/// Where a simulated device of this process runs: the threads that all tests share may be busy for seconds, and a
/// till in another process then takes the device for silent.
final class DeviceThread: TaskExecutor {
  private let queue = DispatchQueue(label: "device")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
