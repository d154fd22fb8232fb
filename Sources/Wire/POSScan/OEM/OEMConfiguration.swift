/// The nine bytes by which a scanner in USB-OEM mode is configured (specs/scanners.md §1.3).
///
/// Some scanners only repeat what they were last sent, so a configuration that was read is no proof of how the
/// scanner is set.
public struct OEMConfiguration: Sendable, Equatable {
  /// Bytes of a configuration.
  public static let length = 9

  /// What is switched on and off, one bit each: configuration byte and bit, the byte times eight.
  public enum Switch: Int, Sendable, CaseIterable {
    case upcEAN = 0
    case upcD1ToD5 = 1
    case code39 = 2
    case interleaved2of5 = 3
    case codabar = 4
    case code93 = 5
    case code128 = 6
    case gs1128 = 7
    case addOn2 = 8
    case addOn5 = 9
    case addOnCode128 = 10
    case upcACheckDigit = 11
    case upcECheckDigit = 12
    case code39CheckDigit = 13
    case interleaved2of5CheckDigit = 14
    case twoLabels = 16
    case upcAToEAN13 = 17
    case upcEToEAN13 = 18
    case upcEToUPCA = 19
    case fourDigitPriceCheck = 20
    case fiveDigitPriceCheck = 21
    case goodReadBeep = 24
    case twoInterleaved2of5Lengths = 54
    case interleaved2of5LengthRange = 55
    case barcodeProgramming = 66
    case laserSwitch = 67
    case volumeSwitch = 68

    /// The name used on the command line.
    public var name: StaticString {
      switch self {
      case .upcEAN: "upc-ean"
      case .upcD1ToD5: "upc-d"
      case .code39: "code-39"
      case .interleaved2of5: "itf"
      case .codabar: "codabar"
      case .code93: "code-93"
      case .code128: "code-128"
      case .gs1128: "gs1-128"
      case .addOn2: "add-on-2"
      case .addOn5: "add-on-5"
      case .addOnCode128: "add-on-code-128"
      case .upcACheckDigit: "upc-a-check-digit"
      case .upcECheckDigit: "upc-e-check-digit"
      case .code39CheckDigit: "code-39-check-digit"
      case .interleaved2of5CheckDigit: "itf-check-digit"
      case .twoLabels: "two-labels"
      case .upcAToEAN13: "upc-a-to-ean-13"
      case .upcEToEAN13: "upc-e-to-ean-13"
      case .upcEToUPCA: "upc-e-to-upc-a"
      case .fourDigitPriceCheck: "four-digit-price-check"
      case .fiveDigitPriceCheck: "five-digit-price-check"
      case .goodReadBeep: "good-read-beep"
      case .twoInterleaved2of5Lengths: "two-itf-lengths"
      case .interleaved2of5LengthRange: "itf-length-range"
      case .barcodeProgramming: "bar-code-programming"
      case .laserSwitch: "laser-switch"
      case .volumeSwitch: "volume-switch"
      }
    }
  }

  /// What has a value of a few bits.
  public enum Level: Int, Sendable, CaseIterable {
    case beepVolume, beepFrequency, beepDuration
    case motorTimeout, laserTimeout, doubleReadTimeout
    case storeLabelSecurity
    case interleaved2of5Length1, interleaved2of5Length2
    case lampDuration

    /// The name used on the command line.
    public var name: StaticString {
      switch self {
      case .beepVolume: "beep-volume"
      case .beepFrequency: "beep-frequency"
      case .beepDuration: "beep-duration"
      case .motorTimeout: "motor-timeout"
      case .laserTimeout: "laser-timeout"
      case .doubleReadTimeout: "double-read-timeout"
      case .storeLabelSecurity: "store-label-security"
      case .interleaved2of5Length1: "itf-length-1"
      case .interleaved2of5Length2: "itf-length-2"
      case .lampDuration: "lamp-duration"
      }
    }

    /// The configuration byte, its lowest bit and how many bits.
    fileprivate var place: (byte: Int, bit: UInt8, width: UInt8) {
      switch self {
      case .beepVolume: (3, 1, 2)
      case .beepFrequency: (3, 3, 2)
      case .beepDuration: (3, 5, 2)
      case .motorTimeout: (4, 0, 3)
      case .laserTimeout: (4, 3, 2)
      case .doubleReadTimeout: (4, 5, 2)
      case .storeLabelSecurity: (5, 0, 2)
      case .interleaved2of5Length1: (6, 0, 6)
      case .interleaved2of5Length2: (7, 0, 6)
      case .lampDuration: (8, 0, 2)
      }
    }

    /// The largest value that has room.
    public var limit: UInt8 { (1 << place.width) - 1 }
  }

  /// The bytes, ``length`` of them.
  public private(set) var bytes: [UInt8]

  /// Everything off.
  public init() { bytes = [UInt8](repeating: 0, count: Self.length) }

  /// A configuration as a scanner reports it; a shorter list is filled with zeros, a longer one cut.
  public init(_ bytes: [UInt8]) {
    let head = bytes.prefix(Self.length)
    self.bytes = head + [UInt8](repeating: 0, count: Self.length - head.count)
  }

  /// Whether something is switched on.
  public subscript(item: Switch) -> Bool {
    get { bytes[item.rawValue / 8] >> UInt8(item.rawValue % 8) & 1 == 1 }
    set {
      let bit: UInt8 = 1 << UInt8(item.rawValue % 8)
      if newValue { bytes[item.rawValue / 8] |= bit } else { bytes[item.rawValue / 8] &= ~bit }
    }
  }

  /// A value; what is above ``Level/limit`` is stored as that.
  public subscript(level: Level) -> UInt8 {
    get { bytes[level.place.byte] >> level.place.bit & level.limit }
    set {
      let place = level.place
      bytes[place.byte] &= ~(level.limit << place.bit)
      bytes[place.byte] |= min(newValue, level.limit) << place.bit
    }
  }
}
