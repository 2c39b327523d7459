/*
 * How does a process end that is not our child? Since Linux 6.15 the kernel keeps the wait status of a process for
 * whoever holds a pidfd of it, whoever he is: `exit-of PID:TICKS ...` waits for each and prints a line with its status.
 * With `--more` it takes further ones as lines of its stdin, and ends with that: one process for a recorder of many, which
 * with `--births` tells him of new agents too (births.c).
 * An older one may tell it as an event (events.c), which its pidfd says when to wait for.
 * A process of its own, because Node can neither open a pidfd nor ask it. No CPU while it waits.
 */
#include "native.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* linux/pidfd.h of 6.15; older headers have neither. The request's number carries the size of the structure: 64. */
struct exit_info {
  uint64_t mask, cgroup;
  uint32_t ids[11];
  int32_t status;
};
#define GET_INFO 0xC040FF0BUL
#define INFO_EXIT ((uint64_t)1 << 3)
_Static_assert(sizeof(struct exit_info) == 64, "the kernel knows it by its size");

/* The end is seen while the process is a zombie; its status is there once its parent has reaped it, mostly at once. */
#define FIRST_ASK_MS 1
#define SLOWEST_ASK_MS 200

/* Of several processes the greatest counts. */
enum { ALL_TOLD = 0, FAILED = 1, USAGE = 2, NOT_THERE = 3, ANOTHER_PROCESS = 4, NO_SUCH_KERNEL = 5 };

struct watched {
  pid_t pid;
  uint64_t start_ticks;
  int64_t ended_ms; /* 0: it lives */
  int ask_ms;
  /* As an event told it; its first thread may end long before the others. */
  bool has_status;
  int status;
};

/* Older kernels: their events are listened to instead. -1: this one keeps the status. */
static int events_fd = -1;
/* An event comes a moment after the end that it tells; one that is late was lost. */
#define SETTLED_MS 20
#define LOST_MS 2000

static int pidfd_of(pid_t pid) { return (int)syscall(434, pid, 0); }

static bool ask(int fd, int *status) {
  if (events_fd >= 0) return false;
  struct exit_info info = {.mask = INFO_EXIT};
  if (ioctl(fd, GET_INFO, &info) != 0 || !(info.mask & INFO_EXIT)) return false;
  *status = info.status;
  return true;
}

/* 6.13 and 6.14 know the request and not the status, and nothing of a living process tells them apart: tried out. */
static bool kernel_tells(void) {
  pid_t child = fork();
  if (child == 0) _exit(42);
  int fd = child < 0 ? -1 : pidfd_of(child), status = 0;
  if (child > 0) waitpid(child, NULL, 0);
  bool tells = fd >= 0 && ask(fd, &status) && WIFEXITED(status) && WEXITSTATUS(status) == 42;
  if (fd >= 0) close(fd);
  return tells;
}

/* `PID:TICKS`, the ticks as in /proc/PID/stat. */
static bool read_identity(const char *text, struct watched *watched) {
  char *end;
  long pid = strtol(text, &end, 10);
  if (pid <= 0 || pid > INT32_MAX || *end != ':' || end[1] < '0' || end[1] > '9') return false;
  *watched = (struct watched){.pid = (pid_t)pid, .start_ticks = strtoull(end + 1, &end, 10), .ask_ms = FIRST_ASK_MS};
  return *end == 0;
}

/* The pidfd first, then the look: what the ticks say is then of the process that the pidfd holds. */
static int open_watched(const struct watched *watched, int *fd) {
  *fd = pidfd_of(watched->pid);
  if (*fd < 0) return errno == ESRCH || errno == EINVAL ? NOT_THERE : errno == ENOSYS || errno == EPERM ? NO_SUCH_KERNEL : FAILED;
  uint64_t ticks = start_ticks_of(watched->pid);
  int found = ticks == 0 ? NOT_THERE : ticks != watched->start_ticks ? ANOTHER_PROCESS : ALL_TOLD;
  if (found == ALL_TOLD) return found;
  close(*fd);
  *fd = -1;
  return found;
}

static bool print(const char *word, const struct watched *watched, int status, int64_t at_ms) {
  char line[128];
  int length = snprintf(line, sizeof line, "%s %d %llu %d %lld\n", word, watched->pid,
                        (unsigned long long)watched->start_ticks, status, (long long)at_ms);
  return write_all(STDOUT_FILENO, line, (size_t)length);
}

/* What is asked for by lines, at most this many at a time; a place is used again when its end has been told. */
#define MOST_WATCHED 4096
enum { READER, EVENTS, MORE, BIRTHS, FIRST_WATCHED };
/* What an agent is called; births.c */
static char **birth_words;
static int birth_word_count;

static bool ask_events(const struct watched *watched, int *status) {
  if (events_fd < 0 || !watched->has_status || clock_ms() - watched->ended_ms < SETTLED_MS) return false;
  *status = watched->status;
  return true;
}

static void take_events(struct watched *all, int count) {
  pid_t process;
  bool is_first_thread;
  int status;
  while (events_next(events_fd, &process, &is_first_thread, &status))
    for (int i = 0; i < count; i++)
      if (all[i].pid == process && (is_first_thread || all[i].has_status)) {
        all[i].has_status = true;
        all[i].status = status;
      }
}

/* True when its end is told. */
static bool look_after(struct watched *watched, struct pollfd *at) {
  int status;
  if (at->revents & POLLIN && watched->ended_ms == 0) {
    watched->ended_ms = clock_ms();
    at->events = 0; /* it would wake us for ever; that it is reaped comes as a hang-up */
  }
  if (watched->ended_ms == 0 && !(at->revents & POLLHUP)) return false;
  if (watched->ended_ms == 0) watched->ended_ms = clock_ms();
  if (!ask(at->fd, &status) && !ask_events(watched, &status)) {
    if (events_fd >= 0 && clock_ms() - watched->ended_ms > LOST_MS) {
      print("gone", watched, 0, watched->ended_ms);
      close(at->fd);
      at->fd = -1;
      return true;
    }
    watched->ask_ms = watched->ask_ms * 2 > SLOWEST_ASK_MS ? SLOWEST_ASK_MS : watched->ask_ms * 2;
    return false;
  }
  print("exit", watched, status, watched->ended_ms);
  close(at->fd);
  at->fd = -1; /* poll(2) leaves it out */
  return true;
}

/* -1, as long as all of them live. */
static int wait_ms(const struct watched *all, const struct pollfd *at, int count) {
  int least = -1;
  for (int i = 0; i < count; i++)
    if (at[i].fd >= 0 && all[i].ended_ms != 0 && (least < 0 || all[i].ask_ms < least)) least = all[i].ask_ms;
  return least;
}

/* Of the terminal of whoever asks nothing reaches us; we end with him, and when nobody reads what we say. */
static void stand_apart(void) {
  setsid();
  set_mask(EVERY_SIGNAL, NULL);
  signal(SIGCHLD, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Before anything is looked at: what ends from now on is told. Without a place for all of them, every end wakes us. */
static bool listen_for(const struct watched *all, int count) {
  pid_t pids[MOST_EVENTS];
  if (count <= MOST_EVENTS)
    for (int i = 0; i < count; i++) pids[i] = all[i].pid;
  return events_only_of(events_fd, pids, count);
}

/* Returns how it was found; only of a living one there is an end to wait for. */
static int begin(struct watched *watched, struct pollfd *at) {
  int found = open_watched(watched, &at->fd);
  at->events = POLLIN;
  at->revents = 0;
  if (found == NOT_THERE || found == ANOTHER_PROCESS)
    print(found == NOT_THERE ? "gone" : "other", watched, 0, clock_ms());
  return found;
}

static void add(struct watched asked, struct watched *all, struct pollfd *at, int *count) {
  for (int i = 0; i < *count; i++) /* it was watched from its birth */
    if (at[i].fd >= 0 && all[i].pid == asked.pid && all[i].start_ticks == asked.start_ticks) return;
  int place = 0;
  while (place < *count && at[place].fd >= 0) place++;
  if (place == MOST_WATCHED) return (void)print("gone", &asked, 0, clock_ms());
  all[place] = asked;
  if (place == *count) ++*count;
  if (events_fd >= 0) listen_for(all, *count);
  begin(&all[place], &at[place]);
}

/* False when whoever asks has gone. */
static bool take_more(struct watched *all, struct pollfd *at, int *count) {
  static char text[4096];
  static size_t length;
  ssize_t got = read(STDIN_FILENO, text + length, sizeof text - 1 - length);
  if (got <= 0) return got < 0 && errno == EINTR;
  length += (size_t)got;
  text[length] = 0;
  char *line = text;
  for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = 0;
    struct watched asked;
    if (read_identity(line, &asked)) add(asked, all, at, count);
  }
  length -= (size_t)(line - text);
  memmove(text, line, length);
  return length < sizeof text - 1; /* no identity is as long as that */
}

/* Whoever is told of a birth is told of the end as well, however late he asks. False when nobody reads. */
static bool take_births(int fd, struct watched *all, struct pollfd *at, int *count) {
  uint64_t ticks = 0;
  for (pid_t pid; (pid = births_next(fd, birth_word_count, birth_words, &ticks)) != 0;) {
    if (pid < 0) return false;
    add((struct watched){.pid = pid, .start_ticks = ticks, .ask_ms = FIRST_ASK_MS}, all, at, count);
  }
  return true;
}

static int wait_for_all(struct watched *all, struct pollfd *special, int count, int left, bool takes_more) {
  struct pollfd *at = special + FIRST_WATCHED;
  special[READER] = (struct pollfd){.fd = STDOUT_FILENO};
  special[EVENTS] = (struct pollfd){.fd = events_fd, .events = POLLIN};
  special[MORE] = (struct pollfd){.fd = takes_more ? STDIN_FILENO : -1, .events = POLLIN};
  special[BIRTHS] = (struct pollfd){.fd = birth_word_count > 0 ? births_open() : -1, .events = POLLIN};
  const char *hears = special[BIRTHS].fd < 0 ? "deaf\n" : "hears\n";
  if (birth_word_count > 0 && !write_all(STDOUT_FILENO, hears, strlen(hears))) return FAILED;
  while (left > 0 || takes_more) {
    if (poll(special, (nfds_t)count + FIRST_WATCHED, wait_ms(all, at, count)) < 0 && errno != EINTR) return FAILED;
    if (special[READER].revents & (POLLERR | POLLHUP | POLLNVAL)) return FAILED;
    if (special[EVENTS].revents != 0) take_events(all, count);
    if (special[BIRTHS].revents != 0 && !take_births(special[BIRTHS].fd, all, at, &count)) return FAILED;
    if (special[MORE].revents != 0 && !take_more(all, at, &count)) return ALL_TOLD;
    for (int i = 0; i < count; i++)
      if (at[i].fd >= 0 && look_after(&all[i], &at[i])) left--;
  }
  return ALL_TOLD;
}

static bool takes(int *count, char ***words, const char *flag) {
  if (*count == 0 || strcmp(**words, flag) != 0) return false;
  --*count, ++*words;
  return true;
}

int exit_of(int count, char **identities) {
  bool by_events = takes(&count, &identities, "--by-events"); /* whoever wants to see how older kernels do */
  bool takes_more = takes(&count, &identities, "--more");
  if (takes(&count, &identities, "--births")) { /* all the rest are words */
    birth_words = identities;
    birth_word_count = count;
    count = 0;
  }
  size_t places = takes_more && count < MOST_WATCHED ? MOST_WATCHED : (size_t)count + 1;
  struct watched *all = calloc(places, sizeof *all);
  struct pollfd *special = calloc(places + FIRST_WATCHED, sizeof *special);
  if (all == NULL || special == NULL) return FAILED;
  for (int i = 0; i < count; i++)
    if (!read_identity(identities[i], &all[i])) {
      say("session-diagnostics: exit-of takes PID:START_TICKS, as /proc/PID/stat has them in its 1st and 22nd field; \"%s\" is none.\n",
          identities[i]);
      return USAGE;
    }
  stand_apart();
  if ((by_events || !kernel_tells()) && ((events_fd = events_open()) < 0 || !listen_for(all, count))) {
    say("session-diagnostics: This kernel does not tell how a process ended to others than its parent: Linux 6.15 does.\n");
    return NO_SUCH_KERNEL;
  }
  int worst = ALL_TOLD, left = 0;
  for (int i = 0; i < count; i++) {
    int found = begin(&all[i], &special[FIRST_WATCHED + i]);
    if (found == ALL_TOLD) left++;
    else if (found > worst) worst = found;
  }
  int end = wait_for_all(all, special, count, left, takes_more);
  return end == ALL_TOLD ? worst : end;
}
