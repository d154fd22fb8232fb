import Foundation
import POSLinux
import Testing

@Suite("Keys made reports again")
struct KeyReportsTests {
  /// One event, named as linux/input-event-codes.h does.
  enum Event {
    case key(UInt16, Int32), scan, report, dropped

    var parts: (UInt16, UInt16, Int32) {
      switch self {
      case .key(let code, let value): (1, code, value)
      case .scan: (4, 4, 458_756)
      case .report: (0, 0, 0)
      case .dropped: (0, 3, 0)
      }
    }
  }

  static func reports(_ events: [Event]) -> [[UInt8]] {
    var keys = KeyReports()
    return events.compactMap { event in
      let (type, code, value) = event.parts
      return keys.on(type: type, code: code, value: value)
    }
  }

  @Test("a capital letter, a digit and the end of a line")
  func typing() {
    let events: [Event] = [
      .key(42, 1), .scan, .key(30, 1), .report, .key(30, 2), .report, .key(30, 0), .key(42, 0), .report,
      .key(2, 1), .report, .key(2, 0), .key(28, 1), .report, .key(28, 0), .report,
    ]
    #expect(
      Self.reports(events) == [
        [0x02, 0, 0x04, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0x1E, 0, 0, 0, 0, 0],
        [0, 0, 0x28, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0],
      ])
  }

  @Test(
    "codes and usages belong together",
    arguments: [
      (16, 0x14), (44, 0x1D), (11, 0x27), (57, 0x2C), (43, 0x31), (39, 0x33), (53, 0x38), (88, 0x45),
      (69, 0x53),
      (82, 0x62), (83, 0x63), (86, 0x64), (127, 0x65), (89, 0x87), (124, 0x89), (94, 0x8B),
    ] as [(UInt16, UInt8)])
  func usage(code: UInt16, usage: UInt8) {
    #expect(Self.reports([.key(code, 1), .report]) == [[0, 0, usage, 0, 0, 0, 0, 0]])
  }

  @Test(
    "every modifier has its bit",
    arguments: [29, 42, 56, 125, 97, 54, 100, 126].enumerated().map { ($0, $1) })
  func modifier(bit: Int, code: UInt16) {
    #expect(Self.reports([.key(code, 1), .report]) == [[1 << UInt8(bit), 0, 0, 0, 0, 0, 0, 0]])
  }

  @Test("events that were lost, and too many keys, are the keyboard's own complaint")
  func lost() {
    let complaint: [UInt8] = [0, 0, 1, 1, 1, 1, 1, 1]
    #expect(
      Self.reports([
        .key(42, 1), .report, .dropped, .key(30, 0), .report, .key(30, 0), .report, .key(31, 1), .report,
      ]) == [
        [2, 0, 0, 0, 0, 0, 0, 0], complaint, [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0x16, 0, 0, 0, 0, 0],
      ])
    #expect(Self.reports((30...36).map { .key($0, 1) } + [.report]) == [complaint])
  }

  @Test("keys that no keyboard has make no report")
  func unknown() {
    #expect(Self.reports([.key(240, 1), .report, .key(272, 1), .report, .scan, .report]) == [])
  }

  @Test("the event nodes of a HID device are found in /sys")
  func siblings() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "hid-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in [
      "input7/event3", "input7/capabilities", "input8/event12", "input8/mouse0", "input8/eventful",
    ] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: "input/\(name)"), withIntermediateDirectories: true)
    }
    #expect(KeyGrab.siblings(inDevice: folder.path) == ["/dev/input/event3", "/dev/input/event12"])
    #expect(KeyGrab.siblings(inDevice: "/nonexistent") == [])
  }
}
