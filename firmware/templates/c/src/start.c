/* Vectors and start of a Cortex-M, without its interrupts: add those that you use, or take your vendor's file. */
#include <stddef.h>
#include <stdint.h>

#include "log.h"

extern uint32_t stack_top, data_start, data_end, data_load, bss_start, bss_end;

int main(void);
void reset(void);

/* What compilers call in freestanding programs. They must not see a call of memcpy in memcpy. */
#define ALONE __attribute__((weak, optimize("no-tree-loop-distribute-patterns")))

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

ALONE void *memcpy(void *to, const void *from, size_t bytes) {
  for (size_t k = 0; k < bytes; ++k) ((unsigned char *)to)[k] = ((const unsigned char *)from)[k];
  return to;
}

ALONE void *memset(void *to, int value, size_t bytes) {
  for (size_t k = 0; k < bytes; ++k) ((unsigned char *)to)[k] = (unsigned char)value;
  return to;
}

static void fault(void) {
  log_text("fault\n");
  finish(102);
}

void reset(void) {
#ifdef __ARM_FP
  /* The floating-point unit, before anything uses it. */
  *(volatile uint32_t *)0xe000ed88u |= 0xfu << 20;
  __asm__ volatile("dsb\n isb" ::: "memory");
#endif
  const uint32_t *from = &data_load;
  for (volatile uint32_t *to = &data_start; to < &data_end; ++to) *to = *from++;
  for (volatile uint32_t *to = &bss_start; to < &bss_end; ++to) *to = 0;
  finish(main());
}

typedef union {
  uint32_t *stack;
  void (*handler)(void);
} vector;

/* Stack, reset, NMI, and the four faults. */
__attribute__((section(".vectors"), used)) static const vector vectors[7] = {
    {.stack = &stack_top}, {.handler = reset}, {.handler = fault}, {.handler = fault},
    {.handler = fault},    {.handler = fault}, {.handler = fault},
};
