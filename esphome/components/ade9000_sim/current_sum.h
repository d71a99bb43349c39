#pragma once

#include "codes.h"
#include "register_file.h"
#include "timeline.h"

namespace esphome::ade9000_sim {

/// ISUMRMS: the RMS of IA + IB + IC, with CONFIG0.ISUM_CFG also with + IN or − IN, in codes of an RMS.
///
/// Only the fundamentals of the phases are added. A scenario gives the neutral as an RMS alone; it is taken to flow
/// against the sum of the phases, as it does where nothing leaks.
double current_sum_code(const Codes &codes, const Timeline &timeline, const RegisterFile &registers);

}  // namespace esphome::ade9000_sim
