package import POSModel

/// The deadline of a write: it moves on by the same allowance each time the other side takes something.
package struct ProgressDeadline: Sendable {
  /// When to give up, or never.
  package private(set) var deadline: MonotonicInstant?
  private let allowance: Duration

  /// A deadline for the first progress; its distance from `now` is the allowance for each further one.
  package init(_ deadline: MonotonicInstant?, now: MonotonicInstant) {
    self.deadline = deadline
    allowance = deadline.map { max(.zero, $0 - now) } ?? .zero
  }

  /// Notes progress at `now`.
  package mutating func renew(now: MonotonicInstant) {
    if deadline != nil { deadline = now + allowance }
  }
}
