#include "ade9000/frequencies.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

/// Which frequencies are believed: the chip shows 0x00A00000, that of 50 Hz, where it has measured none.

namespace {

using namespace esphome::ade9000;

constexpr uint32_t NOMINAL = 0x00A00000;
constexpr LineSet L1_L3{0b101};

using Periods = std::array<uint32_t, LINE_COUNT>;

/// Code of a period: f = 8000 · 65536 / (code + 1).
uint32_t code(double hertz) { return static_cast<uint32_t>(std::lround(8000 * 65536 / hertz - 1)); }

Periods all(uint32_t period) { return {period, period, period}; }

void expect_all(const std::array<double, LINE_COUNT> &frequencies, double hertz) {
  for (const double frequency : frequencies)
    EXPECT_NEAR(frequency, hertz, 1e-5);
}

void expect_none(const std::array<double, LINE_COUNT> &frequencies) {
  for (const double frequency : frequencies)
    EXPECT_TRUE(std::isnan(frequency)) << frequency;
}

TEST(Frequencies, AreThoseOfThePeriods) {
  const auto [l1, l2, l3] = Frequencies().measure({code(49.9), code(50), code(60)}, ALL_LINES, 50);
  EXPECT_NEAR(l1, 49.9, 1e-5);
  EXPECT_NEAR(l2, 50, 1e-5);
  EXPECT_NEAR(l3, 60, 1e-5);
}

TEST(Frequencies, OfALineWithoutZeroCrossingsAreNotValid) {
  const auto [l1, l2, l3] = Frequencies().measure(all(code(49.9)), L1_L3, 50);
  EXPECT_NEAR(l1, 49.9, 1e-5);
  EXPECT_TRUE(std::isnan(l2));
  EXPECT_NEAR(l3, 49.9, 1e-5);
}

TEST(Frequencies, ThatAreNominalOnAllLinesWereNotMeasured) {
  Frequencies frequencies;
  expect_none(frequencies.measure(all(NOMINAL), ALL_LINES, 50));
  expect_none(frequencies.measure(all(NOMINAL), ALL_LINES, 50));
}

TEST(Frequencies, ThatAreNominalOnOneLineWereMeasuredWhereAnotherIsNot) {
  expect_all(Frequencies().measure({NOMINAL, code(50) - 2, NOMINAL}, ALL_LINES, 50), 50);
}

TEST(Frequencies, OfALineWithoutCrossingsSayNothingAboutTheOthers) {
  expect_none(Frequencies().measure({NOMINAL, code(49.9), NOMINAL}, L1_L3, 50));
}

TEST(Frequencies, ThatComeUponTheNominalCodeAreBelievedAfterOneThatIsNear) {
  Frequencies frequencies;
  expect_all(frequencies.measure(all(code(50.003)), ALL_LINES, 50), 50.003);
  for (int window = 0; window < 100; window++)
    expect_all(frequencies.measure(all(NOMINAL), ALL_LINES, 50), 50);
}

TEST(Frequencies, ThatComeUponTheNominalCodeFromFarWereNotMeasured) {
  // A generator that slows down leaves the range at 40 Hz, and the chip shows 50 Hz.
  Frequencies frequencies;
  expect_all(frequencies.measure(all(code(41)), ALL_LINES, 50), 41);
  expect_none(frequencies.measure(all(NOMINAL), ALL_LINES, 50));
  expect_none(frequencies.measure(all(NOMINAL), ALL_LINES, 50));
}

TEST(Frequencies, OfAWindowThatDoesNotFollowAreNoWitness) {
  Frequencies frequencies;
  frequencies.measure(all(code(50.003)), ALL_LINES, 50);
  frequencies.forget();
  expect_none(frequencies.measure(all(NOMINAL), ALL_LINES, 50));
}

TEST(Frequencies, OfALostVoltageAreNoWitness) {
  Frequencies frequencies;
  frequencies.measure(all(code(50.003)), ALL_LINES, 50);
  frequencies.measure(all(NOMINAL), {}, 50);
  expect_none(frequencies.measure(all(NOMINAL), ALL_LINES, 50));
}

TEST(Frequencies, OfA60HzGridHaveTheirOwnNominalCode) {
  const auto nominal = static_cast<uint32_t>(8000 * 65536 / 60.0);
  Frequencies frequencies;
  expect_none(frequencies.measure(all(nominal), ALL_LINES, 60));
  expect_all(frequencies.measure(all(code(50)), ALL_LINES, 60), 50);
  expect_all(frequencies.measure(all(code(60.01)), ALL_LINES, 60), 60.01);
  expect_all(frequencies.measure(all(nominal), ALL_LINES, 60), 60);
}

}  // namespace
