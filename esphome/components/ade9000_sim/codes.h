#pragma once

#include "front_end.h"
#include "register_file.h"
#include "scenario.h"

#include <array>
#include <complex>

namespace esphome::ade9000_sim {

inline constexpr double FULL_SCALE_RMS = 52702092;
inline constexpr double FULL_SCALE_POWER = 20694066;

/// RMS phasors by order, as a fraction of the RMS of a full-scale sine (1 V peak at the pins); index 0 is not used.
using Spectrum = std::array<std::complex<double>, MAX_ORDER + 1>;

/// What the chip's signal path makes of one phase while nothing changes, in codes of its registers, not rounded.
struct PhaseCodes {
  double voltage_square;  ///< RMS² before the offset of the register that shows it.
  double current_square;
  double voltage_fundamental;  ///< xVFRMS.
  double current_fundamental;
  double watt;
  double var;
  double va;
  double fundamental_watt;
  double fundamental_var;
  double fundamental_va;
  std::complex<double> voltage_phasor;  ///< Of the fundamental, as a fraction of full scale.
  std::complex<double> current_phasor;
  Spectrum voltage_wave;  ///< With all its harmonics.
  Spectrum current_wave;
};

using Codes = std::array<PhaseCodes, PHASE_COUNT>;

/// RMS with the offset of its register: √(RMS₀² + 2¹⁵·offset).
double with_offset(double square, double offset);

/// Compute the codes of one step in closed form. `accmode` is what ACCMODE held when the DSP was started.
Codes codes_of(const Scenario &scenario, size_t step, const FrontEnd &front_end, const RegisterFile &registers,
               uint32_t accmode);

/// RMS of the neutral before its offset, squared.
double neutral_square_of(const Scenario &scenario, const FrontEnd &front_end, const RegisterFile &registers);

}  // namespace esphome::ade9000_sim
