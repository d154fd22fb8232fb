public import POSModel
public import POSScan

extension Scan {
  /// A decoded code as a scan of `device`.
  public init(_ scan: HIDPOSScan, device: DeviceID, readAt: MonotonicInstant, decodedAt: MonotonicInstant) {
    self.init(
      device: device, aim: scan.aim, symbology: scan.symbology, bytes: scan.bytes, reports: scan.reports,
      isTruncated: scan.isTruncated, readAt: readAt, decodedAt: decodedAt)
  }
}
