/// Where one command of a job ends and the next may begin: there a question in real time (`DLE EOT`) may stand, and
/// nowhere else (specs/escpos.md §2.1).
public enum CommandBoundary {
  /// Bytes from `offset`, where a command or character begins, to where the next one may: one command with its data, or
  /// a word. What the job cuts off counts as far as it goes; 0 at the end of the job.
  ///
  /// Words end after a space and before a control character, which are never the second byte of a pair in any
  /// double-byte mode.
  public static func length(in job: [UInt8], at offset: Int) -> Int { reach(in: job, at: offset).length }

  /// What a job is as a whole.
  public struct Survey: Sendable, Equatable {
    /// Bytes of its longest command or word.
    public var longest = 0
    /// Bytes that its last command has announced, at least, and that are not there.
    public var lacking: UInt64 = 0
    /// Whether all its commands are known here.
    public var isKnown = true
  }

  /// Goes through a whole job.
  public static func survey(_ job: [UInt8]) -> Survey {
    var survey = Survey()
    var offset = 0
    while offset < job.count {
      let reach = reach(in: job, at: offset)
      survey.longest = max(survey.longest, reach.length)
      survey.lacking = reach.lacking
      survey.isKnown = survey.isKnown && reach.isKnown
      offset += max(1, reach.length)
    }
    return survey
  }

  /// How far a command reaches, what the end of the job cuts off, and whether there is such a command.
  private struct Reach {
    var length: Int
    var lacking: UInt64 = 0
    var isKnown = true
  }

  private static func reach(in job: [UInt8], at offset: Int) -> Reach {
    guard job.indices.contains(offset) else { return Reach(length: 0) }
    guard CommandShape.isPrefix(job[offset]) else { return Reach(length: wordLength(in: job, at: offset)) }
    var header = [job[offset]]
    // What has been gone over: the header, and the data between its bytes.
    var end = offset + 1
    while true {
      let left = UInt64(job.count - end)
      switch CommandShape.of(header) {
      case .header(let count):
        let wanted = count - header.count
        guard UInt64(wanted) <= left else { return cutOff(job, offset, UInt64(wanted) - left) }
        header += job[end..<(end + wanted)]
        end += wanted
      case .complete: return Reach(length: end - offset)
      case .completeWithNUL:
        let hasNUL = left > 0 && job[end] == 0
        return Reach(length: end - offset + (hasNUL ? 1 : 0))
      case .data(let count):
        guard count > left else { return Reach(length: end - offset + Int(count)) }
        return cutOff(job, offset, count - left)
      case .dataThenHeader(let count, let next):
        // What is behind the data must at least begin.
        let wanted = next - header.count
        guard count + UInt64(wanted) <= left else {
          return cutOff(job, offset, count + UInt64(wanted) - left)
        }
        end += Int(count)
        header += job[end..<(end + wanted)]
        end += wanted
      case .dataToNUL(let most):
        let data = job[end...].prefix(most + 1)
        if let last = data.firstIndex(of: 0) { return Reach(length: last + 1 - offset) }
        return Reach(length: end + data.count - offset, lacking: data.count > most ? 0 : 1)
      case .unknown:
        // A prefix taken for an operation code most likely begins the next command.
        let isNext = header.count == 2 && CommandShape.isPrefix(header[1])
        return Reach(length: isNext ? 1 : end - offset, isKnown: false)
      }
    }
  }

  /// The command at `offset` goes on behind the end of the job, at least so many bytes.
  private static func cutOff(_ job: [UInt8], _ offset: Int, _ lacking: UInt64) -> Reach {
    Reach(length: job.count - offset, lacking: lacking)
  }

  private static func wordLength(in job: [UInt8], at offset: Int) -> Int {
    var end = offset
    while end < job.count, job[end] > 0x20 { end += 1 }
    return max(1, end < job.count && job[end] == 0x20 ? end + 1 - offset : end - offset)
  }
}
