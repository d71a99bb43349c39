#pragma once

#include "energy.h"
#include "line_set.h"
#include "register_bus.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// The codes that describe one window, as the chip holds them.
struct Window {
  std::array<uint32_t, LINE_COUNT> voltage_rms;
  std::array<uint32_t, LINE_COUNT> current_rms;
  uint32_t neutral_rms;
  uint32_t sum_rms;  ///< Of the sum of currents, see `summed_current`.
  std::array<uint32_t, LINE_COUNT> voltage_fundamental_rms;
  std::array<uint32_t, LINE_COUNT> current_fundamental_rms;
  std::array<int32_t, LINE_COUNT> voltage_thd;
  std::array<int32_t, LINE_COUNT> current_thd;
  std::array<std::array<int64_t, LINE_COUNT>, KIND_COUNT> energy;
  std::array<uint32_t, LINE_COUNT> period;
  std::array<uint16_t, LINE_COUNT> pair_delay;     ///< From L1 to L2, L2 to L3, L1 to L3.
  std::array<uint16_t, LINE_COUNT> current_delay;  ///< From a phase's voltage to its current.
  uint32_t no_load;                                ///< PHNOLOAD.
  uint16_t temperature;                            ///< TEMP_RSLT.
};

/// What is known about a window besides its codes.
struct WindowState {
  LineSet crossing_lines;   ///< The voltage crossed zero all the time, in the two windows before as well.
  LineSet loaded_lines;     ///< There was a load, in the window before as well, so that its angle is known.
  LineSet distorted_lines;  ///< There was a load in the two windows before as well, so that its distortion is known.
  bool has_temperature;     ///< A temperature was measured since the window before.
  uint32_t temp_trim;       ///< TEMP_TRIM.
  std::array<double, LINE_COUNT> frequency_hz{NAN, NAN, NAN};  ///< NAN where it was not measured.
};

/// Read the codes; false when one of them could not be read for sure.
bool read_window(RegisterBus &bus, Window &window);

}  // namespace esphome::ade9000
