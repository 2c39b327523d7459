/*
 * Did a signal that reached us reach the agent as well? The agent is in our process group, so what is sent to the group
 * (Ctrl-C, `kill -- -PGID`, timeout(1)) reaches it without us, and what is sent to our pid must be handed on. The kernel
 * does not say which it was. A third process of the group, which does nothing but hold its signals, does: what it has
 * got was for the group.
 */
#include "native.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIGNALS 65
/* It answers within microseconds; on a machine that is out of breath, or when it was stopped with the group, later. */
#define ANSWER_MS 100
#define ANSWERS 20
#define WATCH_MS 50

pid_t sentinel = -1;
static int questions = -1;

struct question {
  pid_t stopped; /* 0: only what has come is asked for */
};

/* What has come since the last question, by signal. All of them are blocked, so none acts. */
static void count_signals(unsigned char counts[SIGNALS], pid_t launcher) {
  const sigmask all = EVERY_SIGNAL;
  const struct timespec at_once = {0, 0};
  siginfo_t info;
  for (;;) {
    long number = syscall(SYS_rt_sigtimedwait, &all, &info, &at_once, sizeof all);
    if (number < 0 && errno == EINTR) continue;
    if (number < 0) return;
    bool is_ours = info.si_code <= 0 && info.si_pid == launcher;
    if (number < SIGNALS && !is_ours && counts[number] < 255) counts[number]++;
  }
}

/* The third field of stat(5). */
static bool is_stopped(pid_t pid) {
  char path[32], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (length <= 0) return false;
  text[length] = 0;
  char *name_end = strrchr(text, ')');
  return name_end != NULL && (name_end[2] == 'T' || name_end[2] == 't');
}

/* Until the agent goes on, or the launcher, which then has a question. */
static void watch_while_stopped(int fd, pid_t stopped, pid_t launcher) {
  struct pollfd question = {.fd = fd, .events = POLLIN};
  while (poll(&question, 1, WATCH_MS) == 0)
    if (!is_stopped(stopped)) {
      kill(launcher, SIGCONT);
      return;
    }
}

static void hold_signals(int fd, pid_t launcher) {
  struct question question;
  while (read(fd, &question, sizeof question) == sizeof question) {
    if (question.stopped > 0) {
      watch_while_stopped(fd, question.stopped, launcher);
      continue;
    }
    unsigned char counts[SIGNALS] = {0};
    count_signals(counts, launcher);
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

void watch_stopped(pid_t stopped) {
  struct question question = {.stopped = stopped};
  if (sentinel > 0) write_all(questions, (char *)&question, sizeof question);
}

static bool ask(unsigned char counts[SIGNALS]) {
  struct question question = {0};
  struct pollfd answer = {.fd = questions, .events = POLLIN};
  if (!write_all(questions, (char *)&question, sizeof question)) return false;
  for (int tries = 0; tries < ANSWERS; tries++) {
    if (poll(&answer, 1, ANSWER_MS) == 1) return read(questions, counts, SIGNALS) == SIGNALS;
    /* Only then: a SIGCONT takes stop signals that wait away. */
    if (is_stopped(sentinel)) kill(sentinel, SIGCONT);
  }
  return false;
}

bool was_for_group(int signal_number) {
  static unsigned char credit[SIGNALS];
  if (sentinel <= 0) return false;
  /*
   * kill(2) to a group holds the kernel's lock of all tasks while it goes from one to the next, and setpgid(2) takes that
   * lock to write: when it returns, whoever was to get the signal has it. The group stays what it is.
   */
  setpgid(0, getpgrp());
  unsigned char counts[SIGNALS];
  if (!ask(counts)) return false;
  for (int i = 0; i < SIGNALS; i++) {
    int sum = credit[i] + counts[i];
    /* Only real-time signals queue; of the others one that waits is all there is. */
    credit[i] = (unsigned char)(i >= 32 ? (sum > 255 ? 255 : sum) : sum > 0);
  }
  if (signal_number >= SIGNALS || credit[signal_number] == 0) return false;
  credit[signal_number]--;
  return true;
}
