import CLibUSB
import Glibc
import POSLinux
import POSModel

/// An error of libusb, `LIBUSB_ERROR_…`, below 0, or what became of a transfer that did not complete.
struct USBFailure: Sendable, Hashable {
  /// The error number of Linux that libusb made its own of, as far as one can tell.
  let systemNumber: Int32
  private let text: String

  /// What a function of libusb returned.
  init(_ returned: Int32) {
    text = String(cString: libusb_strerror(returned))
    systemNumber =
      switch libusb_error(returned) {
      case LIBUSB_ERROR_INVALID_PARAM, LIBUSB_ERROR_NOT_SUPPORTED: EINVAL
      case LIBUSB_ERROR_ACCESS: EACCES
      case LIBUSB_ERROR_NO_DEVICE: ENODEV
      case LIBUSB_ERROR_NOT_FOUND: ENOENT
      case LIBUSB_ERROR_BUSY: EBUSY
      case LIBUSB_ERROR_TIMEOUT: ETIMEDOUT
      case LIBUSB_ERROR_OVERFLOW: EOVERFLOW
      case LIBUSB_ERROR_PIPE: EPIPE
      case LIBUSB_ERROR_INTERRUPTED: EINTR
      case LIBUSB_ERROR_NO_MEM: ENOMEM
      // EPROTO, EILSEQ and ETIME of a bad cable, and everything that libusb does not know.
      default: EPROTO
      }
  }

  /// How a transfer ended, which was not well.
  init(_ status: libusb_transfer_status) {
    switch status {
    case LIBUSB_TRANSFER_TIMED_OUT: self.init(LIBUSB_ERROR_TIMEOUT.rawValue)
    case LIBUSB_TRANSFER_CANCELLED: self.init(LIBUSB_ERROR_INTERRUPTED.rawValue)
    case LIBUSB_TRANSFER_STALL: self.init(LIBUSB_ERROR_PIPE.rawValue)
    case LIBUSB_TRANSFER_NO_DEVICE: self.init(LIBUSB_ERROR_NO_DEVICE.rawValue)
    case LIBUSB_TRANSFER_OVERFLOW: self.init(LIBUSB_ERROR_OVERFLOW.rawValue)
    default: self.init(LIBUSB_ERROR_IO.rawValue)
    }
  }

  /// Whether the endpoint refuses, until it is cleared.
  var isRefusal: Bool { systemNumber == EPIPE }
  /// Whether the device has gone.
  var isDisappearance: Bool { systemNumber == ENODEV }

  /// The error that callers see.
  func deviceError(_ phase: SystemError.Phase, during operation: String, bytesMoved: Int = 0) -> DeviceError {
    guard systemNumber != EPIPE else {
      // Of a socket it says that nobody is there; of an endpoint, that the device refuses.
      return DeviceError(
        .inputOutput, during: operation, detail: "the device refused (\(text))",
        hint: "switch the device off and on, then try again", bytesMoved: bytesMoved, errno: EPIPE)
    }
    var error = SystemError(systemNumber).deviceError(phase, during: operation, bytesMoved: bytesMoved)
    error.detail = text
    return error
  }
}
