#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// One register and what it has to hold while the chip measures. In halves, so that it takes 6 bytes instead of 8.
class Setting {
 public:
  /// How far a register belongs to the part of the driver that set it.
  enum class Claim : uint8_t {
    DEFAULT,  ///< It holds this unless another part needs something else.
    BITS,     ///< Several parts set bits in it, each its own.
    VALUE,    ///< It holds this and nothing else.
  };

  constexpr Setting() = default;
  constexpr Setting(uint16_t address, uint32_t value, Claim claim = Claim::VALUE)
      : claimed_address_(static_cast<uint16_t>(address | static_cast<unsigned>(claim) << CLAIM_SHIFT)) {
    this->set(value);
  }

  constexpr uint16_t address() const { return this->claimed_address_ & ((1U << CLAIM_SHIFT) - 1); }
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): only the constructor writes these bits.
  constexpr Claim claim() const { return static_cast<Claim>(this->claimed_address_ >> CLAIM_SHIFT); }
  constexpr uint32_t value() const { return uint32_t{this->high_} << 16U | this->low_; }
  constexpr void set(uint32_t value) {
    this->high_ = static_cast<uint16_t>(value >> 16U);
    this->low_ = static_cast<uint16_t>(value);
  }

 protected:
  static constexpr unsigned CLAIM_SHIFT = 14;  ///< Addresses have 12 bits.

  uint16_t claimed_address_{0};
  uint16_t high_{0};
  uint16_t low_{0};
};

/// The set-up of the chip in the order of writing; the last ones start the measuring.
///
/// Several parts of the driver add to it. What comes out does not depend on which of them is first: parts that
/// contradict each other are an error, however they are ordered.
class Settings {
 public:
  /// Give a register its value.
  void set(uint16_t address, uint32_t value) { this->claim_({address, value, Setting::Claim::VALUE}); }

  /// Give a register a value that holds unless another part sets one, before or later.
  void set_default(uint16_t address, uint32_t value) { this->claim_({address, value, Setting::Claim::DEFAULT}); }

  /// Set bits of a register beside those that other parts set.
  void set_bits(uint16_t address, uint32_t bits) { this->claim_({address, bits, Setting::Claim::BITS}); }

  /// Note that a register holds something else from now on.
  void replace(uint16_t address, uint32_t value);

  /// Tell what is wrong with the settings; nullptr when nothing is.
  const char *error() const { return this->error_; }

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
  static_assert(CAPACITY <= UINT8_MAX, "The driver numbers the settings in a byte");

  void claim_(const Setting &setting);
  void join_(Setting &present, const Setting &setting);
  void append_(const Setting &setting);
  Setting *find_(uint16_t address);
  const Setting *find_(uint16_t address) const { return const_cast<Settings *>(this)->find_(address); }

  std::array<Setting, CAPACITY> settings_{};
  size_t count_{0};
  const char *error_{nullptr};
};

}  // namespace esphome::ade9000
