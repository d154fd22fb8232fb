import ESCPOS
import Foundation
import POSBarcode
public import POSDrivers
public import POSJournal
public import POSModel
import POSRuntime
import TestSupport
public import Testing

/// A receipt of 60 kB, broken off after every so many bytes: no receipt ever doubles. At most once on the paper, exactly
/// once when it says printed, and the next receipt comes out whole.
public struct PrintQueueSweep: Sendable, CustomTestStringConvertible {
  /// Why the first link breaks.
  public enum Fault: String, CaseIterable, Sendable {
    case cablePulled, powerCut
  }

  /// What carries the bytes.
  public var name: String
  /// How long the driver waits. Whether that is long enough decides nothing but how often something is tried, six
  /// times at most.
  public var timing: ESCPOSPrinter.Timing
  private let connect: @Sendable () async throws(DeviceError) -> SweepLink

  /// A sweep over links that `connect` makes, one after the other.
  public init(
    _ name: String, status: Duration = .milliseconds(200),
    connect: @escaping @Sendable () async throws(DeviceError) -> SweepLink
  ) {
    self.name = name
    self.connect = connect
    timing = ESCPOSPrinter.Timing(status: status, progress: .seconds(20), confirmation: .seconds(20))
  }

  /// The name.
  public var testDescription: String { name }

  /// A printer whose first link breaks after so many bytes.
  public func printer(_ fault: Fault, breaksAfter place: Int) -> SweepPrinter {
    SweepPrinter(fault, breaksAfter: place, timing: timing, connect: connect)
  }

  /// Text, a picture of 57 kB, text, cut.
  public static let commands: [UInt8] = {
    var generator = SeededGenerator(seed: 11)
    let dots = (0..<(72 * 790)).map { _ in UInt8.random(in: 0...255, using: &generator) | 1 }
    var receipt = ReceiptDocument()
    receipt.text("begin A")
    for line in 0..<40 { receipt.columns("line \(line) of the long receipt", "\(line).00") }
    receipt.image(Bitmap(width: 576, packed: dots, height: 790) ?? Bitmap(width: 0, height: 0))
    for line in 40..<100 { receipt.columns("line \(line) of the long receipt", "\(line).00") }
    receipt.text("end A")
    receipt.cut()
    return (try? ReceiptLayout(SweepPrinter.profile).escpos(receipt)) ?? []
  }()

  /// A short one after it.
  public static let second: [UInt8] = {
    var receipt = ReceiptDocument()
    receipt.text("begin B")
    receipt.text("end B")
    receipt.cut()
    return (try? ReceiptLayout(SweepPrinter.profile).escpos(receipt)) ?? []
  }()

  /// Places to break it off, the last of them after the whole.
  public static func places(every stride: Int) -> [Int] {
    Array(Swift.stride(from: 0, to: commands.count + 512, by: stride)) + [
      commands.count, commands.count + 64, .max,
    ]
  }

  /// Breaks it off at each place, and returns how often a receipt ended as what.
  @discardableResult
  public func check(_ fault: Fault, at places: [Int]) async throws -> [PrintEntry.State: Int] {
    var seen: [PrintEntry.State: Int] = [:]
    for place in places { seen[try await breakOff(fault, after: place), default: 0] += 1 }
    return seen
  }

  private func breakOff(_ fault: Fault, after place: Int) async throws -> PrintEntry.State {
    let comment = Comment(rawValue: "\(name), \(fault.rawValue) after \(place) bytes")
    let folder = FileManager.default.temporaryDirectory.path + "/prints-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await Journal.open(in: folder)
    let printer = printer(fault, breaksAfter: place)
    let queue = printer.queue(journal)
    _ = try await queue.add("A", commands: Self.commands)
    _ = try await queue.add("B", commands: Self.second)
    // Every run but the first has a link that holds.
    for _ in 0..<6 where try await queue.run().obstacle == nil { break }
    await printer.endLink()
    let states = try await journal.prints().map(\.state)
    await journal.close()
    let pages = await printer.pages
    let lines = pages.flatMap(\.lines).map { String(String.UnicodeScalarView($0)) }
    let (begins, ends) = (lines.count { $0 == "begin A" }, lines.count { $0 == "end A" })
    #expect(begins <= 1 && ends <= 1, comment)
    #expect(lines.count { $0 == "begin B" } <= 1 && lines.count { $0 == "end B" } <= 1, comment)
    if states.last == .printed {
      #expect(lines.count { $0 == "begin B" } == 1 && lines.count { $0 == "end B" } == 1, comment)
    } else {
      // The link broke in the middle of the second one.
      #expect(states == [.printed, .unknown] && place != .max, "\(comment): \(states)")
    }
    switch states.first {
    case .printed:
      #expect(begins == 1 && ends == 1, comment)
      #expect(lines.count { $0.hasPrefix("line ") } == 100, comment)
      // The picture too, and the cut after it.
      #expect(
        pages.contains { page in
          page.cuts.count >= 2
            && page.items.contains {
              if case .bitmap(let dots) = $0 { dots.bitmap.height > 0 } else { false }
            }
        } || pages.count > 1, comment)
    case .unknown: break
    default: Issue.record("\(comment): \(states)")
    }
    return states.first ?? .waiting
  }
}
