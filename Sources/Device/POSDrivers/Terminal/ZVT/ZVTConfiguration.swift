public import POSModel
public import POSTerminalWire

/// How to talk to one ZVT terminal. The times are those of PA00P016 (specs/terminals.md §2.4).
public struct ZVTConfiguration: Sendable {
  /// What carries the messages.
  public enum Link: Sendable {
    /// Frames with checks and repeats: RS-232, USB serial.
    case serial
    /// The bare messages: TCP, port 20007 by default.
    case stream
  }

  /// What carries the messages.
  public var link: Link
  /// What the terminal asks of a till.
  public var password: ZVTPassword
  /// What the till registers for when no payment names a currency.
  public var currency: Currency
  /// T3: longest wait for the answer to a command.
  public var answerTime: Duration = .seconds(5)
  /// T4: longest silence of a terminal that works; the terminal may ask for another one.
  public var silenceTime: Duration = .seconds(180)
  /// Longest payment or other job, however much the terminal has to tell meanwhile; then its outcome is unknown.
  public var longestPayment: Duration = .seconds(1_800)
  /// Whether messages are to be numbered where the terminal can, so that either side knows one that comes twice
  /// (PA00P015 §5).
  public var asksForNumbers = true
  /// Whether each order repeats the number that the terminal gave its last transaction (1F1F, PA00P015 §4). Opt-in:
  /// such a terminal takes back its last transaction when it hears the number before it. What is repeated is read from
  /// the terminal itself right before the order, never from memory, so that this driver cannot ask for that.
  public var confirmsLastTransaction = false
  /// What the terminal's texts are written in, unless it says otherwise.
  public var characterSet = ZVTCharacterSet.cp437
  /// How often a payment tries to reach the terminal before it counts as not started; 1 or more.
  public var attempts = 3
  /// How long a recovery keeps trying to reach a terminal that is away or busy.
  public var recoveryTime: Duration = .seconds(120)
  /// Largest data of a message that is accepted, in bytes.
  public var maximumDataLength = ZVTAPDU.maximumDataLength

  /// A configuration with the times of the standard.
  public init(link: Link, password: ZVTPassword, currency: Currency = .euro) {
    self.link = link
    self.password = password
    self.currency = currency
  }
}
