import Glibc
import POSLinux
import Testing

@Suite("How a process is ended")
struct ProcessIdentityTests {
  static let desktop = "0::/user.slice/user-1000.slice/user@1000.service"

  /// `/proc/PID/cgroup`, the process's user and state, and the command for user 1000.
  static let cases: [(groups: String, user: UInt32, state: String, ending: String)] = [
    ("0::/system.slice/cups.service\n", 0, "S (sleeping)", "sudo systemctl stop cups.service"),
    (
      "5:pids:/system.slice\n1:name=systemd:/system.slice/till.service\n", 1000, "S (sleeping)",
      "sudo systemctl stop till.service"
    ),
    // systemd ends what is stopped, too.
    ("0::/system.slice/cups.service\n", 0, "T (stopped)", "sudo systemctl stop cups.service"),
    // What works in a service is not the service.
    ("0::/system.slice/runner.service/jobs\n", 0, "S (sleeping)", "sudo kill 812"),
    ("\(desktop)/app.slice/app-gnome-terminal-99.scope\n", 1000, "S (sleeping)", "kill 812"),
    ("\(desktop)/init.scope\n", 1000, "S (sleeping)", "kill 812"),
    ("\(desktop)\n", 1000, "S (sleeping)", "kill 812"),
    ("\(desktop)/app.slice/till.service\n", 1000, "S (sleeping)", "systemctl --user stop till.service"),
    (
      "\(desktop)/app.slice/app-a\\x2db@1.service\n", 1000, "S (sleeping)",
      "systemctl --user stop 'app-a\\x2db@1.service'"
    ),
    (
      "0::/user.slice/user-0.slice/user@0.service/till.service\n", 0, "S (sleeping)",
      "sudo systemctl --user --machine=root@.host stop till.service"
    ),
    ("0::/user.slice/user-1000.slice/session-3.scope\n", 1000, "S (sleeping)", "kill 812"),
    // Services that start other people's programs.
    ("0::/system.slice/cron.service\n", 1000, "S (sleeping)", "kill 812"),
    ("0::/system.slice/ssh.service\n", 0, "S (sleeping)", "sudo kill 812"),
    ("0::/system.slice/system-getty.slice/getty@tty1.service\n", 1000, "S (sleeping)", "kill 812"),
    // Who has been stopped hears nothing but that.
    ("0::/user.slice/user-1000.slice/session-3.scope\n", 1000, "T (stopped)", "kill -KILL 812"),
    ("0::/\n", 0, "T (stopped)", "sudo kill -KILL 812"),
    ("0::/\n", 1000, "t (tracing stop)", "kill 812"),
    ("", 1000, "R (running)", "kill 812"),
    // Users name control groups of theirs.
    ("\(desktop)/$(reboot).service\n", 1000, "S (sleeping)", "kill 812"),
    ("\(desktop)/-H.service\n", 1000, "S (sleeping)", "kill 812"),
  ]

  @Test("a service by its manager, everything else by its number", arguments: cases.indices)
  func ending(index: Int) {
    let (groups, user, state, ending) = Self.cases[index]
    let process = ProcessIdentity(
      pid: 812, name: Array("scan\n".utf8), commandLine: Array("scan\0--all\0".utf8),
      controlGroups: Array(groups.utf8),
      status: Array("Name:\tscan\nState:\t\(state)\nUid:\t\(user)\t\(user)\t\(user)\t\(user)\n".utf8))
    #expect(process.ending(for: 1000) == ending)
    #expect(process.commandLine == "scan --all")
    #expect(process.name == "scan")
  }

  @Test("this process runs, as its own user")
  func own() throws {
    let process = try #require(ProcessIdentity(pid: getpid()))
    #expect(process.user == getuid())
    #expect(!process.isStopped)
    #expect(!process.ending.isEmpty)
  }
}
