// Arduino's main, for 300 rounds.
#include "arduino/Arduino.h"
#include SKETCH

int main() {
  setup();
  for (int round = 0; round < 300; ++round) loop();
}
