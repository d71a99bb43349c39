#include "window.h"

#include "agreement.h"
#include "registers.h"

namespace esphome::ade9000 {

namespace {

/// Copies of the results side by side, so that one group has all that is refreshed together: distortion every 1.024 s,
/// and the RMS of 10 or 12 cycles.
constexpr uint16_t DISTORTIONS = reg::AVTHD_1;
constexpr uint16_t RMS = reg::AIRMS1012_1;

template <typename T>
bool read_register(RegisterBus &bus, uint16_t address, T &value) {
  const auto code = read_agreed(bus, address);
  if (code)
    value = static_cast<T>(*code);
  return code.has_value();
}

/// Read the three registers of the phases, which follow on each other.
template <typename T>
bool read_lines(RegisterBus &bus, uint16_t phase_a, std::array<T, LINE_COUNT> &values) {
  std::array<uint32_t, LINE_COUNT> codes;
  const bool is_read = read_agreed(bus, phase_a, 1, codes);
  for (size_t line = 0; is_read && line < LINE_COUNT; line++)
    values[line] = static_cast<T>(codes[line]);
  return is_read;
}

bool read_distortions(RegisterBus &bus, Window &window) {
  std::array<uint32_t, 2 * LINE_COUNT> codes;
  if (!read_agreed(bus, DISTORTIONS, 1, codes))
    return false;
  for (size_t line = 0; line < LINE_COUNT; line++) {
    window.voltage_thd[line] = static_cast<int32_t>(codes[line]);
    window.current_thd[line] = static_cast<int32_t>(codes[LINE_COUNT + line]);
  }
  return true;
}

bool read_rms(RegisterBus &bus, Window &window) {
  std::array<uint32_t, 2 * LINE_COUNT + 1> codes;
  if (!read_agreed(bus, RMS, 1, codes))
    return false;
  for (size_t line = 0; line < LINE_COUNT; line++) {
    window.current_rms[line] = codes[line];
    window.voltage_rms[line] = codes[LINE_COUNT + line];
  }
  window.neutral_rms = codes.back();
  return true;
}

bool read_moving_rms(RegisterBus &bus, uint16_t address, uint32_t &rms) {
  const auto code = read_moving(bus, address);
  rms = code.value_or(0);
  return code.has_value();
}

/// Read what is not held between refreshes.
bool read_moving_values(RegisterBus &bus, Window &window) {
  for (size_t line = 0; line < LINE_COUNT; line++) {
    const auto address = [line](uint16_t phase_a) { return reg::of_phase(phase_a, line, reg::RESULT_STRIDE); };
    if (!read_moving_rms(bus, address(reg::AVFRMS), window.voltage_fundamental_rms[line]) ||
        !read_moving_rms(bus, address(reg::AIFRMS), window.current_fundamental_rms[line]))
      return false;
  }
  return read_moving_rms(bus, reg::ISUMRMS, window.sum_rms);
}

/// The energy of a window is a signed number of 45 bits: 32 in the high register, 13 at the top of the low one.
bool read_energy(RegisterBus &bus, uint16_t address, int64_t &energy) {
  std::array<uint32_t, 2> codes;
  if (!read_agreed(bus, address, 1, codes))
    return false;
  const auto high = static_cast<int32_t>(codes[1]);
  energy = int64_t{high} * (1 << reg::ENERGY_LO_BITS) + (codes[0] >> reg::ENERGY_LO_SHIFT);
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

}  // namespace

bool read_window(RegisterBus &bus, Window &window) {
  return read_distortions(bus, window) && read_rms(bus, window) && read_energies(bus, window) &&
         read_lines(bus, reg::APERIOD, window.period) && read_lines(bus, reg::ANGL_VA_VB, window.pair_delay) &&
         read_lines(bus, reg::ANGL_VA_IA, window.current_delay) && read_moving_values(bus, window) &&
         read_register(bus, reg::PHNOLOAD, window.no_load) && read_register(bus, reg::TEMP_RSLT, window.temperature);
}

}  // namespace esphome::ade9000
