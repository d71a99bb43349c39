#pragma once

#include "chip_config.h"
#include "energy.h"
#include "reading.h"
#include "window.h"

#include <cstdint>

namespace esphome::ade9000 {

/// What is known about a window besides its codes. Lines are bit 0 for L1 to bit 2 for L3.
struct WindowState {
  uint8_t crossing_lines;   ///< The voltage crossed zero all the time, in the two windows before as well.
  uint8_t loaded_lines;     ///< There was a load.
  uint8_t distorted_lines;  ///< There was a load in the two windows before as well, so that its distortion is known.
  bool has_temperature;     ///< A temperature was measured since the window before.
  uint32_t temp_trim;       ///< TEMP_TRIM.
};

/// Return the lines that took or gave energy in a window and still do at its end.
uint8_t loaded_lines(const Window &window, const WindowEnergy &energy);

/// Fill in what the chip measured at the end of a window: voltages and currents of 10 or 12 cycles, distortion,
/// frequency, angles and temperature.
void report_snapshot(const Window &window, const WindowState &state, const ChipConfig &config, const Scales &scales,
                     Reading &reading);

}  // namespace esphome::ade9000
