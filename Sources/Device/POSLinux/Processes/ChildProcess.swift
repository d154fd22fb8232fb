import Glibc
public import POSModel

/// Another program, run to its end.
public enum ChildProcess {
  /// Runs a program from the `PATH` with our standard streams, and waits for it on a thread of its own.
  ///
  /// - Throws: `device.not_found` when there is no such program, `device.io` when it fails.
  public static func run(_ command: [String]) async throws(DeviceError) {
    let operation = "running \(command.joined(separator: " "))"
    try await BlockingCall("pos-child", during: operation) { () throws(DeviceError) in
      let status = try translating(.opening, during: operation) { () throws(SystemError) in
        try wait(for: spawn(command))
      }
      guard status == 0 else {
        throw DeviceError(
          .inputOutput, during: operation, detail: "it ended with status \(status)",
          hint: command.joined(separator: " "))
      }
    }.value()
  }

  private static func spawn(_ command: [String]) throws(SystemError) -> pid_t {
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    // Our threads block every signal, and a program that inherits that cannot be stopped from the keyboard.
    var attributes = posix_spawnattr_t()
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pid: pid_t = 0
    let status = posix_spawnp(&pid, command.first ?? "", nil, &attributes, &arguments, environ)
    guard status == 0 else { throw SystemError(status) }
    return pid
  }

  /// The exit status, or 128 and the signal that ended it.
  private static func wait(for pid: pid_t) throws(SystemError) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 {
      guard errno == EINTR else { throw SystemError(errno) }
    }
    let signal = status & 0x7F
    return signal == 0 ? status >> 8 & 0xFF : 128 + signal
  }
}
