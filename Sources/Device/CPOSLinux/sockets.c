#define _GNU_SOURCE
#include "CPOSLinux.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int pos_resolve(const char *host, uint16_t port, int numeric, pos_socket_address *out, int capacity) {
  char service[8];
  snprintf(service, sizeof service, "%u", (unsigned)port);
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  hints.ai_flags = AI_NUMERICSERV | (numeric ? AI_NUMERICHOST : 0);
  struct addrinfo *list = NULL;
  int failure = getaddrinfo(host, service, &hints, &list);
  if (failure) return failure < 0 ? failure : -failure;
  int count = 0;
  for (struct addrinfo *each = list; each && count < capacity; each = each->ai_next) {
    if (each->ai_addrlen > sizeof out->bytes) continue;
    memset(&out[count], 0, sizeof out[count]);
    memcpy(out[count].bytes, each->ai_addr, each->ai_addrlen);
    out[count++].length = each->ai_addrlen;
  }
  freeaddrinfo(list);
  return count;
}

const char *pos_resolve_error_text(int code) { return gai_strerror(code); }

int pos_local_address(const char *path, pos_socket_address *out) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length >= sizeof address.sun_path) return -ENAMETOOLONG;
  memcpy(address.sun_path, path, length);
  memset(out, 0, sizeof *out);
  memcpy(out->bytes, &address, sizeof address);
  out->length = sizeof address;
  return 0;
}

int pos_abstract_address(const char *name, pos_socket_address *out) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(name);
  if (length >= sizeof address.sun_path) return -ENAMETOOLONG;
  memcpy(address.sun_path + 1, name, length);
  memset(out, 0, sizeof *out);
  memcpy(out->bytes, &address, sizeof address);
  out->length = offsetof(struct sockaddr_un, sun_path) + 1 + length;
  return 0;
}

int pos_peer_process(int fd) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 ? -errno : peer.pid;
}

static int make_socket(int family, int type) {
  int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

int pos_tcp_socket(const pos_socket_address *address) {
  struct sockaddr_storage storage;
  memcpy(&storage, address->bytes, sizeof storage);
  return make_socket(storage.ss_family, SOCK_STREAM);
}

void pos_tcp_tune(int fd) {
  int on = 1, idle = 30, interval = 10, count = 3;
  // Probes are for a line that is idle; this is for one on which bytes wait to be acknowledged.
  unsigned patience = 60000;
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

int pos_packet_socket(void) {
  int fd = make_socket(AF_UNIX, SOCK_SEQPACKET);
  // Linux gives the node that bind makes the mode of the socket.
  if (fd >= 0) fchmod(fd, S_IRUSR | S_IWUSR);
  return fd;
}

int pos_connect(int fd, const pos_socket_address *address) {
  int result;
  do result = connect(fd, (const struct sockaddr *)address->bytes, address->length);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

int pos_bind_and_listen(int fd, const pos_socket_address *address) {
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (const struct sockaddr *)address->bytes, address->length) < 0) return -errno;
  return listen(fd, 16) < 0 ? -errno : 0;
}

int pos_local_port(int fd) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } address;
  socklen_t length = sizeof address;
  if (getsockname(fd, &address.any, &length) < 0) return -errno;
  return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

int pos_accept(int listener) {
  int fd;
  // A connection that was reset while it waited is the caller's loss, not the listener's.
  do fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  return fd < 0 ? -errno : fd;
}

int pos_shutdown(int fd) { return shutdown(fd, SHUT_RDWR) < 0 ? -errno : 0; }

int pos_shutdown_writing(int fd) { return shutdown(fd, SHUT_WR) < 0 ? -errno : 0; }

int pos_unacknowledged(int fd) {
  int count = 0;
  return ioctl(fd, SIOCOUTQ, &count) < 0 ? -errno : count;
}

int pos_is_network_socket(int fd) {
  int family = AF_UNSPEC;
  socklen_t length = sizeof family;
  return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &length) == 0 && family != AF_UNIX;
}

long pos_receive_packet(int fd, void *buffer, size_t capacity) {
  ssize_t length;
  do length = recv(fd, buffer, capacity, MSG_TRUNC);
  while (length < 0 && errno == EINTR);
  return length < 0 ? -errno : length;
}

int pos_stream_pair(int *one, int *other) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return -errno;
  *one = ends[0];
  *other = ends[1];
  return 0;
}

int pos_kernel_events(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
  if (fd < 0) return -errno;
  // Group 1 is the kernel's own; a burst of events must not be lost while nobody reads.
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
  int size = 1 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
    int failure = -errno;
    close(fd);
    return failure;
  }
  return fd;
}
