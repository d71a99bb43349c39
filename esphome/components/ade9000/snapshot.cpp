#include "snapshot.h"

#include "angles.h"
#include "chip_figures.h"
#include "registers.h"
#include "unbalance.h"

#include <algorithm>
#include <cmath>

namespace esphome::ade9000 {

namespace {

constexpr double RATIO_PER_CODE = 1 / UNITY_CODE;

class Snapshot {
 public:
  Snapshot(const Window &window, const WindowState &state, const ChipConfig &config, const Scales &scales,
           SnapshotValues &values)
      : window_(window),
        state_(state),
        config_(config),
        scales_(scales),
        values_(values),
        frequencies_(state.frequency_hz),
        lines_(measured_lines(config)) {}

  void take() {
    for (const size_t line : this->lines_)
      this->report_line_(line);
    if (traits_of(this->config_.wiring).is_three_wire) {
      this->report_three_wires_();
    } else {
      this->report_against_neutral_();
    }
    this->report_installation_();
  }

 protected:
  void add_(Quantity quantity, Phase phase, double value) { this->values_.add(quantity, phase, value); }

  bool is_crossing_(size_t line) const { return !std::isnan(this->frequencies_[line]); }

  double voltage_(size_t line) const { return this->window_.voltage_rms[line] * this->scales_.volt; }

  void report_line_(size_t line) {
    this->add_(Quantity::CURRENT, LINES[line], this->window_.current_rms[line] * this->scales_.ampere);
    this->add_(Quantity::FREQUENCY, LINES[line], this->frequencies_[line]);
    if (this->state_.distorted_lines.contains(line))
      this->add_(Quantity::CURRENT_THD, LINES[line], this->window_.current_thd[line] * RATIO_PER_CODE);
  }

  void report_three_wires_() {
    for (size_t line = 0; line < LINE_COUNT; line++)
      this->add_(Quantity::PHASE_TO_PHASE_VOLTAGE, WiringTraits::ELEMENTS[line], this->voltage_(line));
    if (this->are_all_crossing_())
      this->add_(Quantity::VOLTAGE_UNBALANCE, Phase::TOTAL, unbalance_of_triangle(this->fundamental_voltages_()));
  }

  void report_against_neutral_() {
    for (const size_t line : this->lines_) {
      this->add_(Quantity::VOLTAGE, LINES[line], this->voltage_(line));
      if (!this->is_crossing_(line))
        continue;
      this->add_(Quantity::VOLTAGE_THD, LINES[line], this->window_.voltage_thd[line] * RATIO_PER_CODE);
      if (this->is_crossing_(0))
        this->add_(Quantity::VOLTAGE_ANGLE, LINES[line], this->voltage_angle_(line));
      if (this->state_.loaded_lines.contains(line))
        this->add_(Quantity::PHASE_ANGLE, LINES[line], this->phase_angle_(line));
    }
    for (size_t pair = 0; pair < LINE_COUNT; pair++) {
      if (this->is_crossing_(pair) && this->is_crossing_((pair + 1) % LINE_COUNT))
        this->add_(Quantity::PHASE_TO_PHASE_VOLTAGE, PAIRS[pair], this->pair_voltage_(pair));
    }
    if (traits_of(this->config_.wiring).measures_each_voltage() && this->are_all_crossing_())
      this->report_unbalance_();
  }

  bool are_all_crossing_() const { return this->is_crossing_(0) && this->is_crossing_(1) && this->is_crossing_(2); }

  std::array<double, LINE_COUNT> fundamental_voltages_() const {
    std::array<double, LINE_COUNT> voltages;
    for (size_t line = 0; line < LINE_COUNT; line++)
      voltages[line] = this->window_.voltage_fundamental_rms[line] * this->scales_.volt;
    return voltages;
  }

  /// Of the fundamentals, as the angles are theirs.
  void report_unbalance_() {
    const std::array<double, LINE_COUNT> fundamental = this->fundamental_voltages_();
    Phasors voltages;
    Phasors currents;
    for (size_t line = 0; line < LINE_COUNT; line++) {
      const double angle = this->voltage_angle_(line);
      const double ampere = this->window_.current_fundamental_rms[line] * this->scales_.ampere;
      voltages[line] = phasor_of(fundamental[line], angle);
      currents[line] = phasor_of(ampere, angle - this->phase_angle_(line));
    }
    this->add_(Quantity::VOLTAGE_UNBALANCE, Phase::TOTAL, unbalance_of(voltages));
    if (this->state_.loaded_lines == ALL_LINES)
      this->add_(Quantity::CURRENT_UNBALANCE, Phase::TOTAL, unbalance_of(currents));
  }

  double voltage_angle_(size_t line) const {
    if (line == 0)
      return 0;
    const uint16_t delay = this->window_.pair_delay[line == 1 ? 0 : 2];
    return wrapped(-degrees_of(delay, this->frequencies_[0]));
  }

  double phase_angle_(size_t line) const {
    const double reversal = this->config_.phases[line].invert_current ? 180 : 0;
    return wrapped(degrees_of(this->window_.current_delay[line], this->frequencies_[line]) + reversal);
  }

  /// By the law of cosines with the total RMS, so exact for sines: of a harmonic that is the same on both phases, such
  /// as a third one, it keeps what in truth cancels. The delays are those of L1 to L2, L2 to L3 and L1 to L3, as the
  /// pairs are.
  double pair_voltage_(size_t pair) const {
    const double first = this->voltage_(pair);
    const double second = this->voltage_((pair + 1) % LINE_COUNT);
    const double angle = degrees_of(this->window_.pair_delay[pair], this->frequencies_[pair]) * RADIANS_PER_DEGREE;
    return std::sqrt(std::max(first * first + second * second - 2 * first * second * std::cos(angle), 0.0));
  }

  void report_neutral_() {
    if (this->config_.neutral_fitted)
      this->add_(Quantity::CURRENT, Phase::N, this->window_.neutral_rms * this->scales_.neutral_ampere);
    const double sum = this->window_.sum_rms * this->scales_.ampere;
    const SummedCurrent meaning = summed_current(this->config_);
    if (meaning == SummedCurrent::NEUTRAL)
      this->add_(Quantity::CALCULATED_CURRENT, Phase::N, sum);
    if (meaning == SummedCurrent::RESIDUAL)
      this->add_(Quantity::RESIDUAL_CURRENT, Phase::TOTAL, sum);
  }

  void report_installation_() {
    this->report_neutral_();
    // That of the first line that has one.
    const auto *const first = std::find_if_not(this->frequencies_.begin(), this->frequencies_.end(),
                                               [](double frequency) { return std::isnan(frequency); });
    if (first != this->frequencies_.end())
      this->add_(Quantity::FREQUENCY, Phase::TOTAL, *first);
    if (this->state_.has_temperature) {
      const double offset = this->state_.temp_trim >> 16U;
      const double gain = this->state_.temp_trim & 0xFFFFU;
      this->add_(Quantity::CHIP_TEMPERATURE, Phase::TOTAL, offset / 32 - this->window_.temperature * gain / 65536);
    }
  }

  const Window &window_;
  const WindowState &state_;
  const ChipConfig &config_;
  const Scales &scales_;
  SnapshotValues &values_;
  const std::array<double, LINE_COUNT> &frequencies_;
  LineSet lines_;
};

}  // namespace

LineSet loaded_lines(const Window &window, const WindowEnergy &energy) {
  return LineSet::where([&](size_t line) {
    const size_t bit = line * reg::PHNOLOAD_PHASE_BITS + reg::PHNOLOAD_VA_BIT;
    return (window.no_load >> bit & 1U) == 0 && energy.at(Kind::APPARENT, line) != 0;
  });
}

SnapshotValues snapshot(const Window &window, const WindowState &state, const ChipConfig &config,
                        const Scales &scales) {
  SnapshotValues values;
  Snapshot(window, state, config, scales, values).take();
  return values;
}

bool is_saturated(const Window &window, const ChipConfig &config, const Scales &scales) {
  if (config.neutral_fitted && window.neutral_rms > FULL_SCALE_RMS_CODE * scales.neutral_gain)
    return true;
  const LineSet beyond = LineSet::where(
      [&](size_t line) { return std::max(window.current_rms[line], window.voltage_rms[line]) > FULL_SCALE_RMS_CODE; });
  return !(beyond & measured_lines(config)).is_empty();
}

}  // namespace esphome::ade9000
