/// Where one command of a job ends and the next may begin: there a question in real time (`DLE EOT`) may stand, and
/// nowhere else (specs/escpos.md §2.1).
public enum CommandBoundary {
  /// Bytes from `offset`, where a command or character begins, to where the next one may: one command with its data, or
  /// a word. What the job cuts off counts as far as it goes; 0 at the end of the job.
  ///
  /// Words end after a space and before a control character, which are never the second byte of a pair in any
  /// double-byte mode.
  public static func length(in job: [UInt8], at offset: Int) -> Int {
    guard job.indices.contains(offset) else { return 0 }
    guard CommandShape.isPrefix(job[offset]) else { return wordLength(in: job, at: offset) }
    var header = [job[offset]]
    while true {
      switch CommandShape.of(header) {
      case .header(let count):
        guard offset + count <= job.count else { return job.count - offset }
        header = Array(job[offset..<(offset + count)])
      case .complete: return header.count
      case .data(let count):
        let left = job.count - offset - header.count
        return header.count + (count < UInt64(left) ? Int(count) : left)
      case .dataToNUL(let most):
        let data = job[(offset + header.count)...].prefix(most + 1)
        return header.count + (data.firstIndex(of: 0).map { $0 - data.startIndex + 1 } ?? data.count)
      case .unknown:
        // A prefix taken for an operation code most likely begins the next command.
        let isNext = header.count == 2 && CommandShape.isPrefix(header[1])
        return isNext ? 1 : header.count
      }
    }
  }

  private static func wordLength(in job: [UInt8], at offset: Int) -> Int {
    var end = offset
    while end < job.count, job[end] > 0x20 { end += 1 }
    return max(1, end < job.count && job[end] == 0x20 ? end + 1 - offset : end - offset)
  }
}
