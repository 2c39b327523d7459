/*
 * The recorder beside us: our own Node program, in a session of its own, that samples the agent's processes, writes the
 * log and decides the cause. We tell it what only the parent knows, and it may die at any moment without harm.
 */
#include "native.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES_MS 100

int recorder_fd = -1;
pid_t recorder = -1;
bool is_published, is_handed_over, is_unrecorded;

static const struct options *its_options;
static struct agent_start its_start;
static int session_directory = -1;
static pid_t launcher;
/* A Node from before 22.14 refuses a flag and ends at once: it is started again without, and told again. */
static bool has_spoken, without_flag;
static char unheard[4096];
static size_t unheard_count;

static void lower_own_chance_at_oom(void) {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  /* Refused without CAP_SYS_RESOURCE: then the recorder may die, and only the recorder. */
  ssize_t ignored = write(fd, "-500", 4);
  (void)ignored;
  close(fd);
}

static char *folder_of_agent(void) {
  static char folder[PATH_MAX];
  if (getcwd(folder, sizeof folder) != NULL) return folder;
  ssize_t length = readlink("/proc/self/cwd", folder, sizeof folder - 1); /* removed: "/path (deleted)" */
  if (length <= 0) return "/";
  folder[length] = 0;
  char *removed = strstr(folder, " (deleted)");
  if (removed != NULL) *removed = 0;
  return folder;
}

static char *formatted(const char *format, ...) {
  va_list values;
  va_start(values, format);
  char *text = NULL;
  if (vasprintf(&text, format, values) < 0) text = NULL;
  va_end(values);
  return text;
}

/* node [--disable-sigusr1] --max-semi-space-size=1 cli.js run --beside ... FLAGS */
static char **arguments_of(char *node) {
  const struct options *options = its_options;
  int at = 0;
  char **made = calloc((size_t)options->flag_count + 24, sizeof *made);
  if (made == NULL) return NULL;
  made[at++] = node;
  if (!without_flag) made[at++] = "--disable-sigusr1";
  made[at++] = "--max-semi-space-size=1"; /* in MB: what lives shortly fits, and 6 MB of memory stay the machine's */
  made[at++] = formatted("%s/../../cli.js", own_folder());
  made[at++] = "run";
  made[at++] = "--beside";
  made[at++] = formatted("--id=%s", options->id);
  made[at++] = formatted("--agent-pid=%d", its_start.pid);
  made[at++] = formatted("--agent-start=%llu", (unsigned long long)its_start.start_ticks);
  made[at++] = formatted("--launcher-pid=%d", launcher);
  made[at++] = formatted("--launched-at=%lld", (long long)its_start.at_ms);
  made[at++] = formatted("--launch-error=%d", its_start.error);
  made[at++] = formatted("--cwd=%s", folder_of_agent());
  for (int i = 0; i < STREAMS; i++)
    if (streams[i].capture.name != NULL) made[at++] = formatted("--captures-%s", streams[i].capture.name);
  for (int i = 0; i < options->group_count; i++) made[at++] = formatted("--limit-group=%s", options->groups[i]);
  if (is_one_stream) made[at++] = "--captures-one";
  if (trace_flag() != NULL) made[at++] = trace_flag();
  for (int i = 0; i < options->flag_count; i++) made[at++] = options->flags[i];
  return made;
}

/* Not among its arguments: `pkill -f claude` means the agent. */
static int command_file(void) {
  int fd = memfd_create("command", MFD_CLOEXEC);
  for (char **word = its_options->command; fd >= 0 && *word != NULL; word++) write_all(fd, *word, strlen(*word) + 1);
  if (fd >= 0) lseek(fd, 0, SEEK_SET);
  return fd;
}

/* Descriptors: nothing of ours or of our caller's but the way to talk, and what it redacts. */
static void move_descriptors(int control) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  int from[] = {null, null, null, control, redacted_by_recorder[OUT], redacted_by_recorder[ERR], command_file()};
  enum { COUNT = sizeof from / sizeof *from };
  close_inherited();
  for (int i = 0; i < COUNT; i++)
    if (from[i] >= 0) from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 16);
  for (int i = 0; i < COUNT; i++) {
    if (from[i] < 0 || dup2(from[i], i) < 0) close(i);
  }
}

/*
 * It blocks every signal until Node takes the mask away at its start; those of real time Node leaves ignored, for the
 * others the recorder has handlers. What it starts itself gets an empty mask from libuv. NODE_OPTIONS is for the agent's own programs: an --inspect-brk there would stop it for ever.
 */
static void become_recorder(int control) {
  char *node = node_program(its_options);
  if (node == NULL || own_folder() == NULL) _exit(127);
  char **arguments = arguments_of(node);
  if (arguments == NULL) _exit(127);
  setsid();
  lower_own_chance_at_oom();
  if (chdir("/") != 0) _exit(127);
  move_descriptors(control);
  if (its_options->environment != NULL) environ = its_options->environment;
  unsetenv("NODE_OPTIONS");
  if (its_options->is_electron) setenv("ELECTRON_RUN_AS_NODE", "1", 1);
  for (int number = SIGRTMIN; number <= SIGRTMAX; number++) signal(number, SIG_IGN);
  set_mask(EVERY_SIGNAL & ~MASK_OF(SIGCHLD), NULL);
  signal(SIGCHLD, SIG_DFL);
  execv(node, arguments);
  _exit(127);
}

static void start(void) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return;
  recorder = fork();
  if (recorder == 0) become_recorder(ends[1]);
  close(ends[1]);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  recorder_fd = recorder < 0 ? -1 : ends[0];
  if (recorder < 0) close(ends[0]);
}

static void nobody_records(void) {
  is_unrecorded = true;
  for (int i = 0; i < STREAMS; i++)
    if (!is_handed_over) end_capture(&streams[i].capture, 0);
}

void start_recorder(const struct options *options, const struct agent_start *agent) {
  its_options = options;
  its_start = *agent;
  launcher = getpid();
  char *node = node_program(options);
  if (node == NULL) {
    say_to_terminal("session-diagnostics: The session is not recorded: Node was not found. Install Node 20 or newer, or put it on the PATH.");
  } else {
    start();
  }
  free(node);
  for (int i = 0; i < STREAMS; i++)
    if (redacted_by_recorder[i] >= 0) close(redacted_by_recorder[i]);
  if (recorder_fd < 0) nobody_records();
}

static void recorder_is_gone(void) {
  bool is_tried_again = !has_spoken && !without_flag && redacted_by_recorder[OUT] < 0 && redacted_by_recorder[ERR] < 0;
  stop_talking();
  if (is_tried_again) {
    without_flag = true;
    start();
    if (recorder_fd >= 0) send(recorder_fd, unheard, unheard_count, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  if (recorder_fd < 0 && !is_handed_over) nobody_records();
}

void stop_talking(void) {
  if (recorder_fd >= 0) close(recorder_fd);
  recorder_fd = -1;
}

void tell_recorder(const char *format, ...) {
  char line[512];
  va_list values;
  va_start(values, format);
  int length = vsnprintf(line, sizeof line, format, values);
  va_end(values);
  if (recorder_fd < 0 || length <= 0 || length >= (int)sizeof line) return;
  if (!has_spoken && unheard_count + (size_t)length <= sizeof unheard) {
    memcpy(unheard + unheard_count, line, (size_t)length);
    unheard_count += (size_t)length;
  }
  /* Its socket holds some hundred kilobytes; a recorder that reads nothing for so long is told no more. */
  ssize_t sent = send(recorder_fd, line, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent != length) stop_talking();
}

bool tell_byte_counts(void) {
  static uint64_t told[2 * STREAMS];
  static int64_t told_at;
  if (recorder_fd < 0) return false;
  uint64_t counts[2 * STREAMS];
  for (int i = 0; i < STREAMS; i++) {
    counts[i] = captured_bytes(&streams[i].capture);
    counts[STREAMS + i] = streams[i].capture.dropped;
  }
  if (memcmp(counts, told, sizeof counts) == 0) return false;
  if (now_ms() - told_at < BYTES_MS) return true;
  memcpy(told, counts, sizeof counts);
  told_at = now_ms();
  tell_recorder("bytes %llu %llu %llu %llu\n", (unsigned long long)counts[0], (unsigned long long)counts[1],
                (unsigned long long)counts[2], (unsigned long long)counts[3]);
  return false;
}

/* "DEVICE:INODE PATH" as the recorder made it: whoever can write above it may have another folder there by now. */
static int open_session(const char *said) {
  char *at;
  unsigned long long device = strtoull(said, &at, 10);
  unsigned long long inode = *at == ':' ? strtoull(at + 1, &at, 10) : 0;
  if (*at != ' ') return -1;
  struct stat found;
  int directory = open(at + 1, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  bool is_it = directory >= 0 && fstat(directory, &found) == 0 && found.st_uid == geteuid() &&
               found.st_dev == device && found.st_ino == inode;
  if (directory >= 0 && !is_it) close(directory);
  return is_it ? directory : -1;
}

/* The session's folder is there: what was kept without a name moves into it. */
static void hand_over(const char *said) {
  int directory = open_session(said);
  if (directory < 0) {
    nobody_records();
    return;
  }
  session_directory = directory;
  name_captures(directory);
  is_handed_over = true;
  tell_recorder("captured\n");
}

static void hear_line(char *line) {
  has_spoken = true;
  if (strncmp(line, "dir ", 4) == 0 && session_directory < 0) hand_over(line + 4);
  else if (strcmp(line, "off") == 0) nobody_records();
  else if (strncmp(line, "text ", 5) == 0) say_to_terminal(line + 5);
  else if (strncmp(line, "print ", 6) == 0) hear_print(line + 6);
  else if (strncmp(line, "code ", 5) == 0) hear_exit_code(line + 5);
  else if (strcmp(line, "done") == 0) is_published = true;
}

bool hear_recorder(void) {
  static char held[PATH_MAX + 1024];
  static size_t count;
  if (recorder_fd < 0) return false;
  ssize_t got = read(recorder_fd, held + count, sizeof held - 1 - count);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got <= 0) {
    count = 0;
    recorder_is_gone();
    return recorder_fd >= 0;
  }
  count += (size_t)got;
  held[count] = 0;
  char *from = held;
  for (char *end; (end = strchr(from, '\n')) != NULL; from = end + 1) {
    *end = 0;
    hear_line(from);
  }
  count = (size_t)(held + count - from);
  memmove(held, from, count);
  if (count == sizeof held - 1) count = 0;
  return true;
}

/*
 * The status stays in the session's folder until a recorder takes it: should ours be dead, whoever recovers the session
 * tells its true end.
 */
void note_exit(int status, int64_t at_ms) {
  static bool is_noted;
  if (session_directory < 0 || is_noted) return;
  is_noted = true;
  char text[96];
  int length = snprintf(text, sizeof text, "{\"wait_status\":%d,\"at_ms\":%lld}\n", status, (long long)at_ms);
  int fd = openat(session_directory, ".exit-status.json", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (!write_all(fd, text, (size_t)length) ||
      renameat(session_directory, ".exit-status.json", session_directory, "exit-status.json") != 0)
    unlinkat(session_directory, ".exit-status.json", 0);
  close(fd);
}
