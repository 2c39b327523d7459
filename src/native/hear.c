/*
 * Signals that reach the launcher: handed on to the agent, unless they reached it by themselves; of children, who has
 * stopped or ended.
 */
#include "native.h"
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of the parent's signals under a Node that hands on what the whole group got. */
#define TWICE_MS 250

void die_as(int status) {
  if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
  int number = WTERMSIG(status);
  if (is_under_node && number >= 32) _exit(128 + number); /* Node would call a death by it a success */
  prctl(PR_SET_DUMPABLE, 0); /* the agent's memory is the one that was worth a core file */
  signal(number, SIG_DFL);
  kill(getpid(), number);
  change_mask(SIG_UNBLOCK, MASK_OF(number));
  _exit(128 + number); /* the first process of a container does not die of a signal */
}

/*
 * On a terminal a bad end is told in one line, before the prompt: the recorder says it as it publishes. An end that was
 * typed needs no word.
 */
bool is_to_be_told(int status) {
  if (saved.terminal < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) return false;
  bool is_typed = WIFSIGNALED(status) && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGQUIT);
  return !is_typed && !(WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGINT);
}

static void stop_like(int number) {
  siginfo_t now = {0};
  /* Continued meanwhile: then nobody would continue us. */
  if (waitid(P_PID, (id_t)agent, &now, WCONTINUED | WNOHANG | WNOWAIT) == 0 && now.si_pid == agent) return;
  struct sigaction usual = {.sa_handler = SIG_DFL}, before;
  watch_stopped(agent);
  sigaction(number, &usual, &before);
  kill(getpid(), number);
  change_mask(SIG_UNBLOCK, MASK_OF(number));
  change_mask(SIG_BLOCK, MASK_OF(number));
  sigaction(number, &before, NULL);
}

static void children_changed(void) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0;) {
    if (pid == recorder && (WIFEXITED(status) || WIFSIGNALED(status))) recorder = -1;
    if (pid == sentinel && (WIFEXITED(status) || WIFSIGNALED(status))) sentinel = -1;
    if (pid != agent) continue;
    if (WIFSTOPPED(status)) stop_like(WSTOPSIG(status));
    else if (!WIFCONTINUED(status)) agent_ended(status);
  }
}

static void send_on(const struct signalfd_siginfo *info) {
  int number = (int)info->ssi_signo;
  if (info->ssi_code == SI_QUEUE) {
    siginfo_t again = {.si_signo = number, .si_code = SI_QUEUE};
    again.si_pid = getpid();
    again.si_uid = getuid();
    again.si_value.sival_ptr = (void *)(uintptr_t)info->ssi_ptr;
    if (syscall(SYS_rt_sigqueueinfo, agent, number, &again) == 0) return;
  }
  kill(agent, number);
}

/* A Node around us hands on what it gets; what the group got as well, we know already. */
static bool comes_twice(int number, bool is_from_parent, bool is_group) {
  static int64_t heard_at[65];
  if (number > 64) return false;
  bool is_again = is_from_parent && heard_at[number] != 0 && now_ms() - heard_at[number] < TWICE_MS;
  if (is_group) heard_at[number] = now_ms();
  return is_again;
}

/* Of no interest to whoever asks why the agent ended. */
static bool is_everyday(int number) {
  static const int EVERYDAY[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU};
  for (size_t i = 0; i < sizeof EVERYDAY / sizeof *EVERYDAY; i++)
    if (number == EVERYDAY[i]) return true;
  return false;
}

static bool would_end_agent(int number) {
  struct sigaction now;
  if (is_everyday(number) || (saved.mask & MASK_OF(number))) return false;
  return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_DFL;
}

static void hear_signal(const struct signalfd_siginfo *info) {
  int number = (int)info->ssi_signo;
  pid_t from = info->ssi_code <= 0 ? (pid_t)info->ssi_pid : 0;
  if (number == SIGCHLD || from == getpid()) return; /* our own SIGPIPE, of a reader that ended */
  if (has_ended) {
    /* The agent would still be writing: it would die of it. */
    if (would_end_agent(number)) die_as(number);
    return;
  }
  bool is_in_group = getpgid(agent) == getpgrp();
  bool is_group = was_for_group(number);
  bool is_twice = comes_twice(number, is_under_node && from == getppid(), is_group);
  if (!is_everyday(number)) tell_recorder("signal %d %d %d %d\n", number, from, info->ssi_code, is_group);
  if (is_twice || (is_group && is_in_group)) return;
  send_on(info);
}

void hear_signals(int signals_fd) {
  struct signalfd_siginfo heard[8];
  ssize_t got = read(signals_fd, heard, sizeof heard);
  for (size_t i = 0; got > 0 && i < (size_t)got / sizeof *heard; i++) hear_signal(&heard[i]);
  children_changed();
}
