/* QEMU's mps2 boards, Cortex-M3 and M4F: the start and the terminal of a project's template. */
#include "board.h"
#include "log.h"

void print(const char *text) { log_text(text); }
