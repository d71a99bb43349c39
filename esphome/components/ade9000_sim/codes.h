#pragma once

#include "front_end.h"
#include "register_file.h"
#include "scenario.h"
#include "spectrum.h"

#include <array>
#include <complex>

namespace esphome::ade9000_sim {

inline constexpr double FULL_SCALE_RMS = 52702092;
inline constexpr double FULL_SCALE_POWER = 20694066;

/// Output of the chip's signal path for one phase in steady state, in unrounded register codes.
struct PhaseCodes {
  double voltage_square;  ///< RMS² before the offset of the register that shows it, with noise.
  double current_square;
  double raw_current_square;   ///< The same before the integrator, which CONFIG0.RMS_SRC_SEL selects.
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
  double voltage_peak;  ///< Largest instantaneous value in a cycle, as a fraction of full scale.
  double current_peak;
  Spectrum voltage_wave;  ///< With all its harmonics.
  Spectrum current_wave;
};

/// The same for the three phases, and for the sum of their currents.
struct Codes {
  const PhaseCodes &operator[](size_t phase) const { return this->phases[phase]; }

  std::array<PhaseCodes, PHASE_COUNT> phases;
  double neutral_square;  ///< RMS² of the neutral before its offset.
  Spectrum neutral_wave;
  double sum_square;  ///< RMS² of IA + IB + IC ± IN, as CONFIG0.ISUM_CFG says, before its offset.
};

/// RMS with the offset of its register: √(RMS₀² + 2¹⁵·offset).
double with_offset(double square, double offset);

/// The current region of each phase, 0 to 4, whose values multipoint calibration applies.
using Regions = std::array<uint8_t, PHASE_COUNT>;

/// Compute the codes of one step in closed form. `accmode` is the value of ACCMODE at the start of the DSP.
Codes codes_of(const Scenario &scenario, size_t step, const FrontEnd &front_end, const RegisterFile &registers,
               uint32_t accmode, const Regions &regions);

bool is_multipoint(const RegisterFile &registers);

/// Return the region of a current whose xIRMS is `code` and whose region was `region`. It moves up beyond the upper end
/// of the region and down below the lower end; regions overlap.
uint8_t next_region(const RegisterFile &registers, uint8_t region, double code);

}  // namespace esphome::ade9000_sim
