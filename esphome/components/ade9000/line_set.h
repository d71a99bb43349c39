#pragma once

#include "quantities.h"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// Some of the lines L1, L2 and L3, which are 0, 1 and 2 where they are counted. It takes one byte.
class LineSet {
 public:
  /// Goes through the lines of a set, upwards.
  class Iterator {
   public:
    constexpr explicit Iterator(uint8_t left) : left_(left) {}

    constexpr size_t operator*() const { return static_cast<size_t>(std::countr_zero(this->left_)); }
    constexpr Iterator &operator++() {
      this->left_ &= static_cast<uint8_t>(this->left_ - 1U);
      return *this;
    }
    constexpr bool operator==(const Iterator &) const = default;

   protected:
    uint8_t left_;
  };

  constexpr LineSet() = default;

  /// Take the lines whose bit is set: bit 0 is L1, bit 2 is L3, and higher ones say nothing of a line.
  constexpr explicit LineSet(uint32_t bits) : bits_(static_cast<uint8_t>(bits & ALL_BITS)) {}

  /// Return the set of one line.
  static constexpr LineSet of(size_t line) { return LineSet(1U << line); }

  /// Return the lines of which something is true.
  template <typename Predicate>
  static constexpr LineSet where(Predicate is_true) {
    LineSet lines;
    for (size_t line = 0; line < LINE_COUNT; line++)
      lines |= is_true(line) ? LineSet::of(line) : LineSet();
    return lines;
  }

  /// Tell whether a line is among them; a number that is no line never is.
  constexpr bool contains(size_t line) const { return line < LINE_COUNT && (this->bits_ >> line & 1U) != 0; }

  constexpr bool is_empty() const { return this->bits_ == 0; }
  constexpr size_t size() const { return static_cast<size_t>(std::popcount(this->bits_)); }

  /// Return bit 0 for L1 to bit 2 for L3, as the chip's registers have them.
  constexpr uint32_t bits() const { return this->bits_; }

  constexpr Iterator begin() const { return Iterator(this->bits_); }
  constexpr Iterator end() const { return Iterator(0); }

  constexpr LineSet operator|(LineSet other) const { return LineSet(this->bits_ | other.bits_); }
  constexpr LineSet operator&(LineSet other) const { return LineSet(this->bits_ & other.bits_); }
  constexpr LineSet operator~() const { return LineSet(~uint32_t{this->bits_}); }
  constexpr LineSet &operator|=(LineSet other) { return *this = *this | other; }
  constexpr LineSet &operator&=(LineSet other) { return *this = *this & other; }
  constexpr bool operator==(const LineSet &) const = default;

 protected:
  static constexpr uint32_t ALL_BITS = (1U << LINE_COUNT) - 1;

  uint8_t bits_{0};
};

inline constexpr LineSet ALL_LINES = ~LineSet();

}  // namespace esphome::ade9000
