#include "window_history.h"

#include "registers.h"
#include "snapshot.h"

namespace esphome::ade9000 {

void WindowHistory::interrupt() {
  this->loaded_.interrupt();
  this->frequencies_.forget();
}

WindowState WindowHistory::extend(const Window &window, const WindowEnergy &energy, const WindowFlags &flags,
                                  const ChipConfig &config) {
  const LineSet crossing = this->crossing_.extend(this->crossing_lines_(flags.status1));
  const LineSet loaded = loaded_lines(window, energy);
  const LineSet loaded_before = this->loaded_.last();
  const LineSet lines = crossing & measured_lines(config);
  return {.crossing_lines = crossing,
          .loaded_lines = loaded & loaded_before,
          .distorted_lines = this->loaded_.extend(loaded),
          .has_temperature = (flags.status0 & reg::STATUS0_TEMP_RDY) != 0,
          .temp_trim = flags.temp_trim,
          .frequency_hz = this->frequencies_.measure(window.period, lines, config.line_frequency_hz)};
}

/// Return the lines whose voltage crosses zero. A crossing that fails to come for 100 ms shows once, or again and
/// again; the line is lost from then until it crosses zero in a window without a time-out.
LineSet WindowHistory::crossing_lines_(uint32_t status1) {
  const LineSet crossed(status1 >> reg::STATUS1_ZXVA_BIT);
  const LineSet timed_out(status1 >> reg::STATUS1_ZXTOVA_BIT);
  this->lost_lines_ = (this->lost_lines_ & ~crossed) | timed_out;
  return ~this->lost_lines_;
}

}  // namespace esphome::ade9000
