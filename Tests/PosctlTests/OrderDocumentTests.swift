import POSLoyalty
import POSModel
import Testing

@testable import posctl

@Suite("Orders as files") struct OrderDocumentTests {
  private func read(_ line: String) throws(DeviceError) -> OrderDocument {
    try OrderDocument(Array(#"{"check":"1","currency":"USD","lines":[\#(line)]}"#.utf8), name: "x")
  }

  @Test func modifiersThatMakeItCheaper() throws {
    let burger = #"{"name":"Burger","amount":"9.00","modifiers":[{"name":"No cheese","amount":"-0.50"}]}"#
    #expect(try read(burger).order.subtotal == 850)
  }

  @Test(
    arguments: [
      (#"{"name":"B","amount":"9.00","modifiers":[{"name":"No","amount":"-9.01"}]}"#, "below 0"),
      (#"{"name":"B","amount":"-0.01"}"#, "below 0"),
      (#"{"name":"Tax","amount":"-0.01","type":"T"}"#, "0 or more"),
    ])
  func tooCheap(line: String, words: String) {
    let error = #expect(throws: DeviceError.self) { try read(line) }
    #expect(error?.code == .badInput && error?.detail.contains(words) == true)
  }
}
