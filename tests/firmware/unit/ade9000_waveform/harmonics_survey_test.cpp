#include "ade9000_waveform/harmonics_survey.h"
#include "bench.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

namespace {

using namespace bench;
using namespace esphome::ade9000_waveform;

constexpr WaveChannels L1 = 0b0000'0011;
constexpr WaveChannels ALL = 0b0111'1111;
constexpr uint64_t INTERVAL = 10 * S;

Scenario distorted(double frequency_hz = 50) {
  Scenario scenario = balanced(10, 30, frequency_hz);
  scenario.phases[0].voltage_harmonics.add({.order = 5, .ratio = 0.04, .angle_deg = 20});
  scenario.phases[0].current_harmonics.add({.order = 7, .ratio = 0.3, .angle_deg = -60});
  return scenario;
}

/// A meter that surveys harmonics, and notes what it finds.
class Survey {
 public:
  explicit Survey(const Scenario &scenario = distorted(), WaveChannels channels = L1, size_t memory = 7)
      : storage_(memory * RESAMPLED_POINTS) {
    this->bench.sim.set_scenario(scenario);
    this->capture.begin(this->storage_);
    this->bench.chip.extend(this->capture);
    this->bench.chip.configure({});
    this->bench.chip.start(0);
    this->survey.configure(channels, INTERVAL, memory == 7);
  }

  void run_until(uint64_t until_us) {
    while (this->bench.now_us < until_us) {
      this->bench.run_until(this->bench.now_us + 16 * MS);
      if (const CaptureOutcome outcome = this->capture.take_outcome(); outcome != CaptureOutcome::NONE)
        this->survey.take_outcome(outcome, this->capture.outcome_cause());
      if (const Harmonics *harmonics = this->survey.advance(this->bench.now_us); harmonics != nullptr)
        this->found.push_back(*harmonics);
    }
  }

  Bench bench;
  WaveformCapture capture;
  HarmonicsSurvey survey{this->capture};
  std::vector<Harmonics> found;

 protected:
  std::vector<int16_t> storage_;
};

void expect_distorted(const Harmonics &voltage, const Harmonics &current) {
  ASSERT_EQ(voltage.channel, WaveChannel::L1_VOLTAGE);
  ASSERT_EQ(current.channel, WaveChannel::L1_CURRENT);
  EXPECT_NEAR(voltage.rms[0], 230, 0.23);
  EXPECT_NEAR(voltage.rms[4], 0.04 * 230, 0.23);
  EXPECT_NEAR(voltage.angle_deg[4], 20, 1);
  EXPECT_NEAR(current.rms[6], 3, 0.01);
  EXPECT_NEAR(current.angle_deg[6], -60, 0.2);
}

TEST(HarmonicsSurveyed, AreThoseOfTheScenarioAtEachFrequency) {
  for (const double frequency_hz : {45.0, 49.87, 50.0, 55.5, 60.0, 62.4}) {
    Survey survey(distorted(frequency_hz));
    survey.run_until(9 * S);
    SCOPED_TRACE(frequency_hz);
    ASSERT_EQ(survey.found.size(), 2U);
    expect_distorted(survey.found[1], survey.found[0]);
    EXPECT_NEAR(survey.found[0].angle_deg[0], -30, 0.1) << "against the voltage";
  }
}

TEST(HarmonicsSurveyed, ComeAtTheInterval) {
  Survey survey;
  survey.run_until(38 * S);
  EXPECT_EQ(survey.found.size(), 2U * 4) << "at 5, 15, 25 and 35 s";
  EXPECT_TRUE(survey.capture.is_free(survey.bench.now_us)) << "their waveforms are not kept";
}

TEST(HarmonicsSurveyed, AreCapturedOneAfterTheOtherInASmallMemory) {
  Survey survey(distorted(), L1, 1);
  survey.run_until(9 * S);
  ASSERT_EQ(survey.found.size(), 2U);
  expect_distorted(survey.found[1], survey.found[0]);
  EXPECT_TRUE(std::isnan(survey.found[0].angle_deg[0])) << "the voltage was not captured at the same time";
}

TEST(HarmonicsSurveyed, OfChannelsThatAreNotMeasuredAreNotTold) {
  Survey survey(distorted(), ALL);
  survey.run_until(12 * S);
  EXPECT_EQ(survey.found.size(), 6U) << "there is no neutral";
}

TEST(HarmonicsSurveyed, AreComputedFromACaptureOnDemandToo) {
  Survey survey;
  survey.run_until(9 * S);
  survey.found.clear();
  survey.capture.request(channel_bit(WaveChannel::L1_VOLTAGE), WaveformCause::DEMAND, survey.bench.now_us);
  survey.run_until(12 * S);
  ASSERT_EQ(survey.found.size(), 1U);
  EXPECT_EQ(survey.found[0].channel, WaveChannel::L1_VOLTAGE);
}

TEST(HarmonicsSurveyed, GiveWayToACaptureOnDemandAndFollowIt) {
  Survey survey;
  survey.run_until(5'050 * MS);
  ASSERT_FALSE(survey.capture.is_free(survey.bench.now_us)) << "a capture for harmonics is under way";
  ASSERT_EQ(survey.capture.request(L1, WaveformCause::DEMAND, survey.bench.now_us), nullptr);
  survey.run_until(9 * S);
  EXPECT_EQ(survey.capture.waveform().cause, WaveformCause::DEMAND);
  ASSERT_EQ(survey.found.size(), 2U);
}

TEST(HarmonicsSurveyed, AreUnknownWhereAnotherWaveformWasKeptForAWholeInterval) {
  Survey survey;
  survey.run_until(9 * S);
  survey.capture.request(channel_bit(WaveChannel::L3_VOLTAGE), WaveformCause::DEMAND, survey.bench.now_us);
  survey.run_until(14 * S);
  survey.found.clear();
  survey.run_until(26 * S);
  ASSERT_EQ(survey.found.size(), 2U);
  EXPECT_TRUE(std::isnan(survey.found[0].rms[0]));
  EXPECT_TRUE(std::isnan(survey.found[1].rms[0]));
}

TEST(HarmonicsSurveyed, AreUnknownWhenTheirCaptureFails) {
  Survey survey;
  survey.bench.sim.brown_out_at(5'100 * MS);
  survey.run_until(9 * S);
  ASSERT_EQ(survey.found.size(), 2U);
  EXPECT_TRUE(std::isnan(survey.found[0].rms[0]));
  EXPECT_TRUE(std::isnan(survey.found[1].rms[0]));
}

TEST(HarmonicsSurveyed, AreThoseOfTheNewWaveformWhereItTakesThePlaceOfTheirs) {
  Survey survey(distorted(), 0b0011'1111);
  survey.run_until(7 * S);
  const size_t before = survey.found.size();
  ASSERT_LT(before, 6U) << "they are being computed";
  survey.capture.request(0b0011'1111, WaveformCause::DEMAND, survey.bench.now_us);
  survey.run_until(14 * S);
  ASSERT_EQ(survey.found.size(), before + 6);
  for (const Harmonics &harmonics : survey.found)
    EXPECT_NEAR(harmonics.rms[0], is_voltage(harmonics.channel) ? 230 : 10, 0.23);
}

TEST(HarmonicsSurveyed, AreUnknownWithoutAVoltage) {
  Scenario scenario = distorted();
  for (auto &phase : scenario.phases)
    phase.voltage_v = 0;
  Survey survey(scenario);
  survey.run_until(9 * S);
  ASSERT_EQ(survey.found.size(), 2U);
  EXPECT_TRUE(std::isnan(survey.found[0].rms[2]));
  EXPECT_TRUE(std::isnan(survey.found[0].distortion));
}

TEST(HarmonicsSurveyed, AreUnknownWhereTheChipCannotResample) {
  Survey survey(distorted(65));
  survey.run_until(9 * S);
  ASSERT_EQ(survey.found.size(), 2U);
  EXPECT_TRUE(std::isnan(survey.found[0].rms[0]));
}

TEST(HarmonicsSurveyed, AreUnknownWhileTheChipIsLost) {
  Survey survey;
  survey.run_until(9 * S);
  survey.found.clear();
  survey.bench.sim.set_absent(true);
  survey.run_until(20 * S);
  ASSERT_EQ(survey.found.size(), 2U);
  EXPECT_TRUE(std::isnan(survey.found[0].rms[0]));
  survey.found.clear();
  survey.bench.sim.set_absent(false);
  survey.run_until(130 * S);
  expect_distorted(survey.found.back(), survey.found[survey.found.size() - 2]);
}

}  // namespace
