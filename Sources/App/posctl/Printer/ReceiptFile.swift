import POSModel
import POSReceipt

/// Receipt documents as files; pictures are looked for beside them.
enum ReceiptFile {
  /// Reads the document at `path`, or standard input for `-`, for paper `dots` wide.
  static func read(_ path: String, dots: Int) throws(DeviceError) -> ReceiptDocument {
    let folder =
      path == "-"
      ? ""
      : path.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast().map { $0 + "/" }.joined()
    return try ReceiptReader.document(try InputOptions.read(path), name: path, dots: dots) {
      (name) throws(DeviceError) in
      try InputOptions.read(name.hasPrefix("/") ? name : folder + name)
    }
  }
}
