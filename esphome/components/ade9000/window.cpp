#include "window.h"

#include "registers.h"

#include <algorithm>

namespace esphome::ade9000 {

namespace {

/// The results of the burst block that hold still between refreshes, from the first THD to the neutral's RMS.
constexpr uint16_t BURST_BEGIN = reg::AVTHD_1;
constexpr size_t BURST_WORDS = reg::NIRMS1012_1 - BURST_BEGIN + 1;

using Burst = std::array<uint32_t, BURST_WORDS>;

/// A group of words of the burst that the driver uses.
struct BurstGroup {
  uint16_t address;
  size_t count;
};

constexpr BurstGroup USED[] = {
    {reg::AVTHD_1, LINE_COUNT},     {reg::AITHD_1, LINE_COUNT}, {reg::AIRMS1012_1, LINE_COUNT},
    {reg::AVRMS1012_1, LINE_COUNT}, {reg::NIRMS1012_1, 1},
};

constexpr int BURST_ATTEMPTS = 4;

const uint32_t *word_of(const Burst &burst, uint16_t address) { return burst.data() + (address - BURST_BEGIN); }

bool agree(const Burst &first, const Burst &second) {
  return std::all_of(std::begin(USED), std::end(USED), [&](const BurstGroup &group) {
    const uint32_t *words = word_of(first, group.address);
    return std::equal(words, words + group.count, word_of(second, group.address));
  });
}

/// Read until two bursts in a row agree: a burst carries no CRC. What is used is refreshed five times a second at most,
/// so that the first two agree as a rule.
bool read_burst(RegisterBus &bus, Burst &burst) {
  Burst other;
  if (!bus.read_burst(BURST_BEGIN, burst))
    return false;
  for (int attempt = 1; attempt < BURST_ATTEMPTS; attempt++) {
    if (!bus.read_burst(BURST_BEGIN, other))
      return false;
    if (agree(burst, other))
      return true;
    burst = other;
  }
  return false;
}

template <typename T>
bool read_register(RegisterBus &bus, uint16_t address, T &value) {
  const auto word = bus.read(address);
  if (word)
    value = static_cast<T>(*word);
  return word.has_value();
}

/// Read the same register of the three phases, which are `stride` apart.
template <typename T>
bool read_lines(RegisterBus &bus, uint16_t phase_a, std::array<T, LINE_COUNT> &values, uint16_t stride = 1) {
  for (size_t line = 0; line < LINE_COUNT; line++) {
    if (!read_register(bus, reg::of_phase(phase_a, line, stride), values[line]))
      return false;
  }
  return true;
}

/// The energy of a window is a signed number of 45 bits: 32 in the high register, 13 at the top of the low one.
bool read_energy(RegisterBus &bus, uint16_t address, int64_t &energy) {
  uint32_t low;
  int32_t high;
  if (!read_register(bus, address, low) || !read_register(bus, address + 1, high))
    return false;
  energy = int64_t{high} * (1 << reg::ENERGY_LO_BITS) + (low >> reg::ENERGY_LO_SHIFT);
  return true;
}

bool read_energies(RegisterBus &bus, Window &window) {
  for (size_t kind = 0; kind < KIND_COUNT; kind++) {
    for (size_t line = 0; line < LINE_COUNT; line++) {
      const auto offset = kind * reg::ENERGY_KIND_STRIDE + line * reg::ENERGY_PHASE_STRIDE;
      if (!read_energy(bus, static_cast<uint16_t>(reg::AWATTHR_LO + offset), window.energy[kind][line]))
        return false;
    }
  }
  return true;
}

void take_burst(const Burst &burst, Window &window) {
  for (size_t line = 0; line < LINE_COUNT; line++) {
    window.voltage_thd[line] = static_cast<int32_t>(word_of(burst, reg::AVTHD_1)[line]);
    window.current_thd[line] = static_cast<int32_t>(word_of(burst, reg::AITHD_1)[line]);
    window.current_rms[line] = word_of(burst, reg::AIRMS1012_1)[line];
    window.voltage_rms[line] = word_of(burst, reg::AVRMS1012_1)[line];
  }
  window.neutral_rms = *word_of(burst, reg::NIRMS1012_1);
}

}  // namespace

bool read_window(RegisterBus &bus, Window &window) {
  Burst burst;
  if (!read_burst(bus, burst))
    return false;
  take_burst(burst, window);
  return read_energies(bus, window) && read_lines(bus, reg::APERIOD, window.period) &&
         read_lines(bus, reg::ANGL_VA_VB, window.pair_delay) &&
         read_lines(bus, reg::ANGL_VA_IA, window.current_delay) &&
         read_lines(bus, reg::AVFRMS, window.voltage_fundamental_rms, reg::RESULT_STRIDE) &&
         read_lines(bus, reg::AIFRMS, window.current_fundamental_rms, reg::RESULT_STRIDE) &&
         read_register(bus, reg::ISUMRMS, window.sum_rms) && read_register(bus, reg::PHNOLOAD, window.no_load) &&
         read_register(bus, reg::TEMP_RSLT, window.temperature);
}

}  // namespace esphome::ade9000
