// <termios.h> does not know termios2, and <asm/termbits.h>, which does, cannot be included beside it: hence a
// file of its own, and ioctls where other programs call tcsetattr and friends.
#define _GNU_SOURCE
#include "CPOSLinux.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/major.h>
#include <linux/serial.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int check(int result) { return result < 0 ? -errno : result; }

int pos_serial_configure(int fd, uint32_t baud, int data_bits, char parity, int stop_bits, int flow) {
  struct termios2 line;
  if (ioctl(fd, TCGETS2, &line) < 0) return -errno;
  line.c_iflag = IGNBRK;
  line.c_oflag = 0;
  line.c_lflag = 0;
  line.c_cflag = CREAD | CLOCAL | BOTHER | (data_bits == 7 ? CS7 : CS8);
  if (parity != 'N') line.c_cflag |= parity == 'O' ? PARENB | PARODD : PARENB;
  if (stop_bits == 2) line.c_cflag |= CSTOPB;
  if (flow == pos_flow_lines) line.c_cflag |= CRTSCTS;
  // Not IXOFF: it would put these characters into a picture on its way to a printer.
  if (flow == pos_flow_characters) line.c_iflag |= IXON;
  line.c_ispeed = line.c_ospeed = baud;
  memset(line.c_cc, 0, sizeof line.c_cc);
  line.c_cc[VMIN] = 1;
  line.c_cc[VSTART] = 0x11;
  line.c_cc[VSTOP] = 0x13;
  if (ioctl(fd, TCSETS2, &line) < 0) return -errno;

  // The driver takes what it can and says so only when asked. A UART tolerates about 3 percent.
  struct termios2 taken;
  if (ioctl(fd, TCGETS2, &taken) < 0) return -errno;
  int64_t difference = (int64_t)taken.c_ospeed - baud;
  if (difference < 0) difference = -difference;
  return difference * 100 > (int64_t)baud * 3 ? -EINVAL : 0;
}

int pos_serial_flush(int fd) { return check(ioctl(fd, TCFLSH, TCIOFLUSH)); }

int pos_serial_unsent(int fd) {
  int count = 0;
  return ioctl(fd, TIOCOUTQ, &count) < 0 ? -errno : count;
}

int pos_serial_drain(int fd) { return check(ioctl(fd, TCSBRK, 1)); }

int pos_serial_claim(int fd) {
  struct stat status;
  if (fstat(fd, &status) < 0) return -errno;
  unsigned number = major(status.st_rdev);
  if (number >= UNIX98_PTY_SLAVE_MAJOR && number < UNIX98_PTY_SLAVE_MAJOR + UNIX98_PTY_MAJOR_COUNT) return 0;
  return check(ioctl(fd, TIOCEXCL));
}

int pos_serial_low_latency(int fd) {
  struct serial_struct port;
  if (ioctl(fd, TIOCGSERIAL, &port) < 0) return -errno;
  if (port.flags & ASYNC_LOW_LATENCY) return 0;
  port.flags |= ASYNC_LOW_LATENCY;
  return check(ioctl(fd, TIOCSSERIAL, &port));
}

int pos_modem_get(int fd, pos_modem_lines *out) {
  int bits = 0;
  if (ioctl(fd, TIOCMGET, &bits) < 0) return -errno;
  *out = (pos_modem_lines){
      (bits & TIOCM_DTR) != 0, (bits & TIOCM_RTS) != 0, (bits & TIOCM_CTS) != 0, (bits & TIOCM_DSR) != 0,
      (bits & TIOCM_CD) != 0,
  };
  return 0;
}

int pos_modem_set(int fd, int dtr, int rts) {
  int on = (dtr == 1 ? TIOCM_DTR : 0) | (rts == 1 ? TIOCM_RTS : 0);
  int off = (dtr == 0 ? TIOCM_DTR : 0) | (rts == 0 ? TIOCM_RTS : 0);
  if (on && ioctl(fd, TIOCMBIS, &on) < 0) return -errno;
  if (off && ioctl(fd, TIOCMBIC, &off) < 0) return -errno;
  return 0;
}

int pos_pty_open(int *other_end, char *path, size_t capacity) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (master < 0) return -errno;
  int failure = 0, slave = -1;
  if (grantpt(master) < 0 || unlockpt(master) < 0) {
    failure = -errno;
  } else if ((failure = -ptsname_r(master, path, capacity)) == 0) {
    slave = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    failure = slave < 0 ? -errno : pos_serial_configure(slave, 9600, 8, 'N', 1, pos_flow_none);
  }
  if (failure) {
    if (slave >= 0) close(slave);
    close(master);
    return failure;
  }
  *other_end = slave;
  return master;
}
