import Glibc

/// Paths of device nodes.
public enum NodePath {
  /// Where a path leads when all symbolic links are followed, as those of `/dev/serial/by-id`; the path itself when there
  /// is nothing.
  public static func resolved(_ path: String) -> String {
    guard let found = realpath(path, nil) else { return path }
    defer { free(found) }
    return String(cString: found)
  }
}
