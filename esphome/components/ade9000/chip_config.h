#pragma once

#include "calibration.h"
#include "line_set.h"
#include "quantities.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// Code of every RMS for a sine of 1 V peak at the pins; a larger one is clipped.
inline constexpr uint32_t FULL_SCALE_RMS_CODE = 52'702'092;

/// How the installation is connected to the chip's inputs.
enum class Wiring : uint8_t {
  WYE_4WIRE,             ///< Three phases and neutral.
  SINGLE_PHASES,         ///< One to three independent circuits against a common neutral.
  SPLIT_PHASE,           ///< Two phases at 180° with a centre neutral, on L1 and L2.
  NETWORK_3WIRE,         ///< Two phases and the neutral of a three-phase net, on L1 and L2.
  DELTA_3WIRE,           ///< No neutral; voltages measured against L2.
  DELTA_3WIRE_ISOLATED,  ///< No neutral; voltages measured against an artificial point.
  DELTA_4WIRE,           ///< High-leg delta, three voltage sensors against the centre tap.
  WYE_4WIRE_2VT,         ///< Three phases and neutral, voltages of L1 and L3 only (not by Blondel's theorem).
  DELTA_4WIRE_2VT,       ///< High-leg delta, voltages of L1 and L3 only (not by Blondel's theorem).
};

/// What makes a voltage of a current.
enum class CurrentSensorType : uint8_t {
  TRANSFORMER,  ///< A current transformer with its burden.
  ROGOWSKI,     ///< A Rogowski coil: its voltage is the derivative of the current, and the chip integrates it.
};

/// A current transformer with its burden, or a Rogowski coil.
struct CurrentSensor {
  double ratio{2500};         ///< Primary amperes per secondary ampere.
  double burden_ohm{10.2};    ///< Across the chip's input, both halves together.
  double phase_shift_deg{0};  ///< Correction, −15…+2.25°: negative when the transformer makes the current lead.
  uint8_t pga_gain{1};        ///< 1, 2 or 4.
  CurrentSensorType type{CurrentSensorType::TRANSFORMER};
  double coil_volts_per_ampere{0};  ///< Of a Rogowski coil at 50 Hz, which has neither ratio nor burden.
};

/// An input of the chip, by its code in ADC_REDIRECT.
enum class Input : uint8_t { IA, IB, IC, IN, VA, VB, VC, OWN };

inline constexpr size_t INPUT_COUNT = 7;

/// What the chip's one sum of currents is used for.
enum class SummedCurrent : uint8_t {
  NONE,      ///< The sum says nothing: the neutral is calculated wrongly, or not at all.
  NEUTRAL,   ///< L1 + L2 + L3, which the neutral carries back.
  RESIDUAL,  ///< The sum over all conductors, which flows to earth.
};

struct PhaseConfig {
  bool fitted{true};                ///< Whether its sensors are connected; what is not is neither reported nor counted.
  bool invert_current{false};       ///< The transformer is the wrong way round.
  Input voltage_input{Input::OWN};  ///< Where its voltage was connected.
  Input current_input{Input::OWN};  ///< Where its current sensor was connected.
  Calibration calibration{};
};

/// Everything that the driver has to know about the installation, in SI units.
struct ChipConfig {
  uint8_t line_frequency_hz{50};  ///< 50 or 60.
  double nominal_voltage{230};    ///< Of one input of the chip, V.
  Wiring wiring{Wiring::WYE_4WIRE};
  double voltage_divider{801};  ///< Line volts per volt at the chip's pins.
  uint8_t voltage_pga_gain{1};  ///< 1, 2 or 4.
  CurrentSensor current{};      ///< Of L1, L2 and L3.
  bool neutral_fitted{false};
  CurrentSensor neutral{};
  Input neutral_input{Input::OWN};  ///< Where the neutral's current sensor was connected.
  Calibration neutral_calibration{};
  bool invert_neutral{false};  ///< Its transformer is the wrong way round.
  /// What the sum of currents is used for where a neutral transformer leaves the choice: `NEUTRAL` or `RESIDUAL`.
  SummedCurrent preferred_sum{SummedCurrent::RESIDUAL};
  bool l2_current_fitted{true};  ///< In a delta the chip can compute it from the other two.
  double no_load_va{0.5};        ///< W, var, VA of a phase below which nothing is counted; 0 counts everything.
  std::array<PhaseConfig, LINE_COUNT> phases{};
};

/// What one code of the chip's registers is worth.
struct Scales {
  double volt;            ///< V per code of a voltage RMS.
  double ampere;          ///< A per code of a current RMS.
  double neutral_ampere;  ///< A per code of the neutral's RMS, which NIGAIN makes the same as that of a phase.
  double watt;            ///< W, var, VA per code of a power.
  double picowatthour;    ///< pWh per unit of the 45-bit energy register.
  double neutral_gain{
      1};  ///< Factor of NIGAIN: the chip adds codes, so a code of each current has to be worth the same.
};

/// What the driver knows about a wiring. Python knows some of it as well, to check a configuration; a test holds both
/// together.
struct WiringTraits {
  const char *name;        ///< In the configuration.
  LineSet phases;          ///< The phases that exist.
  LineSet voltage_inputs;  ///< Those whose voltage is that of one input; the chip computes the others from two.
  LineSet counted;         ///< Those whose power counts: of three wires the elements of L1 and L3 measure it all.
  bool is_one_system;      ///< The phases belong together; else each is a circuit of its own.
  bool has_sequence;       ///< L1, L2 and L3 are 120° apart against the neutral.
  /// Voltages are between the phases, and two elements measure three phases.
  bool is_three_wire;
  bool computes_l2_current;  ///< Without a sensor for L2 the chip computes its current from the other two.
  bool combined_crossing;    ///< Whether (VA + VB − VC) / 2 has a zero crossing; else that of VA is used.
  uint8_t vconsel;           ///< ACCMODE.VCONSEL: which voltage the chip computes from others.

  /// Tell whether each phase of one system has a voltage input of its own against the neutral: then a dead input is a
  /// lost phase, and the angles between the voltages were measured.
  constexpr bool measures_each_voltage() const { return this->is_one_system && this->voltage_inputs == this->phases; }

  /// Return where the voltage of each input is: without a neutral A is L1–L2, B is L1–L3, C is L3–L2.
  constexpr const std::array<Phase, LINE_COUNT> &voltages() const { return this->is_three_wire ? ELEMENTS : LINES; }

  static constexpr std::array<Phase, LINE_COUNT> ELEMENTS{Phase::L12, Phase::L31, Phase::L23};
};

inline constexpr size_t WIRING_COUNT = 9;

const WiringTraits &traits_of(Wiring wiring);

/// Return the phases that are connected.
LineSet measured_lines(const ChipConfig &config);

/// Return the measured phases whose transformer is the wrong way round.
LineSet inverted_lines(const ChipConfig &config);

/// Return the phases whose power counts into the totals.
LineSet counted_lines(const ChipConfig &config);

Calibrations calibrations_of(const ChipConfig &config);
void set_calibrations(const Calibrations &calibrations, ChipConfig &config);

/// Return what the chip's sum of currents means. It is taken before currents are inverted, so that a phase the other
/// way round than the others makes it meaningless, and it needs a transformer on every phase. Without a neutral it is
/// that of all conductors.
SummedCurrent summed_current(const ChipConfig &config);

/// Tell whether the neutral takes part in the sum.
bool sums_neutral(const ChipConfig &config);

Scales scales_of(const ChipConfig &config);

}  // namespace esphome::ade9000
