/* What the examples share: the same readings, and how results are told. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include "board.h"
#include "tinynmf.h"

enum { ROWS = 48, COLUMNS = 32, RANK = 4, EPOCHS = 100 };

/* A sum of four patterns, and a little besides. */
static inline uint8_t reading(unsigned i, unsigned j) {
  unsigned sum = (31 * i + 17 * j) % 5;
  for (unsigned k = 0; k < RANK; ++k) {
    sum += ((2 * k + 1) * i + k) % 7 * (((k + 2) * j + k) % 5);
  }
  return (uint8_t)sum;
}

static inline void print_number(const char *name, uint64_t number) {
  char digits[] = " 0x0000000000000000\n";
  for (unsigned k = 0; k < 16; ++k, number >>= 4) {
    digits[18 - k] = "0123456789abcdef"[number & 15];
  }
  print(name);
  print(digits);
}

/* Ends the program with a sentence if something was refused. */
static inline void must(tinynmf_error error) {
  if (error != TINYNMF_ERROR_NONE) {
    print(tinynmf_error_string(error));
    print("\n");
    finish(1);
  }
}

#endif
