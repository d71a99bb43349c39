#pragma once

#include "register_bus.h"

#include <cstdint>
#include <optional>

namespace esphome::ade9000 {

/// Watches the checksum that the chip computes over its configuration (UG-1098, CRC of configuration registers).
///
/// The driver reads back what it has set itself. The checksum also covers what it has left as it was, such as the
/// offsets and the disabled channels. Its value differs from chip to chip, because it includes the trims of the
/// factory: so the first one after the set-up is what the later ones are held against.
class ConfigurationChecksum final {
 public:
  explicit ConfigurationChecksum(RegisterBus &bus) : bus_(bus) {}

  /// The configuration is what it should be: take the next checksum as the right one.
  void begin();

  /// Let the chip compute the checksum once more.
  void renew();

  /// Tell whether the configuration has changed; `status1` is STATUS1 as it was just read.
  bool has_changed(uint32_t status1);

 protected:
  RegisterBus &bus_;
  std::optional<uint32_t> right_;
  bool is_under_way_{false};
  bool is_doubted_{false};  ///< The last checksum was another one.
};

}  // namespace esphome::ade9000
