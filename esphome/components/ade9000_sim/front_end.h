#pragma once

#include "scenario.h"

#include <array>
#include <cstddef>

namespace esphome::ade9000_sim {

/// The parts between the mains and the chip's pins, as soldered: the driver's configuration may differ.
struct FrontEnd {
  double voltage_divider{801};  ///< Mains volts per volt at the pins.
  double ct_ratio{2500};        ///< Primary amperes per secondary ampere.
  double burden_ohm{10.2};
  double ct_lead_deg{0};  ///< Lead of the current due to the transformers.
  double neutral_ct_ratio{2500};
  double neutral_burden_ohm{10.2};
  double neutral_ct_lead_deg{0};
  bool neutral_ct_reversed{false};
  double coil_volts_per_ampere{0};          ///< Of the phases' Rogowski coils at 50 Hz; 0 for transformers.
  double neutral_coil_volts_per_ampere{0};  ///< The same for the neutral.
  double neutral_gain{1};                   ///< Tolerance of the neutral's transformer, 1 is none.
  double neutral_noise_a{0};                ///< RMS of its noise.
  bool is_against_l2{false};  ///< The voltages are measured against L2, as in a three-wire delta, not against neutral.
  std::array<double, PHASE_COUNT> voltage_gain{1, 1, 1};  ///< Tolerance of the divider, 1 is none.
  std::array<double, PHASE_COUNT> current_gain{1, 1, 1};  ///< Tolerance of the transformer, 1 is none.
  /// RMS of wide-band noise, in mains units. It affects every RMS except that of the fundamental, and no power.
  std::array<double, PHASE_COUNT> voltage_noise_v{};
  std::array<double, PHASE_COUNT> current_noise_a{};
  /// Crosstalk of a voltage into the channel of its own current, as a conductance, and its lag behind the voltage.
  std::array<double, PHASE_COUNT> crosstalk_s{};
  double crosstalk_lag_deg{0};
  /// Ratio error of the transformers at small currents: below `knee_a` the true current is larger by this factor. It
  /// follows the RMS of the current.
  double small_current_gain{1};
  double small_current_lead_deg{0};  ///< Added to `ct_lead_deg` below `knee_a`.
  double knee_a{0};
  std::array<bool, PHASE_COUNT> ct_reversed{};  ///< The transformer is reversed.
  /// The phase at each voltage channel.
  std::array<size_t, PHASE_COUNT> voltage_source{0, 1, 2};
  /// The phase whose current sensor is at each current channel, the neutral's channel last; 3 is the neutral.
  std::array<size_t, PHASE_COUNT + 1> current_source{0, 1, 2, 3};
  std::array<bool, PHASE_COUNT> voltage_fitted{true, true, true};
  std::array<bool, PHASE_COUNT> current_fitted{true, true, true};
};

}  // namespace esphome::ade9000_sim
