import POSLoyalty
import POSModel
import POSRuntime
import Punchh
import Testing

@testable import posctl

@Suite("the guest's code at posctl's till")
struct SaleRunAttendantTests {
  private func codes(of text: String, couponPrefix: String) async throws -> [GuestCode] {
    let provider = PunchhProvider(
      PunchhConfiguration(
        server: try ServerURL("http://127.0.0.1:1"), keys: try PunchhKeys(location: "l", business: "b"),
        userAgent: try UserAgent(integrator: "SwiftPOS", version: "0.2")))
    var setting = SaleSetting(provider: provider, state: StatePlace(directory: "/nowhere"))
    setting.code = text
    let attendant = try await SaleRunAttendant(
      setting, opener: DeviceOpener(), patience: .seconds(1), couponPrefix: couponPrefix)
    return await attendant.code(after: nil)
  }

  /// Thirteen digits with their check digit: a receipt's bar code, but for the brand's prefix.
  @Test("what begins as the brand's coupons do is one")
  func couponPrefix() async throws {
    let text = "3157882326401"
    let coupon = GuestCode(kind: .redemptionCode, value: text)
    #expect(try await codes(of: text, couponPrefix: "315").first == coupon)
    for other in ["", "99"] {
      let error = await #expect(throws: DeviceError.self) {
        try await codes(of: text, couponPrefix: other)
      }
      #expect(error?.code == .badInput)
    }
  }
}
