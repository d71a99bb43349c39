#pragma once

#include "register_file.h"
#include "timeline.h"

#include <array>
#include <cstdint>

namespace esphome::ade9000_sim {

/// What the chip watches all the time: zero crossings and their time-outs, periods, angles, dips, swells and no-load.
class Supervision {
 public:
  Supervision(RegisterFile &registers, Timeline &timeline) : registers_(registers), timeline_(timeline) {}

  void start(double now_s);

  /// Set flags and registers for the time since `from_s`.
  void advance(double from_s, double to_s);

 protected:
  /// A voltage that is compared with a level.
  struct Watch {
    bool is_active{false};
    double pending_s{0};  ///< For how long it has been on the other side.
  };

  bool is_live_(const PhaseCodes &codes) const;
  void watch_crossings_(const Codes &codes, double from_s, double to_s);
  void watch_levels_(const Codes &codes, double duration_s);
  bool has_changed_(Watch &watch, bool is_beyond, uint16_t cycles, double duration_s) const;
  void refresh_periods_(const Codes &codes);
  void refresh_angles_(const Codes &codes, double now_s);
  void refresh_no_load_(const Codes &codes);

  RegisterFile &registers_;
  Timeline &timeline_;
  std::array<double, PHASE_COUNT> last_crossing_s_{};
  std::array<bool, PHASE_COUNT> is_timed_out_{};
  std::array<Watch, PHASE_COUNT> dips_{};
  std::array<Watch, PHASE_COUNT> swells_{};
};

}  // namespace esphome::ade9000_sim
