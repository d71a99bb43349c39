#include "configuration_crc.h"

#include <algorithm>
#include <iterator>

namespace esphome::ade9000_sim {

namespace {

constexpr uint64_t COMPUTING_US = 10'800;
constexpr uint64_t NEVER = std::numeric_limits<uint64_t>::max();
constexpr uint16_t FACTORY_TRIMS = 0x5A3C;

constexpr uint32_t CRC_CHG = 1U << 26;
constexpr uint32_t CRC_DONE = 1U << 27;

struct Range {
  uint16_t first;
  uint16_t last;
};

constexpr Range ALWAYS[] = {
    {0x000, 0x073}, {0x409, 0x409}, {0x40E, 0x40F}, {0x420, 0x422}, {0x424, 0x425}, {0x481, 0x481},
    {0x490, 0x497}, {0x499, 0x499}, {0x49B, 0x49B}, {0x4AF, 0x4B2}, {0x4B9, 0x4BA}, {0x4E0, 0x4E0},
};

/// Registers that belong to the checksum if their bit of CRC_OPTEN is set.
struct Optional {
  uint16_t address;
  unsigned bit;
};

constexpr Optional OPTIONAL[] = {
    {0x405, 0}, {0x406, 1}, {0x407, 2},  {0x410, 3},  {0x48B, 4},  {0x414, 5},  {0x48C, 6},  {0x41C, 7},
    {0x41D, 8}, {0x41E, 9}, {0x498, 10}, {0x49A, 11}, {0x49C, 12}, {0x4A0, 13}, {0x4A1, 14}, {0x4A2, 15},
};

uint16_t shifted_in(uint16_t remainder, uint32_t value, unsigned bits) {
  for (unsigned bit = bits; bit-- > 0;) {
    const bool feedback = ((value >> bit & 1U) != 0) != ((remainder & 0x8000U) != 0);
    remainder = static_cast<uint16_t>(remainder << 1U);
    if (feedback)
      remainder ^= 0x1021U;
  }
  return remainder;
}

}  // namespace

void ConfigurationCrc::stop() {
  this->ready_us_ = NEVER;
  this->next_us_ = NEVER;
  this->is_stale_ = false;
}

void ConfigurationCrc::force(uint64_t now_us) {
  if ((this->registers_.get(address::CRC_FORCE) & 1U) != 0)
    this->ready_us_ = now_us + COMPUTING_US;
}

void ConfigurationCrc::advance(uint64_t now_us) {
  const bool is_asked = now_us >= this->ready_us_;
  if (!is_asked && (!this->is_stale_ || now_us < this->next_us_))
    return;
  const uint16_t result = this->compute_();
  const bool is_first = this->next_us_ == NEVER;
  if (!is_first && result != this->registers_.get(address::CRC_RSLT))
    this->registers_.set_bits(address::STATUS1, CRC_CHG);
  this->registers_.set(address::CRC_RSLT, result);
  if (is_asked) {
    this->registers_.set(address::CRC_FORCE, 0);
    this->registers_.set_bits(address::STATUS1, CRC_DONE);
    this->ready_us_ = NEVER;
  }
  this->next_us_ = now_us + COMPUTING_US;
  this->is_stale_ = false;
}

uint16_t ConfigurationCrc::compute_() const {
  uint16_t remainder = FACTORY_TRIMS;
  for (uint16_t address = 0; address < 0x500; address++) {
    if (this->is_included_(address))
      remainder = shifted_in(remainder, this->registers_.get(address), RegisterFile::is_16_bit(address) ? 16 : 32);
  }
  return remainder;
}

bool ConfigurationCrc::is_included_(uint16_t address) const {
  const bool is_always = std::any_of(std::begin(ALWAYS), std::end(ALWAYS), [address](const Range &range) {
    return address >= range.first && address <= range.last;
  });
  const uint32_t selected = this->registers_.get(address::CRC_OPTEN);
  return is_always || std::any_of(std::begin(OPTIONAL), std::end(OPTIONAL), [&](const Optional &optional) {
           return address == optional.address && (selected >> optional.bit & 1U) != 0;
         });
}

}  // namespace esphome::ade9000_sim
