#include "calibrator.h"

namespace esphome::ade9000_calibration {

namespace {

/// In the order of `Step`.
constexpr const char *NOTHING_TO_DO[STEP_COUNT] = {
    "Set a reference voltage or a reference current first: what a trusted instrument shows",
    "No such phase is measured in this wiring",
    "No such input is fitted",
    "No such voltage is measured by an input of its own in this wiring",
};

bool has_channel(uint8_t channels, size_t channel) { return (channels >> channel & 1U) != 0; }

void append_names(uint8_t channels, Words &words) {
  const char *separator = "";
  for (size_t channel = 0; channel < CHANNEL_COUNT; channel++) {
    if (has_channel(channels, channel)) {
      words.append("%s%s", separator, CHANNEL_NAMES[channel]);
      separator = ", ";
    }
  }
}

}  // namespace

void Calibrator::begin(Step step, uint8_t channels, const std::array<Reference, CHANNEL_COUNT> &references) {
  if (this->is_busy())
    return;
  this->step_ = step;
  this->references_ = references;
  this->channels_ = 0;
  this->changed_ = 0;
  for (size_t channel = 0; channel < CHANNEL_COUNT; channel++) {
    if (has_channel(channels, channel) && is_for(step, this->chip_.config(), channel, references[channel]))
      this->channels_ |= static_cast<uint8_t>(1U << channel);
  }
  this->words_.clear();
  if (this->channels_ == 0) {
    this->words_.append("%s", NOTHING_TO_DO[static_cast<size_t>(step)]);
  } else if (this->chip_.state() != ChipState::RUNNING) {
    this->words_.append("The meter does not measure now: %s", this->chip_.error());
  } else {
    this->measurement_.begin(this->chip_.config());
    this->state_ = State::MEASURING;
    this->words_.append("Measuring for %u s; keep the load as it is", SteadyMeasurement::WINDOWS + 1U);
  }
}

void Calibrator::take_over(const Calibrations &calibrations, const char *done) {
  this->changed_ = ALL_CHANNELS;
  this->words_.clear();
  this->words_.append("%s", done);
  this->apply_(calibrations);
}

bool Calibrator::loop() {
  if (this->state_ == State::MEASURING && this->measurement_.state() == SteadyMeasurement::State::LOST)
    return this->finish_("The chip was reset while measuring; try again");
  if (this->state_ == State::MEASURING && this->measurement_.state() == SteadyMeasurement::State::COMPLETE)
    this->evaluate_();
  if (this->state_ != State::APPLYING || this->chip_.is_adjusting())
    return false;
  this->state_ = State::IDLE;
  return true;
}

bool Calibrator::finish_(const char *words) {
  this->words_.clear();
  this->words_.append("%s", words);
  this->state_ = State::IDLE;
  return true;
}

void Calibrator::evaluate_() {
  Calibrations calibrations = this->calibrations();
  uint8_t refused = 0;
  size_t first_refused = 0;
  Words reason;
  for (size_t channel = 0; channel < CHANNEL_COUNT; channel++) {
    if (!has_channel(this->channels_, channel))
      continue;
    const StepResult result = calibrate(this->step_, this->measurement_.shown()[channel], this->references_[channel],
                                        this->chip_.config(), channel);
    const auto bit = static_cast<uint8_t>(1U << channel);
    if (!result.is_refused()) {
      calibrations[channel] = result.calibration();
      this->changed_ |= bit;
    } else {
      refused |= bit;
      if (reason.is_empty()) {
        first_refused = channel;
        reason.append("%s", result.refusal());
      }
    }
  }
  this->summarize_(refused, first_refused, reason.c_str());
  this->apply_(calibrations);
}

void Calibrator::summarize_(uint8_t refused, size_t first_refused, const char *reason) {
  this->words_.clear();
  if (this->changed_ != 0) {
    append_names(this->changed_, this->words_);
    this->words_.append(" calibrated%s", refused != 0 ? "; " : "");
  }
  if (refused == 0)
    return;
  this->words_.append("%s refused: %s", CHANNEL_NAMES[first_refused], reason);
  const auto others = static_cast<uint8_t>(refused & ~(1U << first_refused));
  if (others != 0) {
    this->words_.append("; refused too: ");
    append_names(others, this->words_);
  }
}

void Calibrator::apply_(const Calibrations &calibrations) {
  this->state_ = State::APPLYING;
  if (calibrations == this->calibrations())
    return;
  this->before_ = this->calibrations();
  ChipConfig config = this->chip_.config();
  set_calibrations(calibrations, config);
  this->chip_.adjust(config);
}

}  // namespace esphome::ade9000_calibration
