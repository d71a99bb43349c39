#include "peaks.h"

#include "chip_figures.h"
#include "registers.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace esphome::ade9000 {

namespace {

/// Peaks are held as instantaneous values over 2⁵.
constexpr double FULL_SCALE_PEAK_CODE = FULL_SCALE_PCF_CODE / 32;

/// Full scale of an instantaneous value is the amplitude of the sine whose RMS is full scale.
constexpr double PER_PEAK_CODE = FULL_SCALE_RMS_CODE * std::numbers::sqrt2 / FULL_SCALE_PEAK_CODE;

struct PeakRow {
  uint16_t address;
  Quantity quantity;
  double Scales::*scale;
};

constexpr PeakRow ROWS[] = {
    {reg::VPEAK, Quantity::VOLTAGE_PEAK, &Scales::volt},
    {reg::IPEAK, Quantity::CURRENT_PEAK, &Scales::ampere},
};

/// A read that clears cannot be compared with a second one: the chip tells the command that it has understood.
std::optional<uint32_t> read_proven(RegisterBus &bus, uint16_t address) {
  const auto word = bus.read_once(address);
  const auto command = word ? bus.read(reg::LAST_CMD) : std::nullopt;
  return command == reg::command_of_read(address) ? word : std::nullopt;
}

}  // namespace

void Peaks::read(RegisterBus &bus) {
  for (size_t index = 0; index < COUNT; index++) {
    Peak &peak = this->peaks_[index];
    if (const auto word = read_proven(bus, ROWS[index].address)) {
      peak.code = std::max(peak.code, *word & reg::PEAK_VALUE_BITS);
    } else {
      peak.is_lost = true;
    }
  }
}

PeakValues Peaks::values(const Scales &scales) const {
  PeakValues values;
  for (size_t index = 0; index < COUNT; index++) {
    const PeakRow &row = ROWS[index];
    const Peak &peak = this->peaks_[index];
    values.add(row.quantity, Phase::TOTAL, peak.is_lost ? NAN : peak.code * PER_PEAK_CODE * (scales.*row.scale));
  }
  return values;
}

}  // namespace esphome::ade9000
