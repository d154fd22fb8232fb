/* The codecs for firmware that is not written in Swift.
 *
 * Memory. The caller gives each decoder its storage, aligned as an int64_t, and ends it with its ..._end function;
 * until then it must not be moved. Results go into the caller's buffers or are lent to a callback until that
 * returns. Within, the codecs take memory through posix_memalign and give it back through free, which the firmware
 * provides: the scan at hand (8 kB at most), one message of the link (its maximum), the picture of a bar code, and
 * a few small lists, all of them while a call runs or a message is incomplete.
 *
 * No function blocks, reads a clock or touches a device: time is an argument, in nanoseconds of any clock that only
 * goes forward. One decoder is for one thread at a time. */
#ifndef POS_FIRMWARE_H
#define POS_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What functions return below 0. */
#define POS_BAD_ARGUMENT (-1)
#define POS_STORAGE_TOO_SMALL (-2)
#define POS_BUFFER_TOO_SMALL (-3)
#define POS_TRUNCATED (-10)
#define POS_LENGTH_OVER_LIMIT (-11)
#define POS_BAD_CHECKSUM (-12)
#define POS_BAD_FRAMING (-13)
#define POS_BAD_VALUE (-14)
#define POS_UNSUPPORTED (-15)

/* Bytes of storage that hold any decoder of this header, on 32 and 64 bits. */
#define POS_STORAGE_SIZE 512

/* HID POS scanners: one input report in, codes out. */

typedef void (*pos_scan_callback)(void *context, const uint8_t *bytes, size_t count, uint8_t symbology,
                                  uint16_t aim, bool is_truncated);

int32_t pos_scanner_begin(void *storage, size_t size, const uint8_t *descriptor, size_t count);
int32_t pos_scanner_begin_vendor(void *storage, size_t size, uint16_t usb_vendor);
int32_t pos_scanner_report(void *scanner, const uint8_t *report, size_t count, int64_t now,
                           pos_scan_callback callback, void *context);
void pos_scanner_expire(void *scanner, int64_t now, pos_scan_callback callback, void *context);
/* INT64_MAX while nothing is waited for. */
int64_t pos_scanner_deadline(const void *scanner);
void pos_scanner_end(void *scanner);
/* "ean-13", "qr", …; the numbers may change from one version to the next, the names stay. */
const char *pos_symbology_name(uint8_t symbology);

/* ESC/POS printers: what a byte from the printer completed. */

#define POS_PRINTER_NOTHING 0
#define POS_PRINTER_REAL_TIME 1
#define POS_PRINTER_AUTOMATIC 2
#define POS_PRINTER_RESUME 3
#define POS_PRINTER_PAUSE 4
#define POS_PRINTER_BLOCK 5
#define POS_PRINTER_SHORT 6
#define POS_PRINTER_BUFFER_SIZE 129

int32_t pos_printer_begin(void *storage, size_t size);
int32_t pos_printer_byte(void *printer, uint8_t byte, uint8_t *buffer, size_t capacity, size_t *count);
void pos_printer_reset(void *printer);
void pos_printer_end(void *printer);

/* EAN-13 from 12 or 13 digits. */

#define POS_EAN13_MODULES 95

int32_t pos_ean13_modules(const uint8_t *digits, size_t count, uint8_t *modules, size_t capacity);
/* Width in the high 16 bits, height in the low ones. */
int32_t pos_ean13_raster_size(int32_t module, int32_t height, bool shows_digits);
/* Returns the bytes written: height times (width + 7) / 8, as GS v 0 wants them. */
int32_t pos_ean13_raster(const uint8_t *digits, size_t count, int32_t module, int32_t height, bool shows_digits,
                         uint8_t *raster, size_t capacity);

/* The serial link of ZVT card terminals. */

#define POS_LINK_WRITE 1
#define POS_LINK_MESSAGE 2
#define POS_LINK_DELIVERED 3
#define POS_LINK_FAILED 4

typedef void (*pos_link_callback)(void *context, int32_t what, const uint8_t *bytes, size_t count);

int32_t pos_zvt_begin(void *storage, size_t size, int32_t maximum_message);
void pos_zvt_send(void *link, const uint8_t *message, size_t count, int64_t now, pos_link_callback callback,
                  void *context);
void pos_zvt_receive(void *link, const uint8_t *bytes, size_t count, int64_t now, pos_link_callback callback,
                     void *context);
void pos_zvt_advance(void *link, int64_t now, pos_link_callback callback, void *context);
/* INT64_MAX while nothing is waited for. */
int64_t pos_zvt_deadline(const void *link);
void pos_zvt_end(void *link);

#ifdef __cplusplus
}
#endif

#endif
