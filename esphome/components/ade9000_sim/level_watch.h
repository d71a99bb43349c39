#pragma once

#include "interrupts.h"
#include "one_cycle.h"
#include "register_file.h"
#include "timeline.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000_sim {

/// The chip's comparison with levels each half cycle: the one-cycle RMS of voltages (dips, swells) and currents.
class LevelWatch {
 public:
  LevelWatch(RegisterFile &registers, Timeline &timeline, Interrupts &interrupts)
      : registers_(registers), timeline_(timeline), interrupts_(interrupts) {}

  void start(double run_s);

  /// Compare each value that the chip refreshed in a span.
  void advance(double from_s, double to_s);

 protected:
  /// A voltage under comparison with a level.
  struct Watch {
    bool is_active{false};
    uint32_t pending{0};  ///< Consecutive values on the other side.
    uint32_t extreme{0};
    bool is_repeated{false};  ///< The next value reports its exit once more.
  };

  /// The same value for a number of consecutive half cycles.
  struct Run {
    double at_s;
    uint32_t count;
  };

  struct Level;

  double half_cycle_s_() const { return 0.5 / this->timeline_.scenario().frequency_hz; }
  uint32_t length_of_run_(double at_s, double to_s) const;
  void compare_(const Run &run);
  void watch_voltage_(const Level &level, Watch &watch, size_t phase, uint32_t value, const Run &run);
  bool has_changed_(const Level &level, Watch &watch, size_t phase, bool is_beyond, const Run &run);
  void watch_currents_(const OneCycle &cycle, const Run &run);

  RegisterFile &registers_;
  Timeline &timeline_;
  Interrupts &interrupts_;
  double run_s_{0};
  std::array<std::array<Watch, PHASE_COUNT>, 2> watches_{};
};

}  // namespace esphome::ade9000_sim
