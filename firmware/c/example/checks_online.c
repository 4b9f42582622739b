/* What streams of columns do and refuse: run on the device and under sanitizers. */
#include "checks.h"

enum { ROWS = 8, RANK = 2, LENGTH = 300 };

static const uint32_t keeps[] = {TINYNMF_KEEP_GRAM, TINYNMF_KEEP_PRODUCTS};
static TINYNMF_MEMORY(memory, TINYNMF_ONLINE_SIZE(ROWS, RANK, TINYNMF_KEEP_PRODUCTS));
static TINYNMF_MEMORY(moved, TINYNMF_ONLINE_SIZE(ROWS, RANK, TINYNMF_KEEP_PRODUCTS));
static tinynmf_rule rule, unset;
static uint8_t bytes[ROWS];
static uint16_t words[ROWS];
static int16_t shorts[ROWS];
static float floats[ROWS];

/* A column of two latents. */
static void fill(int t) {
  for (int i = 0; i < ROWS; ++i) {
    bytes[i] = (uint8_t)(t % 7 * (i + 1) + t % 5 * (ROWS - i));
    words[i] = bytes[i];
    shorts[i] = (int16_t)bytes[i];
    floats[i] = bytes[i];
  }
}

static tinynmf_online *start(uint32_t keep) {
  tinynmf_online_settings settings = TINYNMF_ONLINE_DEFAULTS;
  settings.keep = keep;
  tinynmf_online *online = NULL;
  DONE(tinynmf_online_init(&online, memory, sizeof memory, ROWS, RANK, &settings));
  return online;
}

static void sizes(void) {
  for (int k = 0; k < 2; ++k) {
    EXPECT(tinynmf_online_size(ROWS, RANK, keeps[k]) == TINYNMF_ONLINE_SIZE(ROWS, RANK, keeps[k]));
    EXPECT(tinynmf_online_size(300, 17, keeps[k]) == TINYNMF_ONLINE_SIZE(300, 17, keeps[k]));
    EXPECT(tinynmf_online_size(UINT32_MAX, UINT32_MAX, keeps[k]) == SIZE_MAX);
  }
  EXPECT(tinynmf_online_size(ROWS, RANK, 2) == SIZE_MAX);
  EXPECT(tinynmf_online_size(100, 3, 1) == tinynmf_online_size(100, 3, 0) + 4 * 100 * 3);
}

/* Whatever the shape, no byte behind the stated size is touched. */
static void shapes(void) {
  static uint64_t space[TINYNMF_ONLINE_SIZE(ROWS, ROWS, TINYNMF_KEEP_PRODUCTS) / 8 + 2];
  unsigned char *const first = (unsigned char *)space;
  for (uint32_t m = 1; m <= ROWS; ++m) {
    for (uint32_t r = 1; r <= m; ++r) {
      tinynmf_online_settings settings = TINYNMF_ONLINE_DEFAULTS;
      settings.keep = (m + r) % 2;
      const size_t size = tinynmf_online_size(m, r, settings.keep);
      for (size_t k = size; k < sizeof space; ++k) first[k] = 0xa5;
      tinynmf_online *online;
      DONE(tinynmf_online_init(&online, space, size, m, r, &settings));
      for (int t = 1; t < 6; ++t) {
        fill(t);
        DONE(tinynmf_online_u8(online, &rule, bytes, 1.0f, NULL));
      }
      int intact = 1;
      for (size_t k = size; k < sizeof space; ++k) intact &= first[k] == 0xa5;
      EXPECT(intact);
    }
  }
}

/* What W before the step leaves of a column: much of one that is unlike all before it. */
static void residuals(void) {
  for (int k = 0; k < 2; ++k) {
    tinynmf_online *online = start(keeps[k]);
    float residual = 0;
    static float before[ROWS * RANK];
    for (int t = 1; t <= LENGTH; ++t) {
      fill(t);
      if (t > 1) __builtin_memcpy(before, tinynmf_online_w(online), sizeof before);
      DONE(tinynmf_online_u8(online, &rule, bytes, 0.25f, NULL));
      DONE(tinynmf_online_residual(online, &residual));
    }
    const float *h = tinynmf_online_h(online);
    float sum = 0, norm = 0;
    for (int i = 0; i < ROWS; ++i) {
      const float v = 0.25f * floats[i];
      const float error = v - before[RANK * i] * h[0] - before[RANK * i + 1] * h[1];
      sum += 0.5f * error * error;
      norm += 0.5f * v * v;
    }
    EXPECT(residual > sum - 1e-4f * norm && residual < sum + 1e-4f * norm);
    EXPECT(residual < 0.01f * norm);
    for (int i = 0; i < ROWS; ++i) bytes[i] = i % 2 ? 40 : 0;
    DONE(tinynmf_online_u8(online, &rule, bytes, 0.25f, NULL));
    DONE(tinynmf_online_residual(online, &residual));
    EXPECT(residual > 10.0f);
  }
}

/* The same numbers in any element type give the same bits; W and h explain the columns. */
static void element_types(void) {
  for (int k = 0; k < 2; ++k) {
    uint64_t w[4];
    for (int type = 0; type < 4; ++type) {
      tinynmf_online *online = start(keeps[k]);
      for (int t = 0; t < LENGTH; ++t) {
        fill(t);
        DONE(type == 0   ? tinynmf_online_u8(online, &rule, bytes, 0.25f, NULL)
             : type == 1 ? tinynmf_online_u16(online, &rule, words, 0.25f, NULL)
             : type == 2 ? tinynmf_online_i16(online, &rule, shorts, 0.25f, NULL)
                         : tinynmf_online_f32(online, &rule, floats, 0.25f, NULL));
      }
      const float *factor = tinynmf_online_w(online), *h = tinynmf_online_h(online);
      w[type] = tinynmf_fingerprint(factor, ROWS * RANK);
      EXPECT(w[type] == w[0]);
      float residual = 0, norm = 0;
      for (int i = 0; i < ROWS; ++i) {
        const float v = 0.25f * floats[i];
        const float error = v - factor[RANK * i] * h[0] - factor[RANK * i + 1] * h[1];
        residual += error * error;
        norm += v * v;
      }
      EXPECT(residual < 0.01f * norm);
    }
  }
}

static void columns(void) {
  tinynmf_online *online = start(TINYNMF_KEEP_PRODUCTS);
  static const uint8_t silence[ROWS];
  tinynmf_half_step step;
  /* Before anything is heard, silence is not what W is drawn from. */
  DONE(tinynmf_online_u8(online, &rule, silence, 1.0f, &step));
  EXPECT(step.outcome == TINYNMF_OUTCOME_OTHER_FACTOR_ZERO && step.rate == 0.0f);
  EXPECT(tinynmf_online_w(online)[0] == 0.0f && tinynmf_online_h(online)[0] == 0.0f);
  for (int t = 1; t < 30; ++t) {
    fill(t);
    DONE(tinynmf_online_u8(online, &rule, bytes, 1.0f, &step));
    EXPECT(step.rate >= 0.0f && step.bound >= 0.0f);
  }
  const uint64_t learnt = tinynmf_fingerprint(tinynmf_online_w(online), ROWS * RANK);
  DONE(tinynmf_online_u8(online, &rule, silence, 1.0f, NULL));
  EXPECT(tinynmf_online_h(online)[0] == 0.0f && tinynmf_online_h(online)[1] == 0.0f);

  floats[3] = -1.0f;
  REFUSED(NEGATIVE, tinynmf_online_f32(online, &rule, floats, 1.0f, NULL));
  floats[3] = __builtin_nanf("");
  REFUSED(NOT_FINITE, tinynmf_online_f32(online, &rule, floats, 1.0f, NULL));
  floats[3] = 3e12f;
  REFUSED(TOO_LARGE, tinynmf_online_f32(online, &rule, floats, 1.0f, NULL));
  shorts[7] = -1;
  REFUSED(NEGATIVE, tinynmf_online_i16(online, &rule, shorts, 1.0f, NULL));
  REFUSED(PARAMETER, tinynmf_online_u8(online, &rule, bytes, 0.0f, NULL));
  REFUSED(NULL, tinynmf_online_u8(NULL, &rule, bytes, 1.0f, NULL));
  float left;
  REFUSED(NULL, tinynmf_online_residual(NULL, &left));
  REFUSED(NULL, tinynmf_online_residual(online, NULL));
  REFUSED(ALIGNMENT, tinynmf_online_residual(online, askew(&left)));
  REFUSED(NULL, tinynmf_online_u8(online, NULL, bytes, 1.0f, NULL));
  REFUSED(NULL, tinynmf_online_u8(online, &rule, NULL, 1.0f, NULL));
  REFUSED(NOT_INITIALISED, tinynmf_online_u8(online, &unset, bytes, 1.0f, NULL));
  REFUSED(ALIGNMENT, tinynmf_online_u16(online, &rule, askew(words), 1.0f, NULL));
  REFUSED(ALIGNMENT, tinynmf_online_u8(online, &rule, bytes, 1.0f, askew(&step)));
  REFUSED(ALIGNMENT, tinynmf_online_u8(askew(online), &rule, bytes, 1.0f, NULL));
  EXPECT(tinynmf_fingerprint(tinynmf_online_w(online), ROWS * RANK) == learnt);
  DONE(tinynmf_online_u8(online, &rule, bytes, 1.0f, NULL));
}

static void objects(void) {
  tinynmf_online *online;
  const size_t size = sizeof memory;
  tinynmf_online_settings settings = TINYNMF_ONLINE_DEFAULTS;
  settings.keep = TINYNMF_KEEP_PRODUCTS;
  const size_t needed = TINYNMF_ONLINE_SIZE(ROWS, RANK, TINYNMF_KEEP_PRODUCTS);
  REFUSED(ABI, (tinynmf_online_init)(TINYNMF_ABI + 1, &online, memory, size, ROWS, RANK, NULL));
  REFUSED(NULL, tinynmf_online_init(NULL, memory, size, ROWS, RANK, &settings));
  REFUSED(NULL, tinynmf_online_init(&online, NULL, size, ROWS, RANK, &settings));
  REFUSED(MEMORY, tinynmf_online_init(&online, memory, needed - 1, ROWS, RANK, &settings));
  REFUSED(MEMORY, tinynmf_online_init(&online, memory, size, UINT32_MAX, UINT32_MAX, &settings));
  REFUSED(ALIGNMENT, tinynmf_online_init(&online, askew(memory), size, ROWS, RANK, &settings));
  REFUSED(ALIGNMENT, tinynmf_online_init(&online, memory, size, ROWS, RANK, askew(&settings)));
  REFUSED(RANK, tinynmf_online_init(&online, memory, size, ROWS, 0, &settings));
  REFUSED(RANK, tinynmf_online_init(&online, memory, size, RANK, ROWS, &settings));
  settings.keep = 2;
  REFUSED(PARAMETER, tinynmf_online_init(&online, memory, size, ROWS, RANK, &settings));
  settings = (tinynmf_online_settings)TINYNMF_ONLINE_DEFAULTS;
  settings.window = 0.5f;
  REFUSED(PARAMETER, tinynmf_online_init(&online, memory, size, ROWS, RANK, &settings));
  settings.window = __builtin_inff();
  DONE(tinynmf_online_init(&online, memory, size, ROWS, RANK, &settings));
  settings.keep = TINYNMF_KEEP_GRAM;
  REFUSED(PARAMETER, tinynmf_online_init(&online, memory, size, ROWS, RANK, &settings));
  settings.window = 51.0f;
  REFUSED(PARAMETER, tinynmf_online_init(&online, memory, size, ROWS, RANK, &settings));
  settings.window = 50.0f;
  DONE(tinynmf_online_init(&online, memory, size, ROWS, RANK, &settings));
  settings.keep = TINYNMF_KEEP_PRODUCTS;
  settings.penalty_of_w.l2 = -1.0f;
  REFUSED(PARAMETER, tinynmf_online_init(&online, memory, size, ROWS, RANK, &settings));

  __builtin_memset(memory, 0, sizeof memory);
  online = (tinynmf_online *)memory;
  REFUSED(NOT_INITIALISED, tinynmf_online_u8(online, &rule, bytes, 1.0f, NULL));
  EXPECT(tinynmf_online_w(online) == NULL && tinynmf_online_h(NULL) == NULL);
  online = start(TINYNMF_KEEP_GRAM);
  __builtin_memcpy(moved, memory, sizeof memory);
  REFUSED(NOT_INITIALISED, tinynmf_online_set((tinynmf_online *)moved, floats));

  /* W from elsewhere, and its own. */
  static float w[ROWS * RANK];
  for (int k = 0; k < ROWS * RANK; ++k) w[k] = 0.5f + (float)(k % 3);
  REFUSED(NULL, tinynmf_online_set(online, NULL));
  REFUSED(NULL, tinynmf_online_set(NULL, w));
  REFUSED(ALIGNMENT, tinynmf_online_set(online, askew(w)));
  w[5] = -1.0f;
  REFUSED(NEGATIVE, tinynmf_online_set(online, w));
  EXPECT(tinynmf_online_w(online)[0] == 0.0f);
  w[5] = 1.0f;
  DONE(tinynmf_online_set(online, w));
  EXPECT(tinynmf_online_w(online)[5] == 1.0f);
  DONE(tinynmf_online_set(online, tinynmf_online_w(online)));
  EXPECT(tinynmf_online_w(online)[5] == 1.0f);
}

int main(void) {
  DONE(tinynmf_rule_init(&rule, TINYNMF_RULE_KIND_BOUND, 0.95f, 0, 0));
  sizes();
  shapes();
  residuals();
  element_types();
  columns();
  objects();
  return verdict();
}
