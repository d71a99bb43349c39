#pragma once

#include "scenario.h"

#include <array>

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
  bool is_against_l2{false};  ///< The voltages are measured against L2, as in a three-wire delta, not against neutral.
  std::array<double, PHASE_COUNT> voltage_gain{1, 1, 1};  ///< Tolerance of the divider, 1 is none.
  std::array<double, PHASE_COUNT> current_gain{1, 1, 1};  ///< Tolerance of the transformer, 1 is none.
  std::array<bool, PHASE_COUNT> ct_reversed{};            ///< The transformer is the wrong way round.
  std::array<bool, PHASE_COUNT> voltage_fitted{true, true, true};
  std::array<bool, PHASE_COUNT> current_fitted{true, true, true};
};

}  // namespace esphome::ade9000_sim
