#include "wiring_check.h"

#include "esphome/components/ade9000/angles.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <compare>
#include <cstdlib>
#include <optional>

namespace esphome::ade9000_wiring_check {

namespace {

/// Loads of a usual installation are between a power factor of 0.5 lagging and 0.5 leading, and angles are rounded. All
/// three CTs shifted turn loads by 120°, so that beyond this they would be taken for loads of the other kind.
constexpr int LARGEST_LOAD_ANGLE = 60 + 1;

/// How far angles may be from what an explanation says; those of currents from the middle between the most lagging and
/// the most leading load. All explanations are multiples of 60° apart, so that a wrong one with as few faults is 35°
/// off at least while the loads differ by 50° at most. Of two phases only, loads that differ by more than 30° mislead.
constexpr int TOLERANCE = 25;

/// The same where every phase is judged on its own, short of the 90° at which import turns into export.
constexpr int LARGEST_SINGLE_ANGLE = 85;

/// Below half of the nominal voltage a line is dead: what is left comes from the other lines through the loads.
constexpr double LEAST_VOLTAGE = 0.5;

/// A smaller current has no angle to rely on. The data sheet states the accuracy of currents down to 1/1000 of full
/// scale.
constexpr uint32_t LEAST_CURRENT = FULL_SCALE_RMS_CODE / 1000;

/// The lines whose voltages the three angles between voltages compare.
struct VoltagePair {
  uint8_t first;
  uint8_t second;
};

constexpr VoltagePair VOLTAGE_PAIRS[] = {{0, 1}, {1, 2}, {0, 2}};

constexpr int VOLTAGE_ANGLES[] = {0, -120, 120};

/// Return the same angle, −half ≤ angle < half of a circle that closes after twice that.
int turned(int degrees, int half = 180) {
  while (degrees >= half)
    degrees -= 2 * half;
  while (degrees < -half)
    degrees += 2 * half;
  return degrees;
}

/// How well an explanation fits; less is better.
struct Misfit {
  int spread;      ///< Half of the angle between the most lagging and the most leading load.
  int load_angle;  ///< Distance of the loads from a power factor of 1.

  auto operator<=>(const Misfit &) const = default;
};

/// Looks for the explanation of what is seen that has the fewest faults: 98 are tried at most, in about 5,000
/// instructions.
class Judgement {
 public:
  Judgement(const WiringEvidence &evidence, bool has_sequence, Flow flow)
      : evidence_(evidence), has_sequence_(has_sequence), flow_(flow) {}

  /// Return how many it has; nothing where two do not explain it.
  std::optional<size_t> find() {
    this->consider_({});
    if (this->best_)
      return 0;
    this->consider_single_faults_();
    if (this->best_)
      return 1;
    this->consider_double_faults_();
    return this->best_ ? std::optional<size_t>(2) : std::nullopt;
  }

  const Connection &connection() const { return this->connection_; }

  /// Return whether nothing is wrong with power flowing the other way.
  bool is_turnable() const {
    return this->flow_ != Flow::ANY && this->explains_voltages_({}) && this->misfit_of_({}, 180).has_value();
  }

 protected:
  void consider_single_faults_() {
    for (const Fault &fault : FAULTS) {
      if (this->is_possible_(fault))
        this->consider_(with_fault({}, fault));
    }
  }

  /// The order of two faults matters only where both swap the same: there it makes two different shifts of three.
  void consider_double_faults_() {
    for (const Fault &first : FAULTS) {
      for (const Fault &second : FAULTS) {
        const bool is_new = &first < &second || (&first > &second && first.is_swap() && first.kind == second.kind);
        if (is_new && this->is_possible_(first) && this->is_possible_(second))
          this->consider_(with_fault(with_fault({}, first), second));
      }
    }
  }

  bool is_possible_(const Fault &fault) const {
    if (fault.kind == Fault::Kind::SEQUENCE_REVERSED)
      return this->has_sequence_;
    return fault.is_among(this->evidence_.lines) && (this->has_sequence_ || !fault.is_swap());
  }

  void consider_(const Connection &connection) {
    if (!this->explains_voltages_(connection))
      return;
    const auto misfit = this->misfit_of_(connection, 0);
    if (misfit && (!this->best_ || *misfit < *this->best_)) {
      this->best_ = misfit;
      this->connection_ = connection;
    }
  }

  bool explains_voltages_(const Connection &connection) const {
    for (const size_t input : this->evidence_.lines) {
      const bool is_live = !connection.dead_lines.contains(connection.voltage_of[input]);
      if (this->evidence_.voltages.contains(input) != is_live)
        return false;
    }
    for (size_t pair = 0; pair < LINE_COUNT && this->has_sequence_; pair++) {
      const auto [first, second] = VOLTAGE_PAIRS[pair];
      const int lag = voltage_angle_(connection, first) - voltage_angle_(connection, second);
      const bool is_seen = this->evidence_.voltages.contains(first) && this->evidence_.voltages.contains(second);
      if (is_seen && std::abs(turned(this->evidence_.voltage_lag[pair] - lag)) > TOLERANCE)
        return false;
    }
    return true;
  }

  static int line_angle_(const Connection &connection, size_t line) {
    return connection.is_reversed ? -VOLTAGE_ANGLES[line] : VOLTAGE_ANGLES[line];
  }

  static int voltage_angle_(const Connection &connection, size_t input) {
    return line_angle_(connection, connection.voltage_of[input]);
  }

  /// Return the angle of the load that an explanation leaves for what is seen at an input: by which the current lags,
  /// as if it was connected rightly.
  int load_angle_(const Connection &connection, size_t input) const {
    const uint8_t line = connection.current_of[input];
    const int shift = this->has_sequence_ ? voltage_angle_(connection, input) - line_angle_(connection, line) : 0;
    return this->evidence_.current_lag[input] - shift - (connection.reversed_cts.contains(line) ? 180 : 0);
  }

  /// Return nothing where the loads, turned by `turn`, would be no usual ones.
  std::optional<Misfit> misfit_of_(const Connection &connection, int turn) const {
    const int axis = turn + (this->flow_ == Flow::EXPORT ? 180 : 0);
    int least = INT_MAX;
    int most = INT_MIN;
    for (const size_t input : this->evidence_.voltages &this->evidence_.currents) {
      const int angle = turned(this->load_angle_(connection, input) - axis, this->flow_ == Flow::ANY ? 90 : 180);
      least = std::min(least, angle);
      most = std::max(most, angle);
    }
    if (least > most)
      return Misfit{.spread = 0, .load_angle = 0};
    return this->has_sequence_ ? common_misfit_(least, most) : single_misfit_(least, most);
  }

  /// The loads of one three-phase installation are about alike.
  static std::optional<Misfit> common_misfit_(int least, int most) {
    const Misfit misfit{.spread = (most - least + 1) / 2, .load_angle = std::abs(most + least) / 2};
    const bool is_usual = misfit.spread <= TOLERANCE && misfit.load_angle <= LARGEST_LOAD_ANGLE;
    return is_usual ? std::optional(misfit) : std::nullopt;
  }

  static std::optional<Misfit> single_misfit_(int least, int most) {
    const Misfit misfit{.spread = 0, .load_angle = std::max(std::abs(least), std::abs(most))};
    return misfit.load_angle <= LARGEST_SINGLE_ANGLE ? std::optional(misfit) : std::nullopt;
  }

  const WiringEvidence &evidence_;
  bool has_sequence_;
  Flow flow_;
  Connection connection_{};
  std::optional<Misfit> best_{};
};

int16_t whole_degrees(uint16_t delay, double frequency_hz) {
  return static_cast<int16_t>(std::lround(degrees_of(delay, frequency_hz)));
}

void describe_judged(const WiringVerdict &verdict, Flow flow, Text &text) {
  const bool is_right = verdict.connection == Connection{};
  if (verdict.is_turnable) {
    text.add(flow == Flow::IMPORT ? "OK if power is exported now" : "OK if power is drawn now");
    text.add("; else all CTs are reversed");
    if (!is_right)
      text.add(", or: ");
  } else if (is_right && verdict.unloaded_lines.is_empty()) {
    text.add("OK");
  }
  describe(verdict.connection, text);
  if (!verdict.unloaded_lines.is_empty()) {
    text.add(text.is_empty() ? "No load: switch something on at " : "; no load on ");
    text.add_lines(verdict.unloaded_lines);
  }
}

}  // namespace

WiringVerdict judge(const WiringEvidence &evidence, bool has_sequence, Flow flow) {
  using enum WiringVerdict::Kind;
  if (evidence.voltages.is_empty())
    return {.kind = NO_VOLTAGE};
  Judgement judgement(evidence, has_sequence, flow);
  const auto faults = judgement.find();
  // One fault is likelier than power that flows the other way than it was said to, more are not.
  const bool is_turnable = faults.value_or(2) == 2 && judgement.is_turnable();
  if (!faults && !is_turnable)
    return {.kind = UNCLEAR};
  return {.kind = JUDGED,
          // Where every phase is judged on its own, two reversed CTs may be all.
          .connection = is_turnable && !has_sequence ? Connection{} : judgement.connection(),
          .unloaded_lines = evidence.voltages & ~evidence.currents,
          .is_turnable = is_turnable};
}

const char *describe(const WiringVerdict &verdict, Flow flow, std::span<char, LONGEST_VERDICT> buffer) {
  Text text(buffer);
  switch (verdict.kind) {
    case WiringVerdict::Kind::NOT_MEASURING:
      text.add("Not measuring");
      break;
    case WiringVerdict::Kind::NO_VOLTAGE:
      text.add("No voltage");
      break;
    case WiringVerdict::Kind::UNCLEAR:
      text.add("Unclear: switch on a heater on every phase; if this stays, more than two things are wrong");
      break;
    case WiringVerdict::Kind::JUDGED:
      describe_judged(verdict, flow, text);
      break;
  }
  return buffer.data();
}

void WiringCheck::add_settings(const ChipConfig &config, Settings & /*settings*/) {
  const WiringTraits &wiring = traits_of(config.wiring);
  this->has_sequence_ = wiring.has_sequence && wiring.measures_each_voltage();
  this->lines_ = measured_lines(config);
  this->inverted_lines_ = inverted_lines(config);
  this->least_voltage_ =
      static_cast<uint32_t>(std::lround(config.nominal_voltage * LEAST_VOLTAGE / scales_of(config).volt));
}

void WiringCheck::stop(uint64_t /*now_us*/) {
  this->verdict_ = {};
  this->candidate_ = {};
}

void WiringCheck::take_window(const Window &window, const WindowState &state, const Reading & /*reading*/) {
  const WiringVerdict before = this->candidate_;
  this->candidate_ = judge(this->evidence_of_(window, state), this->has_sequence_, this->flow_);
  if (this->candidate_ == before || this->verdict_.kind == WiringVerdict::Kind::NOT_MEASURING)
    this->verdict_ = this->candidate_;
}

/// Codes are used, as a reading has no values before the chip has settled.
WiringEvidence WiringCheck::evidence_of_(const Window &window, const WindowState &state) const {
  const LineSet live = LineSet::where([&](size_t line) { return window.voltage_rms[line] >= this->least_voltage_; });
  const LineSet loaded = LineSet::where([&](size_t line) { return window.current_rms[line] >= LEAST_CURRENT; });
  WiringEvidence evidence{.lines = this->lines_,
                          .voltages = this->lines_ & live & state.crossing_lines,
                          .currents = this->lines_ & loaded,
                          .voltage_lag = {},
                          .current_lag = {}};
  for (size_t line = 0; line < LINE_COUNT; line++) {
    const double frequency_hz = frequency_of(window.period[line]);
    const int16_t reversal = this->inverted_lines_.contains(line) ? 180 : 0;
    evidence.voltage_lag[line] = whole_degrees(window.pair_delay[line], frequency_hz);
    evidence.current_lag[line] =
        static_cast<int16_t>(whole_degrees(window.current_delay[line], frequency_hz) + reversal);
  }
  return evidence;
}

}  // namespace esphome::ade9000_wiring_check
