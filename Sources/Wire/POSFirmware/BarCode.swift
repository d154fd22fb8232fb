import POSBarcode
import POSWire

/// Writes the 95 modules of an EAN-13, 1 for a bar, from 12 or 13 ASCII digits.
@c(pos_ean13_modules)
public func ean13Modules(
  _ digits: UnsafePointer<UInt8>?, _ count: Int, _ modules: UnsafeMutablePointer<UInt8>?, _ capacity: Int
) -> Int32 {
  guard let modules else { return FirmwareResult.badArgument }
  guard capacity >= EAN13.moduleCount else { return FirmwareResult.bufferTooSmall }
  do throws(WireError) {
    let symbol = try EAN13(ascii: borrowed(digits, count).span)
    for (index, isBar) in symbol.modules.enumerated() { modules[index] = isBar ? 1 : 0 }
    return Int32(EAN13.moduleCount)
  } catch {
    return FirmwareResult.of(error)
  }
}

/// The size of a raster in dots: width in the high half, height in the low one.
@c(pos_ean13_raster_size)
public func ean13RasterSize(_ module: Int32, _ height: Int32, _ showsDigits: Bool) -> Int32 {
  do throws(WireError) {
    let geometry = try EAN13.Geometry(
      module: Int(module), barHeight: Int(height), showsDigits: showsDigits)
    return Int32(geometry.width) << 16 | Int32(geometry.height)
  } catch {
    return FirmwareResult.of(error)
  }
}

/// Draws an EAN-13 into `raster`, rows of whole bytes, the leftmost dot in the highest bit, and returns how many
/// bytes that took.
@c(pos_ean13_raster)
public func ean13Raster(
  _ digits: UnsafePointer<UInt8>?, _ count: Int, _ module: Int32, _ height: Int32, _ showsDigits: Bool,
  _ raster: UnsafeMutablePointer<UInt8>?, _ capacity: Int
) -> Int32 {
  guard let raster else { return FirmwareResult.badArgument }
  do throws(WireError) {
    let geometry = try EAN13.Geometry(
      module: Int(module), barHeight: Int(height), showsDigits: showsDigits)
    guard capacity >= (geometry.width + 7) / 8 * geometry.height else { return FirmwareResult.bufferTooSmall }
    let symbol = try EAN13(ascii: borrowed(digits, count).span)
    let picture = try symbol.bitmap(module: Int(module), height: Int(height), showsDigits: showsDigits)
    for index in picture.bytes.indices { raster[index] = picture.bytes[index] }
    return Int32(picture.bytes.count)
  } catch {
    return FirmwareResult.of(error)
  }
}
