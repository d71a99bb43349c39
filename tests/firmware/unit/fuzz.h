#pragma once

#include "bench.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdarg>
#include <cstdio>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

/// A meter with a changing load on a bus that is disturbed at random, and the judgement of what it publishes.
///
/// A reading is true when each of its values lies between the least and the most that the load gave in the time it
/// stands for, or is empty; and when each of its counters grew by the energy of just that time, or, where the reading
/// is flagged as estimated, by one between those extremes. A load that does not change leaves no room between them.
namespace fuzz {

using namespace bench;

/// Whole numbers and fractions from a seed, the same on every machine.
class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}

  bool hits(double probability) { return this->fraction() < probability; }
  double fraction() { return this->engine_() / 4294967296.0; }
  double between(double low, double high) { return low + (high - low) * this->fraction(); }
  size_t below(size_t count) { return static_cast<size_t>(this->fraction() * static_cast<double>(count)); }

 protected:
  std::mt19937 engine_;
};

/// What disturbs the bus for a while.
enum class Disturbance : uint8_t {
  QUIET,
  NOISE,        ///< Bits on MISO flip.
  STUCK_LOW,    ///< MISO.
  STUCK_HIGH,   ///< MISO.
  LOST,         ///< Chip select does not fall.
  TRUNCATED,    ///< Chip select rises early.
  WRONG_ORDER,  ///< Bits on MOSI flip, so that the chip hears other commands and data.
  BROWN_OUT,    ///< The chip loses its supply for a moment.
  BUSY,         ///< The host does not come round.
};

/// Wires to a chip, with disturbances.
class Wires final : public SpiTransport {
 public:
  Wires(SimChip &chip, uint32_t seed) : chip_(chip), random_(seed) {}

  void transfer(uint8_t *data, size_t length) override {
    this->transactions++;
    const size_t heard = this->disturb_command_(data, length);
    if (heard > 0)
      this->chip_.transfer(data, heard, this->now_us);
    std::fill(data + heard, data + length, 0xFF);
    this->disturb_answer_(data, length);
    this->now_us += length * 8 / 5;
  }

  Disturbance disturbance{Disturbance::QUIET};
  double bit_error_rate{0};
  double frame_error_rate{0};
  uint64_t now_us{0};
  size_t transactions{0};
  size_t disturbed{0};

 protected:
  /// Return how many bytes reach the chip.
  size_t disturb_command_(uint8_t *data, size_t length) {
    if (this->disturbance == Disturbance::WRONG_ORDER)
      this->flip_bits_(data, length);
    const bool is_cut = this->disturbance == Disturbance::LOST || this->disturbance == Disturbance::TRUNCATED;
    if (!is_cut || !this->random_.hits(this->frame_error_rate))
      return length;
    this->disturbed++;
    return this->disturbance == Disturbance::LOST ? 0 : this->random_.below(length);
  }

  void disturb_answer_(uint8_t *data, size_t length) {
    if (this->disturbance == Disturbance::NOISE)
      this->flip_bits_(data, length);
    if (this->disturbance == Disturbance::STUCK_LOW || this->disturbance == Disturbance::STUCK_HIGH) {
      std::fill_n(data, length, this->disturbance == Disturbance::STUCK_LOW ? 0x00 : 0xFF);
      this->disturbed++;
    }
  }

  void flip_bits_(uint8_t *data, size_t length) {
    bool is_disturbed = false;
    for (size_t bit = 0; bit < 8 * length; bit++) {
      if (!this->random_.hits(this->bit_error_rate))
        continue;
      data[bit / 8] ^= static_cast<uint8_t>(0x80U >> bit % 8);
      is_disturbed = true;
    }
    this->disturbed += is_disturbed;
  }

  SimChip &chip_;
  Random random_;
};

/// A load that changes every few seconds, in closed form. Lags and distortions stay, so that directions do.
class Load {
 public:
  explicit Load(uint32_t seed) {
    Random random(seed);
    for (size_t line = 0; line < LINE_COUNT; line++) {
      auto &phase = this->scenario.phases[line];
      phase.voltage_v = VOLTS[line];
      phase.current_a = AMPERES[line];
      phase.current_lag_deg = LAGS_DEG[line];
      phase.current_harmonics.add({.order = 3, .ratio = DISTORTION, .angle_deg = 30});
    }
    this->scenario.frequency_hz = FREQUENCY_HZ;
    for (size_t step = 0; step < STEPS; step++)
      this->scenario.add_step(step_(random));
  }

  /// Whether the load can tell what a quantity has to be.
  static bool knows(Quantity quantity) {
    constexpr Quantity KNOWN[] = {
        Quantity::VOLTAGE,
        Quantity::PHASE_TO_PHASE_VOLTAGE,
        Quantity::CURRENT,
        Quantity::ACTIVE_POWER,
        Quantity::REACTIVE_POWER,
        Quantity::APPARENT_POWER,
        Quantity::POWER_FACTOR,
        Quantity::DISPLACEMENT_POWER_FACTOR,
        Quantity::FUNDAMENTAL_ACTIVE_POWER,
        Quantity::FUNDAMENTAL_REACTIVE_POWER,
        Quantity::FUNDAMENTAL_APPARENT_POWER,
        Quantity::VOLTAGE_THD,
        Quantity::CURRENT_THD,
        Quantity::FREQUENCY,
        Quantity::VOLTAGE_ANGLE,
        Quantity::PHASE_ANGLE,
        Quantity::CHIP_TEMPERATURE,
    };
    return std::find(std::begin(KNOWN), std::end(KNOWN), quantity) != std::end(KNOWN);
  }

  /// Return a value of a quantity in one step, NAN where it does not exist then.
  double value(size_t step, Quantity quantity, Phase phase) const {
    const bool is_line = phase < Phase::N;
    const auto line = static_cast<size_t>(phase);
    switch (quantity) {
      case Quantity::VOLTAGE:
        return this->volts_(step, line);
      case Quantity::CURRENT:
        return is_line ? this->amperes_(step, line) * TOTAL_OF_FUNDAMENTAL : NAN;
      case Quantity::ACTIVE_POWER:
      case Quantity::FUNDAMENTAL_ACTIVE_POWER:
        return this->power_(step, phase, [](double lag) { return std::cos(lag); });
      case Quantity::REACTIVE_POWER:
      case Quantity::FUNDAMENTAL_REACTIVE_POWER:
        return this->power_(step, phase, [](double lag) { return std::sin(lag); });
      case Quantity::FUNDAMENTAL_APPARENT_POWER:
        return this->power_(step, phase, [](double) { return 1; });
      case Quantity::APPARENT_POWER:
        return this->value(step, Quantity::FUNDAMENTAL_APPARENT_POWER, phase) * TOTAL_OF_FUNDAMENTAL;
      case Quantity::POWER_FACTOR:
        return this->value(step, Quantity::ACTIVE_POWER, phase) / this->value(step, Quantity::APPARENT_POWER, phase);
      case Quantity::DISPLACEMENT_POWER_FACTOR:
        return this->value(step, Quantity::POWER_FACTOR, phase) * TOTAL_OF_FUNDAMENTAL;
      case Quantity::VOLTAGE_THD:
        return this->is_live_(step, line) ? 0 : NAN;
      case Quantity::CURRENT_THD:
        return this->is_loaded_(step, line) ? DISTORTION : NAN;
      case Quantity::FREQUENCY:
        return !is_line || this->is_live_(step, line) ? FREQUENCY_HZ : NAN;
      case Quantity::VOLTAGE_ANGLE:
        return this->is_live_(step, line) ? ANGLES_DEG[line] : NAN;
      case Quantity::PHASE_ANGLE:
        return this->is_loaded_(step, line) ? LAGS_DEG[line] : NAN;
      case Quantity::CHIP_TEMPERATURE:
        return this->scenario.chip_temperature_c;
      default:
        return NAN;
    }
  }

  /// Least and most of a value in a span.
  std::pair<double, double> extremes(uint64_t from_us, uint64_t to_us, Quantity quantity, Phase phase) const {
    if (quantity == Quantity::PHASE_TO_PHASE_VOLTAGE)
      return this->extremes_between_(from_us, to_us, static_cast<size_t>(phase) - static_cast<size_t>(Phase::L12));
    double least = INFINITY;
    double most = -INFINITY;
    this->scenario.for_each_segment(static_cast<double>(from_us) / S, static_cast<double>(to_us) / S,
                                    [&](size_t step, double, double) {
                                      const double value = this->value(step, quantity, phase);
                                      least = std::isnan(value) ? least : std::min(least, value);
                                      most = std::isnan(value) ? most : std::max(most, value);
                                    });
    return {least, most};
  }

  /// Integral over a span in Ws, vars or VAs.
  double integral(uint64_t from_us, uint64_t to_us, Quantity power, Phase phase) const {
    double sum = 0;
    this->scenario.for_each_segment(
        static_cast<double>(from_us) / S, static_cast<double>(to_us) / S,
        [&](size_t step, double from_s, double to_s) { sum += this->value(step, power, phase) * (to_s - from_s); });
    return sum;
  }

  Scenario scenario;

 protected:
  static constexpr std::array<double, LINE_COUNT> VOLTS{230, 228, 233};
  static constexpr std::array<double, LINE_COUNT> ANGLES_DEG{0, -120, 120};
  static constexpr std::array<double, LINE_COUNT> AMPERES{10, 6, 2};
  static constexpr std::array<double, LINE_COUNT> LAGS_DEG{20, 165, -70};
  static constexpr double DISTORTION = 0.2;
  static constexpr double TOTAL_OF_FUNDAMENTAL = 1.0198039027185570;  ///< √(1 + 0.2²).
  static constexpr double FREQUENCY_HZ = 50.2;
  static constexpr size_t STEPS = 24;
  static constexpr double DEGREE = std::numbers::pi / 180;

  static LoadStep step_(Random &random) {
    LoadStep step{.duration_s = random.between(1.5, 7)};
    for (size_t line = 0; line < LINE_COUNT; line++) {
      step.current_factor[line] = random.hits(0.15) ? 0 : random.between(0.2, 3);
      step.voltage_factor[line] = random.between(0.9, 1.1);
    }
    if (random.hits(0.2))
      step.voltage_factor[2] = 0;
    return step;
  }

  double volts_(size_t step, size_t line) const {
    return VOLTS[line] * this->scenario.steps[step].voltage_factor[line];
  }
  double amperes_(size_t step, size_t line) const {
    return AMPERES[line] * this->scenario.steps[step].current_factor[line];
  }
  bool is_live_(size_t step, size_t line) const { return this->volts_(step, line) > 0; }
  bool is_loaded_(size_t step, size_t line) const {
    return this->is_live_(step, line) && this->amperes_(step, line) > 0;
  }

  /// The chip measures the RMS of each phase, and of their difference nothing: while they change, the extremes of both
  /// count.
  std::pair<double, double> extremes_between_(uint64_t from_us, uint64_t to_us, size_t first) const {
    const size_t second = (first + 1) % LINE_COUNT;
    const auto one = this->extremes(from_us, to_us, Quantity::VOLTAGE, LINES[first]);
    const auto other = this->extremes(from_us, to_us, Quantity::VOLTAGE, LINES[second]);
    const auto between = [&](double volts, double other_volts) {
      return std::abs(std::polar(volts, ANGLES_DEG[first] * DEGREE) -
                      std::polar(other_volts, ANGLES_DEG[second] * DEGREE));
    };
    return {between(one.first, other.first), between(one.second, other.second)};
  }

  template <typename OfLag>
  double power_(size_t step, Phase phase, OfLag of_lag) const {
    double sum = 0;
    for (size_t line = 0; line < LINE_COUNT; line++) {
      if (phase == LINES[line] || phase == Phase::TOTAL)
        sum += this->volts_(step, line) * this->amperes_(step, line) * of_lag(LAGS_DEG[line] * DEGREE);
    }
    return sum;
  }
};

/// Judges the readings of one run.
class Judge {
 public:
  explicit Judge(const Load &load) : load_(load) {}

  /// Take a reading that was made now.
  void take(const Reading &reading, const ChipCounters &counters, uint64_t now_us) {
    this->check_place_(reading, counters);
    for (const QuantityRow &row : QUANTITIES) {
      for (const Phase phase : row.phases) {
        if (Load::knows(row.quantity))
          this->check_value_(reading, row, phase, now_us);
      }
    }
    this->check_counters_(reading, now_us);
    this->readings++;
    this->before_ = reading;
    this->unmeasured_ = counters.unmeasured_windows;
  }

  std::vector<std::string> complaints;
  size_t readings{0};
  size_t values{0};     ///< That were not empty.
  size_t estimated{0};  ///< Readings that say so.

 protected:
  static constexpr uint64_t SLACK_US = 100 * MS;  ///< Between the end of a window and when the host believes it was.
  static constexpr uint64_t REFRESH_US = 1'300 * MS;  ///< Distortions are refreshed every 1.024 s, from 0.2 s.

  /// A counter, and the power whose integral it is. The apparent power of an export is positive.
  struct CounterRow {
    Quantity imported;
    Quantity exported;
    Quantity power;
    int sign;
  };

  static constexpr CounterRow COUNTERS[] = {
      {Quantity::ACTIVE_ENERGY_IMPORT, Quantity::ACTIVE_ENERGY_EXPORT, Quantity::ACTIVE_POWER, 1},
      {Quantity::REACTIVE_ENERGY_IMPORT, Quantity::REACTIVE_ENERGY_EXPORT, Quantity::REACTIVE_POWER, 1},
      {Quantity::APPARENT_ENERGY_IMPORT, Quantity::APPARENT_ENERGY_EXPORT, Quantity::APPARENT_POWER, -1},
  };

  [[gnu::format(printf, 2, 3)]] void complain_(const char *format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    this->complaints.emplace_back(text);
  }

  static uint64_t begin_of(const Reading &reading) { return reading.uptime_us - reading.span_ms * MS; }
  static uint64_t earlier(uint64_t time_us, uint64_t by_us) { return time_us - std::min(time_us, by_us); }
  static bool is_estimated(const Reading &reading) { return (reading.flags & FLAG_ESTIMATED) != 0; }

  /// Spans follow on each other; a gap is one that the driver knows of.
  void check_place_(const Reading &reading, const ChipCounters &counters) {
    this->estimated += is_estimated(reading);
    const uint64_t begin_us = begin_of(reading);
    if (begin_us + SLACK_US < this->before_.uptime_us)
      this->complain_("at %.3f s: counted twice from %.3f s", seconds_(reading), static_cast<double>(begin_us) / S);
    const bool has_gap = this->readings > 0 && begin_us > this->before_.uptime_us + S / 2;
    if (has_gap && counters.unmeasured_windows == this->unmeasured_)
      this->complain_("at %.3f s: a gap that is not told", seconds_(reading));
    if (reading.span_ms != 1000 && !is_estimated(reading))
      this->complain_("at %.3f s: a span of %u ms that is not flagged", seconds_(reading),
                      static_cast<unsigned>(reading.span_ms));
  }

  void check_value_(const Reading &reading, const QuantityRow &row, Phase phase, uint64_t now_us) {
    const double value = reading.get(row.quantity, phase);
    if (std::isnan(value))
      return;
    this->values++;
    // A mean stands for its span, an estimate also for the window before; what is read at its end for what was
    // refreshed.
    const uint64_t from_us = std::min(earlier(begin_of(reading), SLACK_US + (is_estimated(reading) ? S : 0)),
                                      earlier(reading.uptime_us, REFRESH_US));
    const auto [least, most] = this->load_.extremes(from_us, now_us, row.quantity, phase);
    const double slack = 1e-4 * std::max(std::abs(least), std::abs(most)) + resolution_(row.quantity);
    if (!(value >= least - slack && value <= most + slack))
      this->complain_("at %.3f s: %s of %u is %g, not %g to %g", seconds_(reading), row.key,
                      static_cast<unsigned>(phase), value, least, most);
  }

  /// One step of the chip, in the unit of the quantity.
  static double resolution_(Quantity quantity) {
    switch (quantity) {
      case Quantity::VOLTAGE_ANGLE:
      case Quantity::PHASE_ANGLE:
        return 0.02;
      case Quantity::PHASE_TO_PHASE_VOLTAGE:
        return 0.1;
      case Quantity::CHIP_TEMPERATURE:
        return 0.4;
      default:
        return 1e-4;
    }
  }

  void check_counters_(const Reading &reading, uint64_t now_us) {
    for (const CounterRow &row : COUNTERS) {
      for (const Phase phase : LINES)
        this->check_counter_(reading, now_us, row, phase);
    }
  }

  /// Before the first reading there is no counter, and it counts from 0.
  int64_t grown_(const Reading &reading, Quantity quantity, Phase phase) const {
    const auto counter = [&](const Reading &of) { return std::max<int64_t>(of.counter(quantity, phase), 0); };
    return counter(reading) - counter(this->before_);
  }

  /// Each line goes in one direction only. After a time without a look it may be the next window that was read.
  void check_counter_(const Reading &reading, uint64_t now_us, const CounterRow &row, Phase phase) {
    const int64_t by_import = this->grown_(reading, row.imported, phase);
    const int64_t by_export = this->grown_(reading, row.exported, phase);
    const bool is_in_doubt = now_us > reading.uptime_us + S - SLACK_US;
    const bool is_exact = !is_estimated(reading) && !is_in_doubt;
    const uint64_t begin_us = begin_of(reading);
    const auto [least, most] = this->load_.extremes(earlier(begin_us, SLACK_US + (is_exact ? 0 : S)),
                                                    is_exact ? reading.uptime_us + SLACK_US : now_us, row.power, phase);
    const double integral = this->load_.integral(begin_us, reading.uptime_us, row.power, phase);
    const double shifted = 2 * static_cast<double>(SLACK_US) / S * (most - least);
    const double span_s = reading.span_ms / 1e3;
    const double low = is_exact ? integral - shifted : least * span_s;
    const double high = is_exact ? integral + shifted : most * span_s;
    const double slack = 1.5 + 1e-4 * std::max(std::abs(low), std::abs(high));
    const double gained = static_cast<double>(by_import - by_export * row.sign) * 3.6;
    const bool is_one_way = by_import >= 0 && by_export >= 0 && (by_import == 0 || by_export == 0);
    if (!is_one_way || gained < low - 3.6 * slack || gained > high + 3.6 * slack)
      this->complain_("at %.3f s: %s of %u grew by %g Ws, not %g to %g", seconds_(reading), row_of(row.imported).key,
                      static_cast<unsigned>(phase), gained, low, high);
  }

  static double seconds_(const Reading &reading) { return static_cast<double>(reading.uptime_us) / S; }

  const Load &load_;
  Reading before_{};
  uint32_t unmeasured_{0};
};

/// A meter that is disturbed in one way for a while, then left alone for a while, then disturbed in another way.
class Run {
 public:
  Run(uint32_t seed, std::vector<Disturbance> kinds) : random_(seed), kinds_(std::move(kinds)), load_(seed) {
    this->sim_.set_scenario(this->load_.scenario);
    this->chip_.configure(ChipConfig{});
    this->chip_.start(0);
  }

  void run(size_t transactions) {
    while (this->wires.transactions < transactions) {
      if (this->now_us_ >= this->next_us_)
        this->change_();
      this->call_();
      this->now_us_ += 16 * MS;
    }
  }

  const ChipCounters &counters() const { return this->chip_.counters(); }

 protected:
  void call_() {
    this->wires.now_us = std::max(this->wires.now_us, this->now_us_);
    Reading reading;
    if (this->chip_.loop(this->now_us_, reading))
      this->judge.take(reading, this->chip_.counters(), this->wires.now_us);
  }

  /// Begin or end a disturbance.
  void change_() {
    const bool was_quiet = this->wires.disturbance == Disturbance::QUIET;
    this->wires.disturbance = was_quiet ? this->kinds_[this->random_.below(this->kinds_.size())] : Disturbance::QUIET;
    // Most are short; a few are long enough for the chip to be given up.
    const double share = this->random_.fraction();
    const double duration_s = was_quiet ? 0.01 + 6 * share * share * share : this->random_.between(0.1, 8);
    this->next_us_ = this->now_us_ + static_cast<uint64_t>(duration_s * S);
    this->wires.bit_error_rate = 1e-5 * std::pow(30, this->random_.fraction());
    this->wires.frame_error_rate = this->random_.between(0.001, 0.3);
    if (this->wires.disturbance == Disturbance::BROWN_OUT)
      this->sim_.brown_out_at(this->now_us_ + this->random_.below(S));
    if (this->wires.disturbance == Disturbance::BUSY)
      this->now_us_ = this->next_us_;
  }

  Random random_;
  std::vector<Disturbance> kinds_;
  Load load_;
  SimChip sim_;
  uint64_t now_us_{0};
  uint64_t next_us_{3 * S};

 public:
  Wires wires{this->sim_, static_cast<uint32_t>(this->random_.below(UINT32_MAX))};
  Judge judge{this->load_};

 protected:
  SpiRegisterBus bus_{this->wires};
  Chip chip_{this->bus_};
};

}  // namespace fuzz
