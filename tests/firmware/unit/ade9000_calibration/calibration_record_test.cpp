#include "ade9000_calibration/calibration_record.h"
#include "ade9000_calibration/calibration_text.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace {

using namespace esphome::ade9000_calibration;
using namespace esphome::ade9000;

Calibrations some() {
  Calibrations calibrations{};
  for (size_t line = 0; line < LINE_COUNT; line++) {
    const auto number = static_cast<float>(line + 1);
    calibrations[line] = {.voltage = 1 + number / 100,
                          .current = 1 - number / 100,
                          .phase_deg = -number / 8,
                          .voltage_offset = number / 16,
                          .current_offset = number / 1024,
                          .active_power_offset = number / 4,
                          .reactive_power_offset = -number / 4};
  }
  calibrations[NEUTRAL] = {.current = 1.03F, .current_offset = 0.25F};
  return calibrations;
}

TEST(CalibrationRecord, GivesBackWhatWasPutIn) {
  const CalibrationRecord record = record_of(some(), {});
  ASSERT_EQ(state_of(record, {}), RecordState::VALID);
  EXPECT_EQ(calibrations_of(record), some());
}

TEST(CalibrationRecord, IsStaleOnceTheYamlHasAnotherCalibration) {
  const CalibrationRecord record = record_of(some(), {});
  Calibrations changed{};
  changed[2].voltage = 1.001F;
  EXPECT_EQ(state_of(record, changed), RecordState::STALE);
  EXPECT_EQ(state_of(record_of(some(), changed), changed), RecordState::VALID);
}

TEST(CalibrationRecord, EveryFlippedBitIsFound) {
  const CalibrationRecord record = record_of(some(), {});
  for (size_t bit = 0; bit < sizeof(record) * 8; bit++) {
    CalibrationRecord damaged;
    std::memcpy(&damaged, &record, sizeof(record));
    reinterpret_cast<uint8_t *>(&damaged)[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
    EXPECT_NE(state_of(damaged, {}), RecordState::VALID) << "bit " << bit;
  }
}

TEST(CalibrationRecord, NothingStoredIsEmpty) {
  EXPECT_EQ(state_of(empty_record(), {}), RecordState::EMPTY);
  CalibrationRecord erased;
  std::memset(&erased, 0xFF, sizeof(erased));
  EXPECT_EQ(state_of(erased, {}), RecordState::EMPTY) << "flash that was never written";
}

std::string yaml(const Calibration &calibration, size_t channel) {
  Words words;
  append_yaml(calibration, channel, words);
  return words.c_str();
}

TEST(CalibrationText, IsALineOfYamlToPaste) {
  EXPECT_EQ(yaml({.voltage = 1.0032F, .current = 0.9978F, .phase_deg = -1.25F}, 0),
            "l1: {calibration: {voltage: 1.003200, current: 0.997800, phase: -1.2500deg}}");
  EXPECT_EQ(yaml({}, 2), "l3: {calibration: {}}");
  EXPECT_EQ(yaml({.current = 1.03F, .current_offset = 0.25F}, NEUTRAL),
            "neutral_calibration: {current: 1.030000, current_offset: 0.25000A}");
}

TEST(CalibrationText, LongestLineFitsIntoAState) {
  const Calibration longest{.voltage = 1.234567F,
                            .current = 0.987654F,
                            .phase_deg = -12.3456F,
                            .voltage_offset = -1.2345F,
                            .current_offset = -0.12345F,
                            .active_power_offset = -12.3456F,
                            .reactive_power_offset = -12.3456F};
  EXPECT_EQ(yaml(longest, 1),
            "l2: {calibration: {voltage: 1.234567, current: 0.987654, phase: -12.3456deg, voltage_offset: -1.2345V, "
            "current_offset: -0.12345A, active_power_offset: -12.3456W, reactive_power_offset: -12.3456var}}");
}

TEST(CalibrationText, WordsTakeWhatFits) {
  Words words;
  for (int count = 0; count < 100; count++)
    words.append("%s", "0123456789");
  EXPECT_EQ(std::string(words.c_str()).size(), 255U);
  words.clear();
  EXPECT_TRUE(words.is_empty());
  words.append("%d %s", 3, "phases");
  EXPECT_STREQ(words.c_str(), "3 phases");
}

}  // namespace
