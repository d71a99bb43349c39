#include "timeline.h"

namespace esphome::ade9000_sim {

void Timeline::set_scenario(const Scenario &scenario) {
  this->scenario_ = scenario;
  this->forget();
}

void Timeline::set_front_end(const FrontEnd &front_end) {
  this->front_end_ = front_end;
  this->forget();
}

void Timeline::set_accmode(uint32_t accmode) {
  this->accmode_ = accmode;
  this->forget();
}

const Codes &Timeline::at(double time_s) { return this->of_step_(this->scenario_.segment_at(time_s).step); }

void Timeline::follow(double from_s, double to_s) {
  if (!is_multipoint(this->registers_))
    return;
  this->scenario_.for_each_segment(from_s, to_s, [this](size_t step, double, double) { this->enter_(step); });
}

/// Change the regions by the current of a step, and forget the codes of other regions.
void Timeline::enter_(size_t step) {
  this->is_known_[step] = this->is_known_[step] && this->regions_of_step_[step] == this->regions_;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const auto offset = static_cast<uint16_t>(address::IRMSOS + phase * address::PHASE_STRIDE);
    const double code =
        with_offset(this->of_step_(step).phases[phase].current_square, this->registers_.get_signed(offset));
    const uint8_t region = next_region(this->registers_, this->regions_[phase], code);
    this->is_known_[step] = this->is_known_[step] && region == this->regions_[phase];
    this->regions_[phase] = region;
  }
}

const Codes &Timeline::of_step_(size_t step) {
  if (!this->is_known_[step]) {
    this->codes_[step] =
        codes_of(this->scenario_, step, this->front_end_, this->registers_, this->accmode_, this->regions_);
    this->regions_of_step_[step] = this->regions_;
    this->is_known_[step] = true;
  }
  return this->codes_[step];
}

}  // namespace esphome::ade9000_sim
