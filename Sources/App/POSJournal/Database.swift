import CSQLite
import POSModel

/// One open SQLite file and the statements prepared on it. Used by one thread at a time.
///
/// The only code in the project that calls SQLite. Statements stay prepared; SQL texts are literals, so there
/// are as many as the source has, and each is known by its address.
struct Database: ~Copyable {
  /// A value that goes into a statement.
  enum Value {
    case integer(Int64)
    case text(String)
    case blob([UInt8])
    case null
  }

  /// What is being done, for errors: the end of "while …".
  var purpose: String
  private let connection: OpaquePointer
  private var prepared: [UnsafePointer<UInt8>: OpaquePointer] = [:]

  /// Opens a file that exists.
  init(path: String) throws(DeviceError) {
    purpose = "opening \(path)"
    var connection: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let result = sqlite3_open_v2(path, &connection, flags, nil)
    guard result == SQLITE_OK, let connection else {
      let error = Self.error(result, on: connection, during: "opening \(path)")
      sqlite3_close_v2(connection)
      throw error
    }
    self.connection = connection
  }

  deinit {
    for statement in prepared.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(connection)
  }

  /// Runs a statement that gives no rows of interest and returns how many rows it changed.
  @discardableResult
  mutating func run(_ sql: StaticString, _ values: Value...) throws(DeviceError) -> Int {
    let statement = try bound(sql, values)
    defer { sqlite3_reset(statement) }
    while try step(statement) {}
    return Int(sqlite3_changes(connection))
  }

  /// Runs a query and reads every row.
  mutating func rows<Element>(
    _ sql: StaticString, _ values: Value..., reading read: (borrowing Row) throws(DeviceError) -> Element
  ) throws(DeviceError) -> [Element] {
    let statement = try bound(sql, values)
    defer { sqlite3_reset(statement) }
    var elements: [Element] = []
    while try step(statement) { elements.append(try read(Row(statement: statement))) }
    return elements
  }

  /// Sets a pragma, whose value SQLite does not take as a bound one.
  func set(_ pragma: StaticString, to value: Int64) throws(DeviceError) {
    let result = sqlite3_exec(connection, "PRAGMA \(pragma) = \(value)", nil, nil, nil)
    guard result == SQLITE_OK else { throw Self.error(result, on: connection, during: purpose) }
  }

  /// Takes back what the transaction at hand has changed.
  mutating func rollBack() {
    guard sqlite3_get_autocommit(connection) == 0 else { return }
    // A failure here leaves nothing to save: the next statement fails too, or SQLite has rolled back itself.
    _ = try? run("ROLLBACK")
  }

  private mutating func bound(_ sql: StaticString, _ values: [Value]) throws(DeviceError) -> OpaquePointer {
    let statement = try statement(for: sql)
    for (index, value) in zip(Int32(1)..., values) {
      let result =
        switch value {
        case .integer(let integer): sqlite3_bind_int64(statement, index, integer)
        case .text(var text):
          text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) {
              pos_bind_text(statement, index, $0.baseAddress, Int32(clamping: $0.count))
            }
          }
        case .blob(let bytes):
          bytes.withUnsafeBytes {
            pos_bind_blob(statement, index, $0.baseAddress, Int32(clamping: $0.count))
          }
        case .null: sqlite3_bind_null(statement, index)
        }
      guard result == SQLITE_OK else { throw Self.error(result, on: connection, during: purpose) }
    }
    return statement
  }

  private mutating func statement(for sql: StaticString) throws(DeviceError) -> OpaquePointer {
    if let statement = prepared[sql.utf8Start] { return statement }
    var statement: OpaquePointer?
    let result = sqlite3_prepare_v3(
      connection, sql.description, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard result == SQLITE_OK, let statement else {
      throw Self.error(result, on: connection, during: purpose)
    }
    prepared[sql.utf8Start] = statement
    return statement
  }

  /// Whether there is a row to read.
  private func step(_ statement: OpaquePointer) throws(DeviceError) -> Bool {
    switch sqlite3_step(statement) {
    case SQLITE_ROW: true
    case SQLITE_DONE: false
    case let result: throw Self.error(result, on: connection, during: purpose)
    }
  }

  private static func error(_ result: Int32, on connection: OpaquePointer?, during operation: String)
    -> DeviceError
  {
    let errno = connection.map { sqlite3_system_errno($0) } ?? 0
    let code: DeviceError.Code =
      switch result & 0xFF {
      case SQLITE_BUSY, SQLITE_LOCKED: .journalLocked
      case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT: .journalDamaged
      case SQLITE_FULL: .journalFull
      case SQLITE_IOERR where errno == diskQuotaExceeded: .journalFull
      default: .journalFailed
      }
    let detail =
      connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(result))
    return DeviceError(code, during: operation, detail: detail, errno: errno == 0 ? nil : errno)
  }

  /// `EDQUOT` of Linux: SQLite takes a full disk for full, an exhausted quota for a fault.
  private static let diskQuotaExceeded: Int32 = 122
}

extension Database {
  /// The row a query stands on; columns count from 0.
  struct Row: ~Copyable {
    fileprivate let statement: OpaquePointer

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    func text(_ column: Int32) -> String { String(decoding: blob(column), as: UTF8.self) }

    func blob(_ column: Int32) -> [UInt8] {
      guard let start = sqlite3_column_blob(statement, column) else { return [] }
      return [UInt8](
        UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
  }
}
