import POSLinux

/// What this process holds.
struct ResourceUse: Sendable, Equatable {
  var descriptors: Int
  var threads: Int
  /// Resident memory, in kB.
  var memory: Int

  /// As it is now.
  init() {
    // Reading the folder takes one more.
    descriptors = SmallFile.names(in: "/proc/self/fd").count - 1
    threads = SmallFile.names(in: "/proc/self/task").count
    let status = (try? SmallFile.read("/proc/self/status", upTo: 4096)) ?? []
    let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix("VmRSS:")
    }
    memory = line.flatMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } } ?? 0
  }

  var text: String { "\(descriptors) descriptors, \(threads) threads, \(memory) kB" }
}
