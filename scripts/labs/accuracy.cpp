/// The driver on the simulated chip against the closed form of what is on the wires.
///
///     accuracy FIRST LAST   scenarios FIRST to LAST − 1 of the sequence
///
/// writes a line for each value: scenario, quantity, phase, what was measured, the truth, one count of the registers
/// that it comes from. A value that has to be empty has the truth `nan`.

#include "bench.h"
#include "electricity.h"
#include "grid.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace bench;
using namespace electricity;
using grid::Installation;

// Codes of the data sheet.
constexpr double FULL_SCALE_V = 0.70710678118654752;
constexpr double RMS_CODES = 52'702'092;
constexpr double POWER_CODES = 20'694'066;
constexpr double SAMPLES_PER_SECOND = 8000;
constexpr double DELAYS_PER_SECOND = 1'024'000;
constexpr double PEAK_CODES = 74'532'013.0 / 32;
constexpr double DEGREES_C_PER_CODE = 20'000.0 / 65536;

/// What a value has to be; without a value it has to be empty.
struct Truth {
  double value{NAN};
  double count{0};
};

/// The quantities of one installation in closed form.
class Physics {
 public:
  explicit Physics(const Installation &installation) : it_(installation) {
    const double volts_per_ampere = this->it_.burden_ohm / this->it_.ct_ratio * this->it_.current_pga;
    this->volt_ = FULL_SCALE_V / RMS_CODES * this->it_.divider / this->it_.voltage_pga;
    this->ampere_ = FULL_SCALE_V / RMS_CODES / volts_per_ampere;
    // The driver takes powers from the sum of 8000 samples.
    this->watt_ = this->it_.divider / this->it_.voltage_pga / volts_per_ampere / 2 / POWER_CODES / SAMPLES_PER_SECOND;
  }

  Truth voltage(size_t line) const { return {this->it_.voltages[line].total_rms(), this->volt_}; }

  Truth current(Phase phase) const {
    if (phase == Phase::N)
      return this->it_.is_neutral_fitted ? Truth{this->it_.neutral.total_rms(), this->ampere_} : Truth{};
    return {this->it_.currents[static_cast<size_t>(phase)].total_rms(), this->ampere_};
  }

  /// The chip adds what its inputs see, so not with one transformer turned by configuration. Without a transformer the
  /// sum is the neutral's current, with one it is what is missing.
  Truth sum_of_currents(bool is_residual) const {
    if (this->it_.reversed_line < LINE_COUNT || is_residual != this->it_.is_neutral_fitted)
      return {};
    return {this->it_.sum_a(is_residual ? 1 : 0), this->ampere_};
  }

  /// Of any phase. Peaks are held with 1/32 of the resolution of a sample.
  Truth peak(const std::array<Wave, grid::LINES> &waves, double unit) const {
    double highest = 0;
    for (const Wave &wave : waves)
      highest = std::max(highest, wave.peak());
    return {highest, unit * std::numbers::sqrt2 * RMS_CODES / PEAK_CODES};
  }

  Truth voltage_peak() const { return this->peak(this->it_.voltages, this->volt_); }
  Truth current_peak() const { return this->peak(this->it_.currents, this->ampere_); }

  Truth voltage_unbalance() const {
    for (size_t line = 0; line < LINE_COUNT; line++) {
      if (!this->it_.has_crossings(line))
        return {};
    }
    return {unbalance(this->it_.voltages), this->unbalance_count_(this->it_.voltages, this->volt_, 1)};
  }

  /// Its angles are those of the voltages and those between voltage and current.
  Truth current_unbalance() const {
    for (size_t line = 0; line < LINE_COUNT; line++) {
      if (!this->it_.has_crossings(line) || !this->is_loaded_(line))
        return {};
    }
    return {unbalance(this->it_.currents), this->unbalance_count_(this->it_.currents, this->ampere_, 2)};
  }

  /// Of a line or of all.
  Truth power(Phase phase, unsigned orders, bool is_reactive) const {
    const auto of_line = [&](size_t line) {
      const auto power = electricity::power(this->it_.voltages[line], this->it_.currents[line], orders);
      return is_reactive ? power.imag() : power.real();
    };
    return this->over_lines_(phase, of_line);
  }

  Truth apparent(Phase phase, bool is_fundamental) const {
    const auto of_line = [&](size_t line) {
      const auto &[voltage, current] = std::pair(this->it_.voltages[line], this->it_.currents[line]);
      return is_fundamental ? voltage.rms * current.rms : voltage.total_rms() * current.total_rms();
    };
    return this->over_lines_(phase, of_line);
  }

  /// Empty without load. One count of each of the two powers counts.
  Truth factor(Phase phase, unsigned orders, bool is_fundamental) const {
    const Truth active = this->power(phase, orders, false);
    const Truth apparent = this->apparent(phase, is_fundamental);
    if (apparent.value == 0)
      return {};
    const double factor = active.value / apparent.value;
    return {factor, active.count / apparent.value * (1 + std::abs(factor))};
  }

  Truth voltage_distortion(size_t line) const {
    if (!this->it_.has_crossings(line))
      return {};
    return {this->it_.voltages[line].distortion(), RATIO_COUNT};
  }

  Truth current_distortion(size_t line) const {
    if (!this->is_loaded_(line))
      return {};
    return {this->it_.currents[line].distortion(), RATIO_COUNT};
  }

  Truth frequency(Phase phase) const {
    bool has_crossings = false;
    for (size_t line = 0; line < LINE_COUNT; line++)
      has_crossings |= this->it_.has_crossings(line) && (phase == Phase::TOTAL || phase == LINES[line]);
    if (!has_crossings)
      return {};
    const double frequency_hz = this->it_.frequency_hz;
    return {frequency_hz, frequency_hz * frequency_hz / (SAMPLES_PER_SECOND * 65536)};
  }

  Truth voltage_angle(size_t line) const {
    if (!this->it_.has_crossings(line) || !this->it_.has_crossings(0))
      return {};
    return {std::remainder(this->it_.voltages[line].angle_deg - this->it_.voltages[0].angle_deg, 360),
            this->step_deg_()};
  }

  Truth phase_angle(size_t line) const {
    if (!this->it_.has_crossings(line) || !this->is_loaded_(line))
      return {};
    return {std::remainder(this->it_.voltages[line].angle_deg - this->it_.currents[line].angle_deg, 360),
            this->step_deg_()};
  }

  Truth pair_voltage(size_t first) const {
    const size_t second = (first + 1) % LINE_COUNT;
    if (!this->it_.has_crossings(first) || !this->it_.has_crossings(second))
      return {};
    const Wave &one = this->it_.voltages[first];
    const Wave &other = this->it_.voltages[second];
    const double between = rms_of_sum(std::array{std::pair(one, 1.0), std::pair(other, -1.0)});
    // By the law of cosines: what a step of the angle makes of it, and a count of either voltage.
    const double angle = (one.angle_deg - other.angle_deg) * DEGREE;
    const double by_angle = one.rms * other.rms * std::abs(std::sin(angle)) / between;
    return {between, by_angle * this->step_deg_() * DEGREE + 2 * this->volt_};
  }

  Truth temperature() const { return {this->it_.temperature_c, DEGREES_C_PER_CODE}; }

  /// mWh of `seconds` with constant power: one counter, and the registers of that power.
  static Truth energy(const Truth &power, double seconds) {
    return {std::abs(power.value) * seconds / 3.6, 1 + power.count * seconds / 3.6};
  }

 protected:
  /// Two counts: a distortion is the root of a difference, and the chip model's numbers resolve √2⁻⁵² = 2 · 2⁻²⁷ of it.
  static constexpr double RATIO_COUNT = 2.0 / (1 << 27);

  template <typename OfLine>
  Truth over_lines_(Phase phase, OfLine of_line) const {
    if (phase < Phase::N)
      return {of_line(static_cast<size_t>(phase)), this->watt_};
    return {of_line(0) + of_line(1) + of_line(2), LINE_COUNT * this->watt_};
  }

  /// Each phasor is off by a count of its magnitude and a step of each of its angles, and so are both sequences. They
  /// are summed up in single precision, which resolves 2⁻²³ of the phasors however small the sequence is.
  double unbalance_count_(const std::array<Wave, grid::LINES> &waves, double unit, double angles) const {
    double off = 0;
    double all = 0;
    for (const Wave &wave : waves) {
      off += unit + wave.rms * angles * this->step_deg_() * DEGREE;
      all += wave.rms;
    }
    const std::complex<double> turn = std::polar(1.0, 120 * DEGREE);
    const double positive = std::abs(waves[0].phasor(1) + turn * waves[1].phasor(1) + turn * turn * waves[2].phasor(1));
    return (off * (1 + unbalance(waves)) + SINGLE_PRECISION * all) / positive;
  }

  static constexpr double SINGLE_PRECISION = 4.0 / (1 << 23);  ///< Of two sums and two products.

  bool is_loaded_(size_t line) const { return this->it_.voltages[line].rms > 0 && this->it_.currents[line].rms > 0; }
  double step_deg_() const { return 360 * this->it_.frequency_hz / DELAYS_PER_SECOND; }

  const Installation &it_;
  double volt_;
  double ampere_;
  double watt_;
};

/// The span over which counters are compared.
struct Span {
  const Reading &first;
  const Reading &last;
  double seconds;
};

using OfValue = Truth (*)(const Physics &, Phase);

/// What each quantity of the driver's table has to be.
struct ValueRow {
  std::string_view key;
  OfValue truth;
};

size_t line_of(Phase phase) { return static_cast<size_t>(phase); }
size_t pair_of(Phase phase) { return static_cast<size_t>(phase) - static_cast<size_t>(Phase::L12); }

constexpr ValueRow VALUES[] = {
    {"voltage", [](const Physics &it, Phase phase) { return it.voltage(line_of(phase)); }},
    {"phase_to_phase_voltage", [](const Physics &it, Phase phase) { return it.pair_voltage(pair_of(phase)); }},
    {"current", [](const Physics &it, Phase phase) { return it.current(phase); }},
    {"calculated_current", [](const Physics &it, Phase) { return it.sum_of_currents(false); }},
    {"residual_current", [](const Physics &it, Phase) { return it.sum_of_currents(true); }},
    {"voltage_peak", [](const Physics &it, Phase) { return it.voltage_peak(); }},
    {"current_peak", [](const Physics &it, Phase) { return it.current_peak(); }},
    {"voltage_unbalance", [](const Physics &it, Phase) { return it.voltage_unbalance(); }},
    {"current_unbalance", [](const Physics &it, Phase) { return it.current_unbalance(); }},
    {"active_power", [](const Physics &it, Phase phase) { return it.power(phase, HIGHEST_ORDER, false); }},
    {"reactive_power", [](const Physics &it, Phase phase) { return it.power(phase, HIGHEST_ORDER, true); }},
    {"apparent_power", [](const Physics &it, Phase phase) { return it.apparent(phase, false); }},
    {"power_factor", [](const Physics &it, Phase phase) { return it.factor(phase, HIGHEST_ORDER, false); }},
    {"displacement_power_factor", [](const Physics &it, Phase phase) { return it.factor(phase, 1, true); }},
    {"fundamental_active_power", [](const Physics &it, Phase phase) { return it.power(phase, 1, false); }},
    {"fundamental_reactive_power", [](const Physics &it, Phase phase) { return it.power(phase, 1, true); }},
    {"fundamental_apparent_power", [](const Physics &it, Phase phase) { return it.apparent(phase, true); }},
    {"voltage_thd", [](const Physics &it, Phase phase) { return it.voltage_distortion(line_of(phase)); }},
    {"current_thd", [](const Physics &it, Phase phase) { return it.current_distortion(line_of(phase)); }},
    {"frequency", [](const Physics &it, Phase phase) { return it.frequency(phase); }},
    {"voltage_angle", [](const Physics &it, Phase phase) { return it.voltage_angle(line_of(phase)); }},
    {"phase_angle", [](const Physics &it, Phase phase) { return it.phase_angle(line_of(phase)); }},
    {"chip_temperature", [](const Physics &it, Phase) { return it.temperature(); }},
};

Truth active(const Physics &it, Phase phase) { return it.power(phase, HIGHEST_ORDER, false); }
Truth reactive(const Physics &it, Phase phase) { return it.power(phase, HIGHEST_ORDER, true); }
Truth apparent(const Physics &it, Phase phase) { return it.apparent(phase, false); }
Truth fundamental_active(const Physics &it, Phase phase) { return it.power(phase, 1, false); }
Truth fundamental_reactive(const Physics &it, Phase phase) { return it.power(phase, 1, true); }
Truth fundamental_apparent(const Physics &it, Phase phase) { return it.apparent(phase, true); }

/// A sign that a power must have for a counter to count.
struct Condition {
  OfValue power;
  bool is_import;

  bool holds(const Physics &physics, Phase phase) const {
    return (this->power(physics, phase).value >= 0) == this->is_import;
  }
};

/// What is counted, and when.
struct CounterRow {
  std::string_view key;
  OfValue power;
  Condition first;
  Condition second;
};

constexpr Condition IMPORT{active, true}, EXPORT{active, false}, INDUCTIVE{reactive, true}, CAPACITIVE{reactive, false},
    IMPORT_1{fundamental_active, true}, EXPORT_1{fundamental_active, false}, INDUCTIVE_1{fundamental_reactive, true},
    CAPACITIVE_1{fundamental_reactive, false};

constexpr CounterRow COUNTERS[] = {
    {"active_energy_import", active, IMPORT, IMPORT},
    {"active_energy_export", active, EXPORT, EXPORT},
    {"reactive_energy_import", reactive, INDUCTIVE, INDUCTIVE},
    {"reactive_energy_export", reactive, CAPACITIVE, CAPACITIVE},
    {"apparent_energy_import", apparent, IMPORT, IMPORT},
    {"apparent_energy_export", apparent, EXPORT, EXPORT},
    {"reactive_energy_q1", reactive, IMPORT, INDUCTIVE},
    {"reactive_energy_q2", reactive, EXPORT, INDUCTIVE},
    {"reactive_energy_q3", reactive, EXPORT, CAPACITIVE},
    {"reactive_energy_q4", reactive, IMPORT, CAPACITIVE},
    {"fundamental_active_energy_import", fundamental_active, IMPORT_1, IMPORT_1},
    {"fundamental_active_energy_export", fundamental_active, EXPORT_1, EXPORT_1},
    {"fundamental_reactive_energy_import", fundamental_reactive, INDUCTIVE_1, INDUCTIVE_1},
    {"fundamental_reactive_energy_export", fundamental_reactive, CAPACITIVE_1, CAPACITIVE_1},
    {"fundamental_apparent_energy_import", fundamental_apparent, IMPORT_1, IMPORT_1},
    {"fundamental_apparent_energy_export", fundamental_apparent, EXPORT_1, EXPORT_1},
};

template <typename Rows>
auto find(const Rows &rows, std::string_view key) {
  return std::find_if(std::begin(rows), std::end(rows), [key](const auto &row) { return row.key == key; });
}

void write(unsigned scenario, const char *key, Phase phase, double measured, const Truth &truth) {
  std::printf("%u %s %u %.12g %.12g %.6g\n", scenario, key, static_cast<unsigned>(phase), measured, truth.value,
              truth.count);
}

/// Angles are the same after a turn.
double beside(std::string_view key, double measured, double truth) {
  return key.ends_with("angle") ? truth + std::remainder(measured - truth, 360) : measured;
}

/// The chip tells the angles between the fundamentals only, so what harmonics do between two phases nobody knows behind
/// it. Values with distorted voltages are told apart from those with sinusoidal ones.
std::string name_of(const QuantityRow &row, const Installation &installation) {
  const bool is_distorted = installation.voltages[0].distortion() > 0;
  const std::string name = row.key;
  return name == "phase_to_phase_voltage" && is_distorted ? name + "_distorted" : name;
}

bool write_values(unsigned scenario, const QuantityRow &row, const Installation &installation, const Reading &reading) {
  const auto *found = find(VALUES, row.key);
  if (found == std::end(VALUES))
    return false;
  const Physics physics(installation);
  const std::string name = name_of(row, installation);
  for (const Phase phase : row.phases) {
    const Truth truth = found->truth(physics, phase);
    write(scenario, name.c_str(), phase, beside(row.key, reading.get(row.quantity, phase), truth.value), truth);
  }
  return true;
}

/// Of the total the three counters are summed up, each in its own direction.
Truth counted(const Physics &physics, const CounterRow &row, Phase phase, double seconds) {
  const auto of = [&](Phase single) {
    Truth energy = Physics::energy(row.power(physics, single), seconds);
    if (!row.first.holds(physics, single) || !row.second.holds(physics, single))
      energy.value = 0;
    return energy;
  };
  if (phase != Phase::TOTAL)
    return of(phase == Phase::NET ? Phase::TOTAL : phase);
  Truth sum{.value = 0, .count = 0};
  for (const Phase line : LINES) {
    const Truth truth = of(line);
    sum.value += truth.value;
    sum.count += truth.count;
  }
  return sum;
}

bool write_counters(unsigned scenario, const QuantityRow &row, const Physics &physics, const Span &span) {
  const auto *found = find(COUNTERS, row.key);
  if (found == std::end(COUNTERS))
    return false;
  for (const Phase phase : row.phases) {
    const auto gained = span.last.counter(row.quantity, phase) - span.first.counter(row.quantity, phase);
    write(scenario, row.key, phase, static_cast<double>(gained), counted(physics, *found, phase, span.seconds));
  }
  return true;
}

void measure(unsigned scenario) {
  const Installation installation = grid::installation(scenario);
  Bench bench(grid::scenario_of(installation), grid::config_of(installation), grid::front_end_of(installation));
  bench.run_until(6500 * MS, 20 * MS);
  const Span span{bench.readings.front(), bench.last(), static_cast<double>(bench.readings.size() - 1)};
  for (const QuantityRow &row : QUANTITIES) {
    const bool is_known = row.is_counter ? write_counters(scenario, row, Physics(installation), span)
                                         : write_values(scenario, row, installation, bench.last());
    if (!is_known)
      std::printf("%u %s unknown\n", scenario, row.key);
  }
}

}  // namespace

int main(int, char **arguments) {
  const auto last = static_cast<unsigned>(std::strtoul(arguments[2], nullptr, 10));
  for (auto scenario = static_cast<unsigned>(std::strtoul(arguments[1], nullptr, 10)); scenario < last; scenario++)
    measure(scenario);
}
