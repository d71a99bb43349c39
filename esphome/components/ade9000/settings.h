#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// One register and what it has to hold while the chip measures. In halves, so that it takes 6 bytes instead of 8.
class Setting {
 public:
  constexpr Setting() = default;
  constexpr Setting(uint16_t address, uint32_t value) : address_(address) { this->set(value); }

  constexpr uint16_t address() const { return this->address_; }
  constexpr uint32_t value() const { return uint32_t{this->high_} << 16U | this->low_; }
  constexpr void set(uint32_t value) {
    this->high_ = static_cast<uint16_t>(value >> 16U);
    this->low_ = static_cast<uint16_t>(value);
  }

 protected:
  uint16_t address_{0};
  uint16_t high_{0};
  uint16_t low_{0};
};

/// The set-up of the chip in the order of writing; the last ones start the measuring.
class Settings {
 public:
  /// Give a register its value; a register that has one already gets the new one in its old place.
  void set(uint16_t address, uint32_t value);

  /// Set bits of a register beside those that are set already.
  void set_bits(uint16_t address, uint32_t bits);

  bool has(uint16_t address) const { return this->find_(address) != nullptr; }

  /// Tell whether a register is to hold just that.
  bool holds(const Setting &setting) const;

  const Setting *begin() const { return this->settings_.data(); }
  const Setting *end() const { return this->settings_.data() + this->count_; }
  size_t size() const { return this->count_; }
  const Setting &operator[](size_t index) const { return this->settings_[index]; }

 protected:
  // The readings need 20 with the start and 13 for the calibration of each phase and 4 of the neutral, events 8, a
  // waveform around them 1.
  static constexpr size_t MEASURING = 20 + 3 * 13 + 4 + 8 + 1;
#ifdef USE_ADE9000_MULTIPOINT
  // Five regions, with two borders and two values of each phase.
  static constexpr size_t CAPACITY = MEASURING + 5 * (2 + 2 * 3);
#else
  static constexpr size_t CAPACITY = MEASURING;
#endif

  Setting *find_(uint16_t address);
  const Setting *find_(uint16_t address) const { return const_cast<Settings *>(this)->find_(address); }

  std::array<Setting, CAPACITY> settings_{};
  size_t count_{0};
};

}  // namespace esphome::ade9000
