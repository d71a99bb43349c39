#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace esphome::ade9000_sim {

enum class MisoFault : uint8_t { NONE, STUCK_LOW, STUCK_HIGH };

/// Disturbances on the wires between the chip and its host.
class MisoFaults {
 public:
  void set_stuck(MisoFault fault) { this->stuck_ = fault; }
  void flip_bits(double probability, uint32_t seed);
  void flip_bit(uint32_t frames_ahead, size_t bit);
  void lose_frame(uint32_t frames_ahead) { this->lost_frame_ = this->frame_ + frames_ahead; }

  /// Begin a transaction; false if chip select does not reach the chip.
  bool begin_frame();

  /// Disturb the chip's answer in the transaction.
  void disturb(uint8_t *data, size_t length);

 protected:
  bool is_hit_();

  MisoFault stuck_{MisoFault::NONE};
  double probability_{0};
  uint32_t random_{1};
  uint32_t frame_{0};  ///< Number of the next transaction.
  std::optional<uint32_t> lost_frame_;
  std::optional<uint32_t> flipped_frame_;
  size_t flipped_bit_{0};
};

}  // namespace esphome::ade9000_sim
