#define _GNU_SOURCE
#include "CPOSLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/lp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

long pos_write_interruptibly(int fd, const void *buffer, size_t count) {
  pos_admit_interrupts(1);
  ssize_t moved = write(fd, buffer, count);
  long result = moved < 0 ? -errno : moved;
  pos_admit_interrupts(0);
  return result;
}

int pos_set_blocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  return fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ? -errno : 0;
}

int pos_wait_input(int fd, int wake, int milliseconds) {
  struct pollfd queries[2] = {{.fd = wake, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
  int count;
  do count = poll(queries, 2, milliseconds);
  while (count < 0 && errno == EINTR);
  if (count < 0) return -errno;
  int seen = 0;
  if (queries[0].revents & POLLIN) seen |= pos_input_wake;
  if (queries[1].revents & POLLIN) seen |= pos_input_ready;
  if (queries[1].revents & (POLLHUP | POLLERR | POLLNVAL)) seen |= pos_input_gone;
  return seen;
}

int pos_wait_gone(int fd, int milliseconds) {
  struct pollfd query = {.fd = fd};
  int count;
  do count = poll(&query, 1, milliseconds);
  while (count < 0 && errno == EINTR);
  return count < 0 ? -errno : (query.revents & POLLHUP) != 0;
}

int pos_printer_status(int fd) {
  int status = 0;
  // The driver stores an int, of which the printer's byte is the lowest.
  return ioctl(fd, LPGETSTATUS, &status) < 0 ? -errno : status & 0xFF;
}

int pos_printer_id(int fd, uint8_t *out, size_t capacity) {
  // LPIOC_GET_DEVICE_ID of drivers/usb/class/usblp.c, which has no header.
  int count = ioctl(fd, _IOC(_IOC_READ, 'P', 1, capacity), out);
  if (count < 0) return -errno;
  size_t length = (size_t)out[0] << 8 | out[1];
  return (int)(length < capacity ? length : capacity);
}
