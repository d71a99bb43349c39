#include "spi_register_bus.h"

#include "registers.h"

#include "esphome/components/three_phase_wire/crc16.h"

#include <algorithm>

namespace esphome::ade9000 {

namespace {

constexpr size_t COMMAND_BYTES = 2;
constexpr size_t CRC_BYTES = 2;
constexpr int ATTEMPTS = 3;
constexpr uint32_t ALL_BITS = 0xFFFFFFFF;

/// Bits of a register that do not read back as they were written, once one of the bits `when` was written.
struct ReadBackException {
  uint16_t address;
  uint32_t when;
  uint32_t unchecked;
};

constexpr ReadBackException READ_BACK_EXCEPTIONS[] = {
    {reg::STATUS0, ALL_BITS, ALL_BITS},  // writing 1 clears
    {reg::STATUS1, ALL_BITS, ALL_BITS},
    {reg::CONFIG1, reg::CONFIG1_SWRST, ALL_BITS},  // the chip is gone for 50 ms
    {reg::CONFIG1, reg::CONFIG1_CF_ACC_CLR, reg::CONFIG1_CF_ACC_CLR},
    {reg::TEMP_CFG, reg::TEMP_CFG_TEMP_START, reg::TEMP_CFG_TEMP_START},
    {reg::CRC_FORCE, ALL_BITS, ALL_BITS},  // reads 0 when done
    {reg::WR_LOCK, ALL_BITS, ALL_BITS},    // reads 0 or 1, whatever the key was
};

uint32_t checked_bits(uint16_t address, uint32_t value) {
  uint32_t checked = reg::is_16_bit(address) ? 0xFFFF : ALL_BITS;
  for (const ReadBackException &exception : READ_BACK_EXCEPTIONS) {
    if (exception.address == address && (exception.when & value) != 0)
      checked &= ~exception.unchecked;
  }
  return checked;
}

size_t width_of(uint16_t address) { return reg::is_16_bit(address) ? 2 : 4; }

void put_command(uint8_t *data, uint16_t address, bool read) {
  const unsigned command = (address << 4U) | (read ? 0x8U : 0x0U);
  data[0] = static_cast<uint8_t>(command >> 8U);
  data[1] = static_cast<uint8_t>(command);
}

uint32_t get_big_endian(std::span<const uint8_t> data) {
  uint32_t value = 0;
  for (const uint8_t byte : data)
    value = value << 8U | byte;
  return value;
}

BusFault diagnose(std::span<const uint8_t> answer) {
  const auto all = [answer](uint8_t expected) {
    return std::all_of(answer.begin(), answer.end(), [expected](uint8_t byte) { return byte == expected; });
  };
  if (all(0xFF))
    return BusFault::STUCK_HIGH;
  return all(0x00) ? BusFault::STUCK_LOW : BusFault::CRC;
}

}  // namespace

std::optional<uint32_t> SpiRegisterBus::read(uint16_t address) {
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (const auto value = this->read_once(address))
      return value;
  }
  return std::nullopt;
}

bool SpiRegisterBus::write(uint16_t address, uint32_t value) {
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    this->write_once_(address, value);
    if (this->read_back_(address, value))
      return true;
  }
  return false;
}

std::optional<uint32_t> SpiRegisterBus::read_once(uint16_t address) {
  const size_t width = width_of(address);
  const std::span<uint8_t> frame(this->buffer_.data(), COMMAND_BYTES + width + CRC_BYTES);
  std::fill(frame.begin(), frame.end(), 0);
  put_command(frame.data(), address, true);
  this->transport_.transfer(frame.data(), frame.size());

  const auto data = frame.subspan(COMMAND_BYTES, width);
  if (three_phase_wire::crc16(data) == get_big_endian(frame.last(CRC_BYTES))) {
    this->fault_ = BusFault::NONE;
    return get_big_endian(data);
  }
  this->fault_ = diagnose(frame.subspan(COMMAND_BYTES));
  if (this->fault_ == BusFault::CRC) {
    this->counters_.crc_errors++;
  } else {
    this->counters_.unanswered++;
  }
  return std::nullopt;
}

void SpiRegisterBus::write_once_(uint16_t address, uint32_t value) {
  const size_t width = width_of(address);
  put_command(this->buffer_.data(), address, false);
  for (size_t index = 0; index < width; index++)
    this->buffer_[COMMAND_BYTES + index] = static_cast<uint8_t>(value >> 8U * (width - 1 - index));
  this->transport_.transfer(this->buffer_.data(), COMMAND_BYTES + width);
}

bool SpiRegisterBus::read_back_(uint16_t address, uint32_t value) {
  const uint32_t checked = checked_bits(address, value);
  if (checked == 0) {
    this->fault_ = BusFault::NONE;
    return true;
  }
  const auto held = this->read(address);
  if (!held)
    return false;
  if (((*held ^ value) & checked) == 0)
    return true;
  this->fault_ = BusFault::READ_BACK;
  this->counters_.write_mismatches++;
  return false;
}

}  // namespace esphome::ade9000
