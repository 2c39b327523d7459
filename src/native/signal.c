/*
 * A signal for processes that are named by pid and start, each only while it is still itself. A pidfd means one process
 * for as long as it is open: between the look at its start and the signal no other can take the number, which kill(2)
 * cannot promise.
 */
#include "native.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Younger than some headers; the same on every architecture. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

enum { SENT = 0, NOBODY = 1, WRONG_USAGE = 2, NO_PIDFD = 3 };

/* 0: it is no whole number from 1 to `most`. */
static uint64_t whole(const char *text, uint64_t most) {
  char *end;
  if (text[0] < '0' || text[0] > '9') return 0;
  errno = 0;
  uint64_t value = strtoull(text, &end, 10);
  return *end != 0 || errno != 0 || value > most ? 0 : value;
}

/* Before Linux 5.3 there are none; where a sandbox forbids what it does not know, neither. */
static int why_not(void) { return errno == ENOSYS ? NO_PIDFD : NOBODY; }

static int send_to(pid_t pid, uint64_t start_ticks, int number) {
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return errno == EPERM ? NO_PIDFD : why_not();
  int result = NOBODY;
  if (start_ticks_of(pid) == start_ticks)
    result = syscall(SYS_pidfd_send_signal, fd, number, NULL, 0) == 0 ? SENT : why_not();
  close(fd);
  return result;
}

int signal_processes(int argc, char **argv) {
  int number = argc < 3 || argc % 2 == 0 ? 0 : (int)whole(argv[0], 64);
  for (int i = 1; i < argc && number != 0; i++)
    if (whole(argv[i], i % 2 == 1 ? INT32_MAX : UINT64_MAX) == 0) number = 0;
  if (number == 0) {
    say("Usage: session-diagnostics signal NUMBER PID START_TICKS [PID START_TICKS]...\n");
    return WRONG_USAGE;
  }
  int result = NOBODY;
  for (int i = 1; i < argc; i += 2) {
    int sent = send_to((pid_t)whole(argv[i], INT32_MAX), whole(argv[i + 1], UINT64_MAX), number);
    if (sent == NO_PIDFD) return NO_PIDFD;
    if (sent == SENT) result = SENT;
  }
  return result;
}
