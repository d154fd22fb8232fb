#define _GNU_SOURCE
#include "CPOSLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/hidraw.h>
#include <linux/input.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

int pos_open(const char *path, int flags, unsigned mode) {
  int fd;
  do fd = open(path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return fd < 0 ? -errno : fd;
}

int pos_file_kind_of(int fd) {
  struct stat status;
  if (fstat(fd, &status) < 0) return -errno;
  if (S_ISREG(status.st_mode)) return pos_file_regular;
  if (S_ISFIFO(status.st_mode)) return pos_file_pipe;
  if (S_ISSOCK(status.st_mode)) return pos_file_socket;
  return pos_file_other;
}

int pos_set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  return fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

int pos_lock_exclusively(int fd) { return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0; }

int pos_unlock(int fd) { return flock(fd, LOCK_UN) < 0 ? -errno : 0; }

long pos_read(int fd, void *buffer, size_t count) {
  ssize_t moved;
  do moved = read(fd, buffer, count);
  while (moved < 0 && errno == EINTR);
  return moved < 0 ? -errno : moved;
}

static long write_again(int fd, const void *buffer, size_t count, int kind) {
  ssize_t moved;
  do moved = kind == pos_file_socket ? send(fd, buffer, count, MSG_NOSIGNAL) : write(fd, buffer, count);
  while (moved < 0 && errno == EINTR);
  return moved < 0 ? -errno : moved;
}

long pos_write(int fd, const void *buffer, size_t count, int kind) {
  if (kind != pos_file_pipe) return write_again(fd, buffer, count, kind);

  // Only pipes raise SIGPIPE without a flag to say no. Ignoring the signal for the whole process would keep
  // `posctl watch | head` alive, so it is blocked here, and taken back if this write raised it.
  sigset_t pipe, before, pending;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigpending(&pending);
  int was_pending = sigismember(&pending, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &before);
  long moved = write_again(fd, buffer, count, kind);
  if (moved == -EPIPE && !was_pending) {
    struct timespec at_once = {0, 0};
    sigtimedwait(&pipe, NULL, &at_once);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return moved;
}

const char *pos_error_text(int number) {
  const char *text = strerrordesc_np(number);
  return text ? text : "unknown error";
}

int pos_hidraw_descriptor(int fd, uint8_t *out) {
  int size = 0;
  if (ioctl(fd, HIDIOCGRDESCSIZE, &size) < 0) return -errno;
  if (size < 0 || size > HID_MAX_DESCRIPTOR_SIZE) return -EPROTO;
  struct hidraw_report_descriptor descriptor;
  memset(&descriptor, 0, sizeof descriptor);
  descriptor.size = size;
  if (ioctl(fd, HIDIOCGRDESC, &descriptor) < 0) return -errno;
  memcpy(out, descriptor.value, size);
  return size;
}

int pos_hidraw_set_feature(int fd, const uint8_t *report, size_t count) {
  int moved = ioctl(fd, HIDIOCSFEATURE(count), report);
  return moved < 0 ? -errno : moved;
}

int pos_hidraw_get_feature(int fd, uint8_t *report, size_t capacity) {
  int moved = ioctl(fd, HIDIOCGFEATURE(capacity), report);
  return moved < 0 ? -errno : moved;
}

int pos_node_number(int fd, char *out, size_t capacity) {
  struct stat status;
  if (fstat(fd, &status) < 0) return -errno;
  if (!S_ISCHR(status.st_mode)) return -ENOTTY;
  snprintf(out, capacity, "%u:%u", major(status.st_rdev), minor(status.st_rdev));
  return 0;
}

int pos_input_grab(int fd, int on) { return ioctl(fd, EVIOCGRAB, on ? 1 : 0) < 0 ? -errno : 0; }

int pos_input_key_is_down(int fd) {
  uint8_t keys[KEY_CNT / 8 + 1];
  memset(keys, 0, sizeof keys);
  if (ioctl(fd, EVIOCGKEY(sizeof keys), keys) < 0) return -errno;
  for (size_t index = 0; index < sizeof keys; index++)
    if (keys[index]) return 1;
  return 0;
}

int pos_input_caps_lock_lamp(int fd) {
  uint8_t lamps[LED_CNT / 8 + 1];
  memset(lamps, 0, sizeof lamps);
  if (ioctl(fd, EVIOCGBIT(EV_LED, sizeof lamps), lamps) < 0) return -errno;
  if (!(lamps[LED_CAPSL / 8] & 1 << LED_CAPSL % 8)) return -ENODEV;
  memset(lamps, 0, sizeof lamps);
  if (ioctl(fd, EVIOCGLED(sizeof lamps), lamps) < 0) return -errno;
  return lamps[LED_CAPSL / 8] >> LED_CAPSL % 8 & 1;
}

long pos_input_read(int fd, pos_input_event *out, size_t capacity) {
  struct input_event events[64];
  if (capacity > 64) capacity = 64;
  long count = pos_read(fd, events, capacity * sizeof *events);
  if (count < 0) return count;
  count /= sizeof *events;
  for (long index = 0; index < count; index++)
    out[index] = (pos_input_event){events[index].type, events[index].code, events[index].value};
  return count;
}
