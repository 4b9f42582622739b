/* What the checks share: a line for each that does not hold, and the verdict. */
#ifndef CHECKS_H
#define CHECKS_H

#include "board.h"
#include "tinynmf.h"

static int failures;

/* Any address but an aligned one. */
static inline void *askew(void *pointer) { return (char *)pointer + 1; }

static inline void expect(int holds, const char *what) {
  if (holds) return;
  print("FAILED: ");
  print(what);
  print("\n");
  ++failures;
}

/* Every check is a line of its own, and named by its code. */
#define EXPECT(condition) expect((condition) != 0, #condition)
#define REFUSED(error, call) expect((call) == TINYNMF_ERROR_##error, #call " as " #error)
#define DONE(call) REFUSED(NONE, call)

/* The exit code, once it is said. */
static inline int verdict(void) {
  print(failures == 0 ? "every check holds\n" : "checks failed\n");
  return failures != 0;
}

#endif
