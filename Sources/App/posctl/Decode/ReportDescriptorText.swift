import FoundationEssentials
import POSModel
import POSWire

/// A report descriptor on the command line: hexadecimal digits, or a file of raw bytes or hexadecimal text.
enum ReportDescriptorText {
  /// Its bytes.
  static func bytes(of text: String) throws(DeviceError) -> [UInt8] {
    let isHex = text.utf8.allSatisfy { $0 == 0x20 || Unicode.Scalar($0).properties.isHexDigit }
    let bytes =
      isHex && !FileManager.default.fileExists(atPath: text) ? Array(text.utf8) : try InputOptions.read(text)
    // Descriptors begin with a usage page item, which is no hexadecimal digit: text is told from bytes by that.
    guard let first = bytes.first, Unicode.Scalar(first).properties.isHexDigit || first == 0x23 else {
      return bytes
    }
    return try HexText.messages(in: bytes, name: "descriptor").flatMap { $0 }
  }

  /// What to say about one that cannot be read.
  static func complaint(_ error: WireError) -> DeviceError {
    DeviceError(
      .badInput, during: "reading the report descriptor",
      detail: "\(error.reason.name) at offset \(error.offset), in \(error.field)",
      hint: "capture it again: cat /sys/class/hidraw/hidrawN/device/report_descriptor")
  }
}
