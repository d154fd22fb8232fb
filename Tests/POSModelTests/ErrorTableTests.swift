import POSModel
import Testing

@Suite("Error table")
struct ErrorTableTests {
  @Test("every row says what to show and what to do", arguments: ErrorTable.rows.map(\.code))
  func complete(code: DeviceError.Code) {
    let row = ErrorTable.row(for: code)
    #expect(row.code == code)
    #expect(!row.operatorText.isEmpty)
    #expect(!row.hint.isEmpty)
    #expect(row.exit != .ok)
    #expect((100...599).contains(row.httpStatus))
    #expect(code.rawValue.split(separator: ".").count == 2)
  }

  @Test("codes are unique")
  func unique() {
    #expect(Set(ErrorTable.rows.map(\.code)).count == ErrorTable.rows.count)
  }

  @Test("an unknown outcome ends with exit code 6 and never invites a blind retry")
  func unknownOutcomes() {
    for row in ErrorTable.rows where row.exit == .unknownOutcome { #expect(row.retry == .askDevice) }
    #expect(ErrorTable.row(for: .paymentUnknown).exit == .unknownOutcome)
    #expect(ErrorTable.row(for: .printUnknown).exit == .unknownOutcome)
  }

  @Test("the line a technician reads has code, operation, bytes and hint")
  func description() {
    let error = DeviceError(.connectionLost, during: "writing a receipt", bytesMoved: 512)
    #expect(error.description.contains("link.lost"))
    #expect(error.description.contains("writing a receipt"))
    #expect(error.description.contains("512 bytes"))
    #expect(error.description.contains("try: check the cable"))
  }
}
