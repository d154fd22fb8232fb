import Conformance
import ESCPOS
import Foundation
import POSDrivers
import POSLinux
import POSLoyalty
import POSModel
import POSSimulation
import Testing

/// A printer on a TCP port of this process, which keeps its paper from one till to the next.
final class PaperCounter: Sendable {
  let listener: TCPListener
  private let serving: Task<(pages: [PrintedPage], received: [UInt8]), Never>

  init(_ faults: SimulatedPrinter.Faults = SimulatedPrinter.Faults()) throws {
    let listener = try TCPListener()
    self.listener = listener
    serving = Task(executorPreference: DeviceThread()) {
      var printer: SimulatedPrinter?
      while let till = try? await listener.accept(until: nil) {
        if let printer {
          await printer.connect(over: till)
        } else {
          printer = SimulatedPrinter(over: till, PrinterProfile.epsonTMT20II.geometry, faults: faults)
        }
        await printer?.run()
      }
      return (await printer?.pages ?? [], await printer?.receivedBytes ?? [])
    }
  }

  var address: String { "tcp:127.0.0.1:\(listener.port)" }

  /// What was printed by all tills; none comes after that.
  func lines() async -> [String] {
    await pages().flatMap(\.lines).map { String(String.UnicodeScalarView($0)) }
  }

  /// The paper of each time the printer was switched on; no till comes after that.
  func pages() async -> [PrintedPage] {
    await listener.close()
    return await serving.value.pages
  }

  /// Every byte that came from any till; none comes after that.
  func received() async -> [UInt8] {
    await listener.close()
    return await serving.value.received
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
    for turn in 0..<2 {
      let result = try await Posctl.run(
        ["print", "-", "--to", printer.address, "--profile", "epson-tm-t20ii", "--job", "A", "--copies", "2"]
          + ["--state", files.path("state").path, "--json"], input: Array(Self.document.utf8))
      #expect(result.status == 0, "\(result.complaints)")
      let lines = try result.lines
      #expect(lines.allSatisfy { $0["outcome"] as? String == "printed" })
      #expect(Set(lines.map { $0["job"] as? String }) == ["A", "A#2"])
      #expect(lines.allSatisfy { ($0["repeated"] as? Bool ?? false) == (turn == 1) })
    }
    #expect(await printer.lines().count { $0 == "end A" } == 2)
  }

  @Test(
    "a print that waits is taken up with what its printer was taken for, by the command that posctl prints")
  func takenUp() async throws {
    let files = try TemporaryDirectory()
    let printer = try PaperCounter()
    let state = ["--state", files.path("state").path]
    let killed = try await Posctl.run(
      ["print", "-", "--to", printer.address, "--profile", "epson-tm-t20ii", "--job", "A"]
        + ["--crash-at", "sent:10"] + state, input: Array(Self.document.utf8))
    #expect(killed.status == -9)
    let resolved = try await Posctl.run(["printer", "queue", "resolve", "A", "--again"] + state)
    let command = try #require(resolved.output.split(separator: "posctl ").last)
    let resumed = try await Posctl.run(
      command.split(whereSeparator: \.isWhitespace).map(String.init) + ["--json"] + state)
    // A printer of which nothing is known would only have been sent it.
    #expect(try resumed.lines.map { $0["outcome"] as? String } == ["printed"], "\(resumed.complaints)")
    #expect(await printer.lines().contains("end A"))
  }

  @Test("whoever prints behind a receipt that waits is told of their own")
  func behind() async throws {
    let files = try TemporaryDirectory()
    for (job, told) in [("first", ["first"]), ("second", ["first", "second"])] {
      let result = try await Posctl.run(
        ["print", "-", "--to", "tcp:127.0.0.1:1", "--job", job, "--json"]
          + ["--state", files.path("state").path], input: Array(Self.document.utf8))
      #expect(result.status == 3)
      let lines = try result.lines
      #expect(lines.map { $0["job"] as? String } == told)
      for line in lines {
        #expect(line["outcome"] as? String == "not-printed")
        let hint = line["hint"] as? String ?? ""
        #expect(hint.contains("posctl printer queue resume --to tcp:127.0.0.1:1"), "\(hint)")
      }
    }
  }

  /// A PNG of one size, as far as its head goes (RFC 2083).
  private static func png(width: UInt32, height: UInt32, cutTo length: Int = .max) -> Data {
    func word(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
    func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
      let body = Array(name.utf8) + data
      var crc = UInt32.max
      for byte in body {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
      }
      return word(UInt32(data.count)) + body + word(~crc)
    }
    let head: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let size = chunk("IHDR", word(width) + word(height) + [8, 0, 0, 0, 0])
    let dots = chunk("IDAT", [0x78, 0x01, 0x01, 0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x01])
    return Data((head + size + dots + chunk("IEND", [])).prefix(length))
  }

  /// Documents that must not be printed, and what the error begins with.
  static let mistakes: [(document: String, place: String)] = [
    (#"{"items": [{"text": "a"}, {"text": "b", "colour": "red"}]}"#, "$.items[1].colour: unknown"),
    (#"{"items": [], "printer": "kitchen"}"#, "$.printer: unknown"),
    (#"{"items": [{"text": "a", "size": -3}]}"#, "$.items[0].size: -3"),
    (#"{"items": [{"feed": -1}]}"#, "$.items[0].feed: -1"),
    (#"{"items": [{"barcode": "315788232640", "height": -208}]}"#, "$.items[0].height: -208"),
    (#"{"items": [{"columns": [{"text": "a", "width": -4}]}]}"#, "$.items[0].columns[0].width: -4"),
    (
      #"{"items": [{"text": "a"}, {"image": "huge.png"}]}"#,
      "$.items[1].image: 10000 × 10000 dots are too many"
    ),
    (#"{"items": [{"image": "cut.png"}]}"#, "$.items[0].image: "),
    (#"{"items": [{"image": "empty.png"}]}"#, "$.items[0].image: "),
    (#"{"items": [{"image": "text.png"}]}"#, "$.items[0].image: "),
    (#"{"items": [{"image": "missing.png"}]}"#, "$.items[0].image: "),
    (#"{"items": [{"image": "huge.png", "width": -10}]}"#, "$.items[0].width: -10"),
    (#"{"items": [{"barcode": "3157882326402"}]}"#, "$.items[0]: "),
    (#"{"items": [{"barcode": "315788232640", "module": 8}]}"#, "$.items[0]: "),
    (#"{"items": [{"text": "a"}"#, "$: "),
  ]

  @Test("bad input is an error with its place, and the printer sees no byte", arguments: mistakes)
  func badInput(document: String, place: String) async throws {
    let files = try TemporaryDirectory()
    let printer = try PaperCounter()
    try Self.png(width: 10_000, height: 10_000).write(to: files.path("huge.png"))
    try Self.png(width: 8, height: 8, cutTo: 45).write(to: files.path("cut.png"))
    try Data().write(to: files.path("empty.png"))
    try Data("no picture".utf8).write(to: files.path("text.png"))
    let bad = files.path("bad.json")
    try Data(document.utf8).write(to: bad)
    // A sound one before it is not printed either.
    let result = try await Posctl.run(
      "print", Self.example, bad.path, "--to", printer.address, "--profile", "epson-tm-t20ii", "--state",
      files.path("state").path, "--json")
    #expect(result.status == 2, "\(result.output) \(result.complaints)")
    let error = try #require(try result.lines.last)
    #expect(error["type"] as? String == "error")
    let detail = error["detail"] as? String ?? ""
    #expect(detail.hasPrefix(place), "\(detail)")
    let queue = try await Posctl.run("printer", "queue", "--state", files.path("state").path, "--json")
    #expect(queue.output.isEmpty)
    #expect(await printer.received().isEmpty)
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

  @Test("a printer that says its model gets that model's commands; one that does not, what most can do")
  func askedForItsModel() async throws {
    let files = try TemporaryDirectory()
    let document = Array(#"{"items": [{"text": "9 \u20ac"}, {"cut": true}]}"#.utf8)
    func sent(_ change: (inout SimulatedPrinter.Faults) -> Void) async throws -> (
      bytes: [UInt8], complaints: String, outcome: String?
    ) {
      var faults = SimulatedPrinter.Faults()
      change(&faults)
      let printer = try PaperCounter(faults)
      let result = try await Posctl.run(
        [
          "print", "-", "--to", printer.address, "--profile", "auto", "--json", "--state",
          files.path(UUID().uuidString).path,
        ],
        input: document)
      #expect(result.status == 0, "\(result.output) \(result.complaints)")
      return (
        await printer.received(), result.complaints, try result.lines.last?["outcome"] as? String
      )
    }
    // Page 19 holds the euro on a TM-T20II.
    let known = try await sent { $0.model = "TM-T20II" }
    #expect(known.complaints.isEmpty && known.outcome == "printed")
    let euro: [UInt8] = [0x1B, 0x74, 19, 0xD5]
    #expect(known.bytes.indices.contains { known.bytes[$0...].starts(with: euro) })
    for change in [{ $0.model = "RECEIPT" }, { $0.answersIdentity = false }]
      as [(inout SimulatedPrinter.Faults) -> Void]
    {
      let unknown = try await sent(change)
      #expect(unknown.complaints.contains("taken for generic-80-probed"))
      #expect(unknown.outcome == "printed")
      #expect(
        !unknown.bytes.contains(0xD5)
          || unknown.bytes.indices.contains { unknown.bytes[$0...].starts(with: [0x1D, 0x76, 0x30]) })
    }
    // One that does not confirm can only be sent to.
    let mute = try await sent { $0.answersPaperStatus = false }
    #expect(mute.complaints.contains("taken for generic-80\n") && mute.outcome == "sent")
    // One that does not answer in real time is not asked more: it would print the question.
    let silent = try await sent {
      ($0.answersRealTimeStatus, $0.answersIdentity) = (false, false)
    }
    for question: [UInt8] in [[0x1D, 0x49], [0x1D, 0x72]] {
      #expect(!silent.bytes.indices.contains { silent.bytes[$0...].starts(with: question) })
    }
    #expect(silent.outcome == "sent")
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

  @Test("the drawer after a picture that broke off gets its pulse, not the picture")
  func drawerAfterBrokenPicture() async throws {
    let files = try TemporaryDirectory()
    let printer = try PaperCounter()
    let picture: [UInt8] = [0x1D, 0x76, 0x30, 0, 72, 0, 44, 1] + [UInt8](repeating: 0x55, count: 21_600)
    try Data(picture).write(to: files.path("picture.bin"))
    let place = ["--to", printer.address, "--state", files.path("state").path, "--json"]
    let broken = try await Posctl.run(
      ["print", "--escpos", files.path("picture.bin").path, "--crash-at", "sent:5000"] + place)
    #expect(broken.status == -9)
    let drawer = try await Posctl.run(["drawer", "open"] + place)
    // On a busy machine nobody may have seen its switch in time.
    #expect(drawer.status == 0, "\(drawer.output)")
    #expect(await printer.pages().flatMap(\.drawerPulses).count == 1)
  }

  @Test("a name that waits at one printer is not printed, nor passed over in silence, at another")
  func waitsElsewhere() async throws {
    let files = try TemporaryDirectory()
    var faults = SimulatedPrinter.Faults()
    faults.isCoverOpen = true
    let (open, other) = (try PaperCounter(faults), try PaperCounter())
    func run(_ printer: PaperCounter, _ command: String...) async throws -> Posctl.Result {
      try await Posctl.run(
        command + [
          "--to", printer.address, "--profile", "epson-tm-t20ii", "--json", "--state",
          files.path("state").path,
        ])
    }
    #expect(try await run(open, "print", Self.example, "--job", "check-7").status != 0)
    let second = try await run(other, "print", Self.example, "--job", "check-7")
    #expect(second.status == 5)
    let error = try #require(try second.lines.last)
    #expect(error["code"] as? String == "device.busy")
    #expect((error["hint"] as? String)?.contains("posctl printer queue resume --to") == true)
    // What waits is not for the self test to print.
    let test = try await run(open, "printer", "selftest")
    #expect(
      try test.lines.contains { $0["step"] as? String == "print" && $0["grade"] as? String == "skipped" })
    #expect(await other.lines().isEmpty)
    #expect(await open.lines().isEmpty)
  }

  @Test("commands that end inside one are an error, and nothing is queued")
  func halfCommands() async throws {
    let files = try TemporaryDirectory()
    try Data([0x1D, 0x76, 0x30, 0, 72, 0, 44, 1, 0x55]).write(to: files.path("half.bin"))
    let result = try await Posctl.run(
      "print", "--escpos", files.path("half.bin").path, "--to", "tcp:127.0.0.1:9", "--state",
      files.path("state").path, "--json")
    #expect(result.status == 2)
    #expect(try (result.lines.last?["detail"] as? String)?.contains("lacks 21599 bytes") == true)
    let queue = try await Posctl.run("printer", "queue", "--state", files.path("state").path, "--json")
    #expect(queue.output.isEmpty)
  }

  @Test("a receipt from a printer that takes its time is confirmed; a speed that is none is exit code 2")
  func slowPrinter() async throws {
    try await withCounter(laneFaults: ["--printer-speed", "400"]) { counter in
      let sale = try await counter.sell()
      #expect(sale.status == 0, "\(sale.complaints)")
      #expect(try sale.lines.first?["print"] as? String == "printed")
    }
    let none = try await Posctl.run("simulate", "printer", "--printer-speed", "0")
    #expect(none.status == 2 && none.complaints.contains("--printer-speed"))
  }

  @Test("says when a receipt is longer than what it shows")
  func longReceipt() async throws {
    let files = try TemporaryDirectory()
    let items = Array(repeating: #"{"feed": 100}"#, count: 20).joined(separator: ",")
    try Data(#"{"items": [{"text": "a"}, \#(items), {"text": "b"}]}"#.utf8).write(to: files.path("long.json"))
    let result = try await Posctl.run("receipt", files.path("long.json").path, "--text")
    #expect(result.status == 0)
    #expect(result.output == "a\n")
    #expect(result.complaints.contains("longer than what is shown"), "\(result.complaints)")
    let short = try await Posctl.run("receipt", Self.example, "--text")
    #expect(!short.complaints.contains("longer than what is shown"))
  }

  /// The rows of tools/receipts: example, profile, picture.
  static let readme: [[String]] = {
    let tool = URL(filePath: example).deletingLastPathComponent().appending(path: "../tools/receipts")
    let text = (try? String(contentsOf: tool, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { $0.hasPrefix("draw receipt") }
      .map { $0.split(separator: " ").dropFirst().map(String.init) }
  }()

  @Test("README's receipts are what the printers print, and scan", arguments: readme)
  func readmeReceipts(row: [String]) async throws {
    let root = URL(filePath: Self.example).deletingLastPathComponent().deletingLastPathComponent()
    let files = try TemporaryDirectory()
    let document = root.appending(path: "Examples/\(row[0]).json")
    let result = try await Posctl.run(
      "receipt", document.path, "--profile", row[1], "--png", files.path("r.png").path, "--escpos",
      files.path("r.bin").path, "--text")
    #expect(result.status == 0, "\(result.complaints)")
    let committed = try Data(contentsOf: root.appending(path: "Documentation/\(row[2]).png"))
    let drawn = try Data(contentsOf: files.path("r.png"))
    #expect(committed.count < 200_000)
    // Width and height; the strokes of letters are the font's of whoever drew it.
    #expect(committed[16..<24] == drawn[16..<24])
    let picture = files.path("committed.png")
    try committed.write(to: picture)
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: document)) as? [String: Any])
    let items = try #require(json["items"] as? [[String: Any]])
    let code = try #require(items.compactMap { $0["barcode"] as? String }.first)
    #expect(try Zbar.codes(in: picture.path).map { String($0.prefix(19)) } == ["EAN-13:\(code)"])
    // Simulated paper from the same bytes says the same text, where the printer has the letters itself.
    let decoded = try await Posctl.run(
      "decode", "escpos", files.path("r.bin").path, "--profile", row[1], "--json")
    let summary = try #require(try decoded.lines.last)
    #expect(summary["complaints"] as? [String] == [])
    let lines = try #require(summary["lines"] as? [String])
    #expect(lines == result.output.split(separator: "\n").map(String.init))
    guard row[1] != "generic-58" else {
      // Greek is drawn there: no letter of it goes to a printer that would show another one.
      let bytes = [UInt8](try Data(contentsOf: files.path("r.bin")))
      #expect(bytes.indices.count { bytes[$0...].starts(with: [0x1D, 0x76, 0x30]) } > 10)
      #expect(!lines.contains { $0.contains("?") })
      return
    }
    for case let pair as [String] in items.compactMap({ $0["columns"] }) {
      #expect(lines.contains { $0.hasSuffix(" \(pair[1])") }, "\(pair)")
    }
    for text in items.compactMap({ $0["text"] as? String }) where !text.contains("\n") {
      #expect(lines.contains { $0.contains(text) }, "\(text)")
    }
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

  @Test("every command that a hint names is there, and is given what it cannot do without")
  func hints() async throws {
    // The words of the command, and the options behind them.
    var commands: Set<[[String]]> = []
    let warnings = SaleWarning.Kind.allCases.map { SaleWarning($0, "").hint }
    for hint in ErrorTable.rows.map(\.hint) + warnings + PosctlHint.all {
      for part in hint.components(separatedBy: "posctl ").dropFirst()
      where !hint.contains("end the other posctl") {
        let words = part.prefix { $0 != "#" }.split(whereSeparator: { " ;#,:".contains($0) }).map(String.init)
        let command = words.prefix { $0.allSatisfy { $0.isLowercase || $0 == "-" } && !$0.hasPrefix("-") }
        commands.insert([Array(command), words.filter { $0.hasPrefix("--") }])
      }
    }
    #expect(commands.contains([["printer", "status"], []]))
    #expect(commands.contains { $0.first == ["sale", "resume"] })
    for (command, options) in commands.map({ ($0[0], $0[1]) }) where !command.isEmpty {
      let help = try await Posctl.run(command + ["--help"])
      #expect(
        help.status == 0 && help.output.contains("USAGE: posctl \(command.joined(separator: " "))"),
        "\(command)")
      // What may be left out stands in brackets.
      let usage = help.output.components(separatedBy: "USAGE: ").dropFirst().first ?? ""
      var needed = usage.components(separatedBy: "\n\n")[0].split(whereSeparator: \.isWhitespace)
        .map(String.init).filter { $0.hasPrefix("--") }
      // Without a server these commands begin, only to say that there is none.
      if help.output.contains("--server <server>") { needed.append("--server") }
      // What a validation wants, the usage cannot say.
      if command == ["sale", "resume"] { needed += ["--printer", "--terminal"] }
      #expect(Set(needed).isSubset(of: options), "\(command) \(options)")
    }
  }
}
