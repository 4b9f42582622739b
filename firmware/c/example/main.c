/* Factorises a small matrix with the policy that ships, then finds the latents of new columns.
 *
 * It prints fingerprints of what it found: they are the same on every machine. */
#include "example.h"

enum { NEW_COLUMNS = 3 };

static uint8_t v[ROWS * COLUMNS];
static float latents[NEW_COLUMNS * RANK];
static TINYNMF_MEMORY(memory, TINYNMF_SIZE(ROWS, COLUMNS, RANK));
static TINYNMF_MEMORY(transform_memory, TINYNMF_TRANSFORM_SIZE(RANK));
static tinynmf_rule rule;

int main(void) {
  for (unsigned i = 0; i < ROWS; ++i) {
    for (unsigned j = 0; j < COLUMNS; ++j) v[i * COLUMNS + j] = reading(i, j);
  }
  const tinynmf_matrix matrix = {v, &TINYNMF_U8, ROWS, COLUMNS, 1.0f / 16.0f};
  tinynmf_settings settings = TINYNMF_DEFAULTS;
  settings.horizon = EPOCHS;

  size_t bytes;
  const uint8_t *policy = tinynmf_shipped_policy(&bytes);
  must(tinynmf_rule_learned(&rule, policy, bytes));
  tinynmf *nmf;
  must(tinynmf_init(&nmf, memory, sizeof memory, &matrix, RANK, &settings));

  float first, last;
  must(tinynmf_loss(nmf, &first));
  for (int epoch = 0; epoch < EPOCHS; ++epoch) must(tinynmf_epoch(nmf, &rule, NULL));
  must(tinynmf_loss(nmf, &last));
  print(last < 0.01f * first ? "converged\n" : "did not converge\n");
  print_number("loss", tinynmf_fingerprint(&last, 1));
  print_number("w", tinynmf_fingerprint(tinynmf_w(nmf), ROWS * RANK));
  print_number("h", tinynmf_fingerprint(tinynmf_h(nmf), COLUMNS * RANK));

  /* H alone, with W as found: the mode for devices that only watch. */
  static uint8_t fresh[ROWS * NEW_COLUMNS];
  for (unsigned i = 0; i < ROWS; ++i) {
    for (unsigned j = 0; j < NEW_COLUMNS; ++j) {
      fresh[i * NEW_COLUMNS + j] = reading(i, COLUMNS + j);
    }
  }
  const tinynmf_matrix columns = {fresh, &TINYNMF_U8, ROWS, NEW_COLUMNS, 1.0f / 16.0f};
  tinynmf_transform *transform;
  must(tinynmf_transform_init(&transform, transform_memory, sizeof transform_memory,
                              tinynmf_w(nmf), ROWS, RANK, NULL));
  must(tinynmf_transform_columns(transform, &rule, &columns, latents));
  print_number("latents", tinynmf_fingerprint(latents, NEW_COLUMNS * RANK));

  /* Once more with penalties: a sparse W, and no large entry in H. */
  settings.penalty_of_w.l1 = 2.0f;
  settings.penalty_of_h.l2 = 0.5f;
  must(tinynmf_init(&nmf, memory, sizeof memory, &matrix, RANK, &settings));
  for (int epoch = 0; epoch < EPOCHS; ++epoch) must(tinynmf_epoch(nmf, &rule, NULL));
  must(tinynmf_objective(nmf, &last));
  print_number("objective", tinynmf_fingerprint(&last, 1));
  print_number("sparse w", tinynmf_fingerprint(tinynmf_w(nmf), ROWS * RANK));
  return 0;
}
