import POSModel
import Testing

/// Expects `body` to throw a ``DeviceError`` with this code, and returns it for closer looks.
@discardableResult
func expect(
  _ code: DeviceError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> DeviceError? {
  let error = await #expect(throws: DeviceError.self, sourceLocation: sourceLocation) { try await body() }
  #expect(error?.code == code, sourceLocation: sourceLocation)
  return error
}
