/// How a command with an effect in the world ended, where no richer outcome type fits (DESIGN §2.1).
public enum EffectOutcome<Value: Sendable>: Sendable {
  /// It happened.
  case done(Value)
  /// It did not happen, and will not.
  case notDone(DeviceError)
  /// It may have happened. Ask before doing it again.
  case unknown(DeviceError)
}

extension EffectOutcome: Equatable where Value: Equatable {}
extension EffectOutcome: Codable where Value: Codable {}
