/// The protocols that card terminals speak: the one place where a new one is added to the driver.
public enum CardTerminalProtocol: Sendable {
  /// ZVT, serial or TCP: Germany, Austria, Switzerland.
  case zvt(ZVTConfiguration)
  /// Concert E and E+, serial: France.
  case concert(ConcertConfiguration)
  /// Caisse-AP, also called Concert V3, over TCP: France.
  case caisseAP(CaisseAPConfiguration)

  var session: any TerminalSession {
    switch self {
    case .zvt(let configuration): ZVTSession(configuration)
    case .concert(let configuration): ExchangeSession(ConcertDialect(configuration))
    case .caisseAP(let configuration): ExchangeSession(CaisseAPDialect(configuration))
    }
  }
}
