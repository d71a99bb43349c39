#pragma once

#include "bench.h"
#include "fuzz_load.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace fuzz {

using namespace bench;

/// Judges the readings of one run.
///
/// A reading is true when each of its values lies between the least and the most that the load gave in the time it
/// stands for, or is empty; and when each of its counters grew by the energy of just that time, or, where the reading
/// is flagged as estimated, by one between those extremes. A load that does not change leaves no room between them.
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

}  // namespace fuzz
