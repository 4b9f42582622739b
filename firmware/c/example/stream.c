/* Learns W from columns of readings as they come; no column is held, and no H. */
#include "example.h"

enum { LENGTH = 300 };

static TINYNMF_MEMORY(memory, TINYNMF_ONLINE_SIZE(ROWS, RANK, TINYNMF_KEEP_PRODUCTS));
static tinynmf_rule rule;

int main(void) {
  size_t bytes;
  const uint8_t *policy = tinynmf_shipped_policy(&bytes);
  must(tinynmf_rule_learned(&rule, policy, bytes));
  tinynmf_online_settings settings = TINYNMF_ONLINE_DEFAULTS;
  settings.keep = TINYNMF_KEEP_PRODUCTS;
  settings.horizon = LENGTH;
  tinynmf_online *online;
  must(tinynmf_online_init(&online, memory, sizeof memory, ROWS, RANK, &settings));

  tinynmf_half_step step;
  for (unsigned t = 0; t < LENGTH; ++t) {
    /* A sensor's, say. The next one may be written over it. */
    uint8_t column[ROWS];
    for (unsigned i = 0; i < ROWS; ++i) column[i] = reading(i, t);
    must(tinynmf_online_u8(online, &rule, column, 1.0f / 16.0f, &step));
  }
  print_number("rate", tinynmf_fingerprint(&step.rate, 1));
  print_number("streamed w", tinynmf_fingerprint(tinynmf_online_w(online), ROWS * RANK));
  print_number("last h", tinynmf_fingerprint(tinynmf_online_h(online), RANK));
  return 0;
}
