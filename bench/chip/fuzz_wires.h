#pragma once

#include "bench.h"
#include "fuzz_random.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace fuzz {

using namespace bench;

/// What disturbs the bus for a while.
enum class Disturbance : uint8_t {
  QUIET,
  NOISE,          ///< Bits on MISO flip.
  STUCK_LOW,      ///< MISO.
  STUCK_HIGH,     ///< MISO.
  LOST,           ///< Chip select does not fall.
  TRUNCATED,      ///< Chip select rises early.
  COMMAND_NOISE,  ///< Bits on MOSI flip, so that the chip hears other commands and data.
  BROWN_OUT,      ///< The chip loses its supply for a moment.
  BUSY,           ///< The host does not come round.
};

/// Wires to a chip, with disturbances.
class Wires final : public SpiTransport {
 public:
  Wires(SimChip &chip, uint32_t seed) : chip_(chip), random_(seed) {}

  void transfer(uint8_t *data, size_t length) override {
    this->transactions++;
    const size_t heard = this->disturb_command_(data, length);
    if (heard > 0)
      this->chip_.transfer(data, heard, this->now_us);
    std::fill(data + heard, data + length, 0xFF);
    this->disturb_answer_(data, length);
    this->now_us += length * 8 / 5;
  }

  Disturbance disturbance{Disturbance::QUIET};
  double bit_error_rate{0};
  double frame_error_rate{0};
  uint64_t now_us{0};
  size_t transactions{0};
  size_t disturbed{0};

 protected:
  /// Return how many bytes reach the chip.
  size_t disturb_command_(uint8_t *data, size_t length) {
    if (this->disturbance == Disturbance::COMMAND_NOISE)
      this->flip_bits_(data, length);
    const bool is_cut = this->disturbance == Disturbance::LOST || this->disturbance == Disturbance::TRUNCATED;
    if (!is_cut || !this->random_.hits(this->frame_error_rate))
      return length;
    this->disturbed++;
    return this->disturbance == Disturbance::LOST ? 0 : this->random_.below(length);
  }

  void disturb_answer_(uint8_t *data, size_t length) {
    if (this->disturbance == Disturbance::NOISE)
      this->flip_bits_(data, length);
    if (this->disturbance == Disturbance::STUCK_LOW || this->disturbance == Disturbance::STUCK_HIGH) {
      std::fill_n(data, length, this->disturbance == Disturbance::STUCK_LOW ? 0x00 : 0xFF);
      this->disturbed++;
    }
  }

  void flip_bits_(uint8_t *data, size_t length) {
    bool is_disturbed = false;
    for (size_t bit = 0; bit < 8 * length; bit++) {
      if (!this->random_.hits(this->bit_error_rate))
        continue;
      data[bit / 8] ^= static_cast<uint8_t>(0x80U >> bit % 8);
      is_disturbed = true;
    }
    this->disturbed += is_disturbed;
  }

  SimChip &chip_;
  Random random_;
};

}  // namespace fuzz
