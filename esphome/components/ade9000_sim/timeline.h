#pragma once

#include "codes.h"
#include "front_end.h"
#include "register_file.h"
#include "scenario.h"

#include <array>

namespace esphome::ade9000_sim {

/// What the signal path gives at each instant; computed once for each step of the profile.
class Timeline {
 public:
  explicit Timeline(const RegisterFile &registers) : registers_(registers) {}

  void set_scenario(const Scenario &scenario);
  void set_front_end(const FrontEnd &front_end);

  /// Forget what was computed, because a register of the signal path has changed.
  void forget() { this->is_known_.fill(false); }

  /// The wiring is taken over when the DSP is started.
  void set_accmode(uint32_t accmode);

  const Scenario &scenario() const { return this->scenario_; }
  const Codes &at(double time_s);
  double neutral_square() const;

  /// Call `visit(codes, from_s, to_s)` for every piece of a span in which the codes are constant.
  template <typename Visit>
  void for_each(double from_s, double to_s, Visit visit) {
    this->scenario_.for_each_segment(
        from_s, to_s, [&](size_t step, double begin_s, double end_s) { visit(this->of_step_(step), begin_s, end_s); });
  }

 protected:
  const Codes &of_step_(size_t step);

  const RegisterFile &registers_;
  Scenario scenario_;
  FrontEnd front_end_;
  uint32_t accmode_{0};
  std::array<Codes, MAX_STEPS> codes_{};
  std::array<bool, MAX_STEPS> is_known_{};
};

}  // namespace esphome::ade9000_sim
