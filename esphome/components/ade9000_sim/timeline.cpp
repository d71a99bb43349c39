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

double Timeline::neutral_square() const {
  return neutral_square_of(this->scenario_, this->front_end_, this->registers_);
}

const Codes &Timeline::of_step_(size_t step) {
  if (!this->is_known_[step]) {
    this->codes_[step] = codes_of(this->scenario_, step, this->front_end_, this->registers_, this->accmode_);
    this->is_known_[step] = true;
  }
  return this->codes_[step];
}

}  // namespace esphome::ade9000_sim
