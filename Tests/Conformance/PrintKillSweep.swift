public import Foundation
import POSBarcode
import POSDrivers
import POSJournal
import POSModel
import Testing

/// A till that is killed while it prints a receipt of 60 kB, and a second till after it: no receipt ever doubles. At most
/// once on the paper, exactly once when it says printed, and the next receipt comes out whole.
public struct PrintKillSweep: Sendable {
  /// Runs `posctl` to its end and returns its status, negative for a signal's number, and what it printed and complained.
  public typealias Posctl =
    @Sendable (_ arguments: [String]) async throws -> (status: Int32, output: String, complaints: String)

  private let posctl: Posctl
  private let folder: URL

  /// A sweep that keeps its files in `folder`.
  public init(in folder: URL, posctl: @escaping Posctl) throws {
    self.folder = folder
    self.posctl = posctl
    // Dots in which every byte counts, so that a lost one shows.
    let dots = (0..<(72 * 830)).map { UInt8(truncatingIfNeeded: $0 &* 31) | 1 }
    var receipt = ReceiptDocument()
    receipt.text("begin A")
    receipt.image(try #require(Bitmap(width: 576, packed: dots, height: 830)))
    receipt.text("end A")
    receipt.cut()
    let commands = try ReceiptLayout(.epsonTMT20II).escpos(receipt)
    #expect(commands.count > 59_000)
    try Data(commands).write(to: first)
    try Data(#"{"items": [{"text": "only B"}]}"#.utf8).write(to: second)
  }

  private var first: URL { folder.appending(path: "a.bin") }
  private var second: URL { folder.appending(path: "b.json") }

  /// Places to kill it: before and after each durable write.
  public static let durableWrites = (1...5).flatMap { ["before:\($0)", "after:\($0)"] }
  /// Places to kill it: after so many bytes have been handed on.
  public static func bytesSent(every step: Int) -> [String] {
    stride(from: 0, to: 62_000, by: step).map { "sent:\($0)" }
  }

  /// Kills one till at this place, has another one print, and looks at the paper; returns whether it was killed, and
  /// what became of its receipt.
  ///
  /// - Parameters:
  ///   - address: of a printer with empty paper.
  ///   - paper: ends the printer, and returns its lines.
  public func check(
    _ point: String, printer address: String, paper: () async -> [String]
  ) async throws -> (wasKilled: Bool, state: String?) {
    let state = folder.appending(path: "state-\(UUID().uuidString)").path
    let options = ["--to", address, "--profile", "epson-tm-t20ii", "--state", state, "--json"]
    let killed = try await posctl(
      ["print", first.path, "--escpos", "--job", "A", "--crash-at", point] + options)
    let next = try await posctl(["print", second.path, "--job", "B"] + options)
    #expect(next.status == 0 || next.status == 6, "\(point): \(next.complaints)")
    let journal = try await Journal.open(in: state)
    let states = Dictionary(
      try await journal.prints().map { ($0.print.name, $0.state) }, uniquingKeysWith: { $1 })
    await journal.close()
    let lines = await paper()
    let ends = lines.count { $0 == "end A" }
    #expect(ends <= 1 && lines.count { $0 == "begin A" } <= 1, "\(point)")
    #expect(lines.count { $0 == "only B" } == 1 && states["B"] == .printed, "\(point): \(states)")
    switch states["A"] {
    case .printed: #expect(ends == 1, "\(point)")
    case nil: #expect(ends == 0, "\(point)")
    case .unknown: break
    default: Issue.record("\(point): \(states)")
    }
    return (killed.status == -9, states["A"]?.rawValue)
  }
}
