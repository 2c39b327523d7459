/*
 * The launcher: `run` without Node in the way of the agent. Node resets ignored signals, raises limits, makes sockets
 * of pipes and cannot see real-time signals, so no care in TypeScript makes `run` the command itself. README.md tells
 * which process does what; each file here begins with the question that it answers.
 */
#ifndef NATIVE_H
#define NATIVE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* All 64 signals, a bit each: the sets of the C library leave out those that its threads use, and we have none. */
typedef uint64_t sigmask;
#define EVERY_SIGNAL (~(sigmask)0)
#define MASK_OF(number) ((sigmask)1 << ((number) - 1))
void set_mask(sigmask mask, sigmask *before);
void change_mask(int how, sigmask mask);

/* One a controller. */
#define MOST_GROUPS 3
/* What stands between `run` and `--`; options.c */
struct options {
  char id[129];
  bool captures, detaches, prints_json, redacts, is_quiet, is_no_ci;
  /* To an OpenTelemetry receiver, by the flag. */
  bool is_sent;
  bool asks_at_end, maps_exit;
  enum { STDIN_BY_AGENT, STDIN_INHERIT, STDIN_CLOSE } standard_input;
  /* Given on to the recorder as they came. */
  char **flags;
  int flag_count;
  char **command;
  /* Said by our own Node program, which was started first. */
  const char *node;
  bool through_node, under_node, is_electron, is_unchecked;
  /* Where Node would have lost bytes that are no UTF-8. */
  char **environment;
  /* Control groups that Node has made, which the agent is to start in. */
  const char *groups[MOST_GROUPS];
  int group_count;
};
/* False: Node says better than we can what is wrong with it. */
bool read_options(struct options *options, int argc, char **argv);

/* One stream of the agent: its pipe, whom we pass it on to, and what is kept of it; stream.c and capture.c */
struct capture {
  int fd; /* a nameless file, then <session>/stdout.log; or a pipe to the recorder, which redacts; -1: nothing is kept */
  bool is_pipe;
  const char *name; /* "stdout" */
  off_t size;
  uint64_t dropped;
  int64_t indexed_ms;
  int64_t refused_since_ms; /* 0: the recorder takes what it is given */
};

struct stream {
  int from; /* -1: at its end */
  int to;   /* -1: nobody */
  enum { TO_NOBODY, TO_PIPE, TO_SOCKET } to_kind;
  int along; /* a regular file that the agent writes itself: we read along */
  off_t along_at;
  size_t owed; /* passed on already and still in our pipe, for the capture */
  char *held;  /* taken from the pipe and not yet passed on (sockets) */
  size_t held_from, held_to, held_kept;
  uint64_t passed;
  bool waits_for_reader, waits_for_capture;
  struct capture capture;
};

enum { OUT, ERR, STREAMS };
extern struct stream streams[STREAMS];
/* Where the recorder reads what it redacts; -1 elsewhere. */
extern int redacted_by_recorder[STREAMS];
/* Both streams go to one place, and all is kept as stdout's. */
extern bool is_one_stream;

/* What the agent gets as descriptors 1 and 2; -1: what we had. */
struct agent_ends {
  int fd[STREAMS];
  bool is_shared;
};
void open_streams(const struct options *options, struct agent_ends *ends);
void give_copies(const struct agent_ends *ends);
bool stream_is_open(const struct stream *stream);
/* Passes on what can be without waiting; true when something moved. */
bool pass(struct stream *stream);
void read_along(struct stream *stream);
size_t unread_bytes(const struct stream *stream);
void close_reader(struct stream *stream);

void capture_nameless(struct capture *capture, const char *name);
void capture_into_pipe(struct capture *capture, const char *name, int fd);
/* Moves `owed` bytes of the pipe into the capture. */
void capture_from_pipe(struct stream *stream);
/* How much of it needs no second try; all but where the recorder redacts and is not ready. */
size_t capture_bytes(struct capture *capture, const char *bytes, size_t count);
void end_capture(struct capture *capture, int error);
/* From now on in the session's own directory. */
void name_captures(int directory);
uint64_t captured_bytes(const struct capture *capture);

/* Whether a signal that reached us has reached the agent by itself, because it went to the whole group; group.c */
void start_sentinel(char **command);
void release_sentinel(void);
extern pid_t sentinel;
bool was_for_group(int signal_number);
/* While we are stopped with the agent: somebody may continue it alone, and then continues us. */
void watch_stopped(pid_t stopped);

/* The recorder beside us; recorder.c */
struct agent_start {
  pid_t pid;   /* 0: it could not be started */
  int error;   /* why */
  uint64_t start_ticks; /* with the pid its identity */
  int64_t at_ms;
};
void start_recorder(const struct options *options, const struct agent_start *start);
void stop_talking(void);
extern int recorder_fd;
extern pid_t recorder;
extern bool is_published, is_handed_over, is_unrecorded;
void tell_recorder(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Reads what it says; false when it is gone. */
bool hear_recorder(void);
/* True when it is too early for news that there are. */
bool tell_byte_counts(void);
void note_exit(int status, int64_t at_ms);

/* What an agent's hooks call; always 0: nobody is failed by them; hook.c */
int hook(const char *event, char **environment);

extern char *program_name; /* main.c */

/* How processes end that are not our children; exit_of.c */
/* The ends of processes as the kernel tells them to who listens; events.c. -1: it tells us nothing. */
#define MOST_EVENTS 64
int events_open(void);
bool events_only_of(int fd, const pid_t *pids, int count);
bool events_next(int fd, pid_t *process, bool *is_first_thread, int *status);
bool events_only_execs(int fd);
bool events_next_exec(int fd, pid_t *process, bool *lost);

int exit_of(int count, char **identities);
/* Which processes of ours become a program whose command line has one of these words; births.c. -1: it is not told. */
int births_open(void);
pid_t births_next(int fd, int count, char **words, uint64_t *ticks);

/* What the agent is to find as we found it; start.c */
extern struct saved {
  sigmask mask;
  struct sigaction child;
  struct rlimit files, size;
  int terminal; /* a copy of our stderr where that is a terminal, for a sentence to the person; -1 elsewhere */
  int messages; /* a copy of it where the agent's end is told there, whatever it is; -1 elsewhere */
} saved;
void hold_places(void);
void save_surroundings(const struct options *options);
/* Returns 0, or why it could not be started. */
int start_agent(const struct options *options, const struct agent_ends *ends, char **environment);

/* hear.c */
void hear_signals(int signals_fd);
/* As the agent ended. */
void die_as(int status);
/* A bad end is, on a terminal. */
bool is_to_be_told(int status);

/* What was asked for with the agent's end: ask.c */
bool is_asked_at_end(const struct options *options);
/* How long the caller waits for them. */
int64_t publication_ms(void);
void hear_print(const char *text);
void hear_exit_code(const char *text);
/* As was asked, where the verdict says so; returns where the agent's own end stands. */
void end_as_asked(const struct options *options);

/* launch.c */
extern pid_t agent;
extern bool is_under_node;
extern bool has_ended;
void agent_ended(int status);
int launch(struct options *options, char **environment);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_to_terminal(const char *text);

/* `session-diagnostics signal ...`; 0: sent to one at least, 1: to none, 2: wrong usage, 3: this kernel has no pidfds */
int signal_processes(int argc, char **argv);

/* Small things; system.c */
/* With the pid a process's identity. */
uint64_t start_ticks_of(pid_t pid);
/* 0: it is gone, or the first of all. */
pid_t parent_of(pid_t pid, char *comm, size_t room);
int64_t now_ms(void);
int64_t clock_ms(void);
bool write_all(int fd, const char *bytes, size_t count);
struct day {
  int year, month, day;
};
struct day civil_day(int64_t seconds);
void timestamp(char *into, size_t room);
const char *own_folder(void);
/* Starts a program as a shell finds it; returns errno when that fails. */
int exec_found(char **command, char **environment);
const char *value_of(char **environment, const char *name);
char **with_variable(char **environment, const char *assignment);
/* With the parent of the agent's own spans, where there is to be one; what the recorder is told of it, or NULL; trace.c */
char **with_trace(const struct options *options, char **environment);
char *trace_flag(void);
void close_inherited(void);
void close_all_but(int kept);
/* Replaces us by Node and our own command line program; returns only when there is no Node. */
void become_node(const struct options *options, char **arguments, char **environment);
char *node_program(const struct options *options);
#endif
