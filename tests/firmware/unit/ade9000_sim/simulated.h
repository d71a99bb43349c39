#pragma once

#include "ade9000_sim/sim_chip.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace simulated {

using namespace esphome::ade9000_sim;

inline constexpr uint64_t MS = 1'000;
inline constexpr uint64_t S = 1'000'000;
inline constexpr double VOLT = 0.70710678118654752 / 52702092 * 801;
inline constexpr double AMPERE = 0.70710678118654752 / 52702092 / (10.2 / 2500);
inline constexpr double WATT = 801.0 / (10.2 / 2500) / 2 / 20694066;

/// The chip as a host sees it that knows nothing but frames; by default ready, and with 230 V and 10 A on each phase.
class Simulated : public testing::Test {
 protected:
  Simulated() {
    for (auto &phase : this->scenario.phases)
      phase.current_a = 10;
    this->now_us = 50 * MS;
  }

  std::vector<uint8_t> exchange(std::vector<uint8_t> frame) {
    this->sim.transfer(frame.data(), frame.size(), this->now_us);
    return frame;
  }

  static uint16_t command(uint16_t address, bool read) { return static_cast<uint16_t>(address << 4U | (read ? 8 : 0)); }

  std::vector<uint8_t> read_bytes(uint16_t address, size_t length) {
    std::vector<uint8_t> frame(2 + length);
    frame[0] = static_cast<uint8_t>(command(address, true) >> 8U);
    frame[1] = static_cast<uint8_t>(command(address, true));
    const auto answer = this->exchange(frame);
    return {answer.begin() + 2, answer.end()};
  }

  uint32_t read(uint16_t address) {
    uint32_t value = 0;
    for (const uint8_t byte : this->read_bytes(address, RegisterFile::is_16_bit(address) ? 2 : 4))
      value = value << 8U | byte;
    return value;
  }

  double read_signed(uint16_t address) { return static_cast<int32_t>(this->read(address)); }

  /// The 45-bit value of an energy register, from the address of its low half.
  int64_t read_energy(uint16_t low) {
    return static_cast<int64_t>(static_cast<int32_t>(this->read(static_cast<uint16_t>(low + 1)))) * 8192 +
           (this->read(low) >> 19U);
  }

  void write(uint16_t address, uint32_t value) {
    std::vector<uint8_t> frame{static_cast<uint8_t>(address >> 4U), static_cast<uint8_t>(address << 4U)};
    for (int shift = RegisterFile::is_16_bit(address) ? 8 : 24; shift >= 0; shift -= 8)
      frame.push_back(static_cast<uint8_t>(value >> static_cast<unsigned>(shift)));
    this->exchange(frame);
  }

  /// Start measuring with latched windows of one second.
  void run(uint32_t ep_cfg = 0x0011, uint32_t egy_time = 7999) {
    this->sim.set_scenario(this->scenario);
    this->write(address::EGY_TIME, egy_time);
    this->write(address::RUN, 1);
    this->write(address::EP_CFG, ep_cfg);
  }

  void wait(uint64_t duration_us) { this->now_us += duration_us; }

  SimChip sim;
  Scenario scenario;
  uint64_t now_us{0};
};

}  // namespace simulated
