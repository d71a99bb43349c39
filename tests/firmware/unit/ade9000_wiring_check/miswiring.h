#pragma once

#include "ade9000_wiring_check/wiring_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

/// Faults of the wiring and what they look like, from phasors alone: nothing here is taken from the check.
namespace miswiring {

using Phasor = std::complex<double>;

constexpr double DEGREE = std::numbers::pi / 180;

enum class What { CT_REVERSED, CTS_SWAPPED, VOLTAGES_SWAPPED, NO_VOLTAGE, SEQUENCE_REVERSED };

/// One fault, as an electrician would say it.
struct Wrong {
  What what;
  size_t line;
  size_t other;
  const char *text;

  bool operator==(const Wrong &wrong) const {
    return this->what == wrong.what && this->line == wrong.line && this->other == wrong.other;
  }
};

inline constexpr Wrong CT1{What::CT_REVERSED, 0, 0, "CT of L1 is reversed"};
inline constexpr Wrong CT2{What::CT_REVERSED, 1, 1, "CT of L2 is reversed"};
inline constexpr Wrong CT3{What::CT_REVERSED, 2, 2, "CT of L3 is reversed"};
inline constexpr Wrong C12{What::CTS_SWAPPED, 0, 1, "CTs of L1 and L2 are swapped"};
inline constexpr Wrong C23{What::CTS_SWAPPED, 1, 2, "CTs of L2 and L3 are swapped"};
inline constexpr Wrong C13{What::CTS_SWAPPED, 0, 2, "CTs of L1 and L3 are swapped"};
inline constexpr Wrong V12{What::VOLTAGES_SWAPPED, 0, 1, "Voltages of L1 and L2 are swapped"};
inline constexpr Wrong V23{What::VOLTAGES_SWAPPED, 1, 2, "Voltages of L2 and L3 are swapped"};
inline constexpr Wrong V13{What::VOLTAGES_SWAPPED, 0, 2, "Voltages of L1 and L3 are swapped"};
inline constexpr Wrong N1{What::NO_VOLTAGE, 0, 0, "No voltage on L1"};
inline constexpr Wrong N2{What::NO_VOLTAGE, 1, 1, "No voltage on L2"};
inline constexpr Wrong N3{What::NO_VOLTAGE, 2, 2, "No voltage on L3"};
inline constexpr Wrong SEQ{What::SEQUENCE_REVERSED, 0, 0, "Phase sequence is L1-L3-L2"};

inline constexpr Wrong SINGLE_FAULTS[] = {CT1, CT2, CT3, C12, C23, C13, V12, V23, V13, N1, N2, N3, SEQ};

using Faults = std::vector<Wrong>;

/// Every set of one or two faults; the order counts for two swaps of the same, which shift all three one way or the
/// other.
inline std::vector<Faults> all_faults() {
  std::vector<Faults> sets;
  for (const Wrong &first : SINGLE_FAULTS) {
    sets.push_back({first});
    for (const Wrong &second : SINGLE_FAULTS) {
      const bool is_swap = first.what == What::CTS_SWAPPED || first.what == What::VOLTAGES_SWAPPED;
      if (&first < &second || (&first > &second && is_swap && first.what == second.what))
        sets.push_back({first, second});
    }
  }
  return sets;
}

constexpr const char *SHIFTED_ON = "CTs are shifted: L2 is at L1, L3 is at L2, L1 is at L3";
constexpr const char *SHIFTED_BACK = "CTs are shifted: L3 is at L1, L1 is at L2, L2 is at L3";

/// Faults that look the same as others, and what they are called then.
struct Alias {
  Faults faults;
  const char *text;
};

inline const std::vector<Alias> ALIASES = {
    // Without a voltage to compare with, a current has no angle: whether its CT is reversed shows later.
    {{CT1, N1}, N1.text},
    {{CT2, N2}, N2.text},
    {{CT3, N3}, N3.text},
    // Whoever swaps both wires and CTs of two phases, has only named the phases the other way round.
    {{C12, V12}, SEQ.text},
    {{C23, V23}, SEQ.text},
    {{C13, V13}, SEQ.text},
    // For the same reason one of the two swaps makes of a reversed sequence a right one, with the other swap left over.
    {{V12, SEQ}, C12.text},
    {{V23, SEQ}, C23.text},
    {{V13, SEQ}, C13.text},
    {{C12, SEQ}, V12.text},
    {{C23, SEQ}, V23.text},
    {{C13, SEQ}, V13.text},
    // Three CTs shifted by one phase can be swapped in three orders, and are the same as three voltages shifted back.
    {{C12, C23}, SHIFTED_ON},
    {{C23, C13}, SHIFTED_ON},
    {{C13, C12}, SHIFTED_ON},
    {{V12, V13}, SHIFTED_ON},
    {{V23, V12}, SHIFTED_ON},
    {{V13, V23}, SHIFTED_ON},
    {{C12, C13}, SHIFTED_BACK},
    {{C13, C23}, SHIFTED_BACK},
    {{C23, C12}, SHIFTED_BACK},
    {{V12, V23}, SHIFTED_BACK},
    {{V23, V13}, SHIFTED_BACK},
    {{V13, V12}, SHIFTED_BACK},
    // Two CTs and two other voltages are a reversed sequence and a shift, which each of the three phases can begin.
    {{C23, V13}, "CTs of L1 and L2 are swapped; Voltages of L2 and L3 are swapped"},
    {{C13, V12}, "CTs of L1 and L2 are swapped; Voltages of L2 and L3 are swapped"},
    {{C23, V12}, "CTs of L1 and L2 are swapped; Voltages of L1 and L3 are swapped"},
    {{C13, V23}, "CTs of L1 and L2 are swapped; Voltages of L1 and L3 are swapped"},
    // Said of both lines at once.
    {{N1, N2}, "No voltage on L1 and L2"},
    {{N2, N3}, "No voltage on L2 and L3"},
    {{N1, N3}, "No voltage on L1 and L3"},
};

/// What faults have to be called.
inline std::string name_of(const Faults &faults) {
  for (const Alias &alias : ALIASES) {
    if (alias.faults == faults)
      return alias.text;
  }
  std::string name;
  for (const Wrong &wrong : faults)
    name += (name.empty() ? "" : "; ") + std::string(wrong.text);
  return name.empty() ? "OK" : name;
}

/// An installation of three phases and neutral, and how the meter sees it.
struct Installation {
  std::array<Phasor, 3> voltages{};
  std::array<Phasor, 3> currents{};

  /// Let all loads lag by some degrees, or each by its own; more than 90° is export.
  static Installation with(const Faults &faults, const std::array<double, 3> &lags_deg) {
    Installation installation;
    const double sign = std::count(faults.begin(), faults.end(), SEQ) > 0 ? -1 : 1;
    const double angles_deg[] = {0, -120 * sign, 120 * sign};
    for (size_t line = 0; line < 3; line++) {
      installation.voltages[line] = std::polar(230.0, angles_deg[line] * DEGREE);
      installation.currents[line] = std::polar(10.0, (angles_deg[line] - lags_deg[line]) * DEGREE);
    }
    for (const Wrong &wrong : faults)
      installation.break_line(wrong);
    for (const Wrong &wrong : faults)
      installation.swap(wrong);
    return installation;
  }

  static Installation with(const Faults &faults, double lag_deg) { return with(faults, {lag_deg, lag_deg, lag_deg}); }

  void break_line(const Wrong &wrong) {
    if (wrong.what == What::NO_VOLTAGE)
      this->voltages[wrong.line] = 0;
    if (wrong.what == What::CT_REVERSED)
      this->currents[wrong.line] *= -1;
  }

  void swap(const Wrong &wrong) {
    if (wrong.what == What::VOLTAGES_SWAPPED)
      std::swap(this->voltages[wrong.line], this->voltages[wrong.other]);
    if (wrong.what == What::CTS_SWAPPED)
      std::swap(this->currents[wrong.line], this->currents[wrong.other]);
  }

  /// Degrees by which one phasor lags another, 0 ≤ lag < 360 as the chip counts them; 777 where one is missing, as its
  /// registers then hold anything.
  static int16_t lag(Phasor leading, Phasor lagging) {
    if (std::abs(leading) < 1e-3 || std::abs(lagging) < 1e-3)
      return 777;
    const long degrees = std::lround(std::arg(leading / lagging) / DEGREE);
    return static_cast<int16_t>((degrees + 360) % 360);
  }

  esphome::ade9000_wiring_check::WiringEvidence evidence() const {
    esphome::ade9000_wiring_check::WiringEvidence evidence{
        .lines = esphome::ade9000::ALL_LINES,
        .voltages = {},
        .currents = {},
        .voltage_lag = {lag(this->voltages[0], this->voltages[1]), lag(this->voltages[1], this->voltages[2]),
                        lag(this->voltages[0], this->voltages[2])},
        .current_lag = {}};
    for (size_t input = 0; input < 3; input++) {
      const auto line = esphome::ade9000::LineSet::of(input);
      evidence.voltages |= std::abs(this->voltages[input]) > 1 ? line : esphome::ade9000::LineSet();
      evidence.currents |= std::abs(this->currents[input]) > 0.1 ? line : esphome::ade9000::LineSet();
      evidence.current_lag[input] = lag(this->voltages[input], this->currents[input]);
    }
    return evidence;
  }

  /// Whether two installations look the same; magnitudes tell nothing.
  bool looks_like(const Installation &other) const {
    const auto mine = this->evidence();
    const auto theirs = other.evidence();
    return mine.voltages == theirs.voltages && mine.currents == theirs.currents &&
           mine.voltage_lag == theirs.voltage_lag && mine.current_lag == theirs.current_lag;
  }
};

}  // namespace miswiring
