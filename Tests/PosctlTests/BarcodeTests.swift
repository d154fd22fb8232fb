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
