#pragma once

#include "scenario.h"

#include <array>
#include <cstddef>

namespace esphome::ade9000_sim {

/// What is between the wires and the chip's pins, as it was soldered: the driver's configuration may differ from it.
struct FrontEnd {
  double voltage_divider{801};  ///< Line volts per volt at the pins.
  double ct_ratio{2500};        ///< Primary amperes per secondary ampere.
  double burden_ohm{10.2};
  double ct_lead_deg{0};  ///< By how much the transformers make the current lead.
  double neutral_ct_ratio{2500};
  double neutral_burden_ohm{10.2};
  double neutral_ct_lead_deg{0};
  bool neutral_ct_reversed{false};
  double coil_volts_per_ampere{0};          ///< Of the phases' Rogowski coils at 50 Hz; 0 where there are transformers.
  double neutral_coil_volts_per_ampere{0};  ///< The same of the neutral.
  double neutral_gain{1};                   ///< Tolerance of the neutral's transformer, 1 is none.
  double neutral_noise_a{0};                ///< RMS of its noise.
  bool is_against_l2{false};  ///< The voltages are measured against L2, as in a three-wire delta, not against neutral.
  std::array<double, PHASE_COUNT> voltage_gain{1, 1, 1};  ///< Tolerance of the divider, 1 is none.
  std::array<double, PHASE_COUNT> current_gain{1, 1, 1};  ///< Tolerance of the transformer, 1 is none.
  /// RMS of noise of a wide band in units of the line. It is in every RMS but that of the fundamental, and in no power.
  std::array<double, PHASE_COUNT> voltage_noise_v{};
  std::array<double, PHASE_COUNT> current_noise_a{};
  /// What a voltage induces in the input of its own current, as a conductance, and by how much that lags the voltage.
  std::array<double, PHASE_COUNT> crosstalk_s{};
  double crosstalk_lag_deg{0};
  /// Where a transformer loses accuracy with small currents, as it does: true current is this times as large below
  /// `knee_a`. It follows the RMS of the current.
  double small_current_gain{1};
  double small_current_lead_deg{0};  ///< Added to `ct_lead_deg` below `knee_a`.
  double knee_a{0};
  std::array<bool, PHASE_COUNT> ct_reversed{};  ///< The transformer is the wrong way round.
  /// For each voltage input the phase that is connected to it.
  std::array<size_t, PHASE_COUNT> voltage_source{0, 1, 2};
  /// For each current input, that of the neutral last, the phase whose current sensor is connected to it; 3 is the
  /// neutral.
  std::array<size_t, PHASE_COUNT + 1> current_source{0, 1, 2, 3};
  std::array<bool, PHASE_COUNT> voltage_fitted{true, true, true};
  std::array<bool, PHASE_COUNT> current_fitted{true, true, true};
};

}  // namespace esphome::ade9000_sim
