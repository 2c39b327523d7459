/*
 * The agent's parent in the caller's place: starts it in the same group, session and terminal, with everything that we
 * were given, hands on the signals that were for it, passes its output on to the last byte, and ends as it ended.
 */
#include "native.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 250
#define PUBLICATION_MS 2000
/* A recorder that has made no folder by then makes none. */
#define HANDOVER_MS 60000
/* Small pieces that follow each other this closely are passed on together: a wake-up costs more than a line. */
#define CLOSE_NS 300000
#define SMALL_BYTES 4096
/* Signals are heard between them. */
#define MOST_PASSES 16
/* Of the parent's signals under a Node that hands on what the whole group got. */
#define TWICE_MS 250

struct saved saved = {.terminal = -1};

static pid_t agent;
static int signals_fd = -1;
static bool is_under_node;
/* To the process that waits until a detached agent runs, and prints its id. */
static int report_fd = -1;

/* The agent's end. */
static bool has_ended, is_drained, is_lingering;
static int agent_status;
static int64_t started_ms, ended_at_ms;
static uint64_t to_pass[STREAMS];

void say(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vdprintf(STDERR_FILENO, format, values);
  va_end(values);
}

void say_to_terminal(const char *text) {
  if (report_fd >= 0) dprintf(report_fd, "T%s\n", text);
  else if (saved.terminal >= 0) dprintf(saved.terminal, "%s\n", text);
}

/* A closed descriptor stays closed for the agent; until then nothing of ours may take its number. */
static void hold_places(void) {
  for (int fd = 0; fd < 3; fd++)
    if (fcntl(fd, F_GETFD) < 0) open("/dev/null", O_RDWR | O_CLOEXEC);
}

static void raise_limit(int which, const struct rlimit *now) {
  struct rlimit raised = {now->rlim_max, now->rlim_max};
  setrlimit(which, &raised);
}

static rlim_t soft_limit_of_parent(rlim_t hard) {
  struct rlimit of_parent;
  bool is_known = prlimit(getppid(), RLIMIT_NOFILE, NULL, &of_parent) == 0 && of_parent.rlim_max == hard;
  return is_known ? of_parent.rlim_cur : hard;
}

/* What the agent is to find as we found it. */
static void save_surroundings(const struct options *options) {
  set_mask(EVERY_SIGNAL, &saved.mask);
  struct sigaction usual = {.sa_handler = SIG_DFL};
  sigaction(SIGCHLD, &usual, &saved.child); /* ignored, it would have the kernel reap for us */
  getrlimit(RLIMIT_NOFILE, &saved.files);
  getrlimit(RLIMIT_FSIZE, &saved.size);
  raise_limit(RLIMIT_NOFILE, &saved.files);
  raise_limit(RLIMIT_FSIZE, &saved.size); /* the capture is not the agent's own file */
  if (options->through_node || options->under_node) {
    /* Node raised the soft limit, for itself, and ignores these two. */
    saved.files.rlim_cur = soft_limit_of_parent(saved.files.rlim_max);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
  }
  if (isatty(STDERR_FILENO) && !options->is_quiet) saved.terminal = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
}

/* Agents that wait for an open stdin to end, and are not meant to read it. A test compares this with the agents' table. */
static const char *const HANGS_ON_OPEN_STDIN[][2] = {{"codex", "exec"}, {"codex", "e"}};

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

static bool hangs_on_open_stdin(char **command) {
  for (size_t row = 0; row < sizeof HANGS_ON_OPEN_STDIN / sizeof *HANGS_ON_OPEN_STDIN; row++)
    for (int i = 0; i < 4 && command[i] != NULL; i++)
      if (strcmp(base_name(command[i]), HANGS_ON_OPEN_STDIN[row][0]) == 0)
        for (char **word = command + i + 1; *word != NULL; word++)
          if (strcmp(*word, HANGS_ON_OPEN_STDIN[row][1]) == 0) return true;
  return false;
}

/* What comes from a file or a pipe was meant for the agent. */
static bool closes_stdin(const struct options *options) {
  struct stat input;
  if (options->detaches || options->standard_input == STDIN_CLOSE) return true;
  if (options->standard_input == STDIN_INHERIT || fstat(STDIN_FILENO, &input) != 0) return false;
  return !S_ISREG(input.st_mode) && !S_ISFIFO(input.st_mode) && hangs_on_open_stdin(options->command);
}

static void put(int fd, int at) {
  if (fd >= 0) dup2(fd, at);
}

/* Before it is the agent, so that nothing of it is ever outside; false: it is not to run without its limits. */
static bool join_groups(const struct options *options) {
  for (int i = 0; i < options->group_count; i++) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/cgroup.procs", options->groups[i]) >= (int)sizeof path) return false;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool is_in = write(fd, "0", 1) == 1;
    close(fd);
    if (!is_in) return false;
  }
  return true;
}

static void become_agent(const struct options *options, const struct agent_ends *ends, char **environment, int report) {
  if (closes_stdin(options)) put(open("/dev/null", O_RDONLY), STDIN_FILENO);
  if (ends->fd[OUT] < 0 && options->detaches) put(open("/dev/null", O_WRONLY), STDOUT_FILENO);
  if (ends->fd[ERR] < 0 && options->detaches) put(open("/dev/null", O_WRONLY), STDERR_FILENO);
  put(ends->fd[OUT], STDOUT_FILENO);
  put(ends->is_shared ? ends->fd[OUT] : ends->fd[ERR], STDERR_FILENO);
  give_copies(ends);
  setrlimit(RLIMIT_NOFILE, &saved.files);
  setrlimit(RLIMIT_FSIZE, &saved.size);
  sigaction(SIGCHLD, &saved.child, NULL);
  set_mask(saved.mask, NULL);
  int error = join_groups(options) ? exec_found(options->command, environment) : errno;
  write_all(report, (char *)&error, sizeof error);
  _exit(127);
}

/* Returns 0, or why it could not be started. */
static int start_agent(const struct options *options, const struct agent_ends *ends, char **environment) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) report[0] = report[1] = -1;
  pid_t launcher = getpid();
  agent = fork();
  if (agent == 0) {
    /* Whoever kills us kills it, as without us. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != launcher) _exit(137);
    become_agent(options, ends, environment, report[1]);
  }
  int error = agent < 0 ? errno : 0;
  if (report[1] >= 0) close(report[1]);
  if (agent > 0 && report[0] >= 0 && read(report[0], &error, sizeof error) != sizeof error) error = 0;
  if (report[0] >= 0) close(report[0]);
  if (agent > 0 && error != 0) waitpid(agent, NULL, 0);
  return error;
}

static void die_as(int status) {
  if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
  int number = WTERMSIG(status);
  if (is_under_node && number >= 32) _exit(128 + number); /* Node would call a death by it a success */
  prctl(PR_SET_DUMPABLE, 0); /* the agent's memory is the one that was worth a core file */
  signal(number, SIG_DFL);
  kill(getpid(), number);
  change_mask(SIG_UNBLOCK, MASK_OF(number));
  _exit(128 + number); /* the first process of a container does not die of a signal */
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

static void agent_ended(int status) {
  has_ended = true;
  agent_status = status;
  ended_at_ms = clock_ms();
  tell_recorder("exit %d %lld %lld\n", status, (long long)ended_at_ms, (long long)(now_ms() - started_ms));
  note_exit(status, ended_at_ms);
  for (int i = 0; i < STREAMS; i++) to_pass[i] = streams[i].passed + unread_bytes(&streams[i]) - streams[i].owed;
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

static void hear_signals(void) {
  struct signalfd_siginfo heard[8];
  ssize_t got = read(signals_fd, heard, sizeof heard);
  for (size_t i = 0; got > 0 && i < (size_t)got / sizeof *heard; i++) hear_signal(&heard[i]);
  children_changed();
}

static bool has_passed_all(void) {
  for (int i = 0; i < STREAMS; i++) {
    const struct stream *stream = &streams[i];
    if (stream_is_open(stream) && (stream->passed < to_pass[i] || stream->owed > 0)) return false;
  }
  return true;
}

static bool has_open_stream(void) { return stream_is_open(&streams[OUT]) || stream_is_open(&streams[ERR]); }

static int64_t now_ns(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

static void pass_streams(void) {
  static int64_t passed_at;
  uint64_t before = streams[OUT].passed + streams[ERR].passed;
  for (int i = 0; i < STREAMS; i++)
    for (int tries = 0; tries < MOST_PASSES && pass(&streams[i]); tries++)
      if (unread_bytes(&streams[i]) == 0) break;
  uint64_t moved = streams[OUT].passed + streams[ERR].passed - before;
  if (moved == 0) return;
  int64_t at = now_ns();
  bool is_close = at - passed_at < CLOSE_NS;
  passed_at = at;
  if (moved < SMALL_BYTES && is_close && !has_ended) {
    const struct timespec pause = {0, CLOSE_NS};
    nanosleep(&pause, NULL);
    passed_at = now_ns();
  }
}

static bool counts_are_untold;

/* Waits until something is to be done; the streams that are ready are found by trying. */
static void wait_for_something(int64_t longest_ms) {
  struct pollfd at[2 + 3 * STREAMS];
  nfds_t count = 0;
  bool ticks = counts_are_untold;
  if (signals_fd >= 0) at[count++] = (struct pollfd){.fd = signals_fd, .events = POLLIN};
  if (recorder_fd >= 0) at[count++] = (struct pollfd){.fd = recorder_fd, .events = POLLIN};
  for (int i = 0; i < STREAMS; i++) {
    const struct stream *stream = &streams[i];
    bool waits = stream->waits_for_reader || stream->waits_for_capture;
    if (stream->along >= 0 && stream->capture.fd >= 0) ticks = true;
    if (stream->from >= 0 && !waits) at[count++] = (struct pollfd){.fd = stream->from, .events = POLLIN};
    /* Without events asked for it still tells of a reader that ended. */
    if (stream->to >= 0) at[count++] = (struct pollfd){.fd = stream->to, .events = stream->waits_for_reader ? POLLOUT : 0};
    if (stream->waits_for_capture) at[count++] = (struct pollfd){.fd = stream->capture.fd, .events = POLLOUT};
  }
  int timeout = ticks ? TICK_MS : -1;
  if (longest_ms >= 0 && (timeout < 0 || longest_ms < timeout)) timeout = (int)longest_ms;
  if (poll(at, count, timeout) <= 0) return;
  for (nfds_t i = 0; i < count; i++)
    for (int number = 0; number < STREAMS; number++)
      if (at[i].fd == streams[number].to && (at[i].revents & (POLLERR | POLLHUP))) close_reader(&streams[number]);
}

/* A detached session can be asked for by its id as soon as that is printed. */
static void report_started(void) {
  if (report_fd < 0 || !(is_handed_over || is_unrecorded || recorder_fd < 0)) return;
  write_all(report_fd, "S\n", 2);
  close(report_fd);
  report_fd = -1;
}

static void look_around(int64_t longest_ms) {
  wait_for_something(longest_ms);
  if (signals_fd >= 0) hear_signals();
  hear_recorder();
  pass_streams();
  for (int i = 0; i < STREAMS; i++) read_along(&streams[i]);
  counts_are_untold = tell_byte_counts();
  report_started();
}

static bool waits_for_recorder(void) { return recorder_fd >= 0 && !is_handed_over && !is_unrecorded; }

static void tell_drained(void) {
  if (is_drained || !has_passed_all()) return;
  is_drained = true;
  for (int i = 0; i < STREAMS; i++) {
    off_t before;
    do {
      before = streams[i].along_at;
      read_along(&streams[i]);
    } while (streams[i].along_at != before);
  }
  tell_recorder("drained %llu %llu %llu %llu\n", (unsigned long long)captured_bytes(&streams[OUT].capture),
                (unsigned long long)captured_bytes(&streams[ERR].capture),
                (unsigned long long)streams[OUT].capture.dropped, (unsigned long long)streams[ERR].capture.dropped);
}

/*
 * What the agent left behind may go on writing, and its output may still have no folder to be kept in: a process of its
 * own sees to both, so that the caller has the status now. Nothing of the caller's stays open in it for longer.
 */
static void linger(void) {
  if (!has_open_stream() && !waits_for_recorder()) return;
  pid_t child = fork();
  if (child != 0) return;
  is_lingering = true;
  setsid();
  prctl(PR_SET_NAME, "sd-linger");
  close(signals_fd);
  signals_fd = -1;
  if (saved.terminal >= 0) close(saved.terminal);
  saved.terminal = -1;
  int64_t until = now_ms() + HANDOVER_MS;
  while (has_open_stream() || (waits_for_recorder() && now_ms() < until)) {
    look_around(waits_for_recorder() ? HANDOVER_MS : -1);
    note_exit(agent_status, ended_at_ms);
  }
  _exit(0);
}

/* The caller asked for what comes with publication; or all of the container ends with us. */
static void wait_for_publication(void) {
  int64_t until = now_ms() + PUBLICATION_MS;
  while (recorder_fd >= 0 && !is_published && !is_unrecorded && now_ms() < until) {
    look_around(until - now_ms());
    note_exit(agent_status, ended_at_ms);
  }
}

static int supervise(void) {
  while (!has_ended) look_around(-1);
  while (!has_passed_all()) look_around(-1);
  tell_drained();
  release_sentinel();
  if (report_fd >= 0 || getpid() == 1) wait_for_publication();
  linger();
  die_as(agent_status);
  return 1;
}

/* As shells do: 127 for a command that is not there, 126 for one that may not be executed. */
static int code_of_failure(int error) { return error == ENOENT ? 127 : 126; }

static void say_failure(const char *program, int error) {
  if (error == ENOENT)
    say("session-diagnostics: %s: command not found. Is it installed, and on the PATH of this shell?\n", program);
  else if (error == EACCES)
    say("session-diagnostics: %s may not be executed: it is not executable, or a directory. chmod +x helps for a script.\n", program);
  else
    say("session-diagnostics: %s could not be started (%s).\n", program, strerror(error));
}

static int run_agent(const struct options *options, char **environment) {
  struct agent_ends ends;
  char *mark;
  if (asprintf(&mark, "SESSION_DIAGNOSTICS_SESSION=%s", options->id) < 0) return 1;
  is_under_node = options->under_node;
  hold_places();
  open_streams(options, &ends);
  start_sentinel(options->command);
  struct agent_start start = {.at_ms = clock_ms()};
  started_ms = now_ms();
  start.error = start_agent(options, &ends, with_variable(environment, mark));
  start.pid = start.error == 0 ? agent : 0;
  start.start_ticks = start_ticks_of(start.pid);
  for (int i = 0; i < STREAMS; i++)
    if (ends.fd[i] >= 0) close(ends.fd[i]);
  start_recorder(options, &start);
  if (start.error != 0) {
    if (report_fd >= 0) dprintf(report_fd, "E%d\n", start.error);
    else say_failure(options->command[0], start.error);
    release_sentinel();
    for (int i = 0; i < STREAMS; i++) close_reader(&streams[i]);
    has_ended = true;
    linger();
    return code_of_failure(start.error);
  }
  close_inherited();
  for (int fd = 0; fd < 3; fd++) close(fd);
  const sigmask all = EVERY_SIGNAL;
  signals_fd = (int)syscall(SYS_signalfd4, -1, &all, sizeof all, SFD_CLOEXEC | SFD_NONBLOCK);
  return supervise();
}

/* What the parent of a detached session prints, once it is told. */
static int print_started(const struct options *options, int from) {
  FILE *reports = fdopen(from, "r");
  char *line = NULL;
  size_t room = 0;
  int error = EIO;
  while (reports != NULL && getline(&line, &room, reports) > 0) {
    if (line[0] == 'T') say("%s", line + 1);
    if (line[0] == 'E') error = atoi(line + 1);
    if (line[0] == 'S') error = 0;
    if (line[0] != 'T') break;
  }
  dprintf(STDOUT_FILENO, options->prints_json ? "{\"id\":\"%s\",\"launched\":%s}\n" : "%s\n", options->id,
          error == 0 ? "true" : "false");
  if (error == 0) return 0;
  say_failure(options->command[0], error);
  return code_of_failure(error);
}

int launch(struct options *options, char **environment) {
  save_surroundings(options);
  if (options->environment != NULL) environment = options->environment;
  if (options->under_node) {
    /* It cannot be replaced, so it stands for us: whoever kills it kills the agent. */
    pid_t node = getppid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (node == 1 || getppid() != node) _exit(137);
  }
  if (!options->detaches) return run_agent(options, environment);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return 1;
  pid_t child = fork();
  if (child != 0) {
    close(ends[1]);
    set_mask(saved.mask, NULL);
    return child < 0 ? 1 : print_started(options, ends[0]);
  }
  close(ends[0]);
  report_fd = ends[1];
  setsid();
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  return run_agent(options, environment);
}
