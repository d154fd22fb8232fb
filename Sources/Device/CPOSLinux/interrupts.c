#define _GNU_SOURCE
#include "CPOSLinux.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static void wake_up(int number) { (void)number; }

int pos_thread_id(void) { return gettid(); }

int pos_prepare_interrupts(void) {
  struct sigaction now;
  if (sigaction(SIGURG, NULL, &now) < 0) return -errno;
  // An application's own handler interrupts a call as well as ours does.
  if (now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN) return 0;
  struct sigaction ours = {.sa_handler = wake_up};
  return sigaction(SIGURG, &ours, NULL) < 0 ? -errno : 0;
}

int pos_interrupt_thread(int thread) {
  return syscall(SYS_tgkill, getpid(), thread, SIGURG) < 0 ? -errno : 0;
}

void pos_admit_interrupts(int on) {
  sigset_t urgent;
  sigemptyset(&urgent);
  sigaddset(&urgent, SIGURG);
  pthread_sigmask(on ? SIG_UNBLOCK : SIG_BLOCK, &urgent, NULL);
}
