/* The matrix of main.c in fixed point, for cores without a floating-point unit. */
#include "example.h"

static uint8_t v[ROWS * COLUMNS];
static float w[ROWS * RANK], h[COLUMNS * RANK];
static TINYNMF_MEMORY(memory, TINYNMF_FIXED_SIZE(ROWS, COLUMNS, RANK));
static tinynmf_rule rule;

/* A factor as floats. */
static void convert(float *to, const uint16_t *entries, float unit, size_t count) {
  for (size_t k = 0; k < count; ++k) to[k] = (float)entries[k] * unit;
}

int main(void) {
  for (unsigned i = 0; i < ROWS; ++i) {
    for (unsigned j = 0; j < COLUMNS; ++j) v[i * COLUMNS + j] = reading(i, j);
  }
  const tinynmf_matrix matrix = {v, &TINYNMF_FIXED_U8, ROWS, COLUMNS, 1.0f / 16.0f};
  tinynmf_settings settings = TINYNMF_DEFAULTS;
  settings.horizon = EPOCHS;
  size_t bytes;
  const uint8_t *policy = tinynmf_shipped_policy(&bytes);
  must(tinynmf_rule_learned(&rule, policy, bytes));
  tinynmf_fixed *fixed;
  must(tinynmf_fixed_init(&fixed, memory, sizeof memory, &matrix, RANK, &settings));
  for (int epoch = 0; epoch < EPOCHS; ++epoch) must(tinynmf_fixed_epoch(fixed, &rule, NULL));

  float loss, unit;
  must(tinynmf_fixed_loss(fixed, &loss));
  const uint16_t *entries = tinynmf_fixed_w(fixed, &unit);
  convert(w, entries, unit, ROWS * RANK);
  entries = tinynmf_fixed_h(fixed, &unit);
  convert(h, entries, unit, COLUMNS * RANK);
  print_number("fixed loss", tinynmf_fingerprint(&loss, 1));
  print_number("fixed w", tinynmf_fingerprint(w, ROWS * RANK));
  print_number("fixed h", tinynmf_fingerprint(h, COLUMNS * RANK));
  return 0;
}
