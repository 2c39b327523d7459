/*
 * The native entry: `run` is done here, and `signal` and `exit-of` for our own recorder, `hook` for agents; everything else by our Node
 * program beside us.
 */
#include "native.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *program_name;

/* Node looks at what we do not take: it has the words for what is wrong, and the rest of the commands. */
static int leave_to_node(const struct options *options, int argc, char **argv, char **environment) {
  char **arguments = calloc((size_t)argc + 2, sizeof *arguments);
  if (arguments == NULL) return 1;
  bool is_run = argc > 1 && strcmp(argv[1], "run") == 0;
  int at = 0;
  if (is_run) {
    arguments[at++] = "run";
    arguments[at++] = "--check-first";
  }
  char **from = is_run ? options->flags : argv + 1;
  for (; *from != NULL; from++) arguments[at++] = *from;
  if (options->node == NULL || options->is_unchecked) become_node(options, arguments, environment); /* not round in circles */
  say("session-diagnostics: Node 20 or newer was not found on the PATH; only plain `run` works without it.\n");
  return 1;
}

int main(int argc, char **argv, char **environment) {
  struct options options = {0};
  program_name = argv[0];
  if (argc > 1 && strcmp(argv[1], "signal") == 0) return signal_processes(argc - 2, argv + 2);
  if (argc > 1 && strcmp(argv[1], "exit-of") == 0) return exit_of(argc - 2, argv + 2);
  if (argc == 3 && strcmp(argv[1], "hook") == 0) return hook(argv[2], environment);
  if (argc < 2 || strcmp(argv[1], "run") != 0 || !read_options(&options, argc - 2, argv + 2))
    return leave_to_node(&options, argc, argv, environment);
  return launch(&options, environment);
}
