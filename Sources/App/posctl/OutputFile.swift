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
      throw DeviceError(
        isDenied(path) ? .permissionDenied : .badInput, during: "writing \(path)",
        hint: "check that the folder exists and may be written")
    }
  }

  /// Whether it is for want of permission that `path` cannot be written; Foundation's errors do not say so reliably.
  private static func isDenied(_ path: String) -> Bool {
    let manager = FileManager.default
    if manager.fileExists(atPath: path) { return !manager.isWritableFile(atPath: path) }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "./"
    return manager.fileExists(atPath: String(folder)) && !manager.isWritableFile(atPath: String(folder))
  }
}
