#include "ade9000/chip_config.h"

#include <cstdio>

/// Writes what the driver knows of each wiring, as JSON by the names of its enumeration.

using namespace esphome::ade9000;

struct NamedWiring {
  const char *constant;
  Wiring wiring;
};

#define NAMED(CONSTANT) {#CONSTANT, Wiring::CONSTANT}

constexpr NamedWiring WIRINGS[] = {
    NAMED(WYE_4WIRE),     NAMED(SINGLE_PHASES), NAMED(SPLIT_PHASE),
    NAMED(NETWORK_3WIRE), NAMED(DELTA_3WIRE),   NAMED(DELTA_3WIRE_ISOLATED),
    NAMED(DELTA_4WIRE),   NAMED(WYE_4WIRE_2VT), NAMED(DELTA_4WIRE_2VT),
};

static_assert(sizeof(WIRINGS) / sizeof(*WIRINGS) == WIRING_COUNT);

const char *json(bool value) { return value ? "true" : "false"; }

void write(const char *key, LineSet lines) {
  std::printf(", \"%s\": [", key);
  const char *separator = "";
  for (const size_t line : lines) {
    std::printf("%s\"l%zu\"", separator, line + 1);
    separator = ", ";
  }
  std::printf("]");
}

void write(const WiringTraits &traits) {
  std::printf("{\"name\": \"%s\"", traits.name);
  write("phases", traits.phases);
  write("voltage_inputs", traits.voltage_inputs);
  write("counted", traits.counted);
  std::printf(", \"is_one_system\": %s, \"has_sequence\": %s, \"is_three_wire\": %s", json(traits.is_one_system),
              json(traits.has_sequence), json(traits.is_three_wire));
  std::printf(", \"computes_l2_current\": %s, \"combined_crossing\": %s, \"vconsel\": %u}",
              json(traits.computes_l2_current), json(traits.combined_crossing), traits.vconsel);
}

int main() {
  const char *separator = "{";
  for (const auto &[constant, wiring] : WIRINGS) {
    std::printf("%s\"%s\": ", separator, constant);
    write(traits_of(wiring));
    separator = ",\n";
  }
  std::printf("}\n");
}
