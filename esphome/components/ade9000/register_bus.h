#pragma once

#include <cstdint>
#include <optional>

namespace esphome::ade9000 {

/// Why an access to the bus failed.
enum class BusFault : uint8_t {
  NONE,
  STUCK_HIGH,  ///< Nothing but ones: no chip, no supply, or chip select does not reach it.
  STUCK_LOW,   ///< Nothing but zeros: MISO shorted or not connected.
  CRC,         ///< The chip answers, but bits are lost on the way.
  READ_BACK,   ///< A register does not hold what was written.
};

/// Tell the user what a fault comes from.
constexpr const char *describe(BusFault fault) {
  switch (fault) {
    case BusFault::STUCK_HIGH:
      return "No chip answers: check its supply and the wires of CS and MISO";
    case BusFault::STUCK_LOW:
      return "MISO is always low: check its wire and the chip's supply";
    case BusFault::CRC:
      return "Bits are lost on the SPI bus: shorten the wires or lower data_rate";
    case BusFault::READ_BACK:
      return "The chip does not keep its settings: check MOSI and the supply";
    default:
      return "The chip stopped measuring";
  }
}

/// Access to the registers of one chip. What an access returns was checked; what it could not check it does not return.
/// Nothing tells whether the chip has understood the address of a read (see `read_agreed`).
class RegisterBus {
 public:
  /// Read one register of 16 or 32 bits.
  virtual std::optional<uint32_t> read(uint16_t address) = 0;

  /// Read a register that the reading clears: an attempt that failed is not repeated, because what it held is gone.
  virtual std::optional<uint32_t> read_once(uint16_t address) = 0;

  /// Write one register and check that it took the value.
  virtual bool write(uint16_t address, uint32_t value) = 0;

  /// Tell why the last access failed.
  virtual BusFault fault() const = 0;

 protected:
  ~RegisterBus() = default;
};

}  // namespace esphome::ade9000
