// What Swift cannot say to umockdev and usbfs: GObject signals and function-like macros.
#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>
#include <umockdev.h>

/// Answers a call and returns 1, or returns 0 to leave it to umockdev.
typedef int (*fake_handler)(UMockdevIoctlBase *_Nonnull base, UMockdevIoctlClient *_Nonnull client,
                            void *_Nonnull context);

static inline void fake_handle_calls(UMockdevIoctlBase *_Nonnull base, fake_handler _Nonnull handler,
                                     void *_Nonnull context) {
  g_signal_connect(base, "handle-ioctl", G_CALLBACK(handler), context);
}

/// The calls of usbfs that libusb makes.
typedef enum {
  fake_other,
  fake_capabilities,
  fake_speed,
  fake_connection,
  fake_driver,
  fake_control,
  fake_claim,
  fake_release,
  fake_detach_and_claim,
  fake_driver_call,
  fake_setting,
  fake_clear_halt,
  fake_submit,
  fake_discard,
  fake_reap,
} fake_call;

static inline fake_call fake_call_of(unsigned long request) {
  switch (request) {
    case USBDEVFS_GET_CAPABILITIES: return fake_capabilities;
    case USBDEVFS_GET_SPEED: return fake_speed;
    case USBDEVFS_CONNECTINFO: return fake_connection;
    case USBDEVFS_GETDRIVER: return fake_driver;
    case USBDEVFS_CONTROL: return fake_control;
    case USBDEVFS_CLAIMINTERFACE: return fake_claim;
    case USBDEVFS_RELEASEINTERFACE: return fake_release;
    case USBDEVFS_DISCONNECT_CLAIM: return fake_detach_and_claim;
    case USBDEVFS_IOCTL: return fake_driver_call;
    case USBDEVFS_SETINTERFACE: return fake_setting;
    case USBDEVFS_CLEAR_HALT: return fake_clear_halt;
    case USBDEVFS_SUBMITURB: return fake_submit;
    case USBDEVFS_DISCARDURB: return fake_discard;
    case USBDEVFS_REAPURB:
    case USBDEVFS_REAPURBNDELAY: return fake_reap;
    default: return fake_other;
  }
}

/// Bytes of the argument, 0 for one that is a number or a plain pointer.
static inline size_t fake_size_of(unsigned long request) { return _IOC_SIZE(request); }
static inline int fake_is_attach(int code) { return (unsigned)code == USBDEVFS_CONNECT; }
