#pragma once

#include "chip_config.h"
#include "energy.h"
#include "reading.h"
#include "window.h"

namespace esphome::ade9000 {

/// Return the lines that took or gave energy in a window and still do at its end.
LineSet loaded_lines(const Window &window, const WindowEnergy &energy);

/// Fill in what the chip measured at the end of a window: voltages and currents of 10 or 12 cycles, distortion,
/// frequency, angles and temperature.
void report_snapshot(const Window &window, const WindowState &state, const ChipConfig &config, const Scales &scales,
                     Reading &reading);

}  // namespace esphome::ade9000
