/* Small things that the other files need of the system. */
#include "native.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Of the clock that nobody sets: for durations. */
int64_t now_ms(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

/* Of the wall's clock: for what a person reads. */
int64_t clock_ms(void) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

/* The civil date of a time in UTC; gmtime(3) would bring the tables of all time zones into a static program. */
struct day civil_day(int64_t seconds) {
  int64_t days = seconds / 86400;
  int year = 1970, month = 0;
  for (;; year++) {
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (days < 365 + is_leap) break;
    days -= 365 + is_leap;
  }
  bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int lengths[] = {31, 28 + is_leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  while (days >= lengths[month]) days -= lengths[month++];
  return (struct day){year, month + 1, (int)days + 1};
}

void timestamp(char *into, size_t room) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  struct day day = civil_day(at.tv_sec);
  int of_day = (int)(at.tv_sec % 86400);
  snprintf(into, room, "%04d-%02d-%02dT%02d:%02d:%02d.%06ld+00:00", day.year, day.month, day.day, of_day / 3600,
           of_day / 60 % 60, of_day % 60, at.tv_nsec / 1000);
}

bool write_all(int fd, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(fd, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    count -= (size_t)written;
  }
  return true;
}

/* The 22nd field of stat(5); the name before it may hold spaces and brackets. 0: it is gone already. */
static bool read_stat(pid_t pid, char *text, size_t room) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, room - 1);
  if (fd >= 0) close(fd);
  if (length > 0) text[length] = 0;
  return length > 0;
}

pid_t parent_of(pid_t pid, char *comm, size_t room) {
  char text[1024];
  if (!read_stat(pid, text, sizeof text)) return 0;
  char *begin = strchr(text, '('), *end = strrchr(text, ')');
  int parent = 0;
  if (begin == NULL || end == NULL || sscanf(end + 1, " %*c %d", &parent) != 1) return 0;
  snprintf(comm, room, "%.*s", (int)(end - begin - 1), begin + 1);
  return parent;
}

uint64_t start_ticks_of(pid_t pid) {
  char text[1024];
  if (!read_stat(pid, text, sizeof text)) return 0;
  char *at = strrchr(text, ')');
  for (int field = 2; at != NULL && field < 22; field++) at = strchr(at + 1, ' ');
  return at == NULL ? 0 : strtoull(at, NULL, 10);
}

void change_mask(int how, sigmask mask) { syscall(SYS_rt_sigprocmask, how, &mask, NULL, sizeof mask); }

void set_mask(sigmask mask, sigmask *before) {
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, before, sizeof mask);
}

/* The folder of this program, as the kernel knows it: `dist/native/linux-x64`. */
const char *own_folder(void) {
  static char folder[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
  if (length <= 0) return NULL;
  folder[length] = 0;
  char *slash = strrchr(folder, '/');
  if (slash == NULL) return NULL;
  *slash = 0;
  return folder;
}

const char *value_of(char **environment, const char *name) {
  size_t length = strlen(name);
  for (char **entry = environment; *entry != NULL; entry++)
    if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') return *entry + length + 1;
  return NULL;
}

/* A file without `#!` is a script of the shell's, as execvp(3) has it. */
static void exec_path(const char *path, char **command, char **environment) {
  execve(path, command, environment);
  if (errno != ENOEXEC) return;
  int count = 0;
  while (command[count] != NULL) count++;
  char **script = calloc((size_t)count + 2, sizeof *script);
  if (script == NULL) return;
  script[0] = "/bin/sh";
  script[1] = (char *)path;
  for (int i = 1; i <= count; i++) script[i + 1] = command[i];
  execve("/bin/sh", script, environment);
}

int exec_found(char **command, char **environment) {
  const char *name = command[0];
  if (strchr(name, '/') != NULL) {
    exec_path(name, command, environment);
    return errno;
  }
  if (name[0] == 0) return ENOENT;
  const char *path = value_of(environment, "PATH");
  if (path == NULL) path = "/bin:/usr/bin";
  int found = ENOENT;
  for (;;) {
    size_t length = strcspn(path, ":");
    char *candidate = malloc(length + strlen(name) + 3);
    if (candidate == NULL) return ENOMEM;
    sprintf(candidate, "%.*s%s%s", (int)length, length == 0 ? "." : path, length == 0 ? "./" : "/", name);
    if (length == 0) sprintf(candidate, "./%s", name);
    exec_path(candidate, command, environment);
    free(candidate);
    /* What may not be executed is told when nothing better is found further on. */
    if (errno == EACCES) found = EACCES;
    else if (errno != ENOENT && errno != ENOTDIR && errno != ESTALE && errno != ENODEV && errno != ETIMEDOUT) return errno;
    if (path[length] == 0) return found;
    path += length + 1;
  }
}

/* The same environment with one variable set. */
char **with_variable(char **environment, const char *assignment) {
  size_t name = strcspn(assignment, "=") + 1;
  int count = 0;
  while (environment[count] != NULL) count++;
  char **made = calloc((size_t)count + 2, sizeof *made);
  if (made == NULL) return environment;
  int kept = 0;
  for (int i = 0; i < count; i++)
    if (strncmp(environment[i], assignment, name) != 0) made[kept++] = environment[i];
  made[kept] = (char *)assignment;
  return made;
}

/*
 * The agent has its own copies of what we inherited. Ours must go, or a lock, a pipe or a listening socket that the
 * agent closes would stay open as long as we live. Whatever we opened ourselves is close-on-exec; what came is not.
 */
void close_inherited(void) {
  DIR *listing = opendir("/proc/self/fd");
  if (listing == NULL) {
    for (int fd = 3; fd < 256; fd++)
      if ((fcntl(fd, F_GETFD) & ~FD_CLOEXEC) == 0 && fcntl(fd, F_GETFD) == 0) close(fd);
    return;
  }
  int own = dirfd(listing);
  for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
    int fd = atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fd > 2 && fd != own && fcntl(fd, F_GETFD) == 0) close(fd);
  }
  closedir(listing);
}

void close_all_but(int kept) {
  if (kept > 0) syscall(SYS_close_range, 0U, (unsigned)kept - 1, 0);
  syscall(SYS_close_range, (unsigned)kept + 1, ~0U, 0);
}

static bool is_program(const char *path) {
  struct stat found;
  return stat(path, &found) == 0 && S_ISREG(found.st_mode) && access(path, X_OK) == 0;
}

/* The Node that started us, or the first one of the PATH. */
char *node_program(const struct options *options) {
  if (options->node != NULL) return strdup(options->node);
  const char *path = getenv("PATH");
  while (path != NULL) {
    size_t length = strcspn(path, ":");
    char candidate[PATH_MAX];
    /* A relative entry of the PATH could be a folder of somebody's repository. */
    if (path[0] == '/' && snprintf(candidate, sizeof candidate, "%.*s/node", (int)length, path) < (int)sizeof candidate &&
        is_program(candidate))
      return strdup(candidate);
    path = path[length] == 0 ? NULL : path + length + 1;
  }
  return NULL;
}

void become_node(const struct options *options, char **arguments, char **environment) {
  char *node = node_program(options);
  const char *folder = own_folder();
  if (node == NULL || folder == NULL) return;
  int count = 0;
  while (arguments[count] != NULL) count++;
  char **command = calloc((size_t)count + 3, sizeof *command);
  char *program = malloc(strlen(folder) + 32);
  if (command == NULL || program == NULL) return;
  sprintf(program, "%s/../../cli.js", folder);
  command[0] = node;
  command[1] = program;
  memcpy(command + 2, arguments, (size_t)count * sizeof *command);
  if (options->is_electron) { /* else it would open as an editor */
    setenv("ELECTRON_RUN_AS_NODE", "1", 1);
    environment = environ;
  }
  execve(node, command, environment);
}
