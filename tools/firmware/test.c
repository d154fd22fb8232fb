/* Links the embedded codecs into a C program of this machine and checks what comes out. */
#include "pos_firmware.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      failures += 1; \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
    } \
  } while (0)

static int64_t storage[POS_STORAGE_SIZE / sizeof(int64_t)];

/* What the last callback was given. */
static struct {
  int calls;
  int32_t what;
  uint8_t bytes[256];
  size_t count;
  const char *symbology;
  uint16_t aim;
  bool is_truncated;
} got;

static void keep(const uint8_t *bytes, size_t count) {
  got.calls += 1;
  got.count = count < sizeof got.bytes ? count : sizeof got.bytes;
  if (got.count > 0) memcpy(got.bytes, bytes, got.count);
}

static void on_scan(void *context, const uint8_t *bytes, size_t count, uint8_t symbology, uint16_t aim,
                    bool is_truncated) {
  CHECK(context == &got);
  keep(bytes, count);
  got.symbology = pos_symbology_name(symbology);
  got.aim = aim;
  got.is_truncated = is_truncated;
}

static void on_link(void *context, int32_t what, const uint8_t *bytes, size_t count) {
  CHECK(context == &got);
  keep(bytes, count);
  got.what = what;
}

static void forget(void) { memset(&got, 0, sizeof got); }

/* A Honeywell Xenon 1900 that read the UPC-A 306030209223: the fixture honeywell-xenon-upc-a.hex. */
static void scanner(void) {
  uint8_t report[64] = {2, 12, 0x5D, 0x45, 0x30};
  memcpy(report + 5, "306030209223", 12);
  report[61] = 0x63;
  report[62] = 0x41;
  CHECK(pos_scanner_begin_vendor(storage, 8, 0x0C2E) == POS_STORAGE_TOO_SMALL);
  CHECK(pos_scanner_begin_vendor(storage, sizeof storage, 0xFFFF) == POS_UNSUPPORTED);
  CHECK(pos_scanner_begin(storage, sizeof storage, (const uint8_t *)"\xA1", 1) == POS_TRUNCATED);
  CHECK(pos_scanner_begin_vendor(storage, sizeof storage, 0x0C2E) == 0);
  forget();
  CHECK(pos_scanner_report(storage, report, 10, 0, on_scan, &got) == POS_TRUNCATED);
  CHECK(pos_scanner_report(storage, report, sizeof report, 0, on_scan, &got) == 0);
  CHECK(got.calls == 1 && got.count == 12 && memcmp(got.bytes, "306030209223", 12) == 0);
  CHECK(strcmp(got.symbology, "upc-a") == 0 && got.aim == 0x4530 && !got.is_truncated);
  CHECK(pos_scanner_deadline(storage) == INT64_MAX);
  /* The same with the flag that more follows, and nothing follows. */
  report[63] = 1;
  forget();
  CHECK(pos_scanner_report(storage, report, sizeof report, 1000, on_scan, &got) == 0);
  CHECK(got.calls == 0 && pos_scanner_deadline(storage) < INT64_MAX);
  pos_scanner_expire(storage, pos_scanner_deadline(storage), on_scan, &got);
  CHECK(got.calls == 1 && got.is_truncated);
  pos_scanner_end(storage);
}

static void printer(void) {
  uint8_t buffer[POS_PRINTER_BUFFER_SIZE];
  size_t count = 9;
  CHECK(pos_printer_begin(storage, sizeof storage) == 0);
  CHECK(pos_printer_byte(storage, 0x12, buffer, 4, &count) == POS_BUFFER_TOO_SMALL);
  CHECK(pos_printer_byte(storage, 0x16, buffer, sizeof buffer, &count) == POS_PRINTER_REAL_TIME);
  CHECK(count == 1 && buffer[0] == 0x16);
  const uint8_t automatic[] = {0x18, 0x00, 0x0C, 0x0F};
  for (int index = 0; index < 3; index++)
    CHECK(pos_printer_byte(storage, automatic[index], buffer, sizeof buffer, &count) == POS_PRINTER_NOTHING);
  CHECK(pos_printer_byte(storage, automatic[3], buffer, sizeof buffer, &count) == POS_PRINTER_AUTOMATIC);
  CHECK(count == 4 && memcmp(buffer, automatic, 4) == 0);
  const char block[] = "_TM-T20II";
  for (size_t index = 0; index < strlen(block); index++)
    CHECK(pos_printer_byte(storage, (uint8_t)block[index], buffer, sizeof buffer, &count) == POS_PRINTER_NOTHING);
  CHECK(pos_printer_byte(storage, 0, buffer, sizeof buffer, &count) == POS_PRINTER_BLOCK);
  CHECK(count == strlen(block) && memcmp(buffer, block, count) == 0);
  pos_printer_end(storage);
}

/* EAN-13 4006381333931: guards and the first digits' codes by ISO/IEC 15420. */
static void bar_code(void) {
  const uint8_t *digits = (const uint8_t *)"4006381333931";
  static uint8_t raster[48 * 300];
  uint8_t modules[POS_EAN13_MODULES];
  CHECK(pos_ean13_modules(digits, 13, modules, 94) == POS_BUFFER_TOO_SMALL);
  CHECK(pos_ean13_modules((const uint8_t *)"4006381333932", 13, modules, sizeof modules) == POS_BAD_CHECKSUM);
  CHECK(pos_ean13_modules(digits, 12, modules, sizeof modules) == POS_EAN13_MODULES);
  /* 101, 0 in L, 0 in G: 4 leads LGLLGG. */
  const char *start = "10100011010100111";
  for (size_t index = 0; index < strlen(start); index++) CHECK(modules[index] == start[index] - '0');
  CHECK(modules[92] == 1 && modules[93] == 0 && modules[94] == 1);
  int32_t size = pos_ean13_raster_size(3, 208, true);
  CHECK(size >> 16 == 339);
  int32_t bytes = pos_ean13_raster(digits, 13, 3, 208, true, raster, sizeof raster);
  CHECK(bytes == (size & 0xFFFF) * ((339 + 7) / 8));
  /* Row 0: eleven white modules, then the guard's bar. */
  for (int x = 0; x < 36; x++) CHECK((raster[x / 8] >> (7 - x % 8) & 1) == (x >= 33));
  CHECK(pos_ean13_raster(digits, 13, 3, 208, true, raster, 100) == POS_BUFFER_TOO_SMALL);
  CHECK(pos_ean13_raster(digits, 13, 9, 208, true, raster, sizeof raster) == POS_BAD_VALUE);
}

/* The frame of 80 00 00 is 10 02 80 00 00 10 03 and its check, which this computes by itself. */
static void terminal(void) {
  const uint8_t message[] = {0x80, 0x00, 0x00};
  CHECK(pos_zvt_begin(storage, sizeof storage, 4) == POS_BAD_ARGUMENT);
  CHECK(pos_zvt_begin(storage, sizeof storage, 1024) == 0);
  forget();
  pos_zvt_send(storage, message, sizeof message, 0, on_link, &got);
  uint16_t check = 0;
  const uint8_t summed[] = {0x80, 0x00, 0x00, 0x03};
  for (size_t index = 0; index < sizeof summed; index++) {
    check ^= summed[index];
    for (int bit = 0; bit < 8; bit++) check = check & 1 ? (uint16_t)(check >> 1 ^ 0x8408) : check >> 1;
  }
  const uint8_t frame[] = {0x10, 0x02, 0x80, 0, 0, 0x10, 0x03, (uint8_t)check, (uint8_t)(check >> 8)};
  CHECK(got.calls == 1 && got.what == POS_LINK_WRITE);
  CHECK(got.count == sizeof frame && memcmp(got.bytes, frame, sizeof frame) == 0);
  /* Nobody answers: the same once more after five seconds. */
  CHECK(pos_zvt_deadline(storage) == INT64_C(5000000000));
  forget();
  pos_zvt_advance(storage, INT64_C(5000000000), on_link, &got);
  CHECK(got.calls == 1 && got.what == POS_LINK_WRITE && got.count == sizeof frame);
  forget();
  const uint8_t ack = 0x06;
  pos_zvt_receive(storage, &ack, 1, INT64_C(5100000000), on_link, &got);
  CHECK(got.calls == 1 && got.what == POS_LINK_DELIVERED && pos_zvt_deadline(storage) == INT64_MAX);
  forget();
  pos_zvt_receive(storage, frame, sizeof frame, INT64_C(5200000000), on_link, &got);
  CHECK(got.calls == 2 && got.what == POS_LINK_MESSAGE && got.count == 3 && memcmp(got.bytes, message, 3) == 0);
  pos_zvt_end(storage);
}

int main(void) {
  scanner();
  printer();
  bar_code();
  terminal();
  if (failures == 0) puts("firmware: the C program found nothing wrong");
  return failures == 0 ? 0 : 1;
}
