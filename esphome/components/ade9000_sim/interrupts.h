#pragma once

#include "register_file.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000_sim {

/// The pins IRQ0 and IRQ1: low while an unmasked flag of STATUS0 or STATUS1 is set.
class Interrupts {
 public:
  explicit Interrupts(RegisterFile &registers) : registers_(registers) {}

  /// Set flags of STATUS0 or STATUS1 that became true at an instant, which may lie before the last `update`.
  void raise(uint16_t status, uint32_t flags, double at_s);

  /// Update the pins from the registers; a flag without an instant counts from now.
  void update(double now_s);

  bool is_low(size_t line) const { return this->lines_[line].is_low; }

  /// Return the last falling edge of a pin.
  double fell_at_s(size_t line) const { return this->lines_[line].fell_at_s; }

 protected:
  static constexpr size_t LINE_COUNT = 2;

  struct Line {
    bool is_low{false};
    bool is_falling{false};  ///< A flag was raised since the last update, while the pin was high.
    double raised_at_s{0};
    double fell_at_s{0};
  };

  uint32_t pending_(size_t source) const;
  bool is_merged_() const;

  RegisterFile &registers_;
  std::array<Line, LINE_COUNT> lines_{};
};

}  // namespace esphome::ade9000_sim
