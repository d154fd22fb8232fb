import CPOSLinux
import Glibc

/// Files of `/proc` and `/sys`, which have no size before they are read.
package enum SmallFile {
  /// The first bytes of a file, at most `limit`.
  package static func read(_ path: String, upTo limit: Int) throws(SystemError) -> [UInt8] {
    try read(OwnedDescriptor(opening: path, O_RDONLY), upTo: limit)
  }

  /// The next bytes of an open file, at most `limit`.
  package static func read(_ file: borrowing OwnedDescriptor, upTo limit: Int) throws(SystemError) -> [UInt8]
  {
    var bytes = [UInt8](repeating: 0, count: limit)
    var filled = 0
    while filled < limit {
      let count = bytes.withUnsafeMutableBytes { buffer in
        buffer.baseAddress.map { pos_read(file.number, $0 + filled, limit - filled) } ?? 0
      }
      if try SystemError.check(count) == 0 { break }
      filled += count
    }
    return Array(bytes.prefix(filled))
  }

  /// Whether there is something at `path`.
  package static func exists(_ path: String) -> Bool { Glibc.access(path, F_OK) == 0 }

  /// The names in a directory, or of the directories in it alone, links left out; none when it cannot be read.
  package static func names(in directory: String, onlyDirectories: Bool = false) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      guard !onlyDirectories || entry.pointee.d_type == UInt8(DT_DIR) else { continue }
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
