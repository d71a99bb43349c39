#pragma once

#include "codes.h"
#include "front_end.h"
#include "register_file.h"
#include "scenario.h"

#include <array>

namespace esphome::ade9000_sim {

/// The signal path's output at each instant; computed once for each step of the profile.
class Timeline {
 public:
  explicit Timeline(const RegisterFile &registers) : registers_(registers) {}

  void set_scenario(const Scenario &scenario);
  void set_front_end(const FrontEnd &front_end);

  /// Let the chip follow the currents up to an instant, so that multipoint calibration changes its regions.
  void follow(double from_s, double to_s);

  uint8_t region(size_t phase) const { return this->regions_[phase]; }

  /// Forget the computed codes, because a register of the signal path has changed.
  void forget() { this->is_known_.fill(false); }

  /// The DSP adopts the wiring when it starts.
  void set_accmode(uint32_t accmode);

  const Scenario &scenario() const { return this->scenario_; }
  const Codes &at(double time_s);

  /// Call `visit(codes, from_s, to_s)` for every piece of a span in which the codes are constant.
  template <typename Visit>
  void for_each(double from_s, double to_s, Visit visit) {
    this->scenario_.for_each_segment(
        from_s, to_s, [&](size_t step, double begin_s, double end_s) { visit(this->of_step_(step), begin_s, end_s); });
  }

 protected:
  const Codes &of_step_(size_t step);
  void enter_(size_t step);

  const RegisterFile &registers_;
  Scenario scenario_;
  FrontEnd front_end_;
  uint32_t accmode_{0};
  Regions regions_{};
  std::array<Regions, MAX_STEPS> regions_of_step_{};
  std::array<Codes, MAX_STEPS> codes_{};
  std::array<bool, MAX_STEPS> is_known_{};
};

}  // namespace esphome::ade9000_sim
