// As much of Arduino as the sketch uses, on this machine.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void setup();
void loop();

inline void delay(unsigned long milliseconds) {
  // A sketch that stopped waits for ever.
  if (milliseconds >= 1000) exit(1);
}

struct Terminal {
  void begin(unsigned long) {}
  void print(const char *text) { fputs(text, stdout); }
  void print(float number) { printf("%.6f", static_cast<double>(number)); }
  void println(const char *text) { puts(text); }
};

static Terminal Serial;
