import Foundation
import Testing

@Suite("posctl barcode")
struct BarcodeTests {
  @Test("an independent reader finds the digits in the picture", arguments: [2, 3, 4, 8])
  func zbar(module: Int) async throws {
    let files = try TemporaryDirectory()
    let picture = files.path("ean13.png").path
    let result = try await Posctl.run(
      "barcode", "ean13", "315788232640", "--module", "\(module)", "--png", picture, "--json")
    #expect(result.status == 0)
    let line = try #require(try result.lines.first)
    #expect(line["data"] as? String == "3157882326401")
    #expect(line["width"] as? Int == 113 * module)
    #expect(try Zbar.codes(in: picture) == ["EAN-13:3157882326401"])
  }

  /// What zbar calls a symbol of the data, where it reads the kind.
  static let kinds: [(command: String, data: String, zbar: String)] = [
    ("ean8", "9031101", "EAN-8:90311017"), ("upca", "03600029145", "EAN-13:0036000291452"),
    ("code39", "AB-12 3", "CODE-39:AB-12 3"), ("code93", "Code 93", "CODE-93:Code 93"),
    ("code128", "Abc123456", "CODE-128:Abc123456"), ("itf", "12345678", "I2/5:12345678"),
    ("codabar", "A1234B", "Codabar:A1234B"),
    ("qr", "https://example.com/r/1", "QR-Code:https://example.com/r/1"),
  ]

  @Test("an independent reader finds every kind in its picture", arguments: kinds)
  func everyKind(command: String, data: String, zbar: String) async throws {
    let files = try TemporaryDirectory()
    let picture = files.path("code.png").path
    let result = try await Posctl.run("barcode", command, data, "--module", "3", "--png", picture)
    #expect(result.status == 0, "\(result.complaints)")
    #expect(try Zbar.codes(in: picture) == [zbar])
  }

  @Test(
    "the modules of an EAN-13 are zint's bits, each exactly so many dots",
    .enabled(if: Zint.isInstalled, Zint.comment),
    arguments: ["315788232640", "400638133393", "000000000000", "978020137962"])
  func zint(data: String) async throws {
    for module in [2, 3, 4] {
      let files = try TemporaryDirectory()
      let commands = files.path("code.escpos").path
      let result = try await Posctl.run(
        "barcode", "ean13", data, "--module", "\(module)", "--escpos", commands, "--profile", "generic-80")
      #expect(result.status == 0, "\(result.complaints)")
      // The first GS v 0 of the stream: header, then rows of dots.
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: commands)))
      let start = try #require(bytes.indices.first { bytes[$0...].starts(with: [0x1D, 0x76, 0x30, 0x00]) })
      let rowBytes = Int(bytes[start + 4]) | Int(bytes[start + 5]) << 8
      var dots: [Bool] = []
      for byte in bytes[(start + 8)..<(start + 8 + rowBytes)] {
        for bit in 0..<8 { dots.append(byte & (UInt8(0x80) >> UInt8(bit)) != 0) }
      }
      var expected: [Bool] = []
      for isBar in try Zint.modules("EANX", data) {
        for _ in 0..<module { expected.append(isBar) }
      }
      #expect(expected.count == 95 * module)
      #expect(Array(dots.prefix(expected.count)) == expected)
      #expect(!dots.dropFirst(expected.count).contains(true))
    }
  }

  @Test("takes the route with the fewest bytes, and says which")
  func routes() async throws {
    let files = try TemporaryDirectory()
    let path = files.path("code.escpos").path
    for (profile, route, taken, most) in [
      ("epson-tm-t20ii", "auto", "native", 40), ("epson-tm-t20ii", "raster", "raster", 2700),
      ("epson-tm-t88v", "raster", "raster", 2700), ("generic-80", "auto", "raster", 9000),
    ] {
      let result = try await Posctl.run(
        "barcode", "ean13", "315788232640", "--escpos", path, "--profile", profile, "--route", route, "--json"
      )
      #expect(result.status == 0, "\(result.complaints)")
      let line = try #require(try result.lines.first)
      #expect(line["route"] as? String == taken)
      let size = try Data(contentsOf: URL(filePath: path)).count
      #expect(line["bytes"] as? Int == size)
      #expect(size <= most, "\(profile) \(route): \(size)")
      let decoded = try await Posctl.run("decode", "escpos", "--profile", profile, "--json", path)
      let summary = try #require(try decoded.lines.last)
      let symbols = try #require(summary["symbols"] as? [[String: Any]])
      #expect(symbols.map { $0["data"] as? String } == ["3157882326401"])
      #expect((summary["complaints"] as? [Any])?.isEmpty == true)
    }
  }

  @Test(
    "what does not fit or cannot be done writes nothing",
    arguments: [
      (["ean13", "315788232640", "--module", "4", "--profile", "generic-58"], "printer.does_not_fit"),
      (["ean13", "315788232640", "--profile", "generic-58", "--route", "native"], "device.unsupported"),
      (["code39", "lower"], "input.malformed"), (["itf", "123"], "input.malformed"),
      (["qr", "x", "--module", "33"], "input.malformed"),
      (["ean13", "315788232640", "--profile", "no"], "input.configuration"),
    ])
  func refusedForPrinter(arguments: [String], code: String) async throws {
    let files = try TemporaryDirectory()
    let path = files.path("code.escpos").path
    let result = try await Posctl.run(["barcode"] + arguments + ["--escpos", path])
    #expect(result.status != 0)
    #expect(result.complaints.contains(code), "\(result.complaints)")
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test(
    "what is no EAN-13 ends with exit code 2 and a reason, and writes nothing",
    arguments: ["3157882326402", "12", "31578823264x", "", "31578823264012345"])
  func refused(data: String) async throws {
    let files = try TemporaryDirectory()
    let picture = files.path("ean13.png").path
    let result = try await Posctl.run("barcode", "ean13", data, "--png", picture)
    #expect(result.status == 2)
    #expect(result.complaints.contains("input.malformed"))
    #expect(!FileManager.default.fileExists(atPath: picture))
  }
}

/// zint, a bar code writer that knows nothing of this project. `tools/install --tests` installs it.
enum Zint {
  static let path = "/usr/bin/zint"
  static let isInstalled = FileManager.default.isExecutableFile(atPath: path)
  static let comment: Comment = "zint is missing: tools/install --tests installs it"

  /// The modules up to the last bar.
  static func modules(_ symbology: String, _ data: String) throws -> [Bool] {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = ["--dump", "-b", symbology, "--notext", "-d", data]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    var modules: [Bool] = []
    for digit in String(decoding: output, as: UTF8.self).prefix(while: { !$0.isNewline }).compactMap(
      \.hexDigitValue)
    {
      for bit in (0..<4).reversed() { modules.append(digit >> bit & 1 == 1) }
    }
    while modules.last == false { modules.removeLast() }
    return modules
  }
}

/// zbarimg, a bar code reader that knows nothing of this project. tools/test installs it.
enum Zbar {
  static func codes(in picture: String) throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/zbarimg")
    process.arguments = ["--quiet", "--nodbus", picture]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
