#pragma once

#include "register_file.h"
#include "timeline.h"

#include <cstdint>

namespace esphome::ade9000_sim {

/// IPEAK and VPEAK: the largest instantaneous value of the phases that CONFIG3.PEAKSEL selects, since the last read. A
/// read clears the register.
class Peaks {
 public:
  Peaks(RegisterFile &registers, Timeline &timeline) : registers_(registers), timeline_(timeline) {}

  /// Include the time since `from_s`. A piece of the profile shorter than a cycle counts as a whole cycle.
  void advance(double from_s, double to_s);

  static bool is_peak(uint16_t address) { return address == address::IPEAK || address == address::VPEAK; }

 protected:
  void take_(uint16_t address, double PhaseCodes::*peak, const Codes &codes);

  RegisterFile &registers_;
  Timeline &timeline_;
};

}  // namespace esphome::ade9000_sim
