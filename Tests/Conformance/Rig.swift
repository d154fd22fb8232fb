public import Testing

/// How devices or links of one kind are set up for a suite: simulated, in the lab, or on the table.
public struct Rig<Bench: Sendable>: Sendable, CustomTestStringConvertible {
  /// What it is called in reports.
  public var name: String
  /// Sets up a fresh one.
  public var open: @Sendable () async throws -> Bench

  /// A rig that `open` sets up.
  public init(_ name: String, open: @escaping @Sendable () async throws -> Bench) {
    self.name = name
    self.open = open
  }

  /// The name.
  public var testDescription: String { name }
}
