public import Foundation

/// What a program writes into a pipe, in the pieces in which it comes, until it ends.
///
/// Read on a thread of its own. With a `readabilityHandler` libdispatch watches the descriptor, a moment longer than the
/// pipe lives: if its number is another one's by then, this process dies in `_dispatch_event_loop_drain`.
public func pieces(from pipe: Pipe) -> AsyncStream<Data> {
  let (pieces, feed) = AsyncStream.makeStream(of: Data.self)
  let handle = pipe.fileHandleForReading
  Thread.detachNewThread {
    while case let piece = handle.availableData, !piece.isEmpty { feed.yield(piece) }
    feed.finish()
  }
  return pieces
}
