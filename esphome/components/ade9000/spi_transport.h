#pragma once

#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// The wires to the chip.
class SpiTransport {
 public:
  /// Exchange bytes in place, full duplex, while chip select is low. SPI mode 0, most significant bit first, 20 MHz
  /// at most. Chip select falls before the first bit and rises after the last.
  virtual void transfer(uint8_t *data, size_t length) = 0;

 protected:
  ~SpiTransport() = default;
};

}  // namespace esphome::ade9000
