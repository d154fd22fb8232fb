import Glibc
import POSLinux
import POSModel
import POSTransport
import Testing

@Suite("Files as devices", .timeLimit(.minutes(1)))
struct FileSinkTests {
  static func make(_ path: String, _ text: String) async {
    guard let file = fopen(path, "w") else { return }
    fputs(text, file)
    fclose(file)
  }

  static func contents(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return bytes
  }

  @Test("bytes are appended, nothing is read")
  func append() async throws {
    let path = scratchPath("sink")
    for round in UInt8(1)...2 {
      let sink = try await FileSink.open(path)
      try await sink.write([round, 0, 255], until: nil)
      try await sink.write([], until: nil)
      #expect(try await sink.read(upTo: 1, until: nil) == .endOfStream)
      await sink.close()
      await sink.close()
      await expect(.closed) { try await sink.write([1], until: nil) }
      await expect(.closed) { _ = try await sink.read(upTo: 1, until: nil) }
    }
    #expect(Self.contents(path) == [1, 0, 255, 2, 0, 255])
    unlink(path)
  }

  @Test("places that cannot be written to say so")
  func refused() async {
    let folder = scratchPath("none")
    let missing = folder + "/file"
    for error in [
      await expect(.notFound) { _ = try await FileSink.open(missing) },
      await expect(.unknownName) { _ = try StandardStream.readFile(missing, upTo: 1) },
    ] {
      #expect(error?.hint == "check the name: ls -l \(folder)/")
    }
    await expect(.badAddress) { _ = try await FileSink.open(P_tmpdir) }
    await expect(.badAddress) {
      _ = try await FileSink.open(scratchPath("x") + String(repeating: "x", count: 300))
    }
  }

  @Test("a file that may not be opened is no device that wants a rule")
  func denied() {
    for (use, word) in [(FileUse.read, "read"), (FileUse.write, "write")] {
      let error = #expect(throws: DeviceError.self) {
        try translating(.opening, during: "opening x.json", hint: { $0.fileHint("x.json", for: use) }) {
          () throws(SystemError) -> Void in
          throw SystemError(EACCES)
        }
      }
      #expect(error?.code == .permissionDenied)
      #expect(error?.hint == "name a file that you may \(word): ls -l x.json")
    }
  }

  @Test("a full disk is an error that counts what had left")
  func full() async throws {
    let sink = try await FileSink.open("/dev/full")
    let error = await expect(.inputOutput) { try await sink.write([1, 2], until: nil) }
    #expect(error?.errno == ENOSPC)
    #expect(error?.bytesMoved == 0)
    await sink.close()
  }

  @Test("a named pipe is written to as it is read")
  func namedPipe() async throws {
    let path = scratchPath("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    await expect(.notFound) { _ = try await FileSink.open(path) }
    let reader = try DescriptorTransport(
      OwnedDescriptor(owning: open(path, O_RDONLY | O_NONBLOCK)), name: "a named pipe")
    let sink = try await FileSink.open(path)
    let bytes = [UInt8](repeating: 8, count: 300_000)
    async let writing: Void = sink.write(bytes, until: nil)
    #expect(try await reader.read(exactly: bytes.count) == bytes)
    try await writing
    await sink.close()
    #expect(try await reader.read(upTo: 1, until: nil) == .endOfStream)
    await reader.close()
    unlink(path)
  }
}

@Suite("Ledgers", .timeLimit(.minutes(1)))
struct AppendOnlyFileTests {
  @Test("lines are kept, in order, across openings")
  func lines() async throws {
    let path = scratchPath("ledger")
    var file: AppendOnlyFile? = try await AppendOnlyFile.open(path)
    #expect(try await file?.lines() == [])
    try await file?.append("first")
    try await file?.append("")
    try await file?.append("zwölf")
    file = nil
    let again = try await AppendOnlyFile.open(path)
    try await again.append("last")
    #expect(try await again.lines() == ["first", "zwölf", "last"])
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    unlink(path)
  }

  @Test("a copy that a forked child holds for a moment keeps nobody out")
  func copied() async throws {
    let path = scratchPath("copied")
    var file: AppendOnlyFile? = try await AppendOnlyFile.open(path)
    try await file?.append("first")
    var copies: [Int32] = []
    for number in Int32(0)..<1024 {
      var name = [CChar](repeating: 0, count: 1024)
      let length = readlink("/proc/self/fd/\(number)", &name, name.count)
      let target = name.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
      if String(decoding: target, as: UTF8.self).hasSuffix(path) { copies.append(dup(number)) }
    }
    defer { for copy in copies { close(copy) } }
    #expect(copies.count == 1)
    file = nil
    #expect(try await AppendOnlyFile.open(path).lines() == ["first"])
    unlink(path)
  }

  @Test("a line cut short by a crash does not spoil the next one")
  func torn() async throws {
    let path = scratchPath("torn")
    await FileSinkTests.make(path, "whole\nto")
    let file = try await AppendOnlyFile.open(path)
    try await file.append("next")
    #expect(try await file.lines() == ["whole", "to", "next"])
    unlink(path)
  }

  @Test("concurrent lines stay whole")
  func concurrent() async throws {
    let path = scratchPath("many")
    let file = try await AppendOnlyFile.open(path)
    try await withThrowingTaskGroup { group in
      for number in 0..<40 {
        group.addTask { try await file.append(String(repeating: "\(number % 10)", count: 100 + number)) }
      }
      try await group.waitForAll()
    }
    let lines = try await file.lines()
    #expect(Set(lines.map(\.count)) == Set(100..<140))
    #expect(lines.allSatisfy { line in line.allSatisfy { $0 == line.first } })
    unlink(path)
  }

  @Test("one owner; one line at a time; a place to be")
  func refused() async throws {
    let path = scratchPath("owned")
    let file = try await AppendOnlyFile.open(path)
    await expect(.busy) { _ = try await AppendOnlyFile.open(path) }
    await expect(.badInput) { try await file.append("two\nlines") }
    await expect(.notFound) { _ = try await AppendOnlyFile.open(path + "-none/file") }
    await expect(.badAddress) { _ = try await AppendOnlyFile.open(P_tmpdir) }
    unlink(path)
  }
}
