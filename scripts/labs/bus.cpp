/// Every transaction of the driver in ten steady seconds, one a line: p in a pass that only polls or w in one that
/// reads a window or proves it, the register, bytes with the command.

#include "bench.h"

#include "ade9000/registers.h"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace {

using namespace bench;

constexpr size_t SECONDS = 10;

/// The loop of ESPHome comes round every 16 ms.
constexpr uint64_t PASS_US = 16 * MS;

unsigned address_of(const std::vector<uint8_t> &frame) { return (frame[0] << 8U | frame[1]) >> 4U; }

/// Whether a pass reads the energies of a window.
bool reads_energies(const std::vector<std::vector<uint8_t>> &frames) {
  return std::any_of(frames.begin(), frames.end(),
                     [](const std::vector<uint8_t> &frame) { return address_of(frame) == reg::AWATTHR_LO; });
}

void write(bool has_window, const std::vector<uint8_t> &frame) {
  std::printf("%c 0x%03X %zu\n", has_window ? 'w' : 'p', address_of(frame), frame.size());
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
    const bool has_reading = bench.call();
    const bool has_window = has_reading || reads_energies(bench.wires.sent);
    for (const auto &frame : bench.wires.sent)
      write(has_window, frame);
  }
}
