/*
 * Did a signal that reached us reach the agent as well? The agent is in our process group, so what is sent to the group
 * (Ctrl-C, `kill -- -PGID`, timeout(1)) reaches it without us, and what is sent to our pid must be handed on. The kernel
 * does not say which it was. A third process of the group, which does nothing but hold its signals, does: what it has
 * got was for the group.
 */
#include "native.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIGNALS 65
#define ANSWER_MS 200

pid_t sentinel = -1;
static int questions = -1;

/* Answers each byte with how often each signal came since the last one. All of them are blocked, so none acts. */
static void hold_signals(int fd, pid_t launcher) {
  sigset_t all;
  sigfillset(&all);
  const struct timespec at_once = {0, 0};
  char question;
  while (read(fd, &question, 1) == 1) {
    unsigned char counts[SIGNALS] = {0};
    siginfo_t info;
    for (;;) {
      int number = sigtimedwait(&all, &info, &at_once);
      if (number < 0 && errno == EINTR) continue;
      if (number < 0) break;
      bool is_ours = info.si_code <= 0 && info.si_pid == launcher;
      if (number < SIGNALS && !is_ours && counts[number] < 255) counts[number]++;
    }
    if (!write_all(fd, (char *)counts, sizeof counts)) break;
  }
  _exit(0);
}

/* `pkill -f session-diagnostics` and `pkill -f claude` mean us and the agent; whoever got it with us was in the group. */
static void take_other_name(char **command) {
  prctl(PR_SET_NAME, "sd-group");
  char *end = program_name;
  for (char **word = command; *word != NULL; word++) end = *word + strlen(*word);
  if (end > program_name) memset(program_name, 0, (size_t)(end - program_name));
}

void start_sentinel(char **command) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return;
  pid_t launcher = getpid();
  sentinel = fork();
  if (sentinel == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != launcher) _exit(0);
    take_other_name(command);
    close_all_but(ends[1]);
    hold_signals(ends[1], launcher);
  }
  close(ends[1]);
  questions = ends[0];
  if (sentinel < 0) close(ends[0]);
}

void release_sentinel(void) {
  if (sentinel > 0) kill(sentinel, SIGKILL);
  sentinel = -1;
}

bool was_for_group(int signal_number) {
  static unsigned char credit[SIGNALS];
  if (sentinel <= 0) return false;
  /*
   * kill(2) to a group holds the kernel's lock of all tasks while it goes from one to the next, and setpgid(2) takes that
   * lock to write: when it returns, whoever was to get the signal has it. The group stays what it is.
   */
  setpgid(0, getpgrp());
  kill(sentinel, SIGCONT); /* a SIGSTOP for the group stopped it too */
  unsigned char counts[SIGNALS];
  struct pollfd answer = {.fd = questions, .events = POLLIN};
  if (!write_all(questions, "?", 1) || poll(&answer, 1, ANSWER_MS) != 1) return false;
  if (read(questions, counts, sizeof counts) != sizeof counts) return false;
  for (int i = 0; i < SIGNALS; i++) {
    int sum = credit[i] + counts[i];
    /* Only real-time signals queue; of the others one that waits is all there is. */
    credit[i] = (unsigned char)(i >= 32 ? (sum > 255 ? 255 : sum) : sum > 0);
  }
  if (signal_number >= SIGNALS || credit[signal_number] == 0) return false;
  credit[signal_number]--;
  return true;
}
