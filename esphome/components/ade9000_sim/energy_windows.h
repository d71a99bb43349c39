#pragma once

#include "register_file.h"
#include "timeline.h"

#include <array>
#include <cstdint>
#include <optional>

namespace esphome::ade9000_sim {

/// The energy accumulators: windows of samples or half cycles, latched or added up in 45-bit registers.
class EnergyWindows {
 public:
  EnergyWindows(const RegisterFile &registers, Timeline &timeline) : registers_(registers), timeline_(timeline) {}

  /// Begin the first window at an instant.
  void start(double begin_s);
  void stop() { this->is_started_ = false; }
  void clear();

  /// Integrate up to an instant, because a register of the signal path changes now.
  void integrate(double now_s);

  /// Integrate all windows that ended up to an instant; true if there was one.
  bool advance(double now_s);

  static bool is_energy(uint16_t address);

  /// Return one half of an energy register. With RD_RST_EN set, the read clears it and, as in the silicon, returns a
  /// corrupted value.
  uint32_t read(uint16_t address);

 protected:
  static constexpr size_t KINDS = 6;

  double length_s_() const;
  bool has_mode_(uint32_t bit) const;
  double gated_(size_t kind, double code) const;
  void latch_(double end_s);

  const RegisterFile &registers_;
  Timeline &timeline_;
  bool is_started_{false};
  double begin_s_{0};
  double integrated_s_{0};  ///< `fractions_` covers the time up to here.
  std::array<std::array<int64_t, PHASE_COUNT>, KINDS> registers45_{};
  std::array<std::array<double, PHASE_COUNT>, KINDS> fractions_{};  ///< Not latched yet; afterwards less than a unit.
};

}  // namespace esphome::ade9000_sim
