#include "ade9000_waveform/harmonics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace {

using namespace esphome::ade9000_waveform;
using namespace esphome::ade9000;

constexpr double PI = std::numbers::pi;
constexpr double SQRT2 = std::numbers::sqrt2;
constexpr double FUNDAMENTAL_CODES = 5000;
constexpr double FUNDAMENTAL_DEG = 73;

/// One harmonic of a wave: RMS over that of the fundamental, and its angle against the fundamental's zero crossing.
struct Partial {
  size_t order;
  double ratio;
  double angle_deg;
};

/// Four cycles as the chip gives them, rounded to whole codes.
std::vector<int16_t> samples_of(const std::vector<Partial> &partials, double rms = FUNDAMENTAL_CODES,
                                double begin_deg = FUNDAMENTAL_DEG) {
  std::vector<int16_t> samples;
  for (size_t index = 0; index < 512; index++) {
    const double x = 2 * PI * static_cast<double>(index) / 128 + begin_deg * PI / 180;
    double wave = std::sin(x);
    for (const Partial &partial : partials)
      wave += partial.ratio * std::sin(static_cast<double>(partial.order) * x + partial.angle_deg * PI / 180);
    samples.push_back(static_cast<int16_t>(std::lround(rms * SQRT2 * wave)));
  }
  return samples;
}

Harmonics analyse(const std::vector<int16_t> &samples, const std::vector<int16_t> &reference = {}, float scale = 1) {
  HarmonicAnalysis analysis;
  analysis.begin(WaveChannel::L2_CURRENT, samples, reference, scale);
  size_t calls = 1;
  while (!analysis.advance())
    calls++;
  EXPECT_EQ(calls, HARMONIC_ORDERS) << "one order in each call";
  return analysis.result();
}

double difference_deg(double first, double second) { return std::abs(std::remainder(first - second, 360)); }

/// Within 0.1 % of the fundamental, and the angle as exact as that lets it be.
void expect_harmonic(const Harmonics &harmonics, const Partial &partial) {
  const size_t index = partial.order - 1;
  EXPECT_NEAR(harmonics.rms[index], partial.ratio * FUNDAMENTAL_CODES, 0.001 * FUNDAMENTAL_CODES);
  if (partial.ratio >= 0.001) {
    EXPECT_LT(difference_deg(harmonics.angle_deg[index], partial.angle_deg), 0.001 / partial.ratio * 180 / PI);
  }
}

class HarmonicOrder : public testing::TestWithParam<size_t> {};

TEST_P(HarmonicOrder, HasTheMagnitudeAndTheAngleOfTheWave) {
  for (const double ratio : {0.0, 0.001, 0.01, 0.1, 0.5, 1.0}) {
    for (const double angle : {-179.0, -90.0, 0.0, 45.0, 135.0}) {
      const Partial partial{GetParam(), ratio, angle};
      const Harmonics harmonics = analyse(samples_of({partial}));
      SCOPED_TRACE(testing::Message() << ratio << " at " << angle << " deg");
      EXPECT_NEAR(harmonics.rms[0], FUNDAMENTAL_CODES, 0.001 * FUNDAMENTAL_CODES);
      EXPECT_NEAR(harmonics.distortion, ratio, 0.001);
      expect_harmonic(harmonics, partial);
      for (size_t order = 2; order <= HARMONIC_ORDERS; order++) {
        if (order != GetParam()) {
          EXPECT_LT(harmonics.rms[order - 1], 0.001 * FUNDAMENTAL_CODES) << "order " << order;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(TwoToForty, HarmonicOrder, testing::Range<size_t>(2, 41));

TEST(Harmonics, OfARectifierAreFoundTogether) {
  const std::vector<Partial> partials{{3, 0.8, 180}, {5, 0.6, 5}, {7, 0.4, -170}, {11, 0.1, 33}, {39, 0.02, -71}};
  const Harmonics harmonics = analyse(samples_of(partials, 3000), {}, 2);
  for (const Partial &partial : partials) {
    EXPECT_NEAR(harmonics.rms[partial.order - 1], 6000 * partial.ratio, 6);
    EXPECT_LT(difference_deg(harmonics.angle_deg[partial.order - 1], partial.angle_deg), 0.1 / partial.ratio / 10);
  }
  EXPECT_NEAR(harmonics.distortion, std::sqrt(0.64 + 0.36 + 0.16 + 0.01 + 0.0004), 0.001);
}

TEST(Harmonics, DoNotDependOnTheInstantOfTheCapture) {
  const std::vector<Partial> partials{{5, 0.2, 40}, {13, 0.05, -100}};
  for (double begin_deg = -180; begin_deg < 180; begin_deg += 17) {
    const Harmonics harmonics = analyse(samples_of(partials, FUNDAMENTAL_CODES, begin_deg));
    for (const Partial &partial : partials)
      expect_harmonic(harmonics, partial);
  }
}

TEST(Harmonics, HaveTheFundamentalsAngleAgainstTheVoltageOfL1) {
  const auto voltage = samples_of({}, 5000, 20);
  const auto current = samples_of({}, 700, 20 - 120 - 35);
  EXPECT_NEAR(analyse(current, voltage).angle_deg[0], -155, 0.05);
  EXPECT_NEAR(analyse(voltage, voltage).angle_deg[0], 0, 0.05);
  EXPECT_TRUE(std::isnan(analyse(current).angle_deg[0])) << "the voltage was not captured";
  EXPECT_TRUE(std::isnan(analyse(current, std::vector<int16_t>(512)).angle_deg[0])) << "there is no voltage";
}

TEST(Harmonics, IgnoreADirectComponentAndAllAboveTheFortieth) {
  auto samples = samples_of({{41, 0.1, 0}, {50, 0.1, 0}});
  for (int16_t &sample : samples)
    sample = static_cast<int16_t>(sample + 1000);
  const Harmonics harmonics = analyse(samples);
  EXPECT_NEAR(harmonics.rms[0], FUNDAMENTAL_CODES, 5);
  EXPECT_LT(harmonics.distortion, 0.001);
}

TEST(Harmonics, OfFullScaleDoNotOverflow) {
  std::vector<int16_t> samples;
  for (size_t index = 0; index < 512; index++)
    samples.push_back(index % 128 < 64 ? INT16_MAX : INT16_MIN);
  const Harmonics harmonics = analyse(samples);
  // A square wave of amplitude A has the harmonics 4A/(h·π), odd ones only; sampled, h·π/128 becomes a sine of it.
  EXPECT_NEAR(harmonics.rms[0], 32767.5 * 4 / 128 / std::sin(PI / 128) / SQRT2, 5);
  EXPECT_NEAR(harmonics.rms[2], 32767.5 * 4 / 128 / std::sin(3 * PI / 128) / SQRT2, 5);
  EXPECT_LT(harmonics.rms[1], 5);
}

TEST(Harmonics, WithoutAFundamentalHaveNoAngleAndNoDistortion) {
  const Harmonics nothing = analyse(std::vector<int16_t>(512));
  EXPECT_EQ(nothing.rms[0], 0);
  EXPECT_TRUE(std::isnan(nothing.angle_deg[0]));
  EXPECT_TRUE(std::isnan(nothing.angle_deg[4]));
  EXPECT_TRUE(std::isnan(nothing.distortion));
}

TEST(Harmonics, LostInNoiseHaveNoAngle) {
  const Harmonics harmonics = analyse(samples_of({{5, 1e-5, 0}, {7, 0.01, 0}}));
  EXPECT_TRUE(std::isnan(harmonics.angle_deg[4]));
  EXPECT_FALSE(std::isnan(harmonics.angle_deg[6]));
}

}  // namespace
