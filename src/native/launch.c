/*
 * The agent's parent in the caller's place: starts it in the same group, session and terminal, with everything that we
 * were given, hands on the signals that were for it, passes its output on to the last byte, and ends as it ended.
 */
#include "native.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 250
/* A person who waits for the prompt may wait this long to be told why there was a bad end. */
#define TOLD_MS 1500
/* A recorder that has made no folder by then makes none. */
#define HANDOVER_MS 60000
/* Small pieces that follow each other this closely are passed on together: a wake-up costs more than a line. */
#define CLOSE_NS 300000
#define SMALL_BYTES 4096
/* Signals are heard between them. */
#define MOST_PASSES 16

pid_t agent;
bool is_under_node;
static int signals_fd = -1;
/* To the process that waits until a detached agent runs, and prints its id. */
static int report_fd = -1;

/* The agent's end. */
bool has_ended;
static bool has_told_end, is_drained, is_lingering;
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
  has_told_end = has_ended;
  if (report_fd >= 0) dprintf(report_fd, "T%s\n", text);
  else if (saved.terminal >= 0) dprintf(saved.terminal, "%s\n", text);
}

void agent_ended(int status) {
  has_ended = true;
  agent_status = status;
  ended_at_ms = clock_ms();
  tell_recorder("exit %d %lld %lld\n", status, (long long)ended_at_ms, (long long)(now_ms() - started_ms));
  note_exit(status, ended_at_ms);
  for (int i = 0; i < STREAMS; i++) to_pass[i] = streams[i].passed + unread_bytes(&streams[i]) - streams[i].owed;
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
    if ((stream->along >= 0 && stream->capture.fd >= 0) || stream->waits_for_capture) ticks = true;
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
  if (signals_fd >= 0) hear_signals(signals_fd);
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
  if (saved.messages >= 0) close(saved.messages);
  saved.terminal = saved.messages = -1;
  int64_t until = now_ms() + HANDOVER_MS;
  while (has_open_stream() || (waits_for_recorder() && now_ms() < until)) {
    look_around(waits_for_recorder() ? HANDOVER_MS : -1);
    note_exit(agent_status, ended_at_ms);
  }
  _exit(0);
}

/* The caller asked for what comes with publication; or all of the container ends with us. */
static void wait_for_publication(int64_t longest_ms, const bool *is_enough) {
  int64_t until = now_ms() + longest_ms;
  while (recorder_fd >= 0 && !is_published && !*is_enough && !is_unrecorded && now_ms() < until) {
    look_around(until - now_ms());
    note_exit(agent_status, ended_at_ms);
  }
}

static int supervise(const struct options *options) {
  while (!has_ended) look_around(-1);
  while (!has_passed_all()) look_around(-1);
  tell_drained();
  release_sentinel();
  if (report_fd >= 0 || getpid() == 1 || is_asked_at_end(options)) wait_for_publication(publication_ms(), &is_published);
  else if (is_to_be_told(agent_status)) wait_for_publication(TOLD_MS, &has_told_end);
  linger();
  end_as_asked(options);
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
  start.error = start_agent(options, &ends, with_trace(options, with_variable(environment, mark)));
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
    tell_drained();
    if (is_asked_at_end(options)) wait_for_publication(publication_ms(), &is_published);
    linger();
    end_as_asked(options);
    return code_of_failure(start.error);
  }
  close_inherited();
  for (int fd = 0; fd < 3; fd++) close(fd);
  const sigmask all = EVERY_SIGNAL;
  signals_fd = (int)syscall(SYS_signalfd4, -1, &all, sizeof all, SFD_CLOEXEC | SFD_NONBLOCK);
  return supervise(options);
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
