import POSBarcode
import POSScan
import POSWire

/// Called for each code: the context, the data (lent until it returns), their count, the number of the symbology,
/// the AIM identifier's code and modifier in the high and the low byte (0 without one), and whether the end is
/// missing.
public typealias FirmwareScanCallback =
  @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, Int, UInt8, UInt16, Bool) -> Void

/// Begins a scanner from its report descriptor.
@c(pos_scanner_begin)
public func scannerBegin(
  _ storage: UnsafeMutableRawPointer?, _ size: Int, _ descriptor: UnsafePointer<UInt8>?, _ count: Int
) -> Int32 {
  do throws(WireError) {
    let layout = try HIDPOSLayout(descriptor: borrowed(descriptor, count).span)
    return CallerStorage.begin(HIDPOSDecoder(layout), in: storage, size: size)
  } catch {
    return FirmwareResult.of(error)
  }
}

/// Begins a scanner whose descriptor is not at hand, by its maker's USB vendor id.
@c(pos_scanner_begin_vendor)
public func scannerBegin(_ storage: UnsafeMutableRawPointer?, _ size: Int, vendor: UInt16) -> Int32 {
  guard let maker = HIDPOSMaker(usbVendor: vendor) else {
    return FirmwareResult.of(WireError(.unsupported, at: 0, field: "vendor"))
  }
  return CallerStorage.begin(HIDPOSDecoder(HIDPOSLayout(maker: maker)), in: storage, size: size)
}

/// Takes one input report that arrived at `now`, in nanoseconds.
@c(pos_scanner_report)
public func scannerReport(
  _ scanner: UnsafeMutableRawPointer?, _ report: UnsafePointer<UInt8>?, _ count: Int, _ now: Int64,
  _ callback: FirmwareScanCallback?, _ context: UnsafeMutableRawPointer?
) -> Int32 {
  guard let scanner else { return FirmwareResult.badArgument }
  let decoder = scanner.assumingMemoryBound(to: HIDPOSDecoder.self)
  do throws(WireError) {
    try decoder.pointee.receive(borrowed(report, count).span, at: now) { deliver($0, callback, context) }
    return 0
  } catch {
    return FirmwareResult.of(error)
  }
}

/// Ends codes whose next report is late.
@c(pos_scanner_expire)
public func scannerExpire(
  _ scanner: UnsafeMutableRawPointer?, _ now: Int64, _ callback: FirmwareScanCallback?,
  _ context: UnsafeMutableRawPointer?
) {
  guard let scanner else { return }
  scanner.assumingMemoryBound(to: HIDPOSDecoder.self).pointee.expire(at: now) {
    deliver($0, callback, context)
  }
}

/// When ``scannerExpire(_:_:_:_:)`` has something to do, in nanoseconds; the largest number while it has not.
@c(pos_scanner_deadline)
public func scannerDeadline(_ scanner: UnsafeMutableRawPointer?) -> Int64 {
  scanner?.assumingMemoryBound(to: HIDPOSDecoder.self).pointee.deadline ?? .max
}

/// Gives back what a scanner holds.
@c(pos_scanner_end)
public func scannerEnd(_ scanner: UnsafeMutableRawPointer?) {
  CallerStorage.end(HIDPOSDecoder.self, in: scanner)
}

/// The name of a symbology, which ends in a NUL and stays for good.
@c(pos_symbology_name)
public func symbologyName(_ number: UInt8) -> UnsafePointer<UInt8> {
  (Symbology(rawValue: number) ?? .unknown).name.utf8Start
}

private func deliver(
  _ event: HIDPOSEvent, _ callback: FirmwareScanCallback?, _ context: UnsafeMutableRawPointer?
) {
  guard case .scan(let scan) = event, let callback else { return }
  let aim = scan.aim.map { UInt16($0.code) << 8 | UInt16($0.modifier) } ?? 0
  scan.bytes.withUnsafeBufferPointer {
    callback(context, $0.baseAddress, $0.count, scan.symbology.rawValue, aim, scan.isTruncated)
  }
}
