import POSModel
import POSTerminalWire
import Testing

@testable import POSDrivers
@testable import POSSimulation

/// What of ZVT a till asks for or a terminal offers: parts, tips, numbered messages, confirmation, tasks.
@Suite struct ZVTOptionsTests {
  static let links: [ZVTConfiguration.Link] = [.serial, .stream]

  static func lane(
    _ link: ZVTConfiguration.Link, _ configure: (inout ZVTConfiguration) -> Void = { _ in },
    _ change: (inout SimulatedTerminalBehaviour) -> Void = { _ in }
  ) -> Lane {
    var behaviour = SimulatedTerminalBehaviour(speaking: link == .serial ? .zvtSerial : .zvtTCP)
    change(&behaviour)
    var configuration = ZVTConfiguration.test(link)
    configure(&configuration)
    return Lane(configuration, behaviour)
  }

  static func request(_ change: (inout PaymentRequest) -> Void) -> PaymentRequest {
    var request = PaymentRequest(reference: "a", amount: Money(minorUnits: 1_250, currency: .euro))
    change(&request)
    return request
  }

  private func run(_ request: PaymentRequest, on lane: inout Lane) -> PaymentOutcome? {
    guard case .payment(let outcome) = lane.end(.pay(request, on: Lane.device)) else { return nil }
    return outcome
  }

  @Test(arguments: links)
  func aPartIsChargedOnlyWhereItIsAccepted(link: ZVTConfiguration.Link) throws {
    var lane = Self.lane(link) {
      $0.longestPayment = .seconds(600)
    } _: {
      $0.cardLimit = 800
    }
    guard case .approved(let record) = run(Self.request { $0.acceptsPart = true }, on: &lane) else {
      Issue.record("not approved")
      return
    }
    #expect(record.amount.minorUnits == 800)
    #expect(lane.ledger.map(\.amount) == [800])
    var strict = Self.lane(link) { _ in
    } _: {
      $0.cardLimit = 800
    }
    guard case .declined(let refusal)? = run(Self.request { _ in }, on: &strict) else {
      Issue.record("not declined")
      return
    }
    #expect(refusal.code == "71" && strict.ledger.isEmpty)
  }

  @Test(arguments: links)
  func aTipIsTakenOnlyWhereItIsAccepted(link: ZVTConfiguration.Link) {
    var lane = Self.lane(link) { _ in
    } _: {
      $0.tip = 150
      $0.isContactless = true
    }
    guard case .approved(let record)? = run(Self.request { $0.acceptsTip = true }, on: &lane) else {
      Issue.record("not approved")
      return
    }
    #expect(record.amount.minorUnits == 1_400 && record.tip?.minorUnits == 150)
    #expect(record.cardReading == "contactless")
    #expect(run(Self.request { $0.reference = "b" }, on: &lane)?.isApproved == true)
    #expect(lane.ledger.map(\.amount) == [1_400, 1_250])
  }

  /// A terminal that charges what nobody asked for is told to take it back.
  @Test func aTipThatDoesNotAddUpIsRefused() throws {
    var payment = ZVTPayment(Self.request { $0.acceptsTip = true }, terminalID: nil)
    // 14.00 with a tip of 1.00 is not 12.50 and a tip.
    let status = try ZVTAPDU(
      .statusInformation,
      data: [0x27, 0x00, 0x04, 0, 0, 0, 0, 0x14, 0x00, 0x06, 0x09, 0x1F, 0x36, 0x06, 0, 0, 0, 0, 0x01, 0x00])
    #expect(payment.take(ZVTMessage(status)).command.refusal == .processingError)
    #expect(!payment.outcome(.completed).isFinal)
  }

  @Test(arguments: links)
  func bookingsFollowPreAuthorisations(link: ZVTConfiguration.Link) {
    var lane = Self.lane(link)
    #expect(lane.pay("a", 5_000, kind: .preAuthorisation).isApproved)
    #expect(lane.pay("b", 1_000, kind: .partialReversal(receipt: 42)).isApproved)
    #expect(lane.pay("c", 3_000, kind: .booking(receipt: 42)).isApproved)
    // What has been booked cannot be freed, and what never was cannot be booked.
    #expect(!lane.pay("d", 100, kind: .preAuthorisationReversal(receipt: 42)).isApproved)
    #expect(!lane.pay("e", 100, kind: .booking(receipt: 7)).isApproved)
    #expect(lane.pay("f", 2_000, kind: .preAuthorisation).isApproved)
    #expect(lane.pay("g", 2_000, kind: .preAuthorisationReversal(receipt: 45)).isApproved)
    #expect(lane.pay("h", 500).isApproved)
    #expect(lane.pay("i", 50, kind: .tip(receipt: 47)).isApproved)
    #expect(
      lane.ledger.map(\.kind) == [
        .reservation, .release, .booking, .reservation, .release, .charge, .tip,
      ])
  }

  @Test(arguments: links, [false, true])
  func messagesAreNumberedWhereBothSidesAgree(link: ZVTConfiguration.Link, asks: Bool) {
    var lane = Self.lane(link) {
      $0.asksForNumbers = asks
    } _: {
      $0.numbersMessages = true
    }
    #expect(lane.pay("a").isApproved)
    #expect(lane.pay("b").isApproved)
    #expect(lane.standingCharges == 2)
  }

  @Test func numbersGoUpAndAnswersBearWhatTheyAnswer() throws {
    var numbers = ZVTMessageNumbers()
    let positive = ZVTAPDU.positiveAnswer
    #expect(numbers.forCommand().isEmpty && numbers.reply(positive) == positive)
    numbers.begin()
    #expect(numbers.forCommand() == [0x1F, 0x73, 0x03, 0, 0, 1])
    func message(_ command: ZVTCommand, _ number: UInt32) throws -> ZVTMessage {
      ZVTMessage(
        try ZVTAPDU(command, data: command == .intermediateStatus ? [0x0A] : []).adding(
          tags: ZVTAPDU.numberTag(number)))
    }
    #expect(numbers.isDue(try message(.positive, 1)))
    #expect(!numbers.isDue(try message(.positive, 999_999)))
    #expect(numbers.take(try message(.intermediateStatus, 2)) == nil)
    let answer = numbers.reply(positive)
    #expect(answer.bytes == [0x80, 0, 8, 6, 6, 0x1F, 0x73, 3, 0, 0, 2])
    // The same again is answered as before, and not taken twice.
    #expect(numbers.take(try message(.intermediateStatus, 2)) == answer)
    #expect(numbers.take(try message(.intermediateStatus, 3)) == nil)
    #expect(numbers.forAside() == [0x1F, 0x73, 0x03, 0, 0, 4])
    #expect(numbers.isDue(try message(.positive, 4)))
    #expect(numbers.isDue(try message(.positive, 1)))
    // After the last number comes the first.
    #expect(numbers.take(try message(.intermediateStatus, 999_999)) == nil)
    #expect(numbers.forCommand() == [0x1F, 0x73, 0x03, 0, 0, 1])
  }

  /// What is confirmed is what the terminal itself has named, so that it never takes a good payment back.
  @Test(arguments: links, [false, true])
  func confirmingNeverTakesAPaymentBack(link: ZVTConfiguration.Link, confirms: Bool) {
    var lane = Self.lane(link) {
      $0.confirmsLastTransaction = confirms
    } _: {
      $0.takesBackWhatIsNotConfirmed = true
    }
    for reference in ["a", "b", "c"] { #expect(lane.pay(reference).isApproved) }
    #expect(lane.ledger.map(\.kind) == [.charge, .charge, .charge])
  }

  @Test(arguments: links, TerminalTask.allCases)
  func doesItsTasks(link: ZVTConfiguration.Link, task: TerminalTask) {
    var lane = Self.lane(link)
    #expect(lane.pay("a").isApproved && lane.pay("b", 300, kind: .refund).isApproved)
    guard case .performed(.done(let report))? = lane.end(.perform(task)) else {
      Issue.record("\(task) not done")
      return
    }
    switch task {
    case .turnover: #expect(report.total == 950)
    case .endOfDay: #expect(report.total == 950 && report.lines.first == "End of day")
    case .diagnosis, .initialisation: #expect(report.lines.last == "successful")
    }
    // Only closing the day empties the terminal.
    guard case .performed(.done(let after))? = lane.end(.perform(.turnover)) else { return }
    #expect(after.total == (task == .endOfDay ? 0 : 950))
  }

  /// A terminal that shows something for ever, and never comes to an end.
  @Test(arguments: links)
  func endlessStatusesEndAsUnknown(link: ZVTConfiguration.Link) throws {
    var session = ZVTSession(.test(link))
    var now = MonotonicInstant.start
    var actions = session.on(.begin(.pay(Self.request { _ in }, on: Lane.device)), at: now)
    let wire = { (message: [UInt8]) in link == .serial ? SimulatedZVTWire.frame(message) : message }
    func say(_ message: [UInt8]) -> [TerminalAction] { session.on(.received(wire(message)), at: now) }
    actions = session.on(.connected, at: now)
    // Registration and the question for the last transaction, each accepted and completed.
    for _ in 0..<2 {
      actions = say([0x80, 0x00, 0x00])
      actions = say([0x06, 0x0F, 0x00])
    }
    actions = session.on(.journaled, at: now)
    actions = say([0x80, 0x00, 0x00])
    var messages = 0
    while messages < 100_000, !actions.contains(where: \.isFinish) {
      messages += 1
      now = now + .seconds(20)
      // Different ones, for a serial link takes the same one for a repeat.
      actions = say([0x04, 0xFF, 0x01, messages.isMultiple(of: 2) ? 0x0A : 0x04])
    }
    guard case .finish(.payment(.unknown(let error)))? = actions.last else {
      Issue.record("\(actions)")
      return
    }
    #expect(error.code == .paymentUnknown)
    #expect(messages == 90)
  }
}

extension TerminalAction {
  fileprivate var isFinish: Bool { if case .finish = self { true } else { false } }
}
