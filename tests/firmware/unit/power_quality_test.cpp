#include "event_bench.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace {

using namespace bench;

constexpr double CYCLE_S = 0.02;
constexpr double HALF_CYCLE_MS = 10;
constexpr double AT_S = 4;

/// The extreme of a rectangular dip or swell as IEC 61000-4-30 measures it, from the best to the worst place of the
/// half cycles: a window of one cycle sees `cycles` of it at most.
double extreme_v(double factor, double cycles) {
  const double share = std::min(cycles, 1.0);
  return 230 * std::sqrt(1 - share * (1 - factor * factor));
}

double start_error_ms(const PowerEvent &event, double at_s) {
  return static_cast<double>(event.start_us) / 1e3 - at_s * 1e3;
}

struct Case {
  double cycles;
  double factor;
};

std::ostream &operator<<(std::ostream &stream, const Case &test) {
  return stream << test.cycles << " cycles at " << test.factor;
}

/// Points on the wave at which the disturbance begins, in cycles; the half cycles of the chip are not in step with
/// them.
constexpr double POINTS[] = {0, 0.07, 0.125, 0.21, 0.25, 0.33, 0.41, 0.49, 0.62, 0.75, 0.88};

class Rectangle : public testing::TestWithParam<Case> {
 protected:
  /// Expect one event of a type, right within its resolution, wherever on the wave it begins.
  static void expect_everywhere(EventType type, bool has_pin) {
    const auto &[cycles, factor] = GetParam();
    for (const double point : POINTS) {
      SCOPED_TRACE(point);
      const double at_s = AT_S + point * CYCLE_S;
      EventBench bench(disturbed(at_s, cycles * CYCLE_S, dip_of_l1(factor)), {}, has_pin);
      bench.run_until(static_cast<uint64_t>((at_s + cycles * CYCLE_S + 0.5) * 1e6));
      ASSERT_EQ(bench.events.size(), 1U);
      const PowerEvent &event = bench.events[0];
      EXPECT_EQ(event.type, type);
      EXPECT_EQ(event.phase, Phase::L1);
      EXPECT_EQ(event.flags, 0);
      EXPECT_NEAR(start_error_ms(event, at_s), 0, event.resolution_ms);
      EXPECT_NEAR(event.duration_ms, cycles * CYCLE_S * 1e3, event.resolution_ms);
      if (has_pin) {
        EXPECT_LE(event.resolution_ms, cycles >= 2 ? HALF_CYCLE_MS : 1.5 * HALF_CYCLE_MS);
      }
      expect_extreme(event, factor, cycles);
    }
  }

  /// At worst the half cycles lie so that no window covers a quarter of a cycle of it; a sine has up to all of the
  /// energy of that quarter in half of the time.
  static void expect_extreme(const PowerEvent &event, double factor, double cycles) {
    const double best = extreme_v(factor, cycles + (cycles < 1 ? 0.16 : 0));
    const double worst = cycles >= 1.5 ? best : extreme_v(factor, std::min(cycles, 0.75) - 0.09);
    EXPECT_GE(event.value, std::min(best, worst) - 0.05);
    EXPECT_LE(event.value, std::max(best, worst) + 0.05);
    EXPECT_NEAR(event.percent, event.value / 2.3, 1e-3);
  }
};

class Dip : public Rectangle {};

TEST_P(Dip, HasStartDurationAndResidualVoltageByThePin) { expect_everywhere(EventType::DIP, true); }
TEST_P(Dip, HasStartDurationAndResidualVoltageWithoutAPin) { expect_everywhere(EventType::DIP, false); }

INSTANTIATE_TEST_SUITE_P(Cases, Dip,
                         testing::Values(Case{0.5, 0.1}, Case{0.5, 0.5}, Case{1, 0.1}, Case{1, 0.5}, Case{1, 0.8},
                                         Case{1.5, 0.1}, Case{1.5, 0.7}, Case{1.5, 0.85}, Case{2, 0.4}, Case{10, 0.1},
                                         Case{10, 0.5}, Case{10, 0.89}, Case{3.3, 0.6}));

class Interruption : public Rectangle {};

TEST_P(Interruption, IsADipThatGoesBelowItsLimit) { expect_everywhere(EventType::INTERRUPTION, true); }

INSTANTIATE_TEST_SUITE_P(Cases, Interruption, testing::Values(Case{1.5, 0}, Case{2, 0.04}, Case{4.5, 0}));

class Swell : public Rectangle {};

TEST_P(Swell, HasStartDurationAndPeakVoltageByThePin) { expect_everywhere(EventType::SWELL, true); }
TEST_P(Swell, HasStartDurationAndPeakVoltageWithoutAPin) { expect_everywhere(EventType::SWELL, false); }

INSTANTIATE_TEST_SUITE_P(Cases, Swell,
                         testing::Values(Case{0.5, 1.4}, Case{1, 1.2}, Case{1.5, 1.15}, Case{2, 1.3}, Case{10, 1.11},
                                         Case{10, 1.4}));

}  // namespace
