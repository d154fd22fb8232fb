#define _GNU_SOURCE
#include "CPOSLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct start {
  void (*body)(void *);
  void *context;
};

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  start.body(start.context);
  return NULL;
}

int pos_thread_start(const char *name, void (*body)(void *), void *context) {
  struct start *start = malloc(sizeof *start);
  if (!start) return -ENOMEM;
  *start = (struct start){body, context};

  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  int failure = pthread_create(&thread, NULL, run, start);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (failure) {
    free(start);
    return -failure;
  }
  pthread_setname_np(thread, name);
  pthread_detach(thread);
  return 0;
}

int64_t pos_monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int pos_epoll_create(void) {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

static int control(int epoll, int operation, int fd, uint32_t events, uint64_t key) {
  struct epoll_event event = {.events = events, .data.u64 = key};
  return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}

int pos_epoll_add(int epoll, int fd, uint64_t key) {
  return control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLRDHUP | EPOLLET, key);
}

int pos_epoll_add_writable(int epoll, int fd, uint64_t key) {
  return control(epoll, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLRDHUP | EPOLLOUT | EPOLLET, key);
}

int pos_epoll_remove(int epoll, int fd) { return control(epoll, EPOLL_CTL_DEL, fd, 0, 0); }

int pos_epoll_add_wake(int epoll, int wake) { return control(epoll, EPOLL_CTL_ADD, wake, EPOLLIN, 0); }

int pos_epoll_wait(int epoll, pos_readiness *out, int capacity, int milliseconds) {
  struct epoll_event events[64];
  int count = epoll_wait(epoll, events, capacity < 64 ? capacity : 64, milliseconds);
  if (count < 0) return -errno;
  for (int i = 0; i < count; i++) {
    uint32_t seen = events[i].events;
    int both = (seen & (EPOLLERR | EPOLLHUP)) != 0;
    out[i].key = events[i].data.u64;
    out[i].readable = both || (seen & (EPOLLIN | EPOLLRDHUP)) != 0;
    out[i].writable = both || (seen & EPOLLOUT) != 0;
  }
  return count;
}

int pos_eventfd_create(void) {
  int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

void pos_eventfd_signal(int wake) { eventfd_write(wake, 1); }

void pos_eventfd_clear(int wake) {
  eventfd_t value;
  eventfd_read(wake, &value);
}

static int interrupt_writer = -1;

static void interrupted(int number) {
  (void)number;
  int before = errno;
  char byte = 1;
  if (write(interrupt_writer, &byte, 1) < 0) errno = 0;
  errno = before;
}

int pos_interrupts_open(void) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return -errno;
  interrupt_writer = ends[1];
  struct sigaction action = {.sa_handler = interrupted, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGINT, &action, NULL) < 0) {
    int failure = errno;
    close(ends[0]);
    close(ends[1]);
    return -failure;
  }
  return ends[0];
}

void pos_interrupts_restore(void) { signal(SIGINT, SIG_DFL); }
