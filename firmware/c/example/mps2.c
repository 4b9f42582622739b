/* QEMU's mps2 boards, Cortex-M3 and M4F: vectors, start, and a terminal through semihosting. */
#include <stddef.h>
#include <stdint.h>

#include "board.h"

extern uint32_t stack_top, data_start, data_end, data_load, bss_start, bss_end;

int main(void);
void reset(void);

enum { WRITE0 = 0x04, EXIT_EXTENDED = 0x20, APPLICATION_EXIT = 0x20026 };

static void semihosting(uint32_t operation, const void *argument) {
  register uint32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void print(const char *text) { semihosting(WRITE0, text); }

_Noreturn void finish(int code) {
  uint32_t block[2] = {APPLICATION_EXIT, (uint32_t)code};
  semihosting(EXIT_EXTENDED, block);
  for (;;) {
  }
}

/* What compilers call in freestanding programs; a released library keeps its own to itself. A compiler must not see
 * a call of memcpy in memcpy. */
#define ALONE __attribute__((optimize("no-tree-loop-distribute-patterns")))

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
  print("fault\n");
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
