#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000_sim {

inline constexpr size_t PHASE_COUNT = 3;
inline constexpr size_t MAX_HARMONICS = 16;
inline constexpr uint8_t MAX_ORDER = 50;
inline constexpr size_t MAX_STEPS = 32;

/// One harmonic of a wave.
struct Harmonic {
  uint8_t order;     ///< 2…50.
  double ratio;      ///< RMS over the RMS of the fundamental.
  double angle_deg;  ///< Against the fundamental's rising zero crossing, in degrees of the harmonic.
};

class Harmonics {
 public:
  /// Add a harmonic; false if the list is full or the order is out of range.
  bool add(const Harmonic &harmonic);

  const Harmonic *begin() const { return this->harmonics_.data(); }
  const Harmonic *end() const { return this->harmonics_.data() + this->count_; }

 protected:
  std::array<Harmonic, MAX_HARMONICS> harmonics_{};
  size_t count_{0};
};

/// Voltage and current of one phase.
///
/// With U = `voltage_v`, θ = `voltage_angle_deg`, I = `current_a`, φ = `current_lag_deg`, and r, n, α of each harmonic:
///
///     u(t) = √2·U·[ sin x + Σ r·sin(n·x + α) ],  x = 2πf·t + θ
///     i(t) = √2·I·[ sin y + Σ r·sin(n·y + α) ],  y = 2πf·t + θ − φ
///
/// So `voltage_v` and `current_a` are the RMS of the fundamental; the total RMS is √(1 + Σ r²) times that. Power is
/// positive when imported from the mains: P₁ = U·I·cos φ, Q₁ = U·I·sin φ.
struct PhaseScenario {
  double voltage_v{230};
  double voltage_angle_deg{0};
  double current_a{0};
  double current_lag_deg{0};
  Harmonics voltage_harmonics{};
  Harmonics current_harmonics{};
};

/// A period in which constant factors multiply the voltages and currents of the phases.
struct LoadStep {
  double duration_s{0};
  std::array<double, PHASE_COUNT> current_factor{1, 1, 1};
  std::array<double, PHASE_COUNT> voltage_factor{1, 1, 1};
};

/// The piece of the profile that holds at one instant.
struct Segment {
  size_t step;   ///< Index into `Scenario::steps`.
  double end_s;  ///< Infinite without a profile.
};

/// The electrical truth: voltages and currents of the mains at every instant since the boot of the program, t = 0.
struct Scenario {
  /// Add a step to the profile, which repeats for ever; false if it is full or the duration is not positive.
  /// Without a step every factor is 1.
  bool add_step(const LoadStep &step);

  Segment segment_at(double time_s) const;

  /// Call `visit(step, from_s, to_s)` for every piece of a span in which the profile is constant.
  template <typename Visit>
  void for_each_segment(double from_s, double to_s, Visit visit) const {
    while (from_s < to_s) {
      const Segment segment = this->segment_at(from_s);
      const double end_s = std::min(segment.end_s, to_s);
      visit(segment.step, from_s, end_s);
      from_s = end_s;
    }
  }

  double frequency_hz{50};
  std::array<PhaseScenario, PHASE_COUNT> phases{PhaseScenario{}, PhaseScenario{.voltage_angle_deg = -120},
                                                PhaseScenario{.voltage_angle_deg = 120}};
  /// Of the neutral, counted away from the source like the phase currents; the profile does not change it.
  double neutral_current_a{0};
  double neutral_angle_deg{0};
  /// The neutral also carries back the sum of the phase currents, so that the sum of the four shows only the current
  /// above.
  bool is_neutral_balanced{false};
  double chip_temperature_c{25};

  std::array<LoadStep, MAX_STEPS> steps{};
  size_t step_count{0};
};

}  // namespace esphome::ade9000_sim
