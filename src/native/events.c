/*
 * How does a process end that is not our child, on a kernel whose pidfds do not keep it? The process connector tells
 * the end of every process to who listens: to root, since Linux 6.6 to everybody, in the first network namespace alone.
 */
#include "native.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* linux/netlink.h, connector.h, cn_proc.h and filter.h, which a small C library does not bring. */
#define NETLINK_CONNECTOR 11
#define CN_IDX_PROC 1
#define MCAST_LISTEN 1
#define EVENT_EXEC 2U
#define EVENT_EXIT 0x80000000U
#define ATTACH_FILTER 26
#define DETACH_FILTER 27

struct address {
  uint16_t family, pad;
  uint32_t port, groups;
};

struct header {
  uint32_t length;
  uint16_t type, flags;
  uint32_t number, port;
  uint32_t index, value, order, answer;
  uint16_t content, more;
} __attribute__((packed));

struct listening {
  struct header header;
  uint32_t what;
} __attribute__((packed));

/* The end of one thread; of a process's first one its two ids are the same. Of an exec `status` and `signal` say nothing. */
struct event {
  struct header header;
  uint32_t what, processor;
  uint64_t at_ns;
  int32_t thread, process;
  uint32_t status, signal;
} __attribute__((packed));
_Static_assert(offsetof(struct event, what) == 36 && offsetof(struct event, process) == 56, "the filter counts so");

struct step {
  uint16_t code;
  uint8_t if_so, if_not;
  uint32_t operand;
};
enum { LOAD_WORD = 0x20, IS_EQUAL = 0x15, RETURN = 0x06 };

/* False when there is none for now; `lost`, where it is asked for, says that the kernel had no room for some. */
static bool next(int fd, uint32_t what, struct event *event, bool *lost) {
  for (;;) {
    struct address from = {0};
    socklen_t size = sizeof from;
    char buffer[512];
    ssize_t length = recvfrom(fd, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
    if (length < 0 && errno == ENOBUFS && lost != NULL) {
      *lost = true;
      continue;
    }
    if (length < 0) return false;
    if (from.port != 0 || (size_t)length < sizeof *event) continue; /* not the kernel's, or no end */
    memcpy(event, buffer, sizeof *event);
    if (event->what == what) return true;
  }
}

/* What is refused is not said: tried out on a child. */
static bool is_told(int fd) {
  pid_t child = fork();
  if (child == 0) _exit(42);
  if (child < 0) return false;
  waitpid(child, NULL, 0);
  int64_t until = clock_ms() + 500;
  struct pollfd at = {.fd = fd, .events = POLLIN};
  struct event event;
  for (int64_t left = 500; left > 0; left = until - clock_ms()) {
    if (poll(&at, 1, (int)left) <= 0) return false;
    while (next(fd, EVENT_EXIT, &event, NULL))
      if (event.process == child && WIFEXITED(event.status) && WEXITSTATUS(event.status) == 42) return true;
  }
  return false;
}

int events_open(void) {
  int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
  if (fd < 0) return -1;
  struct address here = {.family = AF_NETLINK, .groups = CN_IDX_PROC};
  struct listening listening = {
      .header = {.length = sizeof listening, .type = 3, .index = CN_IDX_PROC, .value = 1, .content = sizeof listening.what},
      .what = MCAST_LISTEN,
  };
  if (bind(fd, (struct sockaddr *)&here, sizeof here) == 0 && send(fd, &listening, sizeof listening, 0) > 0 && is_told(fd))
    return fd;
  close(fd);
  return -1;
}

static bool filter(int fd, struct step *steps, int count) {
  struct {
    unsigned short length;
    struct step *steps;
  } program = {(unsigned short)count, steps};
  return setsockopt(fd, SOL_SOCKET, ATTACH_FILTER, &program, sizeof program) == 0;
}

/* In the kernel, so that nothing else that ends on the machine wakes us; of more than it has room for, every end does. */
bool events_only_of(int fd, const pid_t *pids, int count) {
  struct step steps[MOST_EVENTS + 5];
  int at = 0;
  if (count > MOST_EVENTS) {
    setsockopt(fd, SOL_SOCKET, DETACH_FILTER, &at, sizeof at);
    return true;
  }
  steps[at++] = (struct step){LOAD_WORD, 0, 0, 36};
  steps[at++] = (struct step){IS_EQUAL, 0, (uint8_t)(count + 1), htonl(EVENT_EXIT)};
  steps[at++] = (struct step){LOAD_WORD, 0, 0, 56};
  for (int i = 0; i < count; i++) steps[at++] = (struct step){IS_EQUAL, (uint8_t)(count - i), 0, htonl((uint32_t)pids[i])};
  steps[at++] = (struct step){RETURN, 0, 0, 0};
  steps[at++] = (struct step){RETURN, 0, 0, UINT32_MAX};
  return filter(fd, steps, at);
}

bool events_only_execs(int fd) {
  struct step steps[] = {
      {LOAD_WORD, 0, 0, 36}, {IS_EQUAL, 0, 1, htonl(EVENT_EXEC)}, {RETURN, 0, 0, UINT32_MAX}, {RETURN, 0, 0, 0}};
  return filter(fd, steps, 4);
}

/* Which process has become another program; a thread that does so becomes its process's first. */
bool events_next_exec(int fd, pid_t *process, bool *lost) {
  struct event event;
  if (!next(fd, EVENT_EXEC, &event, lost)) return false;
  *process = event.process;
  return true;
}

bool events_next(int fd, pid_t *process, bool *is_first_thread, int *status) {
  struct event event;
  if (!next(fd, EVENT_EXIT, &event, NULL)) return false;
  *process = event.process;
  *is_first_thread = event.thread == event.process;
  *status = (int)event.status;
  return true;
}
