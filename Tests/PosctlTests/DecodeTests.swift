import Foundation
import Testing

@Suite("posctl decode")
struct DecodeTests {
  /// Captured devices: descriptor or layout, reports, and the line that must come out.
  static let scans: [(options: [String], fixture: String, expected: [String: String])] = [
    (
      ["--layout", "zebra"], "zebra-ds2208-upc-a",
      ["aim": "]Xg", "symbology": "upc-a", "text": "306030209223", "bytes": "333036303330323039323233"]
    ),
    (
      ["--device", "05e0:2100"], "zebra-ds2208-upc-a",
      ["aim": "]Xg", "symbology": "upc-a", "text": "306030209223"]
    ),
    (
      ["--descriptor", fixture("descriptor-honeywell-family")], "honeywell-xenon-upc-a",
      ["aim": "]E0", "symbology": "upc-a", "text": "306030209223"]
    ),
  ]

  static func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/scanners/\(name).hex").path
  }

  @Test("captured scanners decode to what they read", arguments: scans.indices)
  func hid(index: Int) async throws {
    let scan = Self.scans[index]
    let result = try await Posctl.run(
      ["decode", "hid"] + scan.options + ["--hex", "--json", Self.fixture(scan.fixture)])
    #expect(result.status == 0)
    let line = try #require(try result.lines.first)
    #expect(line["schema"] as? Int == 1)
    #expect(line["type"] as? String == "scan")
    #expect(line["reports"] as? Int == 1)
    #expect(line["truncated"] as? Bool == false)
    for (key, value) in scan.expected { #expect(line[key] as? String == value, "\(key)") }
  }

  @Test("a descriptor that lies about its lengths ends with exit code 2 and the offset")
  func lyingDescriptor() async throws {
    let result = try await Posctl.run(
      "decode", "hid", "--descriptor", "058c0902a101 85", "--hex", "--json", "-", input: Array("02 00".utf8))
    #expect(result.status == 2)
    #expect(result.complaints.contains("offset 7"))
    #expect(result.complaints.contains("report_descriptor"))
  }

  @Test("without any layout the hint says where a descriptor is found")
  func noLayout() async throws {
    let result = try await Posctl.run("decode", "hid", "--hex", "-", input: Array("02 00".utf8))
    #expect(result.status == 2)
    #expect(result.complaints.contains("--descriptor"))
  }

  @Test("ZVT: a payment of 110.00 with a stuffed byte (specs/terminals.md §4.1)")
  func zvtSerial() async throws {
    let capture = "10 02 06 01 0A 04 00 00 00 01 10 10 00 49 09 78 10 03 F2 FF"
    let result = try await Posctl.run("decode", "zvt", "--hex", "--json", "-", input: Array(capture.utf8))
    #expect(result.status == 0)
    let line = try #require(try result.lines.first)
    #expect(line["type"] as? String == "apdu")
    #expect(line["command"] as? String == "06 01")
    #expect(line["name"] as? String == "authorisation")
    #expect(line["amount"] as? Int == 11000)
    #expect(line["currency"] as? String == "978")
  }

  @Test("ZVT: a declined payment over TCP (specs/terminals.md §4.2)")
  func zvtDeclined() async throws {
    let capture = """
      04 0F 25 27 05 29 29 00 02 74 3C F0 F0 F9 41 62 67 65 6C 65 68 6E 74 \
      8A 06 06 0D 24 0B 07 09 41 62 67 65 6C 65 68 6E 74
      """
    let result = try await Posctl.run(
      "decode", "zvt", "--link", "tcp", "--hex", "--json", "-", input: Array(capture.utf8))
    #expect(result.status == 0)
    let line = try #require(try result.lines.first)
    #expect(line["name"] as? String == "status information")
    #expect(line["result_code"] as? String == "05")
  }

  @Test("ZVT: a bad CRC is an error line with its offset and exit code 1")
  func zvtDamaged() async throws {
    let result = try await Posctl.run(
      "decode", "zvt", "--hex", "--json", "-", input: Array("10 02 80 00 00 10 03 F5 1E".utf8))
    #expect(result.status == 1)
    let line = try #require(try result.lines.first)
    #expect(line["type"] as? String == "error")
    #expect(line["offset"] as? Int == 8)
    #expect(line["reason"] as? String == "bad checksum")
  }

  @Test("ESC/POS: text, cut and complaints come out, and the picture is written")
  func escpos() async throws {
    let files = try TemporaryDirectory()
    let picture = files.path("paper.png").path
    let bytes: [UInt8] =
      [0x1B, 0x40] + Array("Hello\n".utf8) + [0x1D, 0x56, 0x42, 0x00, 0x1B, 0x70, 0x00, 0x32, 0x78]
    let result = try await Posctl.run("decode", "escpos", "--json", "--png", picture, input: bytes)
    #expect(result.status == 0)
    let line = try #require(try result.lines.last)
    #expect(line["type"] as? String == "summary")
    #expect(line["width"] as? Int == 576)
    #expect(line["lines"] as? [String] == ["Hello"])
    #expect(line["cuts"] as? Int == 1)
    #expect(line["drawer"] as? Int == 1)
    #expect((line["complaints"] as? [Any])?.isEmpty == true)
    #expect(try Data(contentsOf: URL(filePath: picture)).prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
  }

  /// Bytes of a printer (specs/escpos.md §2.1 to §2.4), and what must be said of each answer.
  static let printerAnswers: [(asked: String, hex: String, expected: [String])] = [
    ("1,2,4", "16 36 72", [#"["drawer pin high"]"#, #"["cover open","paper out"]"#, #"["paper out"]"#]),
    ("3", "1A", [#"["cutter error"]"#]),
    (
      "", "1E",
      [
        #"if_asked_1 ["drawer pin high","off line"]"#, #"if_asked_2 ["cover open","fed by button"]"#,
        #"if_asked_3 ["recoverable error","cutter error"]"#, #"if_asked_4 ["paper near end"]"#,
      ]
    ),
    ("", "38 08 0C 0F", ["online false", #"paper "out""#, "cover_open true", #"errors ["cutter"]"#]),
    ("", "10 00 03 0F 14 00 00 00", [#"paper "nearEnd""#, #"drawer_pin "low""#, #"drawer_pin "high""#]),
    ("", "37 22 30 30 34 32 00 5F 54 4D 00", [#"process id: id "0042""#, #"text "TM""#]),
    ("", "13 11 02", ["xoff", "xon", #"one byte: byte "02""#]),
    // An automatic status that noise broke off, and a byte that starts nothing.
    ("", "10 00 12 90", ["real-time status", "3 bytes outside frames"]),
  ]

  @Test("a printer's answers say what they mean", arguments: printerAnswers.indices)
  func printerAnswer(index: Int) async throws {
    let answer = Self.printerAnswers[index]
    let result = try await Posctl.run(
      "decode", "escpos-status", "--asked", answer.asked, "--hex", input: Array(answer.hex.utf8))
    #expect(result.status == 0, "\(result.complaints)")
    for words in answer.expected {
      #expect(result.output.contains(words), "\(words) in \(result.output)")
    }
  }

  @Test("a question that no printer knows ends with exit code 2")
  func unknownQuestion() async throws {
    let result = try await Posctl.run("decode", "escpos-status", "--asked", "1,5", input: [])
    #expect(result.status == 2)
    #expect(result.complaints.contains("'5'"))
  }

  @Test("hexadecimal text with an odd digit names line and column")
  func badHex() async throws {
    let result = try await Posctl.run("decode", "zvt", "--hex", "-", input: Array("10 02\n0x10".utf8))
    #expect(result.status == 2)
    #expect(result.complaints.contains("line 2, column 2"))
  }

  @Test(
    "hexadecimal text that was not announced is read as bytes, with a word about it",
    arguments: [("10 02 80\n", true), ("10", false), ("cafe au lait", false)])
  func unannouncedHex(text: String, isNoted: Bool) async throws {
    let result = try await Posctl.run("decode", "escpos", "-", input: Array(text.utf8))
    #expect(result.status == 0)
    #expect(result.complaints.contains("--hex") == isNoted)
  }

  @Test("a file that is not there ends with exit code 3")
  func missingFile() async throws {
    #expect(try await Posctl.run("decode", "escpos", "/nonexistent/capture").status == 3)
    // A file that is no file is read all the same, and one without end is not read to its end.
    #expect(try await Posctl.run("decode", "escpos", "/dev/null").status == 0)
    let endless = try await Posctl.run("decode", "zvt", "--link", "tcp", "/dev/zero")
    #expect(endless.status == 2)
    #expect(endless.complaints.contains("larger than"))
  }
}
