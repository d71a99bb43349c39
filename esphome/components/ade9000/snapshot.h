#pragma once

#include "chip_config.h"
#include "energy.h"
#include "reading.h"
#include "window.h"

namespace esphome::ade9000 {

/// Return the lines that took or gave energy in a window and still do at its end.
LineSet loaded_lines(const Window &window, const WindowEnergy &energy);

/// Eight values of each line or pair, the neutral's current, and of the whole a frequency, a sum of currents, two
/// unbalances and a temperature.
using SnapshotValues = ValueList<8 * LINE_COUNT + 6>;

/// Return what the chip measured at the end of a window: voltages and currents of 10 or 12 cycles, distortion,
/// frequency, angles and temperature.
SnapshotValues snapshot(const Window &window, const WindowState &state, const ChipConfig &config, const Scales &scales);

/// Tell whether a channel was driven beyond full scale in a window.
bool is_saturated(const Window &window, const ChipConfig &config, const Scales &scales);

}  // namespace esphome::ade9000
