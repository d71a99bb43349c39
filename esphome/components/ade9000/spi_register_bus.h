#pragma once

#include "register_bus.h"
#include "spi_transport.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace esphome::ade9000 {

/// Accesses that failed and were tried again, or given up.
struct BusCounters {
  uint32_t crc_errors{0};
  uint32_t unanswered{0};  ///< Nothing but ones or zeros came back; a few while the chip resets are usual.
  uint32_t write_mismatches{0};
};

/// The chip's SPI protocol: 16 bits of command, then 16 or 32 bits of data, then a CRC-16/CCITT on single reads.
class SpiRegisterBus final : public RegisterBus {
 public:
  explicit SpiRegisterBus(SpiTransport &transport) : transport_(transport) {}

  std::optional<uint32_t> read(uint16_t address) override;
  std::optional<uint32_t> read_once(uint16_t address) override;
  bool write(uint16_t address, uint32_t value) override;
  BusFault fault() const override { return this->fault_; }

  const BusCounters &counters() const { return this->counters_; }

 protected:
  void write_once_(uint16_t address, uint32_t value);
  bool read_back_(uint16_t address, uint32_t value);

  SpiTransport &transport_;
  BusCounters counters_;
  BusFault fault_{BusFault::NONE};
  std::array<uint8_t, 2 + 4 + 2> buffer_{};  ///< Command, data and CRC.
};

}  // namespace esphome::ade9000
