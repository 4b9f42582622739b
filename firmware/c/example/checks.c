/* What the library refuses, and that it goes on afterwards: run on the device and under sanitizers. */
#include "checks.h"

enum { ROWS = 12, COLUMNS = 9, RANK = 3 };

static uint8_t bytes[ROWS * COLUMNS];
static uint16_t words[ROWS * COLUMNS];
static int16_t shorts[ROWS * COLUMNS];
static float floats[ROWS * COLUMNS];
static float latents[COLUMNS * RANK];
static TINYNMF_MEMORY(memory, TINYNMF_SIZE(ROWS, COLUMNS, RANK));
static TINYNMF_MEMORY(moved, TINYNMF_SIZE(ROWS, COLUMNS, RANK));
static TINYNMF_MEMORY(columns_memory, TINYNMF_TRANSFORM_SIZE(RANK));
static tinynmf_rule rule, unset;

static tinynmf_matrix of(const void *entries, const tinynmf_type *type) {
  const tinynmf_matrix matrix = {entries, type, ROWS, COLUMNS, 0.5f};
  return matrix;
}

static tinynmf *start(const tinynmf_matrix *matrix) {
  tinynmf *nmf = NULL;
  DONE(tinynmf_init(&nmf, memory, sizeof memory, matrix, RANK, NULL));
  return nmf;
}

static void sizes(void) {
  EXPECT(tinynmf_size(ROWS, COLUMNS, RANK) == TINYNMF_SIZE(ROWS, COLUMNS, RANK));
  EXPECT(tinynmf_size(3, 70, 2) == TINYNMF_SIZE(3, 70, 2));
  EXPECT(tinynmf_size(256, 64, 10) == TINYNMF_SIZE(256, 64, 10));
  EXPECT(tinynmf_size(UINT32_MAX, UINT32_MAX, UINT32_MAX) == SIZE_MAX);
  EXPECT(tinynmf_transform_size(RANK) == TINYNMF_TRANSFORM_SIZE(RANK));
  EXPECT(tinynmf_transform_size(17) == TINYNMF_TRANSFORM_SIZE(17));
}

/* Whatever the shape, no byte behind the stated size is touched. */
static void shapes(void) {
  static uint64_t space[TINYNMF_SIZE(ROWS, COLUMNS, COLUMNS) / 8 + 2];
  unsigned char *const first = (unsigned char *)space;
  tinynmf_settings settings = TINYNMF_DEFAULTS;
  for (uint32_t m = 1; m <= ROWS; ++m) {
    for (uint32_t n = 1; n <= COLUMNS; ++n) {
      const uint32_t r = 1 + (m * n) % (m < n ? m : n);
      const size_t size = tinynmf_size(m, n, r);
      const tinynmf_matrix matrix = {bytes, &TINYNMF_U8, m, n, 1.0f};
      for (size_t k = size; k < sizeof space; ++k) first[k] = 0xa5;
      settings.batch = (m + n) % 2 ? 1.0f : 0.4f;
      tinynmf *nmf;
      DONE(tinynmf_init(&nmf, space, size, &matrix, r, &settings));
      DONE(tinynmf_epoch(nmf, &rule, NULL));
      DONE(tinynmf_epoch(nmf, &rule, NULL));
      int intact = 1;
      for (size_t k = size; k < sizeof space; ++k) intact &= first[k] == 0xa5;
      EXPECT(intact);
    }
  }
}

/* The same numbers in any element type give the same bits. */
static void element_types(void) {
  const tinynmf_matrix matrices[] = {of(bytes, &TINYNMF_U8), of(words, &TINYNMF_U16),
                                     of(shorts, &TINYNMF_I16), of(floats, &TINYNMF_F32)};
  uint64_t w[4], h[4];
  for (int k = 0; k < 4; ++k) {
    tinynmf *nmf = start(&matrices[k]);
    for (int epoch = 0; epoch < 10; ++epoch) DONE(tinynmf_epoch(nmf, &rule, NULL));
    w[k] = tinynmf_fingerprint(tinynmf_w(nmf), ROWS * RANK);
    h[k] = tinynmf_fingerprint(tinynmf_h(nmf), COLUMNS * RANK);
    EXPECT(w[k] == w[0] && h[k] == h[0]);
  }
  EXPECT(w[0] != h[0]);
}

/* The ranges of the header: within them a rule is made, beyond each end it is refused. */
static void ranges(void) {
  static const float beyond = 3e38f, tiny = 1e-9f;
  static const struct {
    uint32_t kind;
    struct {
      float low, high; /* Inside. */
      float under, over;
    } of[3];
  } ranges[] = {
      {TINYNMF_RULE_KIND_FIXED, {{tiny, beyond, 0.0f, __builtin_inff()}}},
      {TINYNMF_RULE_KIND_BOUND, {{tiny, 0.99f, 0.0f, 1.0f}}},
      {TINYNMF_RULE_KIND_AROUND, {{tiny, 0.99f, 0.0f, 1.0f}}},
      {TINYNMF_RULE_KIND_ARMIJO, {{tiny, 0.99f, 0, 1}, {tiny, 0.99f, 0, 1}, {tiny, beyond, 0, __builtin_inff()}}},
      {TINYNMF_RULE_KIND_LIN, {{tiny, 0.99f, 0, 1}, {tiny, 0.99f, 0, 1}, {tiny, beyond, 0, __builtin_inff()}}},
      {TINYNMF_RULE_KIND_DECAY, {{tiny, 0.99f, 0, 1}, {tiny, beyond, 0, __builtin_inff()}}},
      {TINYNMF_RULE_KIND_COSINE, {{tiny, 0.99f, 0, 1}}},
      {TINYNMF_RULE_KIND_SWEEPS, {{tiny, 1.99f, 0, 2}, {1, 8, 0, 9}}},
      {TINYNMF_RULE_KIND_GROWING, {{tiny, 1, 0, 1.01f}, {1.01f, 16, 1, 16.1f}, {tiny, 1.99f, 0, 2}}},
      {TINYNMF_RULE_KIND_ADAPTIVE, {{tiny, 1, 0, 1.01f}, {1.01f, 16, 1, 16.1f}, {0, beyond, -tiny, __builtin_inff()}}},
      {TINYNMF_RULE_KIND_THRIFTY, {{tiny, 1, 0, 1.01f}, {1.01f, 16, 1, 16.1f}, {0, beyond, -tiny, __builtin_inff()}}},
      {TINYNMF_RULE_KIND_ALTERNATE, {{tiny, beyond, 0, __builtin_inff()}, {tiny, 1.99f, 0, 2}}},
      {TINYNMF_RULE_KIND_SDC, {{1, 64, 0, 65}, {1, 64, 0, 65}}},
      {TINYNMF_RULE_KIND_ABB_MIN, {{tiny, 0.99f, 0, 1}, {1, 10, 0, 11}}},
      {TINYNMF_RULE_KIND_WSD, {{tiny, 1.99f, 0, 2}, {tiny, 1, 0, 1.01f}}},
      {TINYNMF_RULE_KIND_LINEAR_CAUCHY, {{tiny, 1.99f, 0, 2}, {tiny, 1, 0, 1.01f}}},
      {TINYNMF_RULE_KIND_ADAGRAD_NORM, {{tiny, beyond, 0, __builtin_inff()}}},
      {TINYNMF_RULE_KIND_WIDENING, {{tiny, beyond, 0, __builtin_inff()}, {1.02f, 4, 1.01f, 16.1f}, {0.4f, 1.9f, 0, 2}}},
  };
  static tinynmf_rule made;
  for (size_t k = 0; k < sizeof ranges / sizeof *ranges; ++k) {
    const uint32_t kind = ranges[k].kind;
    float x[3];
    for (int i = 0; i < 3; ++i) x[i] = ranges[k].of[i].low;
    DONE(tinynmf_rule_init(&made, kind, x[0], x[1], x[2]));
    for (int i = 0; i < 3; ++i) {
      /* A parameter that the rule has not. */
      if (!(ranges[k].of[i].high > ranges[k].of[i].low)) continue;
      x[i] = ranges[k].of[i].high;
      DONE(tinynmf_rule_init(&made, kind, x[0], x[1], x[2]));
      x[i] = ranges[k].of[i].under;
      REFUSED(PARAMETER, tinynmf_rule_init(&made, kind, x[0], x[1], x[2]));
      x[i] = ranges[k].of[i].over;
      REFUSED(PARAMETER, tinynmf_rule_init(&made, kind, x[0], x[1], x[2]));
      x[i] = ranges[k].of[i].low;
    }
  }
}

static void rules(void) {
  const tinynmf_matrix matrix = of(bytes, &TINYNMF_U8);
  for (uint32_t kind = 0; kind <= TINYNMF_RULE_KIND_ADAGRAD_NORM; ++kind) {
    if (kind >= TINYNMF_RULE_KIND_HALS && kind <= TINYNMF_RULE_KIND_THRIFTY) continue;
    const int counts = kind == TINYNMF_RULE_KIND_SDC || kind == TINYNMF_RULE_KIND_ABB_MIN;
    const float a = kind == TINYNMF_RULE_KIND_FIXED ? 1e-4f : kind == TINYNMF_RULE_KIND_SDC ? 3.0f : 0.5f;
    float before, after;
    tinynmf_record record;
    tinynmf *nmf = start(&matrix);
    DONE(tinynmf_loss(nmf, &before));
    DONE(tinynmf_rule_init(&rule, kind, a, counts ? 2.0f : 0.5f, 1.0f));
    for (int epoch = 0; epoch < 5; ++epoch) DONE(tinynmf_epoch(nmf, &rule, &record));
    DONE(tinynmf_loss(nmf, &after));
    EXPECT(record.w.outcome == TINYNMF_OUTCOME_STEPPED && record.w.rate > 0 && record.w.bound > 0);
    /* The others may climb on their way. */
    const int descends = kind != TINYNMF_RULE_KIND_AROUND
                         && (kind < TINYNMF_RULE_KIND_BB1 || kind > TINYNMF_RULE_KIND_SILVER)
                         && (kind < TINYNMF_RULE_KIND_ALTERNATE || kind > TINYNMF_RULE_KIND_ADGD);
    EXPECT(!descends || after < before);
    EXPECT(!descends || record.h.loss + record.h.change < before);
  }
  REFUSED(TYPE, tinynmf_rule_init(&rule, TINYNMF_RULE_KIND_WIDENING + 1, 0.5f, 0.5f, 1.0f));
  REFUSED(TYPE, tinynmf_rule_init(&rule, UINT32_MAX, 0.5f, 0.5f, 1.0f));
  REFUSED(PARAMETER, tinynmf_rule_init(&rule, TINYNMF_RULE_KIND_BOUND, 1.5f, 0, 0));
  REFUSED(PARAMETER, tinynmf_rule_init(&rule, TINYNMF_RULE_KIND_FIXED, -1.0f, 0, 0));
  REFUSED(PARAMETER, tinynmf_rule_init(&rule, TINYNMF_RULE_KIND_SDC, 2.5f, 1.0f, 0));
  REFUSED(PARAMETER, tinynmf_rule_init(&rule, TINYNMF_RULE_KIND_ABB_MIN, 0.5f, 11.0f, 0));

  REFUSED(PARAMETER, tinynmf_rule_init(&rule, TINYNMF_RULE_KIND_ARMIJO, __builtin_nanf(""), 0.5f, 1.0f));
  ranges();
  REFUSED(NULL, tinynmf_rule_init(NULL, TINYNMF_RULE_KIND_SILVER, 0, 0, 0));
  REFUSED(ALIGNMENT, tinynmf_rule_init(askew(&rule), TINYNMF_RULE_KIND_SILVER, 0, 0, 0));
}

static void policies(void) {
  static uint8_t blob[4096];
  size_t size = 0;
  const uint8_t *shipped = tinynmf_shipped_policy(&size);
  EXPECT(size > 100 && size <= sizeof blob && tinynmf_shipped_policy(NULL) == shipped);
  __builtin_memcpy(blob, shipped, size);

  REFUSED(NULL, tinynmf_rule_learned(NULL, blob, size));
  REFUSED(NULL, tinynmf_rule_learned(&rule, NULL, size));
  REFUSED(ALIGNMENT, tinynmf_rule_learned(askew(&rule), blob, size));
  REFUSED(POLICY_LENGTH, tinynmf_rule_learned(&rule, blob, 0));
  REFUSED(POLICY_LENGTH, tinynmf_rule_learned(&rule, blob, size - 1));
  REFUSED(EMPTY, tinynmf_rule_learned(&rule, blob, SIZE_MAX));
  for (size_t at = 0; at < size; at += 7) {
    blob[at] ^= 0x20;
    EXPECT(tinynmf_rule_learned(&rule, blob, size) != TINYNMF_ERROR_NONE);
    blob[at] ^= 0x20;
  }
  blob[0] = 'P';
  REFUSED(POLICY_MAGIC, tinynmf_rule_learned(&rule, blob, size));
  blob[0] = 'T';
  blob[4] = 9;
  REFUSED(POLICY_VERSION, tinynmf_rule_learned(&rule, blob, size));
  blob[4] = 1;
  blob[100] ^= 1;
  REFUSED(POLICY_CHECKSUM, tinynmf_rule_learned(&rule, blob, size));
  blob[100] ^= 1;

  /* A policy of schedules sweeps: no rate, several moves, a lower loss. */
  const tinynmf_matrix matrix = of(bytes, &TINYNMF_U8);
  tinynmf *nmf = start(&matrix);
  tinynmf_record record;
  float before, after;
  size_t length;
  const uint8_t *schedule = tinynmf_schedule_policy(&length);
  EXPECT(tinynmf_schedule_policy(NULL) == schedule);
  DONE(tinynmf_rule_learned(&rule, schedule, length));
  DONE(tinynmf_loss(nmf, &before));
  for (int epoch = 0; epoch < 5; ++epoch) DONE(tinynmf_epoch(nmf, &rule, &record));
  DONE(tinynmf_loss(nmf, &after));
  EXPECT(record.w.rate <= 0 && after < 0.9f * before);
  REFUSED(POLICY_LENGTH, tinynmf_rule_learned(&rule, schedule, length - 1));

  /* What follows asks the policy of step sizes. */
  DONE(tinynmf_rule_learned(&rule, blob, size));
}

static void matrices(void) {
  tinynmf *nmf;
  tinynmf_matrix v = of(floats, &TINYNMF_F32);
  uint32_t row = 99, column = 99;
  DONE(tinynmf_check(&v, &row, &column));
  EXPECT(row == 99 && column == 99);

  const float entry = floats[4 * COLUMNS + 2];
  floats[4 * COLUMNS + 2] = -1.0f;
  REFUSED(NEGATIVE, tinynmf_check(&v, &row, &column));
  EXPECT(row == 4 && column == 2);
  REFUSED(NEGATIVE, tinynmf_check(&v, NULL, NULL));
  REFUSED(NEGATIVE, tinynmf_init(&nmf, memory, sizeof memory, &v, RANK, NULL));
  REFUSED(ALIGNMENT, tinynmf_check(&v, askew(&row), NULL));
  const uint32_t nan = 0x7fc00000;
  __builtin_memcpy(&floats[4 * COLUMNS + 2], &nan, sizeof nan);
  REFUSED(NOT_FINITE, tinynmf_check(&v, NULL, &column));
  floats[4 * COLUMNS + 2] = 3e12f;
  REFUSED(TOO_LARGE, tinynmf_check(&v, NULL, NULL));
  floats[4 * COLUMNS + 2] = entry;
  shorts[5] = -shorts[5];
  v = of(shorts, &TINYNMF_I16);
  REFUSED(NEGATIVE, tinynmf_check(&v, &row, &column));
  EXPECT(row == 0 && column == 5);
  shorts[5] = (int16_t)-shorts[5];

  static const uint8_t zeros[ROWS * COLUMNS];
  v = of(zeros, &TINYNMF_U8);
  REFUSED(ALL_ZERO, tinynmf_init(&nmf, memory, sizeof memory, &v, RANK, NULL));
  v = of(bytes, NULL);
  REFUSED(NULL, tinynmf_check(&v, NULL, NULL));
  v = of(NULL, &TINYNMF_U8);
  REFUSED(NULL, tinynmf_check(&v, NULL, NULL));
  static const uintptr_t no_type[16];
  v = of(bytes, (const tinynmf_type *)no_type);
  REFUSED(TYPE, tinynmf_check(&v, NULL, NULL));
  v = of(bytes, askew(memory));
  REFUSED(ALIGNMENT, tinynmf_check(&v, NULL, NULL));
  v = of(askew(words), &TINYNMF_U16);
  REFUSED(ALIGNMENT, tinynmf_check(&v, NULL, NULL));
  v = of(askew(floats), &TINYNMF_F32);
  REFUSED(ALIGNMENT, tinynmf_check(&v, NULL, NULL));
  REFUSED(NULL, tinynmf_check(NULL, NULL, NULL));
  REFUSED(ALIGNMENT, tinynmf_check(askew(&v), NULL, NULL));

  v = of(bytes, &TINYNMF_U8);
  v.rows = 0;
  REFUSED(EMPTY, tinynmf_check(&v, NULL, NULL));
  v.rows = v.columns = UINT32_MAX;
  REFUSED(EMPTY, tinynmf_check(&v, NULL, NULL));
  v = of(bytes, &TINYNMF_U8);
  v.scale = -1.0f;
  REFUSED(PARAMETER, tinynmf_check(&v, NULL, NULL));
}

static void factorisations(void) {
  const tinynmf_matrix v = of(bytes, &TINYNMF_U8);
  tinynmf *nmf;
  float loss;
  REFUSED(NULL, tinynmf_init(NULL, memory, sizeof memory, &v, RANK, NULL));
  REFUSED(NULL, tinynmf_init(&nmf, NULL, sizeof memory, &v, RANK, NULL));
  REFUSED(NULL, tinynmf_init(&nmf, memory, sizeof memory, NULL, RANK, NULL));
  REFUSED(ALIGNMENT, tinynmf_init(askew(&nmf), memory, sizeof memory, &v, RANK, NULL));
  REFUSED(ALIGNMENT, tinynmf_init(&nmf, askew(memory), sizeof memory - 1, &v, RANK, NULL));
  REFUSED(MEMORY, tinynmf_init(&nmf, memory, TINYNMF_SIZE(ROWS, COLUMNS, RANK) - 1, &v, RANK, NULL));
  REFUSED(MEMORY, tinynmf_init(&nmf, memory, 0, &v, RANK, NULL));
  REFUSED(RANK, tinynmf_init(&nmf, memory, sizeof memory, &v, 0, NULL));
  REFUSED(RANK, tinynmf_init(&nmf, memory, sizeof memory, &v, COLUMNS + 1, NULL));
  REFUSED(RANK, tinynmf_init(&nmf, memory, sizeof memory, &v, UINT32_MAX, NULL));
  tinynmf_settings settings = TINYNMF_DEFAULTS;
  settings.batch = 0.0f;
  REFUSED(BATCH_SHARE, tinynmf_init(&nmf, memory, sizeof memory, &v, RANK, &settings));
  settings = (tinynmf_settings)TINYNMF_DEFAULTS;
  settings.penalty_of_w.l1 = -1.0f;
  REFUSED(PARAMETER, tinynmf_init(&nmf, memory, sizeof memory, &v, RANK, &settings));
  REFUSED(ALIGNMENT, tinynmf_init(&nmf, memory, sizeof memory, &v, RANK, askew(&settings)));

  /* Memory without a factorisation, and one that was moved. */
  __builtin_memset(memory, 0, sizeof memory);
  REFUSED(NOT_INITIALISED, tinynmf_epoch((tinynmf *)memory, &rule, NULL));
  EXPECT(tinynmf_w((tinynmf *)memory) == NULL && tinynmf_h(NULL) == NULL);
  nmf = start(&v);
  __builtin_memcpy(moved, memory, sizeof memory);
  REFUSED(NOT_INITIALISED, tinynmf_epoch((tinynmf *)moved, &rule, NULL));

  REFUSED(NULL, tinynmf_epoch(NULL, &rule, NULL));
  REFUSED(NULL, tinynmf_epoch(nmf, NULL, NULL));
  REFUSED(NOT_INITIALISED, tinynmf_epoch(nmf, &unset, NULL));
  REFUSED(ALIGNMENT, tinynmf_epoch(askew(nmf), &rule, NULL));
  REFUSED(ALIGNMENT, tinynmf_epoch(nmf, askew(&rule), NULL));
  REFUSED(ALIGNMENT, tinynmf_epoch(nmf, &rule, askew(&loss)));
  REFUSED(NULL, tinynmf_loss(nmf, NULL));
  REFUSED(NULL, tinynmf_loss(NULL, &loss));
  REFUSED(ALIGNMENT, tinynmf_loss(nmf, askew(&loss)));
  tinynmf_matrix other = v;
  other.rows = COLUMNS;
  other.columns = ROWS;
  REFUSED(SHAPE, tinynmf_set_data(nmf, &other));
  REFUSED(NULL, tinynmf_set_data(nmf, NULL));
  REFUSED(NULL, tinynmf_set_data(NULL, &v));
  other = of(words, &TINYNMF_U16);
  DONE(tinynmf_set_data(nmf, &other));

  static float w[ROWS * RANK], h[COLUMNS * RANK];
  for (int k = 0; k < ROWS * RANK; ++k) w[k] = 1.0f + 0.1f * (float)(k % 5);
  for (int k = 0; k < COLUMNS * RANK; ++k) h[k] = 1.0f + 0.1f * (float)(k % 7);
  REFUSED(NULL, tinynmf_set(nmf, NULL, h));
  REFUSED(NULL, tinynmf_set(nmf, w, NULL));
  REFUSED(ALIGNMENT, tinynmf_set(nmf, askew(w), h));
  h[3] = -h[3];
  REFUSED(NEGATIVE, tinynmf_set(nmf, w, h));
  EXPECT(tinynmf_w(nmf)[0] != w[0]);
  h[3] = -h[3];
  DONE(tinynmf_set(nmf, w, h));
  EXPECT(tinynmf_w(nmf)[5] == w[5] && tinynmf_h(nmf)[3] == h[3]);

  /* After all that, it works as if nothing had been. */
  DONE(tinynmf_epoch(nmf, &rule, NULL));
  DONE(tinynmf_loss(nmf, &loss));
  EXPECT(loss > 0.0f);
  EXPECT(tinynmf_fingerprint(NULL, 3) == 0);
}

static void transforms(void) {
  const tinynmf_matrix v = of(bytes, &TINYNMF_U8);
  tinynmf *nmf = start(&v);
  for (int epoch = 0; epoch < 20; ++epoch) DONE(tinynmf_epoch(nmf, &rule, NULL));
  const float *w = tinynmf_w(nmf);
  const size_t size = TINYNMF_TRANSFORM_SIZE(RANK);
  tinynmf_transform *t;
  REFUSED(NULL, tinynmf_transform_init(NULL, columns_memory, size, w, ROWS, RANK, NULL));
  REFUSED(NULL, tinynmf_transform_init(&t, NULL, size, w, ROWS, RANK, NULL));
  REFUSED(NULL, tinynmf_transform_init(&t, columns_memory, size, NULL, ROWS, RANK, NULL));
  REFUSED(MEMORY, tinynmf_transform_init(&t, columns_memory, size - 1, w, ROWS, RANK, NULL));
  REFUSED(ALIGNMENT, tinynmf_transform_init(&t, askew(columns_memory), size, w, ROWS, RANK, NULL));
  REFUSED(ALIGNMENT, tinynmf_transform_init(&t, columns_memory, size, askew(floats), ROWS, RANK, NULL));
  REFUSED(RANK, tinynmf_transform_init(&t, columns_memory, size, w, 2, RANK, NULL));
  REFUSED(RANK, tinynmf_transform_init(&t, columns_memory, size, w, ROWS, 0, NULL));
  tinynmf_transform_settings settings = TINYNMF_TRANSFORM_DEFAULTS;
  settings.penalty.l1 = -1.0f;
  REFUSED(PARAMETER, tinynmf_transform_init(&t, columns_memory, size, w, ROWS, RANK, &settings));
  static const float zeros[ROWS * RANK];
  REFUSED(ALL_ZERO, tinynmf_transform_init(&t, columns_memory, size, zeros, ROWS, RANK, NULL));
  t = (tinynmf_transform *)columns_memory;
  REFUSED(NOT_INITIALISED, tinynmf_transform_columns(t, &rule, &v, latents));
  DONE(tinynmf_transform_init(&t, columns_memory, size, w, ROWS, RANK, NULL));

  REFUSED(NULL, tinynmf_transform_columns(NULL, &rule, &v, latents));
  REFUSED(NULL, tinynmf_transform_columns(t, NULL, &v, latents));
  REFUSED(NULL, tinynmf_transform_columns(t, &rule, NULL, latents));
  REFUSED(NULL, tinynmf_transform_columns(t, &rule, &v, NULL));
  REFUSED(ALIGNMENT, tinynmf_transform_columns(t, &rule, &v, askew(latents)));
  REFUSED(NOT_INITIALISED, tinynmf_transform_columns(t, &unset, &v, latents));
  tinynmf_matrix other = v;
  other.rows = ROWS - 1;
  REFUSED(SHAPE, tinynmf_transform_columns(t, &rule, &other, latents));

  /* Silence has no latents; the columns of V have those of the factorisation, nearly. */
  static const uint8_t silence[ROWS * COLUMNS];
  other = of(silence, &TINYNMF_U8);
  latents[0] = 1.0f;
  DONE(tinynmf_transform_columns(t, &rule, &other, latents));
  EXPECT(latents[0] == 0.0f);
  /* Near the optimum the policy's long steps may undo what was reached: see core's Transform. */
  static tinynmf_rule steady;
  DONE(tinynmf_rule_init(&steady, TINYNMF_RULE_KIND_BOUND, 0.95f, 0, 0));
  DONE(tinynmf_transform_columns(t, &steady, &v, latents));
  float loss, again;
  DONE(tinynmf_loss(nmf, &loss));
  DONE(tinynmf_set(nmf, w, latents));
  DONE(tinynmf_loss(nmf, &again));
  EXPECT(again < 1.1f * loss);

  /* The minimum itself: no rule comes below it, and the residuals are what is left of every column. */
  tinynmf_transform_settings none = TINYNMF_TRANSFORM_DEFAULTS;
  none.steps = 0;
  uint64_t exact[2];
  for (int k = 0; k < 2; ++k) {
    DONE(tinynmf_transform_init(&t, columns_memory, size, w, ROWS, RANK, k ? &none : NULL));
    float sum = 0.0f;
    for (int j = 0; j < COLUMNS; ++j) {
      static uint8_t column[ROWS];
      static uint16_t wide[ROWS];
      static int16_t whole[ROWS];
      static float real[ROWS];
      float h[3][RANK], residual, others[3];
      for (int i = 0; i < ROWS; ++i) {
        column[i] = bytes[i * COLUMNS + j];
        wide[i] = words[i * COLUMNS + j];
        whole[i] = shorts[i * COLUMNS + j];
        real[i] = floats[i * COLUMNS + j];
      }
      DONE(tinynmf_transform_exact_u8(t, column, v.scale, &latents[j * RANK], &residual));
      DONE(tinynmf_transform_exact_u16(t, wide, v.scale, h[0], &others[0]));
      DONE(tinynmf_transform_exact_i16(t, whole, v.scale, h[1], &others[1]));
      DONE(tinynmf_transform_exact_f32(t, real, v.scale, h[2], &others[2]));
      for (int i = 0; i < 3; ++i) {
        EXPECT(others[i] == residual && !__builtin_memcmp(h[i], &latents[j * RANK], sizeof h[i]));
      }
      sum += residual;
    }
    exact[k] = tinynmf_fingerprint(latents, COLUMNS * RANK);
    DONE(tinynmf_set(nmf, w, latents));
    DONE(tinynmf_loss(nmf, &loss));
    EXPECT(loss <= again * 1.00001f);
    EXPECT(sum > loss * 0.999f && sum < loss * 1.001f);
  }
  EXPECT(exact[0] == exact[1]);
  /* Without steps no rule finds latents, and nothing pretends to. */
  latents[0] = -1.0f;
  REFUSED(PARAMETER, tinynmf_transform_columns(t, &steady, &v, latents));
  EXPECT(latents[0] == -1.0f);

  float residual = 1.0f;
  DONE(tinynmf_transform_exact_u8(t, silence, 1.0f, latents, &residual));
  EXPECT(latents[0] == 0.0f && residual == 0.0f);
  DONE(tinynmf_transform_exact_u8(t, bytes, 1.0f, latents, NULL));
  REFUSED(NULL, tinynmf_transform_exact_u8(NULL, bytes, 1.0f, latents, &residual));
  REFUSED(NULL, tinynmf_transform_exact_u8(t, NULL, 1.0f, latents, &residual));
  REFUSED(NULL, tinynmf_transform_exact_u8(t, bytes, 1.0f, NULL, &residual));
  REFUSED(ALIGNMENT, tinynmf_transform_exact_u16(t, askew(words), 1.0f, latents, &residual));
  REFUSED(ALIGNMENT, tinynmf_transform_exact_u8(t, bytes, 1.0f, askew(latents), &residual));
  REFUSED(ALIGNMENT, tinynmf_transform_exact_u8(t, bytes, 1.0f, latents, askew(&residual)));
  REFUSED(ALIGNMENT, tinynmf_transform_exact_u8(askew(t), bytes, 1.0f, latents, &residual));
  REFUSED(PARAMETER, tinynmf_transform_exact_u8(t, bytes, -1.0f, latents, &residual));
  shorts[1] = -1;
  REFUSED(NEGATIVE, tinynmf_transform_exact_i16(t, shorts, 1.0f, latents, &residual));
  shorts[1] = (int16_t)bytes[1];
  EXPECT(residual == 0.0f);
}

/* Above a rank of 16 sweeps find the minimum, and settings without steps leave their number to the library. */
static void large_ranks(void) {
  enum { LARGE = 18 };
  static float w[LARGE * LARGE], h[LARGE], column[LARGE], residual;
  static TINYNMF_MEMORY(space, TINYNMF_TRANSFORM_SIZE(LARGE));
  for (int k = 0; k < LARGE; ++k) {
    w[k * LARGE + k] = 1.0f;
    w[k * LARGE + (k + 1) % LARGE] = 0.25f;
    column[k] = 1.25f;
  }
  tinynmf_transform_settings settings = TINYNMF_TRANSFORM_DEFAULTS;
  settings.steps = 0;
  tinynmf_transform *t;
  DONE(tinynmf_transform_init(&t, space, sizeof space, w, LARGE, LARGE, &settings));
  DONE(tinynmf_transform_exact_f32(t, column, 1.0f, h, &residual));
  EXPECT(residual < 1e-6f);
  for (int k = 0; k < LARGE; ++k) EXPECT(h[k] > 0.999f && h[k] < 1.001f);
}

/* The bound holds for what is minimised, and penalties do what they are for. */
static void penalties(void) {
  const tinynmf_matrix v = of(bytes, &TINYNMF_U8);
  tinynmf_settings settings = TINYNMF_DEFAULTS;
  settings.penalty_of_w.l1 = 1.5f;
  settings.penalty_of_h.l2 = 0.5f;
  float before, after, loss;
  static tinynmf_rule steady;
  DONE(tinynmf_rule_init(&steady, TINYNMF_RULE_KIND_BOUND, 0.95f, 0, 0));
  tinynmf *nmf;
  DONE(tinynmf_init(&nmf, memory, sizeof memory, &v, RANK, &settings));
  DONE(tinynmf_objective(nmf, &before));
  for (int epoch = 0; epoch < 60; ++epoch) {
    DONE(tinynmf_epoch(nmf, &steady, NULL));
    DONE(tinynmf_objective(nmf, &after));
    EXPECT(after < before * 1.00001f);
    before = after;
  }
  DONE(tinynmf_loss(nmf, &loss));
  float sum = 0, squares = 0;
  for (int k = 0; k < ROWS * RANK; ++k) sum += tinynmf_w(nmf)[k];
  for (int k = 0; k < COLUMNS * RANK; ++k) squares += tinynmf_h(nmf)[k] * tinynmf_h(nmf)[k];
  const float expected = loss + 1.5f * sum + 0.25f * squares;
  EXPECT(after < expected * 1.0001f && after > expected * 0.9999f);
  /* Without penalties, what is minimised is the loss. */
  nmf = start(&v);
  DONE(tinynmf_loss(nmf, &loss));
  DONE(tinynmf_objective(nmf, &after));
  EXPECT(after == loss);

  REFUSED(NULL, tinynmf_objective(nmf, NULL));
  REFUSED(NULL, tinynmf_objective(NULL, &loss));
  REFUSED(ALIGNMENT, tinynmf_objective(nmf, askew(&loss)));
  settings.penalty_of_w.l1 = -1.0f;
  REFUSED(PARAMETER, tinynmf_init(&nmf, memory, sizeof memory, &v, RANK, &settings));
  settings.penalty_of_w.l1 = 0.0f;
  settings.penalty_of_h.l2 = __builtin_inff();
  REFUSED(PARAMETER, tinynmf_init(&nmf, memory, sizeof memory, &v, RANK, &settings));
}

static int same(const char *a, const char *b) {
  while (*a != 0 && *a == *b) ++a, ++b;
  return *a == *b;
}

/* A program with the header of another version does nothing; the macros are left out by parentheses. */
static void versions(void) {
  static tinynmf_rule other;
  const tinynmf_matrix v = of(bytes, &TINYNMF_U8);
  tinynmf *nmf;
  tinynmf_transform *t;
  size_t size;
  const uint8_t *policy = tinynmf_shipped_policy(&size);
  EXPECT(same(tinynmf_version(), TINYNMF_VERSION));
  const uint32_t abis[] = {0, TINYNMF_ABI + 1};
  for (int k = 0; k < 2; ++k) {
    const uint32_t abi = abis[k];
    REFUSED(ABI, (tinynmf_rule_init)(abi, &other, TINYNMF_RULE_KIND_SILVER, 0, 0, 0));
    REFUSED(ABI, (tinynmf_rule_learned)(abi, &other, policy, size));
    REFUSED(NOT_INITIALISED, tinynmf_epoch(start(&v), &other, NULL));
    REFUSED(ABI, (tinynmf_init)(abi, &nmf, memory, sizeof memory, &v, RANK, NULL));
    REFUSED(ABI, (tinynmf_transform_init)(abi, &t, columns_memory, sizeof columns_memory,
                                          tinynmf_w(start(&v)), ROWS, RANK, NULL));
  }
}

static void sentences(void) {
  EXPECT(same(tinynmf_error_string(TINYNMF_ERROR_NONE), "no error"));
  const char *none = tinynmf_error_string(-1);
  for (int error = 0; error <= TINYNMF_ERROR_ABI; ++error) {
    EXPECT(!same(tinynmf_error_string(error), none));
  }
  EXPECT(same(tinynmf_error_string(TINYNMF_ERROR_ABI + 1), none));
}

int main(void) {
  for (int k = 0; k < ROWS * COLUMNS; ++k) {
    const int i = k / COLUMNS, j = k % COLUMNS;
    shorts[k] = (int16_t)(i % 3 * (j % 4) + i % 5 * (j % 2) + 1 + k % 2);
    bytes[k] = (uint8_t)shorts[k];
    words[k] = (uint16_t)shorts[k];
    floats[k] = shorts[k];
  }
  DONE(tinynmf_rule_init(&rule, TINYNMF_RULE_KIND_BOUND, 0.95f, 0, 0));
  sizes();
  shapes();
  element_types();
  rules();
  matrices();
  policies();
  factorisations();
  penalties();
  transforms();
  large_ranks();
  versions();
  sentences();
  return verdict();
}
