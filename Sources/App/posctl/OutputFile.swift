import FoundationEssentials
import POSModel

/// Files that commands write.
enum OutputFile {
  /// Replaces the file at `path`, or writes to standard output for `-`.
  static func write(_ bytes: [UInt8], to path: String) throws(DeviceError) {
    do {
      if path == "-" {
        try Data(bytes).write(to: URL(filePath: "/dev/stdout"))
      } else {
        try Data(bytes).write(to: URL(filePath: path), options: .atomic)
      }
    } catch {
      let denied = (error as? CocoaError)?.code == .fileWriteNoPermission
      throw DeviceError(
        denied ? .permissionDenied : .badInput, during: "writing \(path)",
        hint: "check that the folder exists and may be written")
    }
  }
}
