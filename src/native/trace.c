/*
 * Where does the agent's own telemetry belong? Below a span of ours, where sessions are sent to an OpenTelemetry
 * receiver, and only there: then, and only then, the agent finds TRACEPARENT (W3C Trace Context) beside the mark. One
 * that is there already is the parent of ours.
 */
#include "native.h"
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define TRACE 32
#define SPAN 16

static const char ZEROS[TRACE + 1] = "00000000000000000000000000000000";

/* `TRACEPARENT=00-<32>-<16>-<2>`, and the same for the recorder with our parent's span in it. */
static char variable[80], flag[96];

static bool is_hex(const char *text, size_t count) { return strspn(text, "0123456789abcdef") >= count; }

static bool is_id(const char *text, size_t count) { return is_hex(text, count) && strncmp(text, ZEROS, count) != 0; }

/* `vv-<32>-<16>-<2>`; a version above 00 may have more behind a further hyphen. */
static bool is_parent(const char *text) {
  if (strnlen(text, 56) < 55 || strncmp(text, "ff", 2) == 0) return false;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-' || (text[55] != 0 && text[55] != '-')) return false;
  return is_hex(text, 2) && is_id(text + 3, TRACE) && is_id(text + 36, SPAN) && is_hex(text + 53, 2);
}

static bool random_hex(char *into, size_t digits) {
  unsigned char bytes[TRACE / 2];
  if (getrandom(bytes, digits / 2, 0) != (ssize_t)(digits / 2)) return false;
  for (size_t i = 0; i < digits / 2; i++) sprintf(into + 2 * i, "%02x", bytes[i]);
  return true;
}

static bool is_sent(const struct options *options, char **environment) {
  if (options->is_sent) return true;
  const char *endpoint = value_of(environment, "SESSION_DIAGNOSTICS_OTLP_ENDPOINT");
  return endpoint != NULL && (strncmp(endpoint, "http://", 7) == 0 || strncmp(endpoint, "https://", 8) == 0);
}

char **with_trace(const struct options *options, char **environment) {
  char trace[TRACE + 1], span[SPAN + 1];
  if (!is_sent(options, environment) || !random_hex(trace, TRACE) || !random_hex(span, SPAN)) return environment;
  const char *given = value_of(environment, "TRACEPARENT");
  bool has_parent = given != NULL && is_parent(given);
  if (has_parent) memcpy(trace, given + 3, TRACE);
  const char *flags = has_parent ? given + 53 : "01";
  snprintf(variable, sizeof variable, "TRACEPARENT=00-%s-%s-%.2s", trace, span, flags);
  snprintf(flag, sizeof flag, "--trace=%s-%s-%.16s-%.2s", trace, span, has_parent ? given + 36 : ZEROS, flags);
  return with_variable(environment, variable);
}

char *trace_flag(void) { return flag[0] == 0 ? NULL : flag; }
