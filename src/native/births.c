/*
 * Which processes of this user become a program that may be an agent? For a recorder of many, `exit-of --births WORD ...`
 * listens to the kernel's events (events.c) and prints a line for each whose command line has one of the words, with all
 * that is gone when it is: by the time a busy machine lets the recorder look, one that lives for milliseconds has ended.
 *   exec PID TICKS ANCESTORS IS_BELOW_RUN COMMAND CWD STDIN MARK
 * Ancestors are PID:TICKS, the nearest first, with commas; the last four are bytes in hex. `-`: nothing.
 * Thousands of programs start while a machine builds: here each costs a read of some microseconds, and wakes nobody else.
 */
#include "native.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_COMMAND 4096
#define MOST_ENVIRONMENT (256 << 10)
#define MOST_PATH 512
#define MOST_ANCESTORS 24
/* What the kernel may keep for us while we do not run; what we may have at most is the machine's to say. */
#define ROOM (4 << 20)
#define MARK "SESSION_DIAGNOSTICS_SESSION="

int births_open(void) {
  int fd = events_open(), room = ROOM;
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (events_only_execs(fd)) return fd;
  close(fd);
  return -1;
}

static size_t read_of(pid_t pid, const char *name, char *bytes, size_t room) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  size_t length = 0;
  for (ssize_t got; length < room && (got = read(fd, bytes + length, room - length)) > 0;) length += (size_t)got;
  close(fd);
  return length;
}

static bool is_own(pid_t pid) {
  char path[64];
  struct stat stat_;
  snprintf(path, sizeof path, "/proc/%d", (int)pid);
  return stat(path, &stat_) == 0 && stat_.st_uid == geteuid();
}

static bool has_word(const char *bytes, size_t length, int count, char **words) {
  for (int i = 0; i < count; i++)
    if (memmem(bytes, length, words[i], strlen(words[i])) != NULL) return true;
  return false;
}

static char *put_hex(char *at, const char *bytes, size_t length) {
  *at++ = ' ';
  if (length == 0) *at++ = '-';
  for (size_t i = 0; i < length; i++) at += sprintf(at, "%02x", (unsigned char)bytes[i]);
  return at;
}

static char *put_link(char *at, pid_t pid, const char *name) {
  char path[64], target[MOST_PATH];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  ssize_t length = readlink(path, target, sizeof target);
  return put_hex(at, target, length < 0 ? 0 : (size_t)length);
}

/* The session whose environment it has, if any. */
static char *put_mark(char *at, pid_t pid) {
  static char bytes[MOST_ENVIRONMENT];
  size_t length = read_of(pid, "environ", bytes, sizeof bytes);
  for (char *entry = bytes, *end = bytes + length; entry < end;) {
    size_t size = strnlen(entry, (size_t)(end - entry));
    if (size > strlen(MARK) && strncmp(entry, MARK, strlen(MARK)) == 0)
      return put_hex(at, entry + strlen(MARK), size - strlen(MARK) < MOST_PATH ? size - strlen(MARK) : MOST_PATH);
    entry += size + 1;
  }
  return put_hex(at, NULL, 0);
}

/* A launcher above it that is ours records it, or was told not to. */
static char *put_ancestors(char *at, pid_t pid) {
  char *begin = at, comm[64] = "";
  bool is_below_run = false;
  pid_t parent = parent_of(pid, comm, sizeof comm);
  for (int depth = 0; parent > 1 && depth < MOST_ANCESTORS; depth++) {
    uint64_t ticks = start_ticks_of(parent);
    pid_t next = parent_of(parent, comm, sizeof comm);
    if (ticks == 0) break;
    at += sprintf(at, "%s%d:%llu", at == begin ? "" : ",", (int)parent, (unsigned long long)ticks);
    is_below_run = is_below_run || strcmp(comm, "session-diagnos") == 0;
    parent = next;
  }
  if (at == begin) *at++ = '-';
  return at + sprintf(at, " %d", is_below_run);
}

static bool tell(pid_t pid, uint64_t ticks, const char *command, size_t length) {
  static char line[2 * (MOST_COMMAND + 3 * MOST_PATH) + MOST_ANCESTORS * 32 + 128];
  char *at = line + sprintf(line, "exec %d %llu ", (int)pid, (unsigned long long)ticks);
  at = put_ancestors(at, pid);
  at = put_hex(at, command, length);
  at = put_link(at, pid, "cwd");
  at = put_link(at, pid, "fd/0");
  at = put_mark(at, pid);
  *at++ = '\n';
  return write_all(STDOUT_FILENO, line, (size_t)(at - line));
}

/* Tells of the next; 0: there is none for now, -1: nobody reads. */
pid_t births_next(int fd, int count, char **words, uint64_t *ticks) {
  static char command[MOST_COMMAND];
  pid_t pid;
  for (;;) {
    bool lost = false, is_there = events_next_exec(fd, &pid, &lost);
    if (lost && !write_all(STDOUT_FILENO, "lost\n", 5)) return -1;
    if (!is_there) return 0;
    if (!is_own(pid)) continue;
    size_t length = read_of(pid, "cmdline", command, sizeof command);
    *ticks = start_ticks_of(pid);
    if (*ticks == 0 || !has_word(command, length, count, words)) continue;
    return tell(pid, *ticks, command, length) ? pid : -1;
  }
}
