#pragma once

#include "interrupts.h"
#include "register_file.h"
#include "timeline.h"

#include <array>
#include <cstdint>

namespace esphome::ade9000_sim {

/// The chip's continuous supervision: zero crossings and their time-outs, periods, angles, phase sequence, the sum of
/// the currents and no-load.
class Supervision {
 public:
  Supervision(RegisterFile &registers, Timeline &timeline, Interrupts &interrupts)
      : registers_(registers), timeline_(timeline), interrupts_(interrupts) {}

  void start(double now_s);

  /// Set flags and registers for the time since `from_s`.
  void advance(double from_s, double to_s);

 protected:
  bool is_live_(const PhaseCodes &codes) const;
  void watch_crossings_(const Codes &codes, double from_s, double to_s);
  void watch_sequence_(const Codes &codes, double from_s, double to_s);
  void watch_sum_(const Codes &codes, double at_s);
  void refresh_periods_(const Codes &codes);
  void refresh_angles_(const Codes &codes, double now_s);
  void refresh_no_load_(const Codes &codes);

  RegisterFile &registers_;
  Timeline &timeline_;
  Interrupts &interrupts_;
  std::array<double, PHASE_COUNT> last_crossing_s_{};
  std::array<bool, PHASE_COUNT> is_timed_out_{};
  double out_of_sequence_s_{0};  ///< Duration of a wrong sequence or a missing phase.
  bool is_sum_above_{false};
};

}  // namespace esphome::ade9000_sim
