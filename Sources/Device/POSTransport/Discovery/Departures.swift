/// What was announced to go. The kernel says so shortly before it does so: until then `/sys` still has it, and a list
/// is to leave it out.
///
/// Announcements can be lost, and with them that something new is in the same port. So what has another number on the
/// bus than what was to go is never left out; and nothing is once some are known to be missing.
package struct Departures: Sendable, Equatable {
  /// What was announced of something in `/sys`.
  package struct Announcement: Sendable, Equatable {
    /// Whether it is gone, or about to be.
    package var isRemoval: Bool
    /// Where it is.
    package var path: String
    /// The number on the bus of a whole device.
    package var number: Int?

    /// An announcement of these facts.
    package init(isRemoval: Bool, path: String, number: Int? = nil) {
      self.isRemoval = isRemoval
      self.path = path
      self.number = number
    }
  }

  /// What is to go.
  private struct Departure: Sendable, Equatable {
    /// The number of the device that it is part of, where that is known.
    var number: Int?
  }

  private var departures: [String: Departure] = [:]
  /// The devices' numbers, by their paths, as they were listed or announced last.
  private var numbers: [String: Int] = [:]

  /// Nothing is to go.
  package init() {}

  /// Notes what was announced, in its order. Where some is missing nothing of it counts: what was to go may have
  /// gone, and something else may be there.
  package mutating func note(_ announcements: [Announcement], isComplete: Bool) {
    guard isComplete else {
      departures = [:]
      return
    }
    for announcement in announcements { note(announcement) }
  }

  private mutating func note(_ announcement: Announcement) {
    let path = announcement.path
    if let number = announcement.number { numbers[path] = number }
    guard announcement.isRemoval else {
      departures[path] = nil
      return
    }
    departures[path] = Departure(number: Self.device(of: path).flatMap { numbers[$0] })
    // What is part of a device goes before it, and is of no other one, whatever number was listed meanwhile.
    guard let number = announcement.number else { return }
    for part in departures.keys where part.hasPrefix(path + "/") {
      departures[part] = Departure(number: number)
    }
  }

  /// Whether a list is to leave out what is at `path`.
  ///
  /// - Parameter numbers: those of the devices that are there, by their paths.
  package func hide(_ path: String, among numbers: [String: Int]) -> Bool {
    guard let departure = departures[path] else { return false }
    guard let before = departure.number, let now = Self.device(of: path).flatMap({ numbers[$0] }) else {
      return true
    }
    return before == now
  }

  /// Forgets what has gone: all but what was `hidden` from a list of devices with these numbers.
  package mutating func settle(hidden: Set<String>, numbers: [String: Int]) {
    departures = departures.filter { hidden.contains($0.key) }
    self.numbers = numbers
  }

  /// Where the device is that something is part of: `…/1-2` for `…/1-2/1-2:1.0/usbmisc/lp0`.
  private static func device(of path: String) -> String? {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false)
    while let last = parts.last {
      // Bus and ports, as in `1-2.3`. Interfaces have a colon, and so have the devices above a bus.
      if last.contains("-"), last.allSatisfy({ $0.isNumber || $0 == "-" || $0 == "." }) {
        return parts.joined(separator: "/")
      }
      parts.removeLast()
    }
    return nil
  }
}
