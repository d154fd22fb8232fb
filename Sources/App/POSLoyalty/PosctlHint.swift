/// Commands for hints, with every option that they cannot do without.
package enum PosctlHint {
  /// Asks for the location's configuration, and keeps it.
  package static let configuration = "posctl loyalty configuration --server URL"
  /// Sends what waits in the outbox.
  package static let flush = "posctl outbox flush --server URL"
  /// Takes up what is left open.
  package static let resume = "posctl sale resume --printer ADDRESS --terminal ADDRESS --server URL"
  /// Takes a sale back, or asks again for what was not given back. The terminal is there to give money back.
  package static let void = "posctl sale void CHECK --terminal ADDRESS --server URL"

  /// All of them.
  package static let all = [configuration, flush, resume, void]
}
