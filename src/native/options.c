/*
 * Which flags stand between `run` and `--`, and are they plainly right? What is not, Node looks at first: it has the
 * words for what is wrong, and nothing has been started yet.
 */
#include "native.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* CHECKED: Node looks at it first, and makes what it asks for. */
enum kind { SWITCH, TEXT, NUMBER, SECONDS, ID, STREAM_WORD, ADDRESS, GUARD_WORD, CHECKED };

/* A test compares this table with the command line's own. */
static const struct {
  const char *name;
  enum kind kind;
} FLAGS[] = {
    {"id", ID},
    {"interval", SECONDS},
    {"timeout", SECONDS},
    {"grace", NUMBER},
    {"label", TEXT},
    {"log-dir", TEXT},
    {"max-sessions", NUMBER},
    {"otlp-endpoint", ADDRESS},
    {"on-end", TEXT},
    {"ci", SWITCH},
    {"no-ci", SWITCH},
    {"ci-text", SWITCH},
    {"exit-map", CHECKED},
    {"bundle", TEXT},
    {"junit", TEXT},
    {"stdin", STREAM_WORD},
    {"protect", SWITCH},
    {"guard", GUARD_WORD},
    {"reap-helpers", SWITCH},
    {"end-after-result", SECONDS},
    {"memory-limit", CHECKED},
    {"pids-limit", CHECKED},
    {"cpu-limit", CHECKED},
    {"no-capture", SWITCH},
    {"redact-output", SWITCH},
    {"detach", SWITCH},
    {"quiet", SWITCH},
    {"json", SWITCH},
};

static bool is_id(const char *text) {
  size_t length = strlen(text);
  if (length < 1 || length > 128 || !isalnum((unsigned char)text[0]) || strstr(text, "..") != NULL) return false;
  for (const char *at = text; *at != 0; at++)
    if (!isalnum((unsigned char)*at) && strchr("._-", *at) == NULL) return false;
  return true;
}

/* Digits and at most one point, at least `least` tenths; what is written in another way, Node reads. */
static bool is_number(const char *text, int least) {
  size_t whole = strspn(text, "0123456789");
  size_t part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
  if (whole < 1 || whole > 12 || text[whole + (text[whole] == '.') + part] != 0) return false;
  if (least == 0) return true;
  return strspn(text, "0") < whole || (part > 0 && text[whole + 1] != '0');
}

/* A plain address; whatever is less plain is Node's to judge. */
static bool is_address(const char *text) {
  const char *host = strncmp(text, "http://", 7) == 0 ? text + 7 : strncmp(text, "https://", 8) == 0 ? text + 8 : "";
  if (!isalnum((unsigned char)host[0])) return false;
  for (const char *at = host; *at != 0; at++)
    if (!isalnum((unsigned char)*at) && strchr(".-:/_", *at) == NULL) return false;
  const char *port = strchr(host, ':');
  return port == NULL || (isdigit((unsigned char)port[1]) && atoi(port + 1) < 65536 && strchr(port + 1, ':') == NULL &&
                          port[1 + strspn(port + 1, "0123456789")] != '.');
}

static bool is_right(enum kind kind, const char *value) {
  switch (kind) {
    case SWITCH:
    case CHECKED: return false;
    case TEXT: return value[0] != 0;
    case NUMBER: return is_number(value, 0);
    case SECONDS: return is_number(value, 1);
    case ID: return is_id(value);
    case STREAM_WORD: return strcmp(value, "inherit") == 0 || strcmp(value, "close") == 0;
    case ADDRESS: return is_address(value);
    case GUARD_WORD: return strcmp(value, "tell") == 0 || strcmp(value, "freeze") == 0 || strcmp(value, "end") == 0;
  }
  return false;
}

/* What is done with the end before the caller has it. */
static const char *const AT_THE_END[] = {"ci", "exit-map", "bundle", "junit", "on-end"};

static void take(struct options *options, const char *name, const char *value) {
  for (size_t i = 0; i < sizeof AT_THE_END / sizeof *AT_THE_END; i++)
    if (strcmp(name, AT_THE_END[i]) == 0) options->asks_at_end = true;
  if (strcmp(name, "exit-map") == 0) options->maps_exit = true;
  if (strcmp(name, "no-ci") == 0) options->is_no_ci = true;
  if (strcmp(name, "id") == 0) snprintf(options->id, sizeof options->id, "%s", value);
  if (strcmp(name, "no-capture") == 0) options->captures = false;
  if (strcmp(name, "detach") == 0) options->detaches = true;
  if (strcmp(name, "json") == 0) options->prints_json = true;
  if (strcmp(name, "quiet") == 0) options->is_quiet = true;
  if (strcmp(name, "redact-output") == 0) options->redacts = true;
  if (strcmp(name, "otlp-endpoint") == 0) options->is_sent = true;
  if (strcmp(name, "stdin") == 0) options->standard_input = value[0] == 'c' ? STDIN_CLOSE : STDIN_INHERIT;
}

static int digit_of(char hex) { return hex >= 'a' ? hex - 'a' + 10 : hex - '0'; }

/* Texts that end with a zero byte each, written in hex. */
static char **texts_of(const char *hex) {
  size_t length = strlen(hex) / 2, count = 0, at = 0;
  char *bytes = calloc(length + 1, 1);
  if (bytes == NULL) return NULL;
  for (size_t i = 0; i < length; i++) bytes[i] = (char)(digit_of(hex[2 * i]) * 16 + digit_of(hex[2 * i + 1]));
  for (size_t i = 0; i < length; i++) count += bytes[i] == 0;
  char **texts = calloc(count + 1, sizeof *texts);
  if (texts == NULL) return NULL;
  for (size_t i = 0; i < count; i++) {
    texts[i] = bytes + at;
    at += strlen(bytes + at) + 1;
  }
  return texts;
}

/* What our own Node program says of itself; never a person's. True when `flag` was one. */
static bool take_from_node(struct options *options, const char *flag) {
  if (strncmp(flag, "--through-node=", 15) == 0) {
    options->through_node = true;
    options->node = flag + 15;
  } else if (strncmp(flag, "--under-node=", 13) == 0) {
    options->under_node = true;
    options->node = flag + 13;
  } else if (strncmp(flag, "--with-node=", 12) == 0) { /* a script that started us itself: nothing of Node's to undo */
    options->node = flag + 12;
  } else if (strcmp(flag, "--electron") == 0) {
    options->is_electron = true;
  } else if (strcmp(flag, "--unchecked") == 0) {
    options->is_unchecked = true;
  } else if (strncmp(flag, "--limit-group=", 14) == 0 && options->group_count < MOST_GROUPS) {
    options->groups[options->group_count++] = flag + 14;
  } else if (strncmp(flag, "--command-bytes=", 16) == 0) {
    options->command = texts_of(flag + 16);
  } else if (strncmp(flag, "--environment-bytes=", 20) == 0) {
    options->environment = texts_of(flag + 20);
  } else {
    return false;
  }
  return true;
}

/* `sess-2026-03-01-4f9a1c07` */
static bool make_id(struct options *options) {
  unsigned random;
  if (getrandom(&random, sizeof random, 0) != sizeof random) return false;
  struct day day = civil_day(time(NULL));
  snprintf(options->id, sizeof options->id, "sess-%04d-%02d-%02d-%08x", day.year, day.month, day.day, random);
  return true;
}

/* One flag of the table, at `*at`; moves on over its value. */
static bool read_flag(struct options *options, int argc, char **argv, int *at) {
  const char *flag = argv[*at];
  if (strncmp(flag, "--", 2) != 0) return false;
  size_t length = strcspn(flag + 2, "=");
  for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
    if (strlen(FLAGS[i].name) != length || strncmp(FLAGS[i].name, flag + 2, length) != 0) continue;
    bool has_value = flag[2 + length] == '=';
    if (FLAGS[i].kind == SWITCH) {
      take(options, FLAGS[i].name, "");
      return !has_value;
    }
    const char *value = has_value ? flag + 3 + length : *at + 1 < argc ? argv[++*at] : "";
    if (!has_value && value[0] == '-') return false;
    /* Where Node has looked at them already: it knows more ways to write a number. */
    bool is_checked = options->node != NULL && !options->is_unchecked;
    if (!is_checked && !is_right(FLAGS[i].kind, value)) return false;
    take(options, FLAGS[i].name, value);
    return true;
  }
  return false;
}

bool read_options(struct options *options, int argc, char **argv) {
  *options = (struct options){.captures = true};
  int at = 0;
  while (at < argc && take_from_node(options, argv[at])) at++;
  options->flags = argv + at;
  for (; at < argc && strcmp(argv[at], "--") != 0; at++)
    if (!read_flag(options, argc, argv, &at)) return false;
  if (at + 1 >= argc || argv[at + 1][0] == 0) return false; /* no command */
  options->flag_count = (int)(argv + at - options->flags);
  if (options->command == NULL) options->command = argv + at + 1;
  return options->id[0] != 0 || make_id(options);
}
