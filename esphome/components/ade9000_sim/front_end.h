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
  double coil_volts_per_ampere{0};          ///< Of the phases' Rogowski coils at 50 Hz; 0 where there are transformers.
  double neutral_coil_volts_per_ampere{0};  ///< The same of the neutral.
  bool is_against_l2{false};  ///< The voltages are measured against L2, as in a three-wire delta, not against neutral.
  std::array<double, PHASE_COUNT> voltage_gain{1, 1, 1};  ///< Tolerance of the divider, 1 is none.
  std::array<double, PHASE_COUNT> current_gain{1, 1, 1};  ///< Tolerance of the transformer, 1 is none.
  std::array<bool, PHASE_COUNT> ct_reversed{};            ///< The transformer is the wrong way round.
  /// For each voltage input the phase that is connected to it.
  std::array<size_t, PHASE_COUNT> voltage_source{0, 1, 2};
  /// For each current input, that of the neutral last, the phase whose current sensor is connected to it; 3 is the
  /// neutral.
  std::array<size_t, PHASE_COUNT + 1> current_source{0, 1, 2, 3};
  std::array<bool, PHASE_COUNT> voltage_fitted{true, true, true};
  std::array<bool, PHASE_COUNT> current_fitted{true, true, true};
};

}  // namespace esphome::ade9000_sim
