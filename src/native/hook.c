/*
 * What an agent's hooks call (`integrate`): at a session's start a recorder, after a command that ended with 137 whether
 * the kernel's OOM killer did it. An agent waits for its hooks, so that they are done here, in a millisecond. They say
 * nothing and fail nobody where there is nothing to say.
 */
#include "native.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A hook is told the command and its output: more than this of it is not looked at. */
enum { MOST_INPUT = 1 << 20, RECORD = 8192 };
/* A command is told of at once; an older kill was of another. */
static const int64_t RECENT_MS = 60 * 1000;

static char input[MOST_INPUT + 1];

static void read_input(void) {
  size_t size = 0;
  for (;;) {
    ssize_t count = read(0, input + size, MOST_INPUT - size);
    if (count <= 0 || (size += (size_t)count) == MOST_INPUT) break;
  }
  input[size] = 0;
}

/* As Claude Code writes it of a shell command that failed, or as a field. */
static bool says_137(void) {
  return strstr(input, "xit code 137") != NULL || strstr(input, "xit code: 137") != NULL ||
         strstr(input, "exit_code\":137") != NULL || strstr(input, "exit_code\": 137") != NULL;
}

/* The name of the event is given back as it came, if it is one of those that we are for. */
static const char *event_name(void) {
  return strstr(input, "\"PostToolUseFailure\"") != NULL ? "PostToolUseFailure" : "PostToolUse";
}

static bool read_text(const char *path, char *into, size_t room) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t size = read(fd, into, room - 1);
  close(fd);
  into[size < 0 ? 0 : size] = 0;
  return size > 0;
}

/* Our memory group as the kernel names it in its log; false: there is none but the root. */
static bool own_group(char *path, size_t room, bool *is_first_version) {
  char text[4096];
  if (!read_text("/proc/self/cgroup", text, sizeof text)) return false;
  for (char *save = NULL, *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
    char *controllers = strchr(line, ':');
    char *group = controllers == NULL ? NULL : strchr(++controllers, ':');
    if (group == NULL) continue;
    *group++ = 0;
    bool is_memory = strcmp(controllers, "memory") == 0 || strstr(controllers, "memory,") == controllers ||
                     strstr(controllers, ",memory") != NULL;
    if (!is_memory && controllers[0] != 0) continue;
    *is_first_version = is_memory;
    snprintf(path, room, "%s", group);
    if (is_memory) break;
  }
  return path[0] == '/' && path[1] != 0;
}

static long long limit_mib(const char *group, bool is_first_version) {
  char path[1024], text[64];
  snprintf(path, sizeof path, is_first_version ? "/sys/fs/cgroup/memory%s/memory.limit_in_bytes" : "/sys/fs/cgroup%s/memory.max", group);
  if (!read_text(path, text, sizeof text)) return 0;
  long long bytes = atoll(text); /* "max" is 0 */
  return bytes > 0 && bytes < (1LL << 60) ? bytes >> 20 : 0;
}

enum kill { NONE, GROUP, MACHINE };

/* The newest kill of the last minute, as the kernel's log tells it: in our group, or of the whole machine. */
static enum kill newest_kill(const char *group) {
  int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return NONE; /* not ours to read: silence */
  struct timespec up;
  clock_gettime(CLOCK_BOOTTIME, &up);
  int64_t now = up.tv_sec * 1000LL + up.tv_nsec / 1000000;
  char record[RECORD], told[1024];
  enum kill found = NONE;
  snprintf(told, sizeof told, "oom_memcg=%s,", group);
  for (;;) {
    ssize_t size = read(fd, record, sizeof record - 1);
    if (size < 0 && errno == EPIPE) continue; /* it was overwritten meanwhile: the next is there */
    if (size <= 0) break;
    record[size] = 0;
    long long at_us = 0;
    if (sscanf(record, "%*d,%*d,%lld", &at_us) != 1 || now - at_us / 1000 > RECENT_MS) continue;
    if (strstr(record, "oom-kill:constraint=CONSTRAINT_MEMCG") != NULL && group[0] != 0 && strstr(record, told) != NULL)
      found = GROUP;
    if (strstr(record, "oom-kill:constraint=CONSTRAINT_NONE") != NULL) found = MACHINE;
  }
  close(fd);
  return found;
}

static void tell_agent(enum kill kill, const char *group, bool is_first_version) {
  char limit[64] = "";
  long long mib = kill == GROUP ? limit_mib(group, is_first_version) : 0;
  if (mib > 0) snprintf(limit, sizeof limit, ", whose limit is %lld MiB", mib);
  printf("{\"hookSpecificOutput\":{\"hookEventName\":\"%s\",\"additionalContext\":\"137: in the last minute the kernel's OOM "
         "killer ended a process %s%s. That is likely this command, and not a fault of your code: use less memory at a time "
         "(fewer workers, smaller batches), or ask my_limits of session-diagnostics first.\"}}\n",
         event_name(), kill == GROUP ? "of your memory group" : "because the whole machine was out of memory", limit);
}

static void after_command(void) {
  read_input();
  if (!says_137()) return;
  char group[512] = "";
  bool is_first_version = false;
  if (!own_group(group, sizeof group, &is_first_version)) group[0] = 0;
  enum kill kill = newest_kill(group);
  if (kill != NONE) tell_agent(kill, group, is_first_version);
}

static bool is_shell(const char *comm) {
  return strcmp(comm, "sh") == 0 || strcmp(comm, "bash") == 0 || strcmp(comm, "dash") == 0 || strcmp(comm, "zsh") == 0;
}

/* The agent is who ran the shell that ran us. 0: it is recorded already, by `run`, or is not to be found. */
static pid_t agent_above(void) {
  char comm[64];
  pid_t agent = 0;
  for (pid_t pid = getppid(); pid > 1;) {
    pid_t parent = parent_of(pid, comm, sizeof comm);
    if (parent == 0) return agent;
    if (strcmp(comm, "session-diagnos") == 0) return 0;
    if (agent == 0 && !is_shell(comm)) agent = pid;
    pid = parent;
  }
  return agent;
}

/* In a session of its own, with nothing of ours: the agent waits for our stdout to close. */
static void record_agent(char **environment) {
  pid_t agent = agent_above();
  if (agent == 0 || fork() != 0) return;
  setsid();
  int nothing = open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2 && nothing >= 0; fd++) dup2(nothing, fd);
  syscall(SYS_close_range, 3U, ~0U, 0);
  char pid[16];
  snprintf(pid, sizeof pid, "%d", (int)agent);
  struct options options = {0};
  become_node(&options, (char *[]){"attach", "--unless-recorded", pid, NULL}, environment);
  _exit(0);
}

int hook(const char *event, char **environment) {
  if (strcmp(event, "after-command") == 0) after_command();
  if (strcmp(event, "session-start") == 0) record_agent(environment);
  return 0;
}
