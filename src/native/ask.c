/*
 * What the caller asked to have with the agent's end: our words on stderr, another exit code, files. Only for these does
 * `run` return later than the agent, and by two seconds at most unless it is told otherwise.
 */
#include "native.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A reader that takes nothing for so long gets nothing more. */
#define FULL_PIPE_MS 200

/* How the systems of continuous integration tell themselves; a test compares this with src/cli/ci/ciSystem.ts. */
static const char *const SYSTEMS[][2] = {
    {"GITHUB_ACTIONS", "true"}, {"GITLAB_CI", "true"}, {"BUILDKITE", "true"}, {"JENKINS_URL", ""}};

static bool is_known_system(void) {
  if (getenv("SESSION_DIAGNOSTICS_SESSION") != NULL) return false; /* that of the agent around us is told */
  for (size_t i = 0; i < sizeof SYSTEMS / sizeof *SYSTEMS; i++) {
    const char *value = getenv(SYSTEMS[i][0]), *expected = SYSTEMS[i][1];
    if (value != NULL && value[0] != 0 && (expected[0] == 0 || strcmp(value, expected) == 0)) return true;
  }
  return false;
}

bool is_asked_at_end(const struct options *options) {
  return options->asks_at_end || (!options->is_no_ci && is_known_system());
}

#define USUAL_SECONDS 2
#define MOST_SECONDS 600

/* A machine that is slow, or that must not miss an exit code, may give it longer. */
int64_t publication_ms(void) {
  const char *given = getenv("SESSION_DIAGNOSTICS_END_WAIT");
  int seconds = given == NULL || strspn(given, "0123456789") != strlen(given) ? 0 : atoi(given);
  return 1000 * (seconds < 1 ? USUAL_SECONDS : seconds > MOST_SECONDS ? MOST_SECONDS : seconds);
}

static int asked_code = -1;
static bool has_heard_code;

void hear_exit_code(const char *text) {
  has_heard_code = true;
  asked_code = text[0] == '-' ? -1 : atoi(text) & 255;
}

/* A pipe that can be written to has room for a line of ours: nobody's full pipe holds the caller up. */
void hear_print(const char *text) {
  struct pollfd at = {.fd = saved.messages, .events = POLLOUT};
  if (saved.messages < 0) return;
  if (poll(&at, 1, FULL_PIPE_MS) == 1 && (at.revents & POLLOUT)) {
    dprintf(saved.messages, "%s\n", text);
  } else {
    close(saved.messages);
    saved.messages = -1;
  }
}

void end_as_asked(const struct options *options) {
  if (!options->maps_exit || options->detaches) return;
  if (has_heard_code && asked_code >= 0) _exit(asked_code);
  if (!has_heard_code)
    hear_print("session-diagnostics: The verdict was not known in time, so --exit-map changed nothing.");
}
