import Foundation
import POSDrivers
import POSLinux
import POSModel
import POSRuntime
import POSTransport
import Testing

/// Makers give whole batches one serial number.
@Suite("Two devices with one serial number", .timeLimit(.minutes(1)))
struct TwinTests {
  /// Two printers that differ in their ports, and the lines behind them.
  struct Counter {
    let lines: [PseudoTerminal]
    let printers: [USBDevice]
    let folder = FileManager.default.temporaryDirectory.appending(path: "twins-\(UUID().uuidString)")

    init() throws {
      lines = [try PseudoTerminal(), try PseudoTerminal()]
      printers = [
        Sample.printer(port: "1-1", path: lines[0].path), Sample.printer(port: "1-2", path: lines[1].path),
      ]
    }

    /// An opener that sees these devices.
    func opener(_ devices: [USBDevice]) -> DeviceOpener {
      var opener = DeviceOpener()
      opener.enumerator = FakeEnumerator(devices: devices)
      opener.claims = ClaimDirectory(folder.path)
      return opener
    }

    func end() async {
      for line in lines { await line.close() }
      try? FileManager.default.removeItem(at: folder)
    }
  }

  /// What devices are called when these are plugged in.
  static func ids(_ devices: [USBDevice]) -> [DeviceID] { DeviceMatcher.recognise(devices).map(\.id) }

  /// Why a printer cannot be opened; `nil` when it can.
  static func refusal(_ opener: DeviceOpener, _ id: DeviceID) async -> DeviceError? {
    do throws(DeviceError) {
      let printer = try await opener.printer(at: DeviceAddress(route: .discovered(id)))
      await printer.close()
      return nil
    } catch {
      return error
    }
  }

  @Test("one that is named as one of two keeps its name, and its claim, when the other one goes")
  func twinGoes() async throws {
    let counter = try Counter()
    let both = counter.printers
    let named = Self.ids(both)[0]
    let alone = Self.ids([both[0]])[0]
    #expect(named != alone)
    let printer = try await counter.opener(both).printer(at: DeviceAddress(route: .discovered(named)))
    for name in [named, alone] {
      let found = try await DeviceFinder(FakeEnumerator(devices: [both[0]])).find(name, toOpen: .printer)
      #expect(found.address == DeviceAddress(route: .usblp(path: counter.lines[0].path)))
      #expect(await Self.refusal(counter.opener([both[0]]), name)?.code == .busy)
      #expect(await Claim.holder(of: found.place, in: ClaimDirectory(counter.folder.path)) != nil)
    }
    await printer.close()
    for name in [named, alone] { #expect(await Self.refusal(counter.opener([both[0]]), name) == nil) }
    await counter.end()
  }

  @Test("one that is named by its serial number stays claimed when its twin comes, and the twin is free")
  func twinComes() async throws {
    let counter = try Counter()
    let both = counter.printers
    let alone = Self.ids([both[0]])[0]
    let printer = try await counter.opener([both[0]]).printer(at: DeviceAddress(route: .discovered(alone)))
    let opener = counter.opener(both)
    let ids = Self.ids(both)
    #expect(await Self.refusal(opener, ids[0])?.code == .busy)
    #expect(await Self.refusal(opener, ids[1]) == nil)
    // Which of the two is meant, nobody can say.
    let error = await Self.refusal(opener, alone)
    #expect(error?.code == .badAddress)
    #expect(error?.detail.contains("1-1, 1-2") == true)
    #expect(error?.hint.contains("\(ids[0]) or \(ids[1])") == true)
    await printer.close()
    await counter.end()
  }
}
