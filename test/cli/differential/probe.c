// What a child of `run` sees of its world, and children that behave in ways no shell command does. Compiled by the
// test into its temporary folder. Prints nothing that differs between two runs of the same thing (no pids, no times).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void statusLines(void) {
  static const char *const wanted[] = {"SigBlk", "SigIgn", "SigCgt", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb",
                                       "NoNewPrivs", "Seccomp:", "Uid", "Gid", "Groups", "Umask", "Cpus_allowed:"};
  char line[512];
  FILE *status = fopen("/proc/self/status", "re");
  while (status && fgets(line, sizeof line, status))
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
      if (strncmp(line, wanted[i], strlen(wanted[i])) == 0) fputs(line, stdout);
  if (status) fclose(status);
}

static void limits(void) {
  for (int which = 0; which < RLIMIT_NLIMITS; which++) {
    struct rlimit limit;
    if (getrlimit(which, &limit) == 0)
      printf("limit %d: %lld %lld\n", which, (long long)limit.rlim_cur, (long long)limit.rlim_max);
  }
}

static void surroundings(void) {
  char folder[4096];
  printf("cwd: %s\n", getcwd(folder, sizeof folder) ? folder : strerror(errno));
  printf("nice: %d\npolicy: %d\n", getpriority(PRIO_PROCESS, 0), sched_getscheduler(0));
  FILE *adj = fopen("/proc/self/oom_score_adj", "re");
  if (adj && fgets(folder, sizeof folder, adj)) printf("oom_score_adj: %s", folder);
  if (adj) fclose(adj);
}

/** Kind, access mode and close-on-exec of each open descriptor; numbers of pipes and the like are no one's business. */
static void descriptors(void) {
  for (int fd = 0; fd < 64; fd++) {
    struct stat st;
    if (fstat(fd, &st) != 0) continue;
    const char *kind = S_ISREG(st.st_mode)    ? "file"
                       : S_ISFIFO(st.st_mode) ? "pipe"
                       : S_ISSOCK(st.st_mode) ? "socket"
                       : S_ISDIR(st.st_mode)  ? "folder"
                       : isatty(fd)           ? "terminal"
                       : S_ISCHR(st.st_mode)  ? "device"
                                              : "other";
    printf("fd %d: %s flags %o", fd, kind, fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
    if (S_ISREG(st.st_mode)) printf(" at %lld", (long long)lseek(fd, 0, SEEK_CUR));
    printf("\n");
  }
}

static void relations(int shell) {
  printf("group of the shell: %d, session of the shell: %d", getpgrp() == getpgid(shell), getsid(0) == getsid(shell));
  int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (tty < 0) printf(", /dev/tty: %s\n", strerror(errno));
  else printf(", foreground: %d\n", tcgetpgrp(tty) == getpgrp());
}

static int byBytes(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void hex(const char *text) {
  for (; *text; text++) printf(*text > ' ' && *text < 127 && *text != '%' ? "%c" : "%%%02x", (unsigned char)*text);
  printf("\n");
}

static int environment(void) {
  size_t count = 0;
  while (environ[count]) count++;
  qsort(environ, count, sizeof *environ, byBytes);
  for (size_t i = 0; i < count; i++)
    if (strncmp(environ[i], "SESSION_DIAGNOSTICS_SESSION=", 28) != 0 && strncmp(environ[i], "_=", 2) != 0)
      hex(environ[i]);
  return 0;
}

static void say(const char *word, int number) {
  char line[64];
  int length = snprintf(line, sizeof line, "%s %d\n", word, number);
  if (write(1, line, (size_t)length) < 0) _exit(74);
}

static void onSignal(int number) {
  struct winsize size;
  if (number == SIGWINCH && ioctl(0, TIOCGWINSZ, &size) == 0) say("rows", size.ws_row);
  else say("got", number);
  if (number == SIGTERM) _exit(3);
  static int interrupts;
  if (number == SIGINT && ++interrupts == 2) _exit(7);
}

/** Tells each signal it gets, until TERM or the second INT. With `fork`, a child of its own does the same and ends with it. */
static _Noreturn void signals(int forks) {
  struct sigaction action = {.sa_handler = onSignal, .sa_flags = SA_RESTART};
  for (int number = 1; number <= SIGRTMAX; number++) {
    struct sigaction now;
    if (number == SIGKILL || number == SIGSTOP || number == SIGCHLD) continue;
    if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_IGN) sigaction(number, &action, NULL);
  }
  if (forks && fork() == 0) {
    FILE *told = fopen("child", "we");
    if (told) fprintf(told, "%d", getpid()), fclose(told);
    say("ready", 2);
    for (;;) pause();
  }
  say("ready", 1);
  for (;;) pause();
}

/** Copies stdin to stdout at so many bytes a second, in twentieths of one. */
static int slow(long rate) {
  char block[65536];
  size_t size = (size_t)rate / 20 > sizeof block ? sizeof block : (size_t)rate / 20;
  const struct timespec pause = {.tv_nsec = 50000000};
  for (ssize_t got; (got = read(0, block, size)) > 0; nanosleep(&pause, NULL))
    if (write(1, block, (size_t)got) != got) return 74;
  return 0;
}

/** Writes numbered lines, each with a call of its own; 74 when the reader has gone, 73 when the write failed otherwise. */
static int lines(long count) {
  for (long i = 0; i < count; i++)
    if (dprintf(1, "line %ld\n", i) < 0) return errno == EPIPE ? 74 : 73;
  return 0;
}

/** Runs a command with a signal blocked or ignored, or a descriptor made non-blocking, as some parent might. */
static int with(char **words) {
  int number = atoi(words[1]);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  if (strcmp(words[0], "blocked") == 0) sigprocmask(SIG_BLOCK, &set, NULL);
  if (strcmp(words[0], "ignored") == 0) signal(number, SIG_IGN);
  if (strcmp(words[0], "nonblocking") == 0) fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK);
  execvp(words[2], words + 2);
  return 127;
}

/** Ends by a signal as a crash does: its default action restored, sent to itself. */
static int die(int number) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  kill(getpid(), number);
  if (number == SIGCHLD || number == SIGURG || number == SIGWINCH || number == SIGCONT) return 42;
  return 43;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  const char *first = argc > 2 ? argv[2] : "0";
  if (strcmp(what, "state") == 0) return statusLines(), limits(), surroundings(), descriptors(), 0;
  if (strcmp(what, "relations") == 0) return relations(atoi(first)), 0;
  if (strcmp(what, "environment") == 0) return environment();
  if (strcmp(what, "args") == 0) {
    for (int i = 2; i < argc; i++) hex(argv[i]);
    return 0;
  }
  if (strcmp(what, "name") == 0) return hex(argv[0]), 0;
  if (strcmp(what, "signals") == 0) signals(strcmp(first, "fork") == 0);
  if (strcmp(what, "slow") == 0) return slow(atol(first));
  if (strcmp(what, "lines") == 0) return lines(atol(first));
  if (strcmp(what, "with") == 0 && argc > 4) return with(argv + 2);
  if (strcmp(what, "die") == 0) return die(atoi(first));
  if (strcmp(what, "exit") == 0) return atoi(first);
  return 64;
}
