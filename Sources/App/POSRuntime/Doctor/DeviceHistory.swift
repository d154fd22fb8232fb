public import FoundationEssentials
public import POSDrivers
import POSJSON
public import POSModel
import POSTransport

/// What a device was like when it worked.
public struct DeviceSnapshot: Sendable, Equatable, Codable {
  /// What it was called.
  public var id: DeviceID
  /// Its vendor's number.
  public var vendor: UInt16
  /// Its product's number.
  public var product: UInt16
  /// Its serial number.
  public var serial: String?
  /// What a person calls it.
  public var name: String
  /// How it presented itself.
  public var mode: String
  /// Where it was plugged in.
  public var port: String
  /// Its firmware's release.
  public var release: String
  /// The kernel driver that had it.
  public var driver: String
  /// Its node.
  public var node: String
  /// When, as RFC 3339 text; empty for now.
  public var time: String

  /// A device as it is now.
  public init(_ device: RecognisedDevice) {
    id = device.id
    vendor = device.device.vendor
    product = device.device.product
    serial = device.device.serial
    name = device.name
    mode = device.mode.rawValue
    port = device.device.port
    release = device.device.releaseText
    driver = device.device.interfaces.first { $0.number == device.interface }?.driver ?? "none"
    node = device.node?.path ?? "none"
    time = ""
  }

  /// What is different in `now`, each as `port 1-2, was 1-1`.
  public func changes(to now: DeviceSnapshot) -> [String] {
    [
      ("mode", mode, now.mode), ("port", port, now.port), ("firmware", release, now.release),
      ("driver", driver, now.driver), ("node", node, now.node),
    ].compactMap { part, before, after in before == after ? nil : "\(part) \(after), was \(before)" }
  }
}

/// What devices were like when they last worked: a file in the state folder.
public struct DeviceHistory: Sendable, Equatable {
  /// Devices that are remembered; the oldest are forgotten first.
  static let capacity = 256
  private static let largestFile = 1 << 20

  /// One entry a device, the latest last.
  public private(set) var snapshots: [DeviceSnapshot] = []

  /// An empty history.
  public init() {}

  /// Reads the file in `directory`. One that is missing, damaged or too large is an empty history: it only ever
  /// adds a hint.
  public init(in directory: String) {
    guard let data = try? Data(contentsOf: Self.file(in: directory)), data.count <= Self.largestFile,
      let read = try? BoundedJSON.decode([DeviceSnapshot].self, from: Array(data))
    else { return }
    snapshots = read.suffix(Self.capacity)
  }

  /// Writes the file, whole or not at all.
  ///
  /// - Throws: `device.permission_denied` when the folder cannot be written.
  public func save(in directory: String) throws(DeviceError) {
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try encoder.encode(snapshots).write(to: Self.file(in: directory), options: .atomic)
    } catch {
      throw DeviceError(
        .permissionDenied, during: "remembering devices in \(directory)",
        hint: "choose another folder with --state")
    }
  }

  /// Remembers a device that works at `time`.
  public mutating func remember(_ device: RecognisedDevice, at time: Date) {
    var snapshot = DeviceSnapshot(device)
    snapshot.time = time.ISO8601Format()
    snapshots.removeAll { $0.id == snapshot.id }
    snapshots.append(snapshot)
    if snapshots.count > Self.capacity { snapshots.removeFirst() }
  }

  /// What a device was like: by its identity, else the same unit in another mode, which has another product's
  /// number.
  public func lastTime(of device: RecognisedDevice) -> DeviceSnapshot? {
    lastTime(of: device.id)
      ?? device.device.serial.flatMap { serial in
        snapshots.last { $0.vendor == device.device.vendor && $0.serial == serial }
      }
  }

  /// What a device was like that may be gone.
  public func lastTime(of id: DeviceID) -> DeviceSnapshot? { snapshots.last { $0.id == id } }

  private static func file(in directory: String) -> URL { URL(filePath: directory + "/devices.json") }
}
