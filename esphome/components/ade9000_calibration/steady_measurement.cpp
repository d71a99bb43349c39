#include "steady_measurement.h"

#include "esphome/components/ade9000/registers.h"
#include "esphome/components/ade9000/window_clock.h"

namespace esphome::ade9000_calibration {

void SteadyMeasurement::begin(const ChipConfig &config) {
  this->scales_ = scales_of(config);
  for (size_t line = 0; line < LINE_COUNT; line++)
    this->is_inverted_[line] = config.phases[line].invert_current;
  this->shown_ = {};
  this->windows_ = 0;
  this->state_ = State::RUNNING;
}

void SteadyMeasurement::stop(uint64_t /*now_us*/) {
  if (this->state_ == State::RUNNING)
    this->state_ = State::LOST;
}

/// The energies of a window are 0 below the threshold of no load, so what there is without a load is read here.
void SteadyMeasurement::look(RegisterBus &bus, const Look & /*look*/) {
  if (this->state_ != State::RUNNING || this->windows_ == 0)
    return;
  this->look_at_(bus, reg::AWATT, &Shown::idle_w);
  this->look_at_(bus, reg::AVAR, &Shown::idle_var);
}

void SteadyMeasurement::look_at_(RegisterBus &bus, uint16_t phase_a, Mean Shown::*mean) {
  for (size_t line = 0; line < LINE_COUNT; line++) {
    if (const auto code = bus.read(reg::of_phase(phase_a, line, reg::SIGNAL_PATH_STRIDE)))
      (this->shown_[line].*mean).add(static_cast<float>(static_cast<int32_t>(*code) * this->watt_(line)));
  }
}

void SteadyMeasurement::take_window(const Window &window, const WindowState & /*state*/, const Reading & /*reading*/) {
  if (this->state_ != State::RUNNING)
    return;
  // The first window began before the measurement, perhaps with another load.
  if (this->windows_ > 0) {
    for (size_t line = 0; line < LINE_COUNT; line++)
      this->take_line_(window, line);
    Shown &neutral = this->shown_[NEUTRAL];
    neutral.current_a.add(static_cast<float>(window.neutral_rms * this->scales_.neutral_ampere));
    neutral.is_saturated = neutral.is_saturated || window.neutral_rms > FULL_SCALE_RMS_CODE;
  }
  if (this->windows_++ == WINDOWS)
    this->state_ = State::COMPLETE;
}

void SteadyMeasurement::take_line_(const Window &window, size_t line) {
  const auto power = [&](Kind kind) {
    const auto energy = static_cast<double>(window.energy[static_cast<size_t>(kind)][line]);
    return static_cast<float>(energy / WINDOW_SAMPLES * this->watt_(line));
  };
  Shown &shown = this->shown_[line];
  shown.voltage_v.add(static_cast<float>(window.voltage_rms[line] * this->scales_.volt));
  shown.current_a.add(static_cast<float>(window.current_rms[line] * this->scales_.ampere));
  shown.active_w.add(power(Kind::FUNDAMENTAL_ACTIVE));
  shown.reactive_var.add(power(Kind::FUNDAMENTAL_REACTIVE));
  const uint32_t larger = std::max(window.voltage_rms[line], window.current_rms[line]);
  shown.is_saturated = shown.is_saturated || larger > FULL_SCALE_RMS_CODE;
}

}  // namespace esphome::ade9000_calibration
