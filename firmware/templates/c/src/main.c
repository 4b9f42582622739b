/* Learns W from windows of readings, and tells how far each window is from what W knew. */
#include "log.h"
#include "tinynmf.h"

enum { ROWS = 16, RANK = 2 };

/* Windows of a run; 0 goes on for ever. */
#ifndef WINDOWS
#define WINDOWS 0
#endif

static TINYNMF_MEMORY(memory, TINYNMF_ONLINE_SIZE(ROWS, RANK, TINYNMF_KEEP_PRODUCTS));
static tinynmf_rule rule;

/* The next reading, with 12 bits: put your converter here. Until then, two slopes whose strengths change. */
static uint16_t reading(unsigned window, unsigned k) {
  return (uint16_t)(16 * (window % 7 * k + window % 5 * (15 - k)));
}

/* Stops with a sentence if something was refused. */
static void must(tinynmf_error error) {
  if (error == TINYNMF_ERROR_NONE) return;
  log_text(tinynmf_error_string(error));
  log_text("\n");
  finish(1);
}

static void log_number(const char *name, uint32_t number) {
  char digits[12], *end = digits + sizeof digits - 1;
  *end = 0;
  do {
    *--end = (char)('0' + number % 10);
  } while (number /= 10);
  log_text(name);
  log_text(end);
}

int main(void) {
  const float scale = 1.0f / 4096.0f;
  must(tinynmf_rule_init(&rule, TINYNMF_RULE_KIND_SWEEPS, 1.0f, 1.0f, 0.0f));
  tinynmf_online *online;
  must(tinynmf_online_init(&online, memory, sizeof memory, ROWS, RANK, NULL));
  for (unsigned window = 0;; ++window) {
    uint16_t column[ROWS];
    for (unsigned k = 0; k < ROWS; ++k) column[k] = reading(window, k);
    must(tinynmf_online_u16(online, &rule, column, scale, NULL));
    float residual;
    must(tinynmf_online_residual(online, &residual));
    log_number("window ", window);
    log_number(": residual in millionths ", (uint32_t)(1e6f * residual));
    log_text("\n");
    if (window + 1 == WINDOWS) return 0;
  }
}
