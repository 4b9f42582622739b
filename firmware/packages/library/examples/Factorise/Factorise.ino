// Learns two parts from readings of eight sensors, and prints how much every part weighs in the latest reading.
#include <tinynmf.h>

const uint32_t SENSORS = 8, RANK = 2;

static TINYNMF_MEMORY(memory, TINYNMF_ONLINE_SIZE(SENSORS, RANK, TINYNMF_KEEP_PRODUCTS));
static tinynmf_rule rule;
static tinynmf_online *online;

// Ends the sketch with a sentence if something was refused.
void must(tinynmf_error error) {
  if (error == TINYNMF_ERROR_NONE) return;
  Serial.println(tinynmf_error_string(error));
  for (;;) delay(1000);
}

// Two patterns in turn; put analogRead of your sensors here.
uint16_t sensor(uint32_t k, unsigned long time) {
  const uint16_t first = k < 4 ? 300 : 20, second = k % 2 ? 500 : 10;
  return time % 3 == 0 ? first : time % 3 == 1 ? second : first + second;
}

void setup() {
  Serial.begin(115200);
  size_t bytes;
  const uint8_t *policy = tinynmf_shipped_policy(&bytes);
  must(tinynmf_rule_learned(&rule, policy, bytes));
  must(tinynmf_online_init(&online, memory, sizeof memory, SENSORS, RANK, NULL));
}

void loop() {
  static unsigned long time = 0;
  uint16_t column[SENSORS];
  for (uint32_t k = 0; k < SENSORS; ++k) column[k] = sensor(k, time);
  must(tinynmf_online_u16(online, &rule, column, 1.0f / 1024.0f, NULL));
  const float *weights = tinynmf_online_h(online);
  for (uint32_t part = 0; part < RANK; ++part) {
    Serial.print(weights[part]);
    Serial.print(part + 1 < RANK ? " " : "\n");
  }
  ++time;
  delay(100);
}
