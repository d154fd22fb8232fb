import Conformance
import ESCPOS
import Foundation
import POSDrivers
import POSLinux
import POSModel
import POSSimulation
import Testing

/// A printer on a TCP port of this process, which keeps its paper from one till to the next.
final class PaperCounter: Sendable {
  let listener: TCPListener
  private let serving: Task<[PrintedPage], Never>

  init() throws {
    let listener = try TCPListener()
    self.listener = listener
    serving = Task(executorPreference: DeviceThread()) {
      var printer: SimulatedPrinter?
      while let till = try? await listener.accept(until: nil) {
        if let printer {
          await printer.connect(over: till)
        } else {
          printer = SimulatedPrinter(over: till, PrinterProfile.epsonTMT20II.geometry)
        }
        await printer?.run()
      }
      return await printer?.pages ?? []
    }
  }

  var address: String { "tcp:127.0.0.1:\(listener.port)" }

  /// What was printed by all tills; none comes after that.
  func lines() async -> [String] {
    await listener.close()
    return await serving.value.flatMap(\.lines).map { String(String.UnicodeScalarView($0)) }
  }
}

@Suite("posctl print, printer, drawer, receipt")
struct PrintTests {
  static let example = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Examples/receipt.json").path

  static let document = #"{"items": [{"text": "begin A"}, {"text": "end A"}, {"cut": true}]}"#

  @Test("prints, confirms, and never prints one job twice")
  func once() async throws {
    let files = try TemporaryDirectory()
    let printer = try PaperCounter()
    for _ in 0..<2 {
      let result = try await Posctl.run(
        ["print", "-", "--to", printer.address, "--profile", "epson-tm-t20ii", "--job", "A", "--copies", "2"]
          + ["--state", files.path("state").path, "--json"], input: Array(Self.document.utf8))
      #expect(result.status == 0, "\(result.complaints)")
      let lines = try result.lines
      #expect(lines.allSatisfy { $0["outcome"] as? String == "printed" })
      #expect(Set(lines.map { $0["job"] as? String }) == ["A", "A#2"])
    }
    #expect(await printer.lines().count { $0 == "end A" } == 2)
  }

  @Test("a document with a mistake prints nothing, not even the sound one before it")
  func mistake() async throws {
    let files = try TemporaryDirectory()
    let printer = try PaperCounter()
    let bad = files.path("bad.json")
    try Data(#"{"items": [{"text": "a", "size": -3}]}"#.utf8).write(to: bad)
    let result = try await Posctl.run(
      "print", Self.example, bad.path, "--to", printer.address, "--state", files.path("state").path)
    #expect(result.status == 2)
    #expect(result.complaints.contains("$.items[0].size"))
    let queue = try await Posctl.run("printer", "queue", "--state", files.path("state").path, "--json")
    #expect(queue.output.isEmpty)
    #expect(await printer.lines().isEmpty)
  }

  @Test("kill -9 at every durable write and after so many bytes: at most once, and once when it says printed")
  func kills() async throws {
    let all = ProcessInfo.processInfo.environment["POS_SWEEP"] != nil
    let files = try TemporaryDirectory()
    let sweep = try PrintKillSweep(in: files.url) { arguments in
      let result = try await Posctl.run(arguments)
      return (result.status, result.output, result.complaints)
    }
    let points = PrintKillSweep.durableWrites + PrintKillSweep.bytesSent(every: all ? 512 : 16 * 512)
    var killed = 0
    for point in points {
      let printer = try PaperCounter()
      if try await sweep.check(point, printer: printer.address, paper: printer.lines).wasKilled {
        killed += 1
      }
    }
    #expect(killed > points.count / 2)
  }

  @Test("says how the printer is, opens the drawer, and tests itself")
  func conversation() async throws {
    let printer = try PaperCounter()
    let options = ["--to", printer.address, "--profile", "epson-tm-t20ii", "--json"]
    let status = try await Posctl.run(["printer", "status", "--identify"] + options)
    #expect(status.status == 0)
    let line = try #require(try status.lines.first)
    #expect(line["online"] as? Bool == true && line["paper"] as? String == "present")
    #expect(line["serial"] as? String == "SIM000001")
    let drawer = try await Posctl.run(["drawer", "open"] + options)
    #expect(try drawer.lines.first?["outcome"] as? String == "opened")
    #expect(try await Posctl.run(["drawer", "open", "--on", "512"] + options).status == 2)
    let test = try await Posctl.run(["printer", "selftest"] + options)
    #expect(test.status == 0)
    #expect(try test.lines.map { $0["grade"] as? String } == ["passed", "passed", "passed", "skipped"])
    #expect(await printer.lines().contains("left                                       right"))
  }

  @Test("lays out a receipt without a printer, as a printer would show it")
  func receipt() async throws {
    let files = try TemporaryDirectory()
    let result = try await Posctl.run(
      "receipt", Self.example, "--profile", "epson-tm-t20ii", "--escpos", files.path("r.bin").path, "--png",
      files.path("r.png").path, "--text")
    #expect(result.status == 0, "\(result.complaints)")
    #expect(result.output.contains("TOTAL                                     $26.46"))
    // The picture is of these very bytes.
    let decoded = try await Posctl.run(
      "decode", "escpos", files.path("r.bin").path, "--png", files.path("d.png").path, "--json")
    #expect(try decoded.lines.last?["complaints"] as? [String] == [])
    #expect(try Data(contentsOf: files.path("r.png")).count > 1000)
    let lines = try #require(try decoded.lines.last?["lines"] as? [String])
    #expect(lines == result.output.split(separator: "\n").map(String.init))
  }

  @Test("what cannot be written for want of permission is that, and folders to keep paper in are made")
  func smallThings() async throws {
    let files = try TemporaryDirectory()
    let user = getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    let denied = files.path("denied")
    try FileManager.default.createDirectory(
      at: denied, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o555])
    let program = files.path("posctl")
    try FileManager.default.copyItem(at: Posctl.executable, to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: files.url.path)
    let result = try await Posctl.run(
      ["barcode", "ean13", "315788232640", "--png", denied.path + "/x"], launcher: user)
    #expect(result.status == 4, "\(result.complaints)")
    let missing = try await Posctl.run("barcode", "ean13", "315788232640", "--png", "/nowhere/x")
    #expect(missing.status == 2)
  }

  @Test("every command that a hint names is there")
  func hints() async throws {
    var commands: Set<[String]> = []
    for row in ErrorTable.rows {
      for part in row.hint.components(separatedBy: "posctl ").dropFirst()
      where !row.hint.contains("end the other posctl") {
        let words = part.prefix { $0 != "#" }.split(whereSeparator: { " ;#,:".contains($0) }).map(String.init)
        commands.insert(
          Array(words.prefix { $0.allSatisfy { $0.isLowercase || $0 == "-" } && !$0.hasPrefix("-") }))
      }
    }
    #expect(commands.contains(["printer", "status"]))
    for command in commands where !command.isEmpty {
      let help = try await Posctl.run(command + ["--help"])
      #expect(
        help.status == 0 && help.output.contains("USAGE: posctl \(command.joined(separator: " "))"),
        "\(command)")
    }
  }
}
