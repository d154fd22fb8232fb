import POSJournal
import POSModel
import Testing

@testable import POSLoyalty

/// Module 3b of the certification within a sale: an unknown number is signed up when the guest agrees, and the brand lets
/// tills do it.
@Suite struct SignUpTests {
  private static let phone = GuestCode(kind: .phone, value: "2025550177")
  private static let handle = GuestCode(kind: .singleScan, value: "2025550177")

  private func machine(mayCreate: Bool?) -> SaleMachine {
    var configuration = Sample.configuration
    configuration.signsUpByPhone = mayCreate
    return SaleMachine(SaleOpening(check: Sample.check, configuration: configuration))
  }

  @Test func agreed() {
    var machine = machine(mayCreate: true)
    #expect(machine.on(.codesPresented([Self.phone, Self.handle])) == [.findGuest(Self.phone)])
    #expect(machine.on(.loyaltyFailed(Sample.notFound)) == [.findGuest(Self.handle)])
    #expect(machine.on(.loyaltyFailed(Sample.notFound)) == [.offerSignUp(Self.phone)])
    #expect(machine.on(.signUpAnswered(true)) == [.signUp(Self.phone)])
    #expect(machine.on(.guestFound(Sample.guest)) == [.lookUpDiscounts(Sample.check, Sample.guest)])
    #expect(machine.record.warnings.isEmpty)
  }

  @Test func declined() {
    var machine = machine(mayCreate: true)
    _ = machine.on(.codesPresented([Self.phone]))
    #expect(machine.on(.loyaltyFailed(Sample.notFound)) == [.offerSignUp(Self.phone)])
    guard case .askForCode? = machine.on(.signUpAnswered(false)).first else {
      Issue.record("the cashier cannot go on")
      return
    }
    // Nobody is asked twice.
    _ = machine.on(.codesPresented([Self.phone]))
    #expect(machine.on(.loyaltyFailed(Sample.notFound)) == [.askForCode(Sample.notFound)])
    #expect(machine.on(.codesPresented([])) == [.requestTender(Sample.euros(1458))])
  }

  @Test(arguments: [nil, false])
  func notAllowed(mayCreate: Bool?) {
    var machine = machine(mayCreate: mayCreate)
    _ = machine.on(.codesPresented([Self.phone]))
    #expect(machine.on(.loyaltyFailed(Sample.notFound)) == [.askForCode(Sample.notFound)])
  }

  @Test func onlyNumbersOnlyUnknown() {
    var machine = machine(mayCreate: true)
    _ = machine.on(.codesPresented([Sample.code]))
    #expect(machine.on(.loyaltyFailed(Sample.notFound)) == [.askForCode(Sample.notFound)])
    _ = machine.on(.codesPresented([Self.phone]))
    #expect(
      machine.on(.loyaltyFailed(Sample.refused)) == [.askForCode(Sample.refused)], "banned is not unknown")
  }

  /// A doubt is settled by asking who has the number now.
  @Test(arguments: [Sample.lost, Sample.refused])
  func doubt(error: DeviceError) {
    var machine = machine(mayCreate: true)
    _ = machine.on(.codesPresented([Self.phone]))
    _ = machine.on(.loyaltyFailed(Sample.notFound))
    _ = machine.on(.signUpAnswered(true))
    #expect(machine.on(.loyaltyFailed(error)) == [.findGuest(Self.phone)])
    #expect(machine.record.warnings.map(\.kind) == [.notSignedUp])
    var found = machine
    #expect(found.on(.guestFound(Sample.guest)) == [.lookUpDiscounts(Sample.check, Sample.guest)])
    #expect(machine.on(.loyaltyFailed(Sample.notFound)) == [.askForCode(Sample.notFound)], "once")
  }

  @Test func cutOff() {
    var machine = machine(mayCreate: true)
    _ = machine.on(.codesPresented([Self.phone]))
    _ = machine.on(.loyaltyFailed(Sample.notFound))
    #expect(!machine.isResting)
    _ = machine.on(.signUpAnswered(true))
    #expect(machine.on(.restarted) == [])
    #expect(machine.phase == .ended && machine.course == .abandoned)
  }
}
