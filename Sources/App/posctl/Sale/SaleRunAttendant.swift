import POSBarcode
import POSLinux
import POSLoyalty
import POSModel
import POSRuntime
import POSTransport

/// Gets the guest's code from a scanner, as often as the programme refuses one, or takes the one that was typed;
/// changes the check as it was told, and says yes to the amount.
struct SaleRunAttendant: SaleAttendant {
  private let scanner: (any Scanner)?
  private let typed: [GuestCode]
  /// How long the guest may take.
  private let patience: Duration
  private let seen = Lock<GuestCode?>(nil)
  /// What the check becomes before it is paid.
  private let changes: Lock<[Order]>
  /// Whether the guest has agreed to the programme's terms.
  private let isSigningUp: Bool
  private let classifier: CodeClassifier

  /// Opens the scanner, if there is one.
  ///
  /// - Parameter couponPrefix: what the brand's coupons begin with.
  /// - Throws: what opening throws, and `input.malformed` for a typed code that no guest can have.
  init(
    _ setting: SaleSetting, opener: DeviceOpener, patience: Duration, couponPrefix: String
  ) async throws(DeviceError) {
    self.patience = patience
    classifier = CodeClassifier(couponPrefix: couponPrefix)
    changes = Lock(setting.changes)
    isSigningUp = setting.signsUp
    if let code = setting.code {
      guard case .guest(let candidates) = try classifier.classify(code, symbology: .unknown) else {
        throw DeviceError(
          .badInput, during: "reading the guest's code", detail: "it is the bar code of a receipt",
          hint: "type the code that the guest's app shows")
      }
      typed = Array(candidates.prefix(2))
      seen.withLock { [typed] in $0 = typed.first }
    } else {
      typed = []
    }
    if let address = setting.scanner {
      scanner = try await opener.scanner(at: address)
    } else {
      scanner = nil
    }
  }

  /// The code the sale was run with, `nil` when the guest showed none.
  var code: GuestCode? { seen.withLock { $0 } }

  func code(after refusal: DeviceError?) async -> [GuestCode] {
    if let refusal { Console.complain(refusal) }
    guard let scanner else { return refusal == nil ? typed : [] }
    let events = scanner.events()
    do throws(DeviceError) {
      try await scanner.enable()
    } catch {
      Console.complain(error)
      return []
    }
    let codes = await withTaskGroup(of: [GuestCode].self) { [classifier, patience] group in
      group.addTask { await Self.firstGuest(in: events, classifier) }
      group.addTask {
        try? await Reactor.shared.sleep(until: Reactor.shared.now + patience)
        return []
      }
      let first = await group.next() ?? []
      group.cancelAll()
      return first
    }
    try? await scanner.disable()
    seen.withLock { $0 = codes.first }
    return codes
  }

  func signsUp(_ code: GuestCode) async -> Bool { isSigningUp }

  func decide(at amount: Money, of sale: SaleRecord, after refusal: DeviceError?) async -> TenderDecision {
    if let refusal { Console.complain(refusal) }
    return changes.withLock { $0.isEmpty ? .pay : .change($0.removeFirst()) }
  }

  /// Lets go of the scanner.
  func close() async { await scanner?.close() }

  private static func firstGuest(
    in events: AsyncStream<ScannerEvent>, _ classifier: CodeClassifier
  ) async -> [GuestCode] {
    for await event in events {
      switch event {
      case .scan(let scan):
        do throws(DeviceError) {
          switch try classifier.classify(scan) {
          case .guest(let candidates): return Array(candidates.prefix(2))
          case .receipt: Console.complain("that is the bar code of a receipt, not of a guest")
          }
        } catch {
          Console.complain(error)
        }
      case .undecodable(let error), .trouble(let error): Console.complain(error)
      case .lagged, .raw: break
      case .interrupted(_, let error), .detached(let error):
        Console.complain(error)
        return []
      }
    }
    return []
  }
}
