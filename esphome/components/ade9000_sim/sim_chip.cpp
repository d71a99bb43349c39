#include "sim_chip.h"

#include "burst_map.h"

#include <algorithm>
#include <iterator>

namespace esphome::ade9000_sim {

namespace {

constexpr uint64_t BOOT_US = 46'500;

constexpr uint32_t SWRST = 1U << 0;
constexpr uint32_t CF_ACC_CLR = 1U << 5;
constexpr uint32_t BURST_EN = 1U << 11;
constexpr uint32_t RSTDONE = 1U << 16;
constexpr uint32_t TEMP_START = 1U << 3;

constexpr uint32_t LOCK_KEY = 0x3C64;
constexpr uint32_t UNLOCK_KEY = 0x4AD1;

struct Range {
  uint16_t first;
  uint16_t last;
};

constexpr Range WRITABLE[] = {
    {0x000, 0x073}, {0x402, 0x403}, {0x405, 0x407}, {0x409, 0x409}, {0x40E, 0x410},
    {0x414, 0x414}, {0x41C, 0x41E}, {0x420, 0x422}, {0x424, 0x425}, {0x480, 0x481},
    {0x48B, 0x48C}, {0x490, 0x49C}, {0x4A0, 0x4A2}, {0x4AF, 0x4BF}, {0x4E0, 0x4E0},
};
constexpr Range LOCKED[] = {{0x000, 0x073}, {0x400, 0x4FE}};

template <size_t N>
bool is_in(const Range (&ranges)[N], uint16_t address) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [address](const Range &range) { return address >= range.first && address <= range.last; });
}

size_t width_of(uint16_t address) { return RegisterFile::is_16_bit(address) ? 2 : 4; }

void put(uint8_t *data, uint32_t value, size_t width) {
  for (size_t index = 0; index < width; index++)
    data[index] = static_cast<uint8_t>(value >> 8 * (width - 1 - index));
}

uint32_t get(const uint8_t *data, size_t width) {
  uint32_t value = 0;
  for (size_t index = 0; index < width; index++)
    value = value << 8U | data[index];
  return value;
}

/// CRC-16/CCITT, most significant bit first, preset with ones: a shift register that takes in the data bit by bit.
uint16_t checksum(const uint8_t *data, size_t length) {
  uint16_t remainder = 0xFFFF;
  for (size_t bit = 0; bit < 8 * length; bit++) {
    const bool input = (data[bit / 8] >> (7 - bit % 8) & 1U) != 0;
    const bool feedback = input != ((remainder & 0x8000U) != 0);
    remainder = static_cast<uint16_t>(remainder << 1U);
    if (feedback)
      remainder ^= 0x1021U;
  }
  return remainder;
}

}  // namespace

SimChip::SimChip() { this->reset_(0); }

void SimChip::transfer(uint8_t *data, size_t length, uint64_t now_us) {
  this->advance(now_us);
  const bool is_selected = this->faults_.begin_frame() && !this->is_absent_ && this->is_ready_;
  if (is_selected) {
    this->answer_(data, length);
  } else {
    std::fill_n(data, length, 0xFF);  // the pull-up of MISO
  }
  this->faults_.disturb(data, length);
}

void SimChip::corrupt(uint16_t address, uint32_t value) {
  this->registers_.set(address, value);
  this->dsp_.timeline().forget();
  this->configuration_crc_.changed();
}

void SimChip::advance(uint64_t now_us) {
  this->now_us_ = now_us;
  if (now_us >= this->brown_out_us_) {
    this->reset_(this->brown_out_us_);
    this->brown_out_us_ = std::numeric_limits<uint64_t>::max();
  }
  if (!this->is_ready_ && now_us >= this->ready_us_) {
    this->is_ready_ = true;
    this->registers_.set_bits(address::STATUS1, RSTDONE);
  }
  this->dsp_.advance(static_cast<double>(now_us) * 1e-6);
  this->configuration_crc_.advance(now_us);
  this->dsp_.interrupts().update(static_cast<double>(now_us) * 1e-6);
}

std::optional<double> SimChip::interrupt_fell_us(size_t line) {
  if (!this->dsp_.interrupts().is_low(line))
    return std::nullopt;
  return this->dsp_.interrupts().fell_at_s(line) * 1e6;
}

void SimChip::reset_(uint64_t at_us) {
  this->registers_.reset();
  this->dsp_.stop();
  this->configuration_crc_.stop();
  this->is_ready_ = false;
  this->ready_us_ = at_us + BOOT_US;
}

void SimChip::answer_(uint8_t *data, size_t length) {
  if (length < 2)
    return;
  const uint32_t command = get(data, 2) & 0xFFF8U;
  const auto address = static_cast<uint16_t>(command >> 4U);
  if ((command & 0x8U) != 0) {
    this->answer_read_(data, length, address);
    return;
  }
  const size_t width = width_of(address);
  if (length >= 2 + width) {
    const uint32_t value = get(data + 2, width);
    this->remember_(address, command, value);
    this->write_(address, value);
  }
  std::fill_n(data, length, 0xFF);
}

void SimChip::answer_read_(uint8_t *data, size_t length, uint16_t address) {
  if (WaveformBuffer::contains(address) && this->dsp_.waveforms().is_burst())
    return this->dsp_.waveforms().burst(address, {data + std::min<size_t>(2, length), data + length});
  const size_t width = width_of(address);
  const bool is_burst = (this->registers_.get(address::CONFIG1) & BURST_EN) != 0;
  const uint32_t command = address << 4U | 0x8U;
  std::fill_n(data, length, 0xFF);
  uint16_t next = address;
  for (size_t at = 2; at < length;) {
    uint8_t word[6];
    const uint32_t value = this->read_(next);
    put(word, value, width);
    put(word + width, checksum(word, width), 2);
    const size_t size = is_burst ? width : width + 2;
    std::copy_n(word, std::min(size, length - at), data + at);
    at += size;
    if (is_burst) {
      next = next_in_burst(next, address);
    } else {
      this->registers_.set(address::CRC_SPI, checksum(word, width));
      this->remember_(address, command, value);
    }
  }
}

/// LAST_CMD and LAST_DATA hold the last access, unless it was a burst or a read of one of these two.
void SimChip::remember_(uint16_t address, uint32_t command, uint32_t data) {
  if (address == address::LAST_CMD || address == address::LAST_DATA_16 || address == address::LAST_DATA_32)
    return;
  this->registers_.set(address::LAST_CMD, command);
  this->registers_.set(width_of(address) == 2 ? address::LAST_DATA_16 : address::LAST_DATA_32, data);
}

uint32_t SimChip::read_(uint16_t address) {
  if (WaveformBuffer::contains(address))
    return this->dsp_.waveforms().word(address);
  const uint16_t original = original_of(address);
  if (Dsp::is_result(original))
    return this->dsp_.read(original);
  const uint32_t value = this->registers_.get(original);
  if (Peaks::is_peak(original))
    this->registers_.set(original, 0);  // by reading
  return value;
}

bool SimChip::is_writable_(uint16_t address) const {
  const bool is_locked = this->registers_.get(address::WR_LOCK) != 0 && is_in(LOCKED, address);
  return is_in(WRITABLE, address) && address != address::TEMP_RSLT && (!is_locked || address == address::WR_LOCK);
}

void SimChip::write_(uint16_t address, uint32_t value) {
  if (!this->is_writable_(address))
    return;
  const uint32_t before = this->registers_.get(address);
  switch (address) {
    case address::STATUS0:
    case address::STATUS1:
      this->registers_.set(address, before & ~value);
      break;
    case address::CONFIG1:
      if ((value & SWRST) != 0)
        return this->reset_(this->now_us_);
      this->registers_.set(address, value & ~CF_ACC_CLR);
      break;
    case address::WR_LOCK:
      if (value == LOCK_KEY || value == UNLOCK_KEY)
        this->registers_.set(address, value == LOCK_KEY ? 1 : 0);
      break;
    default:
      this->registers_.set(address, value);
      break;
  }
  this->dsp_.written(address, before);
  this->configuration_crc_.changed();
  if (address == address::CRC_FORCE)
    this->configuration_crc_.force(this->now_us_);
  this->dsp_.interrupts().update(static_cast<double>(this->now_us_) * 1e-6);
  if (address == address::TEMP_CFG)
    this->registers_.set(address, value & ~TEMP_START);
}

}  // namespace esphome::ade9000_sim
