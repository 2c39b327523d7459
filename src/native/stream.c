/*
 * How does what the agent writes reach whom it was for? A file or a terminal the agent gets as it is. Where we were
 * given a pipe it gets a real pipe of its own, whose bytes we duplicate to the reader and then move into the capture:
 * a slow reader makes the agent wait, a reader that ends gives it SIGPIPE, `/dev/stdout` can be opened.
 */
#include "native.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than a pipe holds: the kernel moves what is there. */
#define MOST_BYTES (1024 * 1024)
#define HELD_BYTES (64 * 1024)
/* A file that grows faster than we read along is caught up with in steps, so that signals are heard between them. */
#define ALONG_BYTES (8L * 1024 * 1024)

struct stream streams[STREAMS] = {
    {.from = -1, .to = -1, .along = -1, .capture = {.fd = -1}},
    {.from = -1, .to = -1, .along = -1, .capture = {.fd = -1}},
};

int redacted_by_recorder[STREAMS] = {-1, -1};
bool is_one_stream;
static const char *const NAMES[STREAMS] = {"stdout", "stderr"};

/* A pipe, or what else the agent would have had there: a socket. */
static bool opened_pair(bool is_socket, int ends[2]) {
  if (is_socket) return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
  return pipe2(ends, O_CLOEXEC) == 0;
}

/* Ours is read without waiting; the agent's blocks as the one that we were given does. */
static bool put_between(struct stream *stream, int fd, int *agent_end, bool is_socket) {
  int ends[2];
  int to = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (to < 0) return false;
  if (!opened_pair(is_socket, ends)) {
    close(to);
    return false;
  }
  if (is_socket) shutdown(ends[0], SHUT_WR);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  if (fcntl(fd, F_GETFL) & O_NONBLOCK) fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) | O_NONBLOCK);
  stream->from = ends[0];
  stream->to = to;
  stream->to_kind = is_socket ? TO_SOCKET : TO_PIPE;
  *agent_end = ends[1];
  return true;
}

/* Nobody reads what a detached agent prints: it is only kept. */
static bool keep_only(struct stream *stream, int *agent_end) {
  int ends[2];
  if (!opened_pair(false, ends)) return false;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  stream->from = ends[0];
  *agent_end = ends[1];
  return true;
}

static bool is_same_place(int one, int other) {
  struct stat a, b;
  return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The file that the agent will write, from where it will write. */
static void follow_file(struct stream *stream, int fd) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  stream->along = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (stream->along < 0) return; /* a file that may only be written: nothing is kept of it */
  bool appends = fcntl(fd, F_GETFL) & O_APPEND;
  stream->along_at = lseek(fd, 0, appends ? SEEK_END : SEEK_CUR);
  if (appends) stream->along_at = lseek(stream->along, 0, SEEK_END);
}

static void open_stream(int number, const struct options *options, struct agent_ends *ends) {
  struct stream *stream = &streams[number];
  int fd = number + 1;
  struct stat at;
  bool is_kept = false;
  if (options->detaches) {
    is_kept = keep_only(stream, &ends->fd[number]);
  } else if (fstat(fd, &at) != 0 || (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0) {
    return; /* closed, and so it stays */
  } else if (S_ISFIFO(at.st_mode) || S_ISSOCK(at.st_mode)) {
    is_kept = put_between(stream, fd, &ends->fd[number], S_ISSOCK(at.st_mode));
  } else if (S_ISREG(at.st_mode)) {
    follow_file(stream, fd);
    is_kept = stream->along >= 0;
  }
  if (!is_kept) return;
  int to_recorder[2];
  if (!options->redacts) {
    capture_nameless(&stream->capture, NAMES[number]);
  } else if (pipe2(to_recorder, O_CLOEXEC) == 0) {
    fcntl(to_recorder[1], F_SETFL, O_NONBLOCK);
    capture_into_pipe(&stream->capture, NAMES[number], to_recorder[1]);
    redacted_by_recorder[number] = to_recorder[0];
  }
}

void open_streams(const struct options *options, struct agent_ends *ends) {
  *ends = (struct agent_ends){.fd = {-1, -1}};
  if (!options->captures) return;
  open_stream(OUT, options, ends);
  /* Both to one place: one pipe serves both, and the order holds. */
  is_one_stream = !options->detaches && streams[OUT].capture.fd >= 0 && is_same_place(1, 2);
  if (is_one_stream) ends->is_shared = streams[OUT].from >= 0;
  else open_stream(ERR, options, ends);
}

/* Scripts keep a second way to their stdout (`exec 3>&1`): it is the same pipe for the agent, or the order breaks. */
void give_copies(const struct agent_ends *ends) {
  DIR *listing = opendir("/proc/self/fd");
  if (listing == NULL) return;
  int own = dirfd(listing);
  for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
    int fd = atoi(entry->d_name);
    if (entry->d_name[0] == '.' || fd < 3 || fd == own || fcntl(fd, F_GETFD) != 0) continue;
    if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY) continue;
    for (int i = 0; i < STREAMS; i++)
      if (ends->fd[i] >= 0 && streams[i].to >= 0 && is_same_place(fd, streams[i].to)) {
        dup2(ends->fd[i], fd);
        break;
      }
  }
  closedir(listing);
}

bool stream_is_open(const struct stream *stream) { return stream->from >= 0; }

size_t unread_bytes(const struct stream *stream) {
  int count = 0;
  if (stream->from < 0 || ioctl(stream->from, FIONREAD, &count) != 0) return 0;
  return (size_t)count + (stream->held_to - stream->held_from);
}

/* The agent meets its broken pipe itself, at its next write, as it would without us. */
void close_reader(struct stream *stream) {
  if (stream->from >= 0 && stream->to_kind == TO_PIPE) { /* what it had written is kept all the same */
    stream->owed = unread_bytes(stream);
    capture_from_pipe(stream);
  }
  if (stream->from >= 0) close(stream->from);
  if (stream->to >= 0) close(stream->to);
  stream->from = stream->to = -1;
  stream->owed = stream->held_from = stream->held_to = stream->held_kept = 0;
  stream->waits_for_reader = stream->waits_for_capture = false;
}

/* What is duplicated to the reader stays in our pipe, owed to the capture. */
static ssize_t duplicate(struct stream *stream) {
  if (stream->capture.fd < 0) return splice(stream->from, NULL, stream->to, NULL, MOST_BYTES, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  ssize_t count = tee(stream->from, stream->to, MOST_BYTES, SPLICE_F_NONBLOCK);
  if (count > 0) stream->owed = (size_t)count;
  return count;
}

static bool pass_to_pipe(struct stream *stream) {
  ssize_t count = duplicate(stream);
  if (count > 0) {
    stream->passed += (uint64_t)count;
    capture_from_pipe(stream);
    return true;
  }
  if (count == 0 || errno == EPIPE) {
    close_reader(stream);
    return true;
  }
  /* Neither: the pipe is empty, or the reader's is full. */
  stream->waits_for_reader = errno == EAGAIN && unread_bytes(stream) > 0;
  return errno == EINTR;
}

/* A failure other than a full buffer breaks our end too. */
static bool send_held(struct stream *stream) {
  while (stream->held_from < stream->held_to) {
    ssize_t sent = send(stream->to, stream->held + stream->held_from, stream->held_to - stream->held_from,
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      stream->waits_for_reader = true;
      return false;
    }
    if (sent < 0) {
      close_reader(stream);
      return true;
    }
    stream->held_from += (size_t)sent;
    stream->passed += (uint64_t)sent;
  }
  stream->waits_for_reader = false;
  return true;
}

/* False: the recorder, which redacts, is not ready for it. */
static bool keep_held(struct stream *stream) {
  size_t left = stream->held_to - stream->held_kept;
  if (left > 0) stream->held_kept += capture_bytes(&stream->capture, stream->held + stream->held_kept, left);
  stream->waits_for_capture = stream->capture.fd >= 0 && stream->held_kept < stream->held_to;
  return !stream->waits_for_capture;
}

static bool pass_to_socket(struct stream *stream) {
  if (!keep_held(stream)) return false;
  if (stream->held_from < stream->held_to) return send_held(stream);
  if (stream->held == NULL && (stream->held = malloc(HELD_BYTES)) == NULL) return false;
  ssize_t got = read(stream->from, stream->held, HELD_BYTES);
  if (got < 0) return errno == EINTR;
  if (got == 0) {
    close_reader(stream);
    return true;
  }
  stream->held_from = stream->held_kept = 0;
  stream->held_to = (size_t)got;
  keep_held(stream);
  send_held(stream);
  return true;
}

static bool pass_to_nobody(struct stream *stream) {
  size_t count = unread_bytes(stream);
  if (count == 0) {
    char none; /* empty, or at its end: only reading tells */
    ssize_t got = read(stream->from, &none, 1);
    if (got < 0) return false;
    if (got == 0) close_reader(stream);
    else stream->passed += capture_bytes(&stream->capture, &none, 1);
    return true;
  }
  stream->owed = count;
  stream->passed += count;
  capture_from_pipe(stream);
  return true;
}

bool pass(struct stream *stream) {
  if (stream->from < 0) return false;
  if (stream->owed > 0) {
    capture_from_pipe(stream);
    if (stream->waits_for_capture) return false;
  }
  stream->waits_for_reader = false;
  switch (stream->to_kind) {
    case TO_NOBODY: return pass_to_nobody(stream);
    case TO_PIPE: return pass_to_pipe(stream);
    case TO_SOCKET: return pass_to_socket(stream);
  }
  return false;
}

void read_along(struct stream *stream) {
  static char block[256 * 1024];
  struct stat now;
  if (stream->along < 0 || stream->capture.fd < 0 || fstat(stream->along, &now) != 0) return;
  if (now.st_size < stream->along_at) stream->along_at = now.st_size; /* somebody emptied it */
  off_t until = now.st_size < stream->along_at + ALONG_BYTES ? now.st_size : stream->along_at + ALONG_BYTES;
  while (stream->along_at < until) {
    off_t left = until - stream->along_at;
    ssize_t got = pread(stream->along, block, left < (off_t)sizeof block ? (size_t)left : sizeof block, stream->along_at);
    if (got <= 0) return;
    size_t kept = capture_bytes(&stream->capture, block, (size_t)got);
    stream->along_at += (off_t)kept;
    if (kept < (size_t)got) return;
  }
}
