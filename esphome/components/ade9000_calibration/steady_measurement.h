#pragma once

#include "esphome/components/ade9000/calibration.h"
#include "esphome/components/ade9000/chip_extension.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace esphome::ade9000_calibration {

using namespace ade9000;

/// The mean of what is seen again and again, and its extremes.
class Mean {
 public:
  void add(float value) {
    this->sum_ += value;
    this->lowest_ = std::min(this->lowest_, value);
    this->highest_ = std::max(this->highest_, value);
    this->count_++;
  }

  float mean() const { return this->count_ == 0 ? 0 : this->sum_ / static_cast<float>(this->count_); }
  float lowest() const { return this->lowest_; }
  float highest() const { return this->highest_; }
  float spread() const { return this->count_ == 0 ? 0 : this->highest_ - this->lowest_; }

 protected:
  float sum_{0};
  float lowest_{std::numeric_limits<float>::max()};
  float highest_{std::numeric_limits<float>::lowest()};
  uint32_t count_{0};
};

/// What the meter shows of one input with the calibration that it has, import positive.
struct Shown {
  Mean voltage_v{};
  Mean current_a{};
  Mean active_w{};      ///< Of the fundamental; 0 below the threshold of no load.
  Mean reactive_var{};  ///< Of the fundamental; 0 below the threshold of no load.
  Mean idle_w{};        ///< Without that threshold.
  Mean idle_var{};      ///< Without that threshold.
  bool is_saturated{false};
};

/// Measures all inputs over several windows of one second, as the ground of a calibration.
class SteadyMeasurement final : public ChipExtension {
 public:
  static constexpr uint8_t WINDOWS = 5;

  enum class State : uint8_t {
    IDLE,
    RUNNING,
    COMPLETE,
    LOST,  ///< The chip was reset meanwhile.
  };

  void begin(const ChipConfig &config);
  State state() const { return this->state_; }
  const std::array<Shown, CHANNEL_COUNT> &shown() const { return this->shown_; }

  void add_settings(const ChipConfig & /*config*/, Settings & /*settings*/) override {}
  void start(uint64_t /*now_us*/) override {}
  void stop(uint64_t now_us) override;
  bool wants_look(uint64_t /*now_us*/) const override { return this->state_ == State::RUNNING; }
  void look(RegisterBus &bus, const Look &look) override;
  void take_window(const Window &window, const WindowState &state, const Reading &reading) override;

 protected:
  void take_line_(const Window &window, size_t line);
  void look_at_(RegisterBus &bus, uint16_t phase_a, Mean Shown::*mean);
  /// W per code of a power of a phase, with the sign of its transformer.
  double watt_(size_t line) const { return this->is_inverted_[line] ? -this->scales_.watt : this->scales_.watt; }

  State state_{State::IDLE};
  uint8_t windows_{0};
  Scales scales_{};
  std::array<bool, LINE_COUNT> is_inverted_{};
  std::array<Shown, CHANNEL_COUNT> shown_{};
};

}  // namespace esphome::ade9000_calibration
