/// Every transaction of the driver in ten steady seconds, one a line: p in a pass that only polls or w in one that
/// reads a window, the register, bytes with the command.

#include "bench.h"

#include <cstdio>

namespace {

using namespace bench;

constexpr size_t SECONDS = 10;

/// The loop of ESPHome comes round every 16 ms.
constexpr uint64_t PASS_US = 16 * MS;

void write(bool has_window, const std::vector<uint8_t> &frame) {
  std::printf("%c 0x%03X %zu\n", has_window ? 'w' : 'p', (frame[0] << 8U | frame[1]) >> 4U, frame.size());
}

}  // namespace

int main() {
  ChipConfig config;
  config.neutral_fitted = true;
  Bench bench(balanced(10), config);
  bench.run_until(5 * S, PASS_US);
  // From the pass after a reading to that of the tenth after it.
  for (const size_t settled = bench.readings.size(); bench.readings.size() == settled; bench.call())
    bench.now_us += PASS_US;
  const size_t before = bench.readings.size();
  while (bench.readings.size() < before + SECONDS) {
    bench.now_us += PASS_US;
    const bool has_window = bench.call();
    for (const auto &frame : bench.wires.sent)
      write(has_window, frame);
  }
}
