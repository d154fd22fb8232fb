/// How a scanner that types was set up. What cannot be seen in its keystrokes has to be declared.
public struct KeyboardSettings: Sendable, Equatable {
  /// What to make of CapsLock (specs/scanners.md §2.3). The scanner cannot see this decoder's state, and many
  /// turn their letters round when the host's lamp is lit.
  public enum CapsLock: UInt8, Sendable, CaseIterable {
    /// Letters are what Shift says.
    case ignore
    /// Letters are the other case than Shift says.
    case invert
    /// Letters are turned round while CapsLock is on: as the host's lamp says when reading begins, where it can be
    /// seen, and from then on by the CapsLock key of this very device.
    case follow
  }

  /// What ends a code.
  public enum Terminator: Sendable, Equatable {
    /// Enter, keypad Enter, or silence; a line feed behind Enter and a Tab before the silence belong to it.
    case automatic
    /// Enter or keypad Enter.
    case enter
    /// Enter and then a line feed.
    case enterAndLineFeed
    /// The Tab key.
    case tab
    /// One control or other character, EOT for instance.
    case character(UInt8)
    /// Silence alone.
    case silence
  }

  /// What Alt and a decimal number on the keypad means. Alt, the keypad's plus and hexadecimal digits are the
  /// number of a Unicode character in either case.
  public enum AltCodes: UInt8, Sendable, CaseIterable {
    /// The byte of that value: what scanners set to send any byte this way mean.
    case bytes
    /// The character of code page 1252 with a leading zero, of 437 without: what a PC types.
    case codePages
  }

  /// The layout the scanner is set to.
  public var layout: KeyboardLayout
  /// What to make of CapsLock.
  public var capsLock = CapsLock.ignore
  /// What ends a code.
  public var terminator = Terminator.automatic
  /// What Alt and a number means.
  public var altCodes = AltCodes.bytes
  /// The usage of a function key that stands for GS, such as 0x41 for F8; 0 for none.
  public var separatorKey: UInt8 = 0
  /// What surrounds the data.
  public var envelope = ScanEnvelope()
  /// Silence after which a code is over, in nanoseconds; scanners that type slowly get more, see
  /// ``KeyboardDecoder``.
  public var gap: Int64 = 100_000_000

  /// The settings of a scanner as it leaves the factory, but for the layout.
  public init(layout: KeyboardLayout = .us) { self.layout = layout }
}
