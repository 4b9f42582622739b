/* tinynmf: non-negative matrix factorisation that picks its own learning rate.
 *
 * Made by cbindgen from firmware/c/src. Memory is the caller's; nothing is allocated. A pointer is null or
 * points at what its type says; memory is written (zeroed, say) before it is handed over; no object is used
 * by two threads at once. Whatever can be checked is checked, and refused with an error.
 *
 * A function that takes `abi` first is called without it: a macro of the same name fills in TINYNMF_ABI, so that a
 * library that does not fit this header refuses to work. */


#ifndef TINYNMF_H
#define TINYNMF_H

#include <stddef.h>
#include <stdint.h>
/* The version of this header; tinynmf_version is the library's. */
#define TINYNMF_VERSION "0.1.0"

/* The memory of a factorisation in bytes, for static buffers: as tinynmf_size. */
#define TINYNMF_SIZE(rows, columns, rank)                                                       \
  (TINYNMF_HEADER                                                                               \
   + 4 * (((size_t)(rows) + (columns) + 2 * ((rows) > (columns) ? (rows) : (columns)) + (rank)  \
           + TINYNMF_ROWS) * (rank)                                                             \
          + (rows) + (columns)))

/* The memory of a transform in bytes, for static buffers: as tinynmf_transform_size. */
#define TINYNMF_TRANSFORM_SIZE(rank)                                                            \
  (TINYNMF_TRANSFORM_HEADER + 4 * (2 * (size_t)(rank) + TINYNMF_TRANSFORM_ROWS) * (rank))

/* The memory of a factorisation in fixed point in bytes, for static buffers: as tinynmf_fixed_size. */
#define TINYNMF_FIXED_SIZE(rows, columns, rank)                                                 \
  (TINYNMF_FIXED_HEADER                                                                         \
   + 4 * (((size_t)((rows) > (columns) ? (rows) : (columns)) + 2 * (size_t)(rank)               \
           + TINYNMF_FIXED_ROWS) * (rank)                                                       \
          + (rows) + (columns))                                                                 \
   + 2 * ((size_t)(rows) + (columns) + ((rows) > (columns) ? (rows) : (columns))) * (rank))

/* The memory of a stream in bytes, for static buffers: as tinynmf_online_size. */
#define TINYNMF_ONLINE_SIZE(rows, rank, keep)                                                   \
  (TINYNMF_ONLINE_HEADER                                                                        \
   + 4 * (((keep) == TINYNMF_KEEP_PRODUCTS ? 2 : 1) * (size_t)(rows) + 2 * (size_t)(rank)       \
          + TINYNMF_ONLINE_ROWS) * (rank))

/* An array of at least so many bytes, aligned to 8: static TINYNMF_MEMORY(name, bytes); */
#define TINYNMF_MEMORY(name, bytes) \
  uint64_t name[((bytes) + 7) / 8]


// Number of the interface between header and library: it rises when a type, a size, a number or a parameter changes.
#define TINYNMF_ABI 4

// Words of a rule.
#define TINYNMF_RULE_WORDS 56

// Bytes that begin the memory of a factorisation.
#define TINYNMF_HEADER 376

// Rows of rank floats that a factorisation needs besides the factors and two of the longer factor's size.
#define TINYNMF_ROWS 10

// Bytes that begin the memory of a factorisation in fixed point.
#define TINYNMF_FIXED_HEADER 416

// Rows of rank words that a factorisation in fixed point needs besides factors, gradient and two rank x rank
// matrices.
#define TINYNMF_FIXED_ROWS 4

// Bytes that begin the memory of a transform.
#define TINYNMF_TRANSFORM_HEADER 152

// Rows of rank floats that a transform needs besides two rank x rank matrices.
#define TINYNMF_TRANSFORM_ROWS 5

// Bytes that begin the memory of a stream.
#define TINYNMF_ONLINE_HEADER 408

// Rows of rank floats that a stream needs besides W, its like, and two rank x rank matrices.
#define TINYNMF_ONLINE_ROWS 15

// Errors; a function that returns anything but TINYNMF_ERROR_NONE has done nothing.
enum tinynmf_error
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Nothing.
  TINYNMF_ERROR_NONE = 0,
  // A pointer is null.
  TINYNMF_ERROR_NULL = 1,
  // A pointer is not aligned for what it points at.
  TINYNMF_ERROR_ALIGNMENT = 2,
  // The memory is smaller than the size function says.
  TINYNMF_ERROR_MEMORY = 3,
  // The object was not initialised, or was moved.
  TINYNMF_ERROR_NOT_INITIALISED = 4,
  // A matrix has an element type that is none, or for another arithmetic; or a rule has a kind that is none.
  TINYNMF_ERROR_TYPE = 5,
  // A matrix has no rows or no columns, or more entries than memory can hold.
  TINYNMF_ERROR_EMPTY = 6,
  // Shapes do not fit together.
  TINYNMF_ERROR_SHAPE = 7,
  // An entry is NaN or infinite.
  TINYNMF_ERROR_NOT_FINITE = 8,
  // An entry is negative.
  TINYNMF_ERROR_NEGATIVE = 9,
  // An entry is above 2^40.
  TINYNMF_ERROR_TOO_LARGE = 10,
  // Every entry is zero.
  TINYNMF_ERROR_ALL_ZERO = 11,
  // The rank is 0 or above the smaller side of the matrix.
  TINYNMF_ERROR_RANK = 12,
  // The batch share is not in (0, 1].
  TINYNMF_ERROR_BATCH_SHARE = 13,
  // A parameter of a rule, a scale or a setting is out of its range.
  TINYNMF_ERROR_PARAMETER = 14,
  // The policy does not begin with TNMF.
  TINYNMF_ERROR_POLICY_MAGIC = 15,
  // The policy has a format version that this library does not read.
  TINYNMF_ERROR_POLICY_VERSION = 16,
  // The policy was trained on observations that this library does not compute.
  TINYNMF_ERROR_POLICY_OBSERVATIONS = 17,
  // The policy is truncated, or has a tail.
  TINYNMF_ERROR_POLICY_LENGTH = 18,
  // The policy is corrupt: its checksum is wrong.
  TINYNMF_ERROR_POLICY_CHECKSUM = 19,
  // The policy's layers do not fit together, or exceed what this library allows.
  TINYNMF_ERROR_POLICY_SHAPE = 20,
  // A number in the policy is out of its range.
  TINYNMF_ERROR_POLICY_RANGE = 21,
  // tinynmf.h is of another version than the library.
  TINYNMF_ERROR_ABI = 22,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tinynmf_error tinynmf_error;
#else
typedef int32_t tinynmf_error;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// A step rule without a policy; a, b and c are its parameters, in tinynmf_rule_init. All that it has are finite, and within the
// ranges below.
enum tinynmf_rule_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // The same step size a at every half-step, a > 0.
  TINYNMF_RULE_KIND_FIXED = 0,
  // A share a of the certified bound 2/L, 0 < a < 1.
  TINYNMF_RULE_KIND_BOUND = 1,
  // Uniform under the bound.
  TINYNMF_RULE_KIND_RANDOM = 2,
  // Uniform within a share a around the bound, 0 < a < 1.
  TINYNMF_RULE_KIND_AROUND = 3,
  // Armijo's projected line search: sufficient decrease a, 0 < a < 1, factor b, 0 < b < 1, first step size c > 0.
  TINYNMF_RULE_KIND_ARMIJO = 4,
  // Lin's projected line search: sufficient decrease a, 0 < a < 1, factor b, 0 < b < 1, first step size c > 0.
  TINYNMF_RULE_KIND_LIN = 5,
  // The exact minimiser along the free gradient.
  TINYNMF_RULE_KIND_CAUCHY = 6,
  // Barzilai and Borwein's first step.
  TINYNMF_RULE_KIND_BB1 = 7,
  // Barzilai and Borwein's second step.
  TINYNMF_RULE_KIND_BB2 = 8,
  // The two in turn.
  TINYNMF_RULE_KIND_ABB = 9,
  // The silver schedule.
  TINYNMF_RULE_KIND_SILVER = 10,
  // A share a of the bound, 0 < a < 1, that is halved after b epochs, b > 0.
  TINYNMF_RULE_KIND_DECAY = 11,
  // A share a of the bound, 0 < a < 1, that falls to 0 at the horizon like a half cosine.
  TINYNMF_RULE_KIND_COSINE = 12,
  // One sweep over the components, all of V: HALS.
  TINYNMF_RULE_KIND_HALS = 13,
  // b sweeps of relaxation a, 0 < a < 2, 1 <= b <= 8, a whole number, all of V.
  TINYNMF_RULE_KIND_SWEEPS = 14,
  // Sweeps on samples of V: a share a, 0 < a <= 1, that grows by the factor b in every epoch, 1 < b <= 16; two of
  // relaxation c, 0 < c < 2.
  TINYNMF_RULE_KIND_GROWING = 15,
  // Sweeps on samples of V: a share a, 0 < a <= 1, that grows by the factor b, 1 < b <= 16, when samples disagree by more
  // than c times what a half-step gains, c >= 0; three of relaxation 1.3.
  TINYNMF_RULE_KIND_ADAPTIVE = 16,
  // Samples as those of adaptive (a, b, c, in the same ranges); sweeps of relaxation 1.3 while the last was worth its
  // price.
  TINYNMF_RULE_KIND_THRIFTY = 17,
  // b times the exact minimiser, 0 < b < 2, where that is longer than a over L, a > 0, and the last step was not; else
  // 1/L.
  TINYNMF_RULE_KIND_ALTERNATE = 18,
  // Two exact minimisers along the free gradient, then two of Yuan's steps.
  TINYNMF_RULE_KIND_DAI_YUAN = 19,
  // a exact minimisers, then one of Yuan's steps b times; whole numbers, 1 <= a, b <= 64.
  TINYNMF_RULE_KIND_SDC = 20,
  // The least of the last b second steps of Barzilai and Borwein where the second is below a times the first, else the
  // first; 0 < a < 1, 1 <= b <= 10, a whole number. Serves one factorisation at a time.
  TINYNMF_RULE_KIND_ABB_MIN = 21,
  // Malitsky and Mishchenko's adaptive gradient descent.
  TINYNMF_RULE_KIND_ADGD = 22,
  // a over L, 0 < a < 2, which falls to 0 over the last share b of the horizon, 0 < b <= 1.
  TINYNMF_RULE_KIND_WSD = 23,
  // a times the exact minimiser, 0 < a < 2, which falls to 0 over the last share b of the horizon, 0 < b <= 1.
  TINYNMF_RULE_KIND_LINEAR_CAUCHY = 24,
  // a over L, a > 0, shrinking as squared gradients add up. Serves one factorisation at a time.
  TINYNMF_RULE_KIND_ADAGRAD_NORM = 25,
  // Sweeps on samples of V: a times the rank indices, a > 0, then b times as many each time, 1.02 <= b <= 4; relaxations
  // from c on, 0.4 <= c <= 1.9, that rise by 0.1, while the last sweep was worth 0.7 times the half-step; on all of V then an
  // extrapolation by 0.5.
  TINYNMF_RULE_KIND_WIDENING = 26,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tinynmf_rule_kind tinynmf_rule_kind;
#else
typedef uint32_t tinynmf_rule_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// How a half-step ended.
enum tinynmf_outcome
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // The factor was updated.
  TINYNMF_OUTCOME_STEPPED = 0,
  // The gradient is zero: no step changes the factor.
  TINYNMF_OUTCOME_STATIONARY = 1,
  // The other factor is zero: nothing was done.
  TINYNMF_OUTCOME_OTHER_FACTOR_ZERO = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tinynmf_outcome tinynmf_outcome;
#else
typedef uint32_t tinynmf_outcome;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Memory of the columns that are gone.
enum tinynmf_keep
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Their latents' gram matrix alone: the least memory.
  TINYNMF_KEEP_GRAM = 0,
  // Their products with the latents, too, as much memory as W takes: W comes closer to what all the columns
  // together would give.
  TINYNMF_KEEP_PRODUCTS = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tinynmf_keep tinynmf_keep;
#else
typedef uint32_t tinynmf_keep;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// A factorisation V = WH in fixed point, in memory that the caller owns.
typedef struct tinynmf_fixed tinynmf_fixed;

// A factorisation V = WH, in memory that the caller owns.
typedef struct tinynmf tinynmf;

// W, learnt from a stream, in memory that the caller owns.
typedef struct tinynmf_online tinynmf_online;

// A fixed W with what all columns share, in memory that the caller owns.
typedef struct tinynmf_transform tinynmf_transform;

// An element type of a matrix, and the arithmetic: TINYNMF_U8, TINYNMF_U16, TINYNMF_I16 or TINYNMF_F32 for
// floats, TINYNMF_FIXED_U8, TINYNMF_FIXED_U16 or TINYNMF_FIXED_I16 for fixed point.
typedef struct tinynmf_type tinynmf_type;

// A matrix that is read in place, in flash or in RAM: rows x columns entries, row by row.
typedef struct {
  // The entries; they stay where they are for as long as the matrix is in use.
  const void *entries;
  // Their type: &TINYNMF_U8, &TINYNMF_U16, &TINYNMF_I16 or &TINYNMF_F32; &TINYNMF_FIXED_U8,
  // &TINYNMF_FIXED_U16 or &TINYNMF_FIXED_I16 for tinynmf_fixed_init.
  const tinynmf_type *element;
  // m, at least 1.
  uint32_t rows;
  // n, at least 1.
  uint32_t columns;
  // The matrix is scale times its entries.
  float scale;
} tinynmf_matrix;

// A step rule: memory that tinynmf_rule_init or tinynmf_rule_learned fills.
typedef struct {
  size_t words[TINYNMF_RULE_WORDS];
} tinynmf_rule;

// Penalty on a factor, a term of the loss: l1 times its sum, and l2 / 2 times its sum of squares.
typedef struct {
  // Pushes entries to exactly zero.
  float l1;
  // Keeps entries small.
  float l2;
} tinynmf_penalty;

// Options of a factorisation.
typedef struct {
  // Of the start, the batches and the random rules.
  uint64_t seed;
  // The epochs planned: rules see how far they are. A factorisation may go on beyond them.
  uint32_t horizon;
  // The share of columns and rows in a mini-batch; 1 is all.
  float batch;
  // On W.
  tinynmf_penalty penalty_of_w;
  // On H.
  tinynmf_penalty penalty_of_h;
} tinynmf_settings;

// The record of one half-step.
typedef struct {
  // The step size taken; 0 where none was taken.
  float rate;
  // The certified bound 2/L; 0 where the other factor is zero.
  float bound;
  // The loss before the step with the penalties, to within rounding; tinynmf_loss is exact.
  float loss;
  // How much the step changed the loss.
  float change;
  // A tinynmf_outcome.
  uint32_t outcome;
} tinynmf_half_step;

// The record of one epoch.
typedef struct {
  // The W half-step.
  tinynmf_half_step w;
  // The H half-step, with the new W.
  tinynmf_half_step h;
} tinynmf_record;

// Options of a transform.
typedef struct {
  // Seed of the random rules.
  uint64_t seed;
  // Half-steps of the rule for every column. 0 is for exact latents alone: tinynmf_transform_columns refuses it.
  uint32_t steps;
  // On H.
  tinynmf_penalty penalty;
} tinynmf_transform_settings;

// Options of a stream.
typedef struct {
  // Of W's start and the random rules.
  uint64_t seed;
  // Half-steps of the rule for the latents of every column; 0: exact latents.
  uint32_t steps;
  // The columns that W is fitted to, about: at least 1; infinity forgets nothing. With TINYNMF_KEEP_GRAM at most 50.
  float window;
  // A tinynmf_keep.
  uint32_t keep;
  // The columns planned, for the rules that have a horizon.
  uint32_t horizon;
  // On W, once for every column.
  tinynmf_penalty penalty_of_w;
  // On H.
  tinynmf_penalty penalty_of_h;
} tinynmf_online_settings;

// No penalty.
#define TINYNMF_NO_PENALTY {0.0f, 0.0f}

// 200 epochs, exact gradients without penalties, seed 0.
#define TINYNMF_DEFAULTS {0, 200, 1.0f, TINYNMF_NO_PENALTY, TINYNMF_NO_PENALTY}

// 30 half-steps, no penalty, seed 0.
#define TINYNMF_TRANSFORM_DEFAULTS {0, 30, TINYNMF_NO_PENALTY}

// Exact latents, a window of 50 columns, the gram matrix and the products, 1000 columns planned, no penalties, seed 0.
#define TINYNMF_ONLINE_DEFAULTS {0, 0, 50.0f, 1, 1000, TINYNMF_NO_PENALTY, TINYNMF_NO_PENALTY}

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// uint8_t
extern const tinynmf_type TINYNMF_U8;

// uint16_t
extern const tinynmf_type TINYNMF_U16;

// int16_t, none of them negative
extern const tinynmf_type TINYNMF_I16;

// float
extern const tinynmf_type TINYNMF_F32;

// uint8_t, in fixed point
extern const tinynmf_type TINYNMF_FIXED_U8;

// uint16_t, in fixed point
extern const tinynmf_type TINYNMF_FIXED_U16;

// int16_t, none of them negative, in fixed point
extern const tinynmf_type TINYNMF_FIXED_I16;

// The version of the library, as TINYNMF_VERSION is the header's.
const char *tinynmf_version(void);

// The sentence of an error, of a number that is none too; never null.
const char *tinynmf_error_string(int32_t error);

// A checksum of floats, to compare machines bit by bit: CRC-64/XZ of their little-endian bytes; 0 for null.
uint64_t tinynmf_fingerprint(const float *floats,
                             size_t count);

// Checks a matrix, and says where the entry is that is not finite, negative or too large.
//
// `row` and `column` count from 0 and may be null; they are only written to for such an entry.
tinynmf_error tinynmf_check(const tinynmf_matrix *matrix, uint32_t *row, uint32_t *column);

// Makes a rule of a tinynmf_rule_kind with its parameters; those that it does not have are ignored, and those beyond c have
// their defaults.
tinynmf_error tinynmf_rule_init(uint32_t abi,
                                tinynmf_rule *rule,
                                uint32_t kind,
                                float a,
                                float b,
                                float c);

// Makes the rule that asks a policy, of step sizes or of schedules, which is checked and then read in place, from flash
// or RAM.
tinynmf_error tinynmf_rule_learned(uint32_t abi,
                                   tinynmf_rule *rule,
                                   const uint8_t *policy,
                                   size_t bytes);

// The policy that ships with this library, and its size in bytes; linked in only if this is called.
const uint8_t *tinynmf_shipped_policy(size_t *bytes);

// The policy of schedules that ships with this library, and its size in bytes; linked in only if this is called.
const uint8_t *tinynmf_schedule_policy(size_t *bytes);

// The memory that a factorisation needs, in bytes; TINYNMF_SIZE is the same as a constant.
size_t tinynmf_size(uint32_t rows, uint32_t columns, uint32_t rank);

// Makes a factorisation of V with the given rank in the caller's memory, and draws its start from the seed.
//
// `nmf` gets the pointer that the other functions take. `memory` is aligned to 8 bytes and has at least
// tinynmf_size bytes. Null `settings` are TINYNMF_DEFAULTS. V stays in place while the factorisation is used.
tinynmf_error tinynmf_init(uint32_t abi,
                           tinynmf **nmf,
                           void *memory,
                           size_t bytes,
                           const tinynmf_matrix *v,
                           uint32_t rank,
                           const tinynmf_settings *settings);

// Sets W (rows x rank, row by row) and H (rank x columns, column by column), copied from the caller's.
tinynmf_error tinynmf_set(tinynmf *nmf,
                          const float *w,
                          const float *h);

// Goes on with another V of the same shape: the next reading of the same sensors, say.
tinynmf_error tinynmf_set_data(tinynmf *nmf, const tinynmf_matrix *v);

// One epoch: a W half-step, then an H half-step with the new W. `record` may be null.
tinynmf_error tinynmf_epoch(tinynmf *nmf, tinynmf_rule *rule, tinynmf_record *record);

// The loss: half the sum of the squares of V - WH, without penalties.
tinynmf_error tinynmf_loss(tinynmf *nmf, float *loss);

// The objective: the loss and the penalties on both factors.
tinynmf_error tinynmf_objective(tinynmf *nmf, float *objective);

// W: rows x rank floats, row by row, finite and not negative; null for what is no factorisation.
const float *tinynmf_w(tinynmf *nmf);

// H: rank x columns floats, column by column, finite and not negative; null for what is no factorisation.
const float *tinynmf_h(tinynmf *nmf);

// The memory that a factorisation in fixed point needs, in bytes; TINYNMF_FIXED_SIZE is the same as a constant.
size_t tinynmf_fixed_size(uint32_t rows,
                          uint32_t columns,
                          uint32_t rank);

// Makes a factorisation of V in fixed point, and draws its start from the seed: as tinynmf_init, in two thirds
// of its memory and without floats in what is done for every entry.
//
// V is of type TINYNMF_FIXED_U8, TINYNMF_FIXED_U16 or TINYNMF_FIXED_I16. `memory` is aligned to 8 bytes and has at least
// tinynmf_fixed_size bytes.
tinynmf_error tinynmf_fixed_init(uint32_t abi,
                                 tinynmf_fixed **fixed,
                                 void *memory,
                                 size_t bytes,
                                 const tinynmf_matrix *v,
                                 uint32_t rank,
                                 const tinynmf_settings *settings);

// Sets W (rows x rank, row by row) and H (rank x columns, column by column) from floats, rounded to 15 bits.
tinynmf_error tinynmf_fixed_set(tinynmf_fixed *fixed,
                                const float *w,
                                const float *h);

// Goes on with another V of the same shape. The entries of H stay: they count as often the new scale.
tinynmf_error tinynmf_fixed_set_data(tinynmf_fixed *fixed,
                                     const tinynmf_matrix *v);

// One epoch: a W half-step, then an H half-step with the new W. `record` may be null.
tinynmf_error tinynmf_fixed_epoch(tinynmf_fixed *fixed, tinynmf_rule *rule, tinynmf_record *record);

// The loss: half the sum of the squares of V - WH.
tinynmf_error tinynmf_fixed_loss(tinynmf_fixed *fixed, float *loss);

// The objective: the loss and the penalties on both factors.
tinynmf_error tinynmf_fixed_objective(tinynmf_fixed *fixed, float *objective);

// W: rows x rank entries, row by row, each of which counts `unit`, which may be null to stay unknown. Null for
// what is no factorisation.
const uint16_t *tinynmf_fixed_w(tinynmf_fixed *fixed,
                                float *unit);

// H: rank x columns entries, column by column; otherwise as tinynmf_fixed_w.
const uint16_t *tinynmf_fixed_h(tinynmf_fixed *fixed, float *unit);

// The memory that a transform needs, in bytes; TINYNMF_TRANSFORM_SIZE is the same as a constant.
size_t tinynmf_transform_size(uint32_t rank);

// Makes a transform for W (rows x rank floats, row by row), which may lie in flash and stays in place.
//
// `transform` gets the pointer that the other functions take. `memory` is aligned to 8 bytes and
// has at least tinynmf_transform_size bytes. Null `settings` are TINYNMF_TRANSFORM_DEFAULTS.
tinynmf_error tinynmf_transform_init(uint32_t abi,
                                     tinynmf_transform **transform,
                                     void *memory,
                                     size_t bytes,
                                     const float *w,
                                     uint32_t rows,
                                     uint32_t rank,
                                     const tinynmf_transform_settings *settings);

// H (rank x columns floats, column by column) for every column of V, whose rows are those of W, by the half-steps of the
// settings.
//
// A column may be zero; its latents are zero then.
tinynmf_error tinynmf_transform_columns(tinynmf_transform *transform,
                                        tinynmf_rule *rule,
                                        const tinynmf_matrix *v,
                                        float *h);

// The exact latents (rank floats) of a column, scale times its entries, as many as W has rows: the minimum itself, without a
// rule.
//
// `residual`, which may be null, gets half the squared distance of the column from Wh: how far it is from all that W knows.
// A column of zeros has zero latents. Above a rank of 16 sweeps find the minimum, as many as the settings have steps, 30
// where these are 0.
tinynmf_error tinynmf_transform_exact_u8(tinynmf_transform *transform,
                                         const uint8_t *column,
                                         float scale,
                                         float *h,
                                         float *residual);

// As tinynmf_transform_exact_u8.
tinynmf_error tinynmf_transform_exact_u16(tinynmf_transform *transform,
                                          const uint16_t *column,
                                          float scale,
                                          float *h,
                                          float *residual);

// As tinynmf_transform_exact_u8; no entry is negative.
tinynmf_error tinynmf_transform_exact_i16(tinynmf_transform *transform,
                                          const int16_t *column,
                                          float scale,
                                          float *h,
                                          float *residual);

// As tinynmf_transform_exact_u8; every entry is finite and none is negative.
tinynmf_error tinynmf_transform_exact_f32(tinynmf_transform *transform,
                                          const float *column,
                                          float scale,
                                          float *h,
                                          float *residual);

// The memory that a stream of columns needs, in bytes; TINYNMF_ONLINE_SIZE is the same as a constant.
size_t tinynmf_online_size(uint32_t rows,
                           uint32_t rank,
                           uint32_t keep);

// Prepares for a stream of columns of `rows` entries, in the caller's memory.
//
// `online` gets the pointer that the other functions take. `memory` is aligned to 8 bytes and has at least
// tinynmf_online_size bytes. Null `settings` are TINYNMF_ONLINE_DEFAULTS. W is drawn from the seed at the first
// column that is not zero, unless tinynmf_online_set gives one.
tinynmf_error tinynmf_online_init(uint32_t abi,
                                  tinynmf_online **online,
                                  void *memory,
                                  size_t bytes,
                                  uint32_t rows,
                                  uint32_t rank,
                                  const tinynmf_online_settings *settings);

// Sets W (rows x rank, row by row), copied from the caller's; what is kept of the past stays.
tinynmf_error tinynmf_online_set(tinynmf_online *online, const float *w);

// W: rows x rank floats, row by row, finite and not negative; null for what is no stream.
const float *tinynmf_online_w(tinynmf_online *online);

// The latents of the last column: rank floats, finite and not negative; null for what is no stream.
const float *tinynmf_online_h(tinynmf_online *online);

// Half the squared distance of the last column from Wh, for W as it was before it: how far it was from all that W knew.
tinynmf_error tinynmf_online_residual(tinynmf_online *online,
                                      float *residual);

// Takes in a column, scale times its `rows` entries: finds its latents, then makes a W half-step, whose
// `record` may be null. The column is not used afterwards.
//
// A column of zeros has zero latents and teaches nothing. One that is refused changes nothing.
tinynmf_error tinynmf_online_u8(tinynmf_online *online,
                                tinynmf_rule *rule,
                                const uint8_t *column,
                                float scale,
                                tinynmf_half_step *record);

// As tinynmf_online_u8.
tinynmf_error tinynmf_online_u16(tinynmf_online *online,
                                 tinynmf_rule *rule,
                                 const uint16_t *column,
                                 float scale,
                                 tinynmf_half_step *record);

// As tinynmf_online_u8; no entry is negative.
tinynmf_error tinynmf_online_i16(tinynmf_online *online,
                                 tinynmf_rule *rule,
                                 const int16_t *column,
                                 float scale,
                                 tinynmf_half_step *record);

// As tinynmf_online_u8; every entry is finite and none is negative.
tinynmf_error tinynmf_online_f32(tinynmf_online *online,
                                 tinynmf_rule *rule,
                                 const float *column,
                                 float scale,
                                 tinynmf_half_step *record);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TINYNMF_H */

/* What a program was compiled with, for the functions that make something. */
#define tinynmf_rule_init(...) tinynmf_rule_init(TINYNMF_ABI, __VA_ARGS__)
#define tinynmf_rule_learned(...) tinynmf_rule_learned(TINYNMF_ABI, __VA_ARGS__)
#define tinynmf_init(...) tinynmf_init(TINYNMF_ABI, __VA_ARGS__)
#define tinynmf_fixed_init(...) tinynmf_fixed_init(TINYNMF_ABI, __VA_ARGS__)
#define tinynmf_transform_init(...) tinynmf_transform_init(TINYNMF_ABI, __VA_ARGS__)
#define tinynmf_online_init(...) tinynmf_online_init(TINYNMF_ABI, __VA_ARGS__)
