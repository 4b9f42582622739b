/* Compiled, not run, by tests/tests/c.rs as every C and C++ from C99 and C++11 on: what the header must allow. */
#include "tinynmf.h"

enum { ROWS = 6, COLUMNS = 5, RANK = 2 };

static tinynmf_settings settings = TINYNMF_DEFAULTS;
static tinynmf_transform_settings transform_settings = TINYNMF_TRANSFORM_DEFAULTS;
static tinynmf_online_settings online_settings = TINYNMF_ONLINE_DEFAULTS;
static const tinynmf_penalty none = TINYNMF_NO_PENALTY;
static const uint8_t readings[ROWS * COLUMNS] = {1, 2, 3};
static const tinynmf_matrix v = {readings, &TINYNMF_U8, ROWS, COLUMNS, 0.5f};
static TINYNMF_MEMORY(memory, TINYNMF_SIZE(ROWS, COLUMNS, RANK));
static TINYNMF_MEMORY(transform_memory, TINYNMF_TRANSFORM_SIZE(RANK));
static TINYNMF_MEMORY(fixed_memory, TINYNMF_FIXED_SIZE(ROWS, COLUMNS, RANK));
static TINYNMF_MEMORY(online_memory, TINYNMF_ONLINE_SIZE(ROWS, RANK, TINYNMF_KEEP_PRODUCTS));
static tinynmf_rule rule;

const char *try_all(void);

const char *try_all(void) {
  tinynmf *nmf;
  tinynmf_fixed *fixed;
  tinynmf_transform *transform;
  tinynmf_online *online;
  size_t bytes;
  const uint8_t *policy = tinynmf_shipped_policy(&bytes);
  tinynmf_error error = tinynmf_rule_learned(&rule, policy, bytes);
  if (error == TINYNMF_ERROR_NONE) error = tinynmf_rule_init(&rule, TINYNMF_RULE_KIND_BOUND, 0.5f, 0, 0);
  settings.penalty_of_w = none;
  if (error == TINYNMF_ERROR_NONE) error = tinynmf_init(&nmf, memory, sizeof memory, &v, RANK, &settings);
  if (error == TINYNMF_ERROR_NONE) {
    error = tinynmf_transform_init(&transform, transform_memory, sizeof transform_memory, tinynmf_w(nmf), ROWS,
                                   RANK, &transform_settings);
  }
  if (error == TINYNMF_ERROR_NONE) {
    error = tinynmf_fixed_init(&fixed, fixed_memory, sizeof fixed_memory, &v, RANK, NULL);
  }
  if (error == TINYNMF_ERROR_NONE) {
    error = tinynmf_online_init(&online, online_memory, sizeof online_memory, ROWS, RANK, &online_settings);
  }
  return error == TINYNMF_ERROR_NONE ? TINYNMF_VERSION : tinynmf_error_string(error);
}
