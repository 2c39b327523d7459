/*
 * What is kept of the agent's output: at most 50 MiB of each stream, the oldest dropped, and the time at which it came.
 * It starts in a nameless file, because the agent does not wait for the recorder to make a folder, and moves into the
 * folder later. A capture that fails ends; the agent's output goes on.
 */
#include "native.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define CAP_BYTES (50L * 1024 * 1024)
/*
 * What stays is moved to the front, within the page cache, so only a quarter stays. Cutting the front off (ext4 and xfs
 * can, FALLOC_FL_COLLAPSE_RANGE) waits for the disk each time.
 */
#define KEPT_MOVED (CAP_BYTES / 4)
/* A time for a place in the output, at most this often for each stream. */
#define INDEX_MS 250
/* A recorder that has not taken a byte for so long hangs, and the agent must not: a busy machine starts Node in seconds. */
#define PATIENCE_MS 15000

static int index_fd = -1;
static off_t index_size;

static int nameless(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

void capture_nameless(struct capture *capture, const char *name) {
  *capture = (struct capture){.fd = nameless(name), .name = name};
  if (index_fd < 0) index_fd = nameless("output.index");
}

void capture_into_pipe(struct capture *capture, const char *name, int fd) {
  *capture = (struct capture){.fd = fd, .name = name, .is_pipe = true};
}

uint64_t captured_bytes(const struct capture *capture) { return capture->dropped + (uint64_t)capture->size; }

void end_capture(struct capture *capture, int error) {
  if (capture->fd < 0) return;
  close(capture->fd);
  capture->fd = -1;
  if (error != 0) tell_recorder("lost %s %d\n", capture->name, error);
}

static void add_to_index(struct capture *capture, bool has_dropped) {
  int64_t at = now_ms();
  if (index_fd < 0 || (!has_dropped && capture->indexed_ms != 0 && at - capture->indexed_ms < INDEX_MS)) return;
  capture->indexed_ms = at;
  char time[48], line[192], dropped[48] = "";
  timestamp(time, sizeof time);
  if (has_dropped) snprintf(dropped, sizeof dropped, ",\"dropped\":%llu", (unsigned long long)capture->dropped);
  int length = snprintf(line, sizeof line, "{\"ts\":\"%s\",\"stream\":\"%s\",\"offset\":%llu%s}\n", time, capture->name,
                        (unsigned long long)captured_bytes(capture), dropped);
  /* A torn line of a full disk is cut off again. */
  if (pwrite(index_fd, line, (size_t)length, index_size) == length) index_size += length;
  else if (ftruncate(index_fd, index_size) != 0) index_fd = -1;
}

/* Moves the newest part to the front. Nobody else writes this file. */
static bool move_to_front(struct capture *capture) {
  static char block[256 * 1024];
  off_t from = capture->size - KEPT_MOVED, kept = 0;
  while (from + kept < capture->size) {
    ssize_t got = pread(capture->fd, block, sizeof block, from + kept);
    if (got <= 0 || pwrite(capture->fd, block, (size_t)got, kept) != got) return false;
    kept += got;
  }
  if (ftruncate(capture->fd, kept) != 0) return false;
  capture->dropped += (uint64_t)from;
  capture->size = kept;
  return true;
}

static void drop_oldest(struct capture *capture) {
  if (!move_to_front(capture)) end_capture(capture, errno);
  else add_to_index(capture, true);
}

static void made_room(struct capture *capture, size_t count) {
  if (capture->fd >= 0 && !capture->is_pipe && capture->size + (off_t)count > CAP_BYTES) drop_oldest(capture);
}

/* True when the recorder has been waited for long enough: the capture has ended then. */
static bool gave_up(struct capture *capture) {
  int64_t now = now_ms();
  if (capture->refused_since_ms == 0) capture->refused_since_ms = now;
  if (now - capture->refused_since_ms < PATIENCE_MS) return false;
  end_capture(capture, ETIMEDOUT);
  return true;
}

size_t capture_bytes(struct capture *capture, const char *bytes, size_t count) {
  size_t kept = 0;
  made_room(capture, count);
  if (capture->fd >= 0) add_to_index(capture, false);
  while (kept < count && capture->fd >= 0) {
    size_t left = count - kept;
    ssize_t written = capture->is_pipe ? write(capture->fd, bytes + kept, left)
                                       : pwrite(capture->fd, bytes + kept, left, capture->size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      if (!gave_up(capture)) return kept;
    } else if (written <= 0) {
      end_capture(capture, written < 0 ? errno : ENOSPC);
    } else {
      capture->size += written;
      capture->refused_since_ms = 0;
      kept += (size_t)written;
    }
  }
  return count;
}

/* Takes what nobody keeps out of the pipe. */
static void discard(struct stream *stream) {
  char scrap[16 * 1024];
  while (stream->owed > 0) {
    ssize_t got = read(stream->from, scrap, stream->owed < sizeof scrap ? stream->owed : sizeof scrap);
    if (got <= 0) break;
    stream->owed -= (size_t)got;
  }
  stream->owed = 0;
}

void capture_from_pipe(struct stream *stream) {
  struct capture *capture = &stream->capture;
  stream->waits_for_capture = false;
  if (stream->owed > 0) {
    made_room(capture, stream->owed);
    if (capture->fd >= 0) add_to_index(capture, false);
  }
  while (stream->owed > 0 && capture->fd >= 0) {
    loff_t at = capture->size;
    ssize_t moved = splice(stream->from, NULL, capture->fd, capture->is_pipe ? NULL : &at, stream->owed,
                           SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (moved > 0) {
      capture->size += moved;
      capture->refused_since_ms = 0;
      stream->owed -= (size_t)moved;
    } else if (moved < 0 && errno == EINTR) {
      continue;
    } else if (moved < 0 && errno == EAGAIN && capture->is_pipe) {
      if (gave_up(capture)) break;
      stream->waits_for_capture = true; /* the recorder redacts, and the agent waits for it as it would for a reader */
      return;
    } else {
      end_capture(capture, moved < 0 ? errno : EIO);
    }
  }
  discard(stream);
}

/* True when all of `from` is in `to`, which is empty. */
static bool copied(int from, off_t size, int to) {
  off_t at = 0;
  while (at < size) {
    ssize_t moved = sendfile(to, from, &at, (size_t)(size - at));
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return false;
  }
  return true;
}

static int named(int directory, const char *file) {
  return openat(directory, file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static void name_capture(struct capture *capture, int directory) {
  if (capture->fd < 0 || capture->is_pipe) return;
  char file[32];
  snprintf(file, sizeof file, "%s.log", capture->name);
  int fd = named(directory, file);
  if (fd < 0 || !copied(capture->fd, capture->size, fd)) {
    int error = errno;
    if (fd >= 0) close(fd);
    end_capture(capture, error);
    return;
  }
  close(capture->fd);
  capture->fd = fd;
}

void name_captures(int directory) {
  for (int i = 0; i < STREAMS; i++) name_capture(&streams[i].capture, directory);
  if (index_fd < 0) return;
  int fd = named(directory, "output.index");
  if (fd >= 0 && !copied(index_fd, index_size, fd)) {
    close(fd);
    fd = -1;
  }
  close(index_fd);
  index_fd = fd;
}
