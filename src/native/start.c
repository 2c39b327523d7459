/*
 * How the agent comes to be: what is kept for it from before our own changes, its descriptors, and the program itself.
 */
#include "native.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct saved saved = {.terminal = -1, .messages = -1};

/* A closed descriptor stays closed for the agent; until then nothing of ours may take its number. */
void hold_places(void) {
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
void save_surroundings(const struct options *options) {
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
  if (is_asked_at_end(options) && !options->detaches) saved.messages = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
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
int start_agent(const struct options *options, const struct agent_ends *ends, char **environment) {
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
