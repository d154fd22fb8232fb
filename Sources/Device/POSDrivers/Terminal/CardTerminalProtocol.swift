/// The protocols that card terminals speak: the one place where a new one is added to the driver.
public enum CardTerminalProtocol: Sendable {
  /// ZVT, serial or TCP: Germany, Austria, Switzerland.
  case zvt(ZVTConfiguration)
  /// Concert E and E+, serial: France.
  case concert(ConcertConfiguration)
  /// Caisse-AP, also called Concert V3, over TCP: France.
  case caisseAP(CaisseAPConfiguration)
  /// ECR17 over TCP: Italy.
  case ecr17(ECR17Configuration)
  /// Transbank POS Integrado, serial: Chile.
  case transbank(TransbankConfiguration)

  var session: any TerminalSession {
    switch self {
    case .zvt(let configuration): ZVTSession(configuration)
    case .concert(let configuration): ExchangeSession(ConcertDialect(configuration))
    case .caisseAP(let configuration): ExchangeSession(CaisseAPDialect(configuration))
    case .ecr17(let configuration): ExchangeSession(ECR17Dialect(configuration))
    case .transbank(let configuration): ExchangeSession(TransbankDialect(configuration))
    }
  }
}
