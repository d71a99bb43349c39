/// The driver's counters against exact integrals.
///
///     energies year LOAD    31.5 million windows of one second through the driver's energy code; LOAD is `small` (1 W
///     on each
///                           phase), `large` (70 kW on three) or `varying` (both and all between, in all directions)
///     energies hours        two hours of a changing load through real frames
///
/// writes a line for each counter: load, quantity, phase, what was counted in mWh, the integral.

#include "ade9000/energy.h"
#include "ade9000/powers.h"
#include "bench.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numbers>
#include <string>

namespace {

using namespace bench;

constexpr long SECONDS_OF_A_YEAR = 365L * 24 * 3600;
constexpr long double NANOWATT = 1e-9L;
constexpr long double NANOWATT_SECONDS_PER_MILLIWATTHOUR = 3.6e9L;

/// W per code of the evaluation board, from the data sheet: 801:1, 2500:1 on 10.2 Ω, full scale 20,694,066.
constexpr long double WATT_PER_CODE = 801.0L * 2500.0L / 10.2L / 2 / 20'694'066;
constexpr long double SAMPLES_PER_SECOND = 8000;

/// Powers of one phase in one second: whole nW, nvar and nVA, so that their integral is exact.
struct Load {
  std::array<int64_t, 3> by_kind;  ///< Active, reactive, apparent.
};

using Loads = std::array<Load, LINE_COUNT>;

Load load_of(double apparent_w, double lag_deg) {
  const double angle = lag_deg * std::numbers::pi / 180;
  const double scale = apparent_w / static_cast<double>(NANOWATT);
  return {std::llround(scale * std::cos(angle)), std::llround(scale * std::sin(angle)), std::llround(scale)};
}

/// The load of each second of a year.
class Year {
 public:
  explicit Year(const std::string &name) : is_varying_(name == "varying") {
    this->constant_ = load_of(name == "small" ? 1 : 70'000.0 / 3, name == "small" ? 0 : 36.87);
    for (size_t index = 0; index < LOADS; index++) {
      const double exponent = static_cast<double>(index) / (LOADS - 1);
      // Steps of 47.3° go through all quadrants.
      this->loads_[index] = load_of(std::pow(70'000.0 / 3, exponent), 47.3 * static_cast<double>(index));
    }
  }

  Loads next() {
    if (!this->is_varying_)
      return {this->constant_, this->constant_, this->constant_};
    Loads loads;
    for (Load &load : loads) {
      this->random_ ^= this->random_ << 13U;
      this->random_ ^= this->random_ >> 17U;
      this->random_ ^= this->random_ << 5U;
      load = this->loads_[this->random_ >> 8U & (LOADS - 1)];
    }
    return loads;
  }

 protected:
  static constexpr size_t LOADS = 256;

  bool is_varying_;
  Load constant_{};
  std::array<Load, LOADS> loads_{};
  uint32_t random_{1};
};

/// The registers of the chip: whole units of a window; what is less is carried into the next window.
class Accumulators {
 public:
  void latch(const Loads &loads, Window &window) {
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
      for (size_t line = 0; line < LINE_COUNT; line++) {
        const auto nanowatts = static_cast<long double>(loads[line].by_kind[kind % 3]);
        const long double units = this->rests_[kind][line] + nanowatts * NANOWATT / WATT_PER_CODE * SAMPLES_PER_SECOND;
        const long double whole = std::floor(units);
        this->rests_[kind][line] = units - whole;
        window.energy[kind][line] = static_cast<int64_t>(whole);
      }
    }
  }

 protected:
  std::array<std::array<long double, LINE_COUNT>, KIND_COUNT> rests_{};
};

/// Import and export in nWs.
struct Integral {
  __int128 imported{0};
  __int128 exported{0};

  void add(int64_t direction, int64_t amount) { (direction < 0 ? this->exported : this->imported) += std::abs(amount); }
};

/// What active, reactive and apparent energy have to be, for each phase and for their balance.
class Integrals {
 public:
  void add(const Loads &loads) {
    Load balance{};
    for (size_t line = 0; line < LINE_COUNT; line++) {
      this->add_(line, loads[line]);
      for (size_t kind = 0; kind < 3; kind++)
        balance.by_kind[kind] += loads[line].by_kind[kind];
    }
    this->add_(BALANCE, balance);
  }

  /// mWh.
  long double of(size_t kind, bool is_import, Phase phase) const {
    if (phase != Phase::TOTAL)
      return this->single_(kind, is_import, phase == Phase::NET ? BALANCE : static_cast<size_t>(phase));
    long double sum = 0;
    for (size_t line = 0; line < LINE_COUNT; line++)
      sum += this->single_(kind, is_import, line);
    return sum;
  }

 protected:
  static constexpr size_t BALANCE = LINE_COUNT;

  void add_(size_t place, const Load &load) {
    const auto &[active, reactive, apparent] = load.by_kind;
    this->integrals_[0][place].add(active, active);
    this->integrals_[1][place].add(reactive, reactive);
    this->integrals_[2][place].add(active, apparent);
  }

  long double single_(size_t kind, bool is_import, size_t place) const {
    const Integral &integral = this->integrals_[kind][place];
    return static_cast<long double>(is_import ? integral.imported : integral.exported) /
           NANOWATT_SECONDS_PER_MILLIWATTHOUR;
  }

  std::array<std::array<Integral, LINE_COUNT + 1>, 3> integrals_{};
};

/// The counters in the order of `Integrals`.
struct CounterRow {
  Quantity quantity;
  size_t kind;
  bool is_import;
};

constexpr CounterRow COUNTERS[] = {
    {Quantity::ACTIVE_ENERGY_IMPORT, 0, true},   {Quantity::ACTIVE_ENERGY_EXPORT, 0, false},
    {Quantity::REACTIVE_ENERGY_IMPORT, 1, true}, {Quantity::REACTIVE_ENERGY_EXPORT, 1, false},
    {Quantity::APPARENT_ENERGY_IMPORT, 2, true}, {Quantity::APPARENT_ENERGY_EXPORT, 2, false},
};

void write(const char *load, const CounterRow &row, Phase phase, int64_t counted, long double integral) {
  std::printf("%s %s %u %lld %.6Lf\n", load, row_of(row.quantity).key, static_cast<unsigned>(phase),
              static_cast<long long>(counted), integral);
}

void run_year(const char *load) {
  const ChipConfig config;
  const Scales scales = scales_of(config);
  const Summation summation = summation_of(config);
  Year year(load);
  Accumulators chip;
  Integrals integrals;
  Energies energies;
  Window window{};
  for (long second = 0; second < SECONDS_OF_A_YEAR; second++) {
    const Loads loads = year.next();
    integrals.add(loads);
    chip.latch(loads, window);
    energies.add(energy_of(window, config, scales), summation);
  }
  Reading reading;
  reading.counters = energies.counters(summation);
  for (const CounterRow &row : COUNTERS) {
    for (const Phase phase : row_of(row.quantity).phases)
      write(load, row, phase, reading.counter(row.quantity, phase), integrals.of(row.kind, row.is_import, phase));
  }
}

constexpr double VOLTS = 230;
constexpr std::array<double, LINE_COUNT> AMPERES{20, 8, 0.05};
constexpr std::array<double, LINE_COUNT> LAGS_DEG{20, 170, -100};
constexpr size_t STEPS = 6;
constexpr double STEP_S = 10.1;
constexpr double FACTORS[STEPS] = {1, 0.013, 0.5, 0.25, 2, 0.07};

Scenario changing_load() {
  Scenario scenario;
  for (size_t line = 0; line < LINE_COUNT; line++) {
    scenario.phases[line].voltage_v = VOLTS;
    scenario.phases[line].current_a = AMPERES[line];
    scenario.phases[line].current_lag_deg = LAGS_DEG[line];
  }
  for (size_t step = 0; step < STEPS; step++) {
    scenario.add_step({.duration_s = STEP_S,
                       .current_factor = {FACTORS[step], FACTORS[(step + 2) % STEPS], FACTORS[(step + 4) % STEPS]}});
  }
  return scenario;
}

/// Over a whole number of repetitions the mean power counts, wherever they begin: 606 s are ten of them.
void run_hours() {
  constexpr size_t SECONDS = 12 * 606;
  Bench bench(changing_load(), without_no_load());
  bench.run_until((SECONDS + 5) * S, 100 * MS);
  double mean_factor = 0;
  for (const double factor : FACTORS)
    mean_factor += factor / STEPS;
  std::array<Load, LINE_COUNT> means;
  for (size_t line = 0; line < LINE_COUNT; line++)
    means[line] = load_of(VOLTS * AMPERES[line] * mean_factor, LAGS_DEG[line]);
  Integrals integrals;
  for (size_t second = 0; second < SECONDS; second++)
    integrals.add(means);
  const Reading &first = bench.readings[0];
  const Reading &last = bench.readings[SECONDS];
  for (const CounterRow &row : COUNTERS) {
    for (const Phase phase : LINES) {
      const int64_t counted = last.counter(row.quantity, phase) - first.counter(row.quantity, phase);
      write("hours", row, phase, counted, integrals.of(row.kind, row.is_import, phase));
    }
  }
}

}  // namespace

int main(int count, char **arguments) {
  if (count > 2 && std::strcmp(arguments[1], "year") == 0) {
    run_year(arguments[2]);
  } else {
    run_hours();
  }
}
