/* What factorisations in fixed point do and refuse: run on the device and under sanitizers. */
#include "checks.h"

enum { ROWS = 12, COLUMNS = 9, RANK = 3 };

static uint8_t bytes[ROWS * COLUMNS];
static uint16_t words[ROWS * COLUMNS];
static int16_t shorts[ROWS * COLUMNS];
static TINYNMF_MEMORY(memory, TINYNMF_FIXED_SIZE(ROWS, COLUMNS, RANK));
static TINYNMF_MEMORY(moved, TINYNMF_FIXED_SIZE(ROWS, COLUMNS, RANK));
static TINYNMF_MEMORY(float_memory, TINYNMF_SIZE(ROWS, COLUMNS, RANK));
static tinynmf_rule rule, unset;

static tinynmf_matrix of(const void *entries, const tinynmf_type *type) {
  const tinynmf_matrix matrix = {entries, type, ROWS, COLUMNS, 0.5f};
  return matrix;
}

static tinynmf_fixed *start(const tinynmf_matrix *matrix) {
  tinynmf_fixed *fixed = NULL;
  DONE(tinynmf_fixed_init(&fixed, memory, sizeof memory, matrix, RANK, NULL));
  return fixed;
}

static void sizes(void) {
  EXPECT(tinynmf_fixed_size(ROWS, COLUMNS, RANK) == TINYNMF_FIXED_SIZE(ROWS, COLUMNS, RANK));
  EXPECT(tinynmf_fixed_size(3, 70, 2) == TINYNMF_FIXED_SIZE(3, 70, 2));
  EXPECT(tinynmf_fixed_size(257, 64, 11) == TINYNMF_FIXED_SIZE(257, 64, 11));
  EXPECT(tinynmf_fixed_size(UINT32_MAX, UINT32_MAX, UINT32_MAX) == SIZE_MAX);
  EXPECT(4 * tinynmf_fixed_size(256, 64, 10) < 3 * tinynmf_size(256, 64, 10));
}

/* Whatever the shape, no byte behind the stated size is touched. */
static void shapes(void) {
  static uint64_t space[TINYNMF_FIXED_SIZE(ROWS, COLUMNS, COLUMNS) / 8 + 2];
  unsigned char *const first = (unsigned char *)space;
  for (uint32_t m = 1; m <= ROWS; ++m) {
    for (uint32_t n = 1; n <= COLUMNS; ++n) {
      const uint32_t r = 1 + (m * n) % (m < n ? m : n);
      const size_t size = tinynmf_fixed_size(m, n, r);
      const tinynmf_matrix matrix = {bytes, &TINYNMF_FIXED_U8, m, n, 1.0f};
      for (size_t k = size; k < sizeof space; ++k) first[k] = 0xa5;
      tinynmf_fixed *fixed;
      DONE(tinynmf_fixed_init(&fixed, space, size, &matrix, r, NULL));
      DONE(tinynmf_fixed_epoch(fixed, &rule, NULL));
      DONE(tinynmf_fixed_epoch(fixed, &rule, NULL));
      int intact = 1;
      for (size_t k = size; k < sizeof space; ++k) intact &= first[k] == 0xa5;
      EXPECT(intact);
    }
  }
}

/* Every type and rule ends about as low as floats do. */
static void element_types(void) {
  const tinynmf_matrix in_floats = of(bytes, &TINYNMF_U8);
  const tinynmf_matrix matrices[] = {of(bytes, &TINYNMF_FIXED_U8), of(words, &TINYNMF_FIXED_U16),
                                     of(shorts, &TINYNMF_FIXED_I16)};
  static const uint32_t kinds[] = {TINYNMF_RULE_KIND_BOUND, TINYNMF_RULE_KIND_CAUCHY,
                                   TINYNMF_RULE_KIND_LIN};
  for (int kind = 0; kind < 3; ++kind) {
    static tinynmf_rule own;
    DONE(tinynmf_rule_init(&own, kinds[kind], kind == 2 ? 0.01f : 0.95f, 0.5f, 1.0f));
    tinynmf *nmf;
    float loss, first, last;
    DONE(tinynmf_init(&nmf, float_memory, sizeof float_memory, &in_floats, RANK, NULL));
    for (int epoch = 0; epoch < 30; ++epoch) DONE(tinynmf_epoch(nmf, &own, NULL));
    DONE(tinynmf_loss(nmf, &loss));
    for (int k = 0; k < 3; ++k) {
      tinynmf_record record;
      tinynmf_fixed *fixed = start(&matrices[k]);
      DONE(tinynmf_fixed_loss(fixed, &first));
      for (int epoch = 0; epoch < 30; ++epoch) DONE(tinynmf_fixed_epoch(fixed, &own, &record));
      DONE(tinynmf_fixed_loss(fixed, &last));
      EXPECT(record.w.outcome == TINYNMF_OUTCOME_STEPPED && record.h.rate > 0.0f);
      EXPECT(last < first && last < 1.02f * loss && last > 0.98f * loss);
    }
  }
}

/* Samples, mini-batches, penalties and an extrapolation end about as low as they do in floats.
 * The matrix has rank 3: without penalties the objective falls to the floor of 15 bits. */
static void samples_and_penalties(void) {
  const tinynmf_matrix in_floats = of(bytes, &TINYNMF_U8), in_integers = of(bytes, &TINYNMF_FIXED_U8);
  static tinynmf_rule own;
  for (int run = 0; run < 3; ++run) {
    tinynmf_settings settings = TINYNMF_DEFAULTS;
    if (run == 1) settings.batch = 0.6f;
    if (run == 2) {
      settings.penalty_of_w.l2 = 2.0f;
      settings.penalty_of_h.l1 = 0.5f;
    }
    const uint32_t kind = run == 0 ? TINYNMF_RULE_KIND_WIDENING : TINYNMF_RULE_KIND_SWEEPS;
    DONE(tinynmf_rule_init(&own, kind, run == 0 ? 1.0f : 1.3f, run == 0 ? 1.3f : 2.0f, 1.2f));
    tinynmf *nmf;
    tinynmf_fixed *fixed;
    float first, expected, found;
    DONE(tinynmf_init(&nmf, float_memory, sizeof float_memory, &in_floats, RANK, &settings));
    DONE(tinynmf_fixed_init(&fixed, memory, sizeof memory, &in_integers, RANK, &settings));
    DONE(tinynmf_fixed_objective(fixed, &first));
    const float rest = 1e-6f * first;
    for (int epoch = 0; epoch < 30; ++epoch) {
      DONE(tinynmf_epoch(nmf, &own, NULL));
      DONE(tinynmf_fixed_epoch(fixed, &own, NULL));
    }
    DONE(tinynmf_objective(nmf, &expected));
    DONE(tinynmf_fixed_objective(fixed, &found));
    EXPECT(found < 1.02f * expected + rest && found > 0.98f * expected - rest);
  }
}

static void factors(void) {
  const tinynmf_matrix v = of(bytes, &TINYNMF_FIXED_U8);
  tinynmf_fixed *fixed = start(&v);
  static float w[ROWS * RANK], h[COLUMNS * RANK];
  for (int k = 0; k < ROWS * RANK; ++k) w[k] = 1.0f + 0.1f * (float)(k % 5);
  for (int k = 0; k < COLUMNS * RANK; ++k) h[k] = 1.0f + 0.1f * (float)(k % 7);
  REFUSED(NULL, tinynmf_fixed_set(fixed, NULL, h));
  REFUSED(NULL, tinynmf_fixed_set(fixed, w, NULL));
  REFUSED(ALIGNMENT, tinynmf_fixed_set(fixed, askew(w), h));
  h[3] = -h[3];
  REFUSED(NEGATIVE, tinynmf_fixed_set(fixed, w, h));
  h[3] = -h[3];
  DONE(tinynmf_fixed_set(fixed, w, h));
  float unit_of_w = 0, unit_of_h = 0;
  const uint16_t *of_w = tinynmf_fixed_w(fixed, &unit_of_w);
  const uint16_t *of_h = tinynmf_fixed_h(fixed, &unit_of_h);
  for (int k = 0; k < ROWS * RANK; ++k) {
    const float error = (float)of_w[k] * unit_of_w - w[k];
    EXPECT(error < 1e-4f && error > -1e-4f);
  }
  for (int k = 0; k < COLUMNS * RANK; ++k) {
    const float error = (float)of_h[k] * unit_of_h - h[k];
    EXPECT(error < 1e-4f && error > -1e-4f);
  }
  EXPECT(tinynmf_fixed_w(fixed, NULL) == of_w && tinynmf_fixed_w(fixed, askew(&unit_of_w)) == NULL);
  EXPECT(tinynmf_fixed_h(NULL, NULL) == NULL);
}

static void objects(void) {
  tinynmf_fixed *fixed;
  const size_t size = TINYNMF_FIXED_SIZE(ROWS, COLUMNS, RANK);
  tinynmf_matrix v = of(bytes, &TINYNMF_FIXED_U8);
  REFUSED(ABI, (tinynmf_fixed_init)(TINYNMF_ABI + 1, &fixed, memory, size, &v, RANK, NULL));
  REFUSED(NULL, tinynmf_fixed_init(NULL, memory, size, &v, RANK, NULL));
  REFUSED(NULL, tinynmf_fixed_init(&fixed, NULL, size, &v, RANK, NULL));
  REFUSED(NULL, tinynmf_fixed_init(&fixed, memory, size, NULL, RANK, NULL));
  REFUSED(MEMORY, tinynmf_fixed_init(&fixed, memory, size - 1, &v, RANK, NULL));
  REFUSED(ALIGNMENT, tinynmf_fixed_init(&fixed, askew(memory), size, &v, RANK, NULL));
  REFUSED(RANK, tinynmf_fixed_init(&fixed, memory, size, &v, 0, NULL));
  REFUSED(RANK, tinynmf_fixed_init(&fixed, memory, size, &v, COLUMNS + 1, NULL));
  tinynmf_settings settings = TINYNMF_DEFAULTS;
  settings.batch = 1.5f;
  REFUSED(BATCH_SHARE, tinynmf_fixed_init(&fixed, memory, size, &v, RANK, &settings));
  settings = (tinynmf_settings)TINYNMF_DEFAULTS;
  settings.penalty_of_w.l2 = -0.1f;
  REFUSED(PARAMETER, tinynmf_fixed_init(&fixed, memory, size, &v, RANK, &settings));
  settings = (tinynmf_settings)TINYNMF_DEFAULTS;
  settings.penalty_of_h.l1 = -0.1f;
  REFUSED(PARAMETER, tinynmf_fixed_init(&fixed, memory, size, &v, RANK, &settings));

  /* Either arithmetic refuses the other's types. */
  tinynmf *nmf;
  tinynmf_matrix in_floats = of(bytes, &TINYNMF_U8);
  DONE(tinynmf_check(&v, NULL, NULL));
  REFUSED(TYPE, tinynmf_fixed_init(&fixed, memory, size, &in_floats, RANK, NULL));
  REFUSED(TYPE, tinynmf_init(&nmf, float_memory, sizeof float_memory, &v, RANK, NULL));
  DONE(tinynmf_init(&nmf, float_memory, sizeof float_memory, &in_floats, RANK, NULL));
  REFUSED(TYPE, tinynmf_set_data(nmf, &v));
  fixed = start(&v);
  REFUSED(TYPE, tinynmf_fixed_set_data(fixed, &in_floats));
  REFUSED(NOT_INITIALISED, tinynmf_fixed_epoch((tinynmf_fixed *)float_memory, &rule, NULL));
  tinynmf_matrix other = v;
  other.columns -= 1;
  REFUSED(SHAPE, tinynmf_fixed_set_data(fixed, &other));
  REFUSED(NULL, tinynmf_fixed_set_data(fixed, NULL));
  other = of(words, &TINYNMF_FIXED_U16);
  DONE(tinynmf_fixed_set_data(fixed, &other));

  float loss;
  REFUSED(NULL, tinynmf_fixed_epoch(NULL, &rule, NULL));
  REFUSED(NULL, tinynmf_fixed_epoch(fixed, NULL, NULL));
  REFUSED(NOT_INITIALISED, tinynmf_fixed_epoch(fixed, &unset, NULL));
  REFUSED(ALIGNMENT, tinynmf_fixed_epoch(fixed, &rule, askew(&loss)));
  REFUSED(NULL, tinynmf_fixed_loss(fixed, NULL));
  REFUSED(NULL, tinynmf_fixed_loss(NULL, &loss));
  REFUSED(NULL, tinynmf_fixed_objective(fixed, NULL));
  REFUSED(NULL, tinynmf_fixed_objective(NULL, &loss));
  __builtin_memcpy(moved, memory, sizeof memory);
  REFUSED(NOT_INITIALISED, tinynmf_fixed_epoch((tinynmf_fixed *)moved, &rule, NULL));
  DONE(tinynmf_fixed_epoch(fixed, &rule, NULL));
}

int main(void) {
  for (int k = 0; k < ROWS * COLUMNS; ++k) {
    const int i = k / COLUMNS, j = k % COLUMNS;
    shorts[k] = (int16_t)(i % 3 * (j % 4) + i % 5 * (j % 2) + 1 + k % 2);
    bytes[k] = (uint8_t)shorts[k];
    words[k] = (uint16_t)shorts[k];
  }
  DONE(tinynmf_rule_init(&rule, TINYNMF_RULE_KIND_BOUND, 0.95f, 0, 0));
  sizes();
  shapes();
  element_types();
  samples_and_penalties();
  factors();
  objects();
  return verdict();
}
