import Glibc

/// This process.
public enum CurrentProcess {
  /// Lets it go on when whoever read its output has gone: `| head` must not end what moves money.
  public static func outliveReaders() { _ = signal(SIGPIPE, SIG_IGN) }

  /// Ends it as `kill -9` does: nothing is flushed, closed or undone. For tests of what a crash leaves behind.
  public static func kill() -> Never {
    _ = Glibc.kill(getpid(), SIGKILL)
    // The signal cannot be caught, but the compiler does not know.
    while true { pause() }
  }
}
