import POSModel
import Testing

@Suite("Hygiene: error codes")
struct ErrorCodeTests {
  @Test("every declared code has a row in the error table, and every row a declared code")
  func tableIsComplete() throws {
    let marker = "Self(rawValue: \""
    let declared = try SourceTree.text(of: "Sources/Device/POSModel/DeviceError.swift")
      .split(separator: "\n")
      .filter { $0.contains("public static let") && $0.contains(marker) }
      .compactMap { line in
        line.split(separator: "\"").dropFirst().first.map(String.init)
      }
    #expect(declared.count > 30)
    #expect(Set(declared) == Set(ErrorTable.rows.map(\.code.rawValue)))
  }
}
