#include "multipoint.h"

#include "register_codes.h"
#include "registers.h"

namespace esphome::ade9000 {

namespace {

/// Half of the overlap of two regions, as a part of the border between them.
constexpr double HYSTERESIS = 0.05;

uint16_t of_region(uint16_t address, size_t region) { return static_cast<uint16_t>(address + region); }

}  // namespace

void Multipoint::add_region(const CurrentRegion &region) {
  if (this->count_ < MOST_REGIONS)
    this->regions_[this->count_++] = region;
}

void Multipoint::add_settings(const ChipConfig &config, Settings &settings) {
  this->add_thresholds_(scales_of(config), settings);
  for (size_t region = 0; region < this->count_; region++) {
    for (size_t line = 0; line < LINE_COUNT; line++) {
      const auto address = [=](uint16_t phase_a) {
        return of_region(reg::of_phase(phase_a, line, reg::SIGNAL_PATH_STRIDE), region);
      };
      const double shift_deg = config.current.phase_shift_deg + config.phases[line].calibration.phase_deg +
                               this->regions_[region].phase_deg[line];
      settings.set(address(reg::AIGAIN0), gain_code(this->regions_[region].current[line]));
      settings.set(address(reg::APHCAL0), phase_code(shift_deg, config.line_frequency_hz));
    }
  }
  settings.set_bits(reg::CONFIG0, reg::CONFIG0_MTEN);
}

/// The first region begins at 0 and the last one ends at full scale, as the chip asks.
void Multipoint::add_thresholds_(const Scales &scales, Settings &settings) const {
  for (size_t region = 0; region < this->count_; region++) {
    const double lower = this->regions_[region].above_a / scales.ampere * (1 - HYSTERESIS);
    const bool is_last = region + 1 == this->count_;
    const double upper =
        is_last ? FULL_SCALE_RMS_CODE : this->regions_[region + 1].above_a / scales.ampere * (1 + HYSTERESIS);
    settings.set(of_region(reg::MTTHR_L0, region), rounded(lower));
    settings.set(of_region(reg::MTTHR_H0, region), rounded(upper));
  }
}

}  // namespace esphome::ade9000
