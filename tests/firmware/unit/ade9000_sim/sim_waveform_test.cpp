#include "simulated.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace {

using namespace simulated;

constexpr uint32_t COH_WFB_FULL = 1U << 23;
constexpr uint32_t WFB_TRIG_IRQ = 1U << 16;
constexpr uint32_t PAGE_FULL = 1U << 17;
constexpr uint32_t RESAMPLED = 0x1000;
constexpr uint32_t PCF_8_KSPS = 0x1320;
constexpr uint32_t CAPTURE = 0x0010;
constexpr double FULL_SCALE = 18196;
constexpr double PCF_FULL_SCALE = 74532013;
constexpr double SQRT2 = std::numbers::sqrt2;
constexpr double PI = std::numbers::pi;

/// What 230 V and 10 A are at the pins, against the 1 V of full scale.
constexpr double VOLTAGE_PEAK = 230 * SQRT2 / 801;
constexpr double CURRENT_PEAK = 10 * SQRT2 * 10.2 / 2500;

class SimulatedWaveform : public Simulated {
 protected:
  static constexpr uint64_t FIFTH_CYCLE_US = 100 * MS;

  /// Capture four cycles and return the instant of the first sample, a cycle after the capture was enabled.
  double capture_resampled() {
    this->write(address::WFB_CFG, RESAMPLED);
    const double begin_s = static_cast<double>(this->now_us) * 1e-6 + 0.02;
    this->write(address::WFB_CFG, RESAMPLED | CAPTURE);
    this->wait(FIFTH_CYCLE_US);
    return begin_s;
  }

  void select_channel(uint32_t burst_channel) { this->write(address::WFB_CFG, RESAMPLED | CAPTURE | burst_channel); }

  std::vector<int16_t> burst(uint16_t address, size_t samples) {
    const auto bytes = this->read_bytes(address, 2 * samples);
    std::vector<int16_t> result;
    for (size_t at = 0; at < bytes.size(); at += 2)
      result.push_back(static_cast<int16_t>(bytes[at] << 8U | bytes[at + 1]));
    return result;
  }

  std::vector<int32_t> fixed_burst(uint16_t address, size_t samples) {
    const auto bytes = this->read_bytes(address, 4 * samples);
    std::vector<int32_t> result;
    for (size_t at = 0; at < bytes.size(); at += 4)
      result.push_back(static_cast<int32_t>(static_cast<uint32_t>(bytes[at]) << 24U | bytes[at + 1] << 16U |
                                            bytes[at + 2] << 8U | bytes[at + 3]));
    return result;
  }
};

TEST_F(SimulatedWaveform, IsFullFourToFiveCyclesAfterTheCaptureWasEnabled) {
  this->run();
  this->wait(S);
  this->write(address::WFB_CFG, RESAMPLED);
  this->write(address::WFB_CFG, RESAMPLED | CAPTURE);
  this->wait(80 * MS);
  EXPECT_EQ(this->read(address::STATUS0) & COH_WFB_FULL, 0U);
  this->wait(20 * MS);
  EXPECT_NE(this->read(address::STATUS0) & COH_WFB_FULL, 0U);
}

TEST_F(SimulatedWaveform, OfOneChannelIsTheWaveOfItsTime) {
  this->scenario.phases[0].voltage_harmonics.add({.order = 5, .ratio = 0.1, .angle_deg = 30});
  this->run();
  this->wait(S);
  const double begin_s = this->capture_resampled();
  this->select_channel(0x9);
  const auto samples = this->burst(0x800, 512);
  for (size_t index = 0; index < samples.size(); index++) {
    const double angle = 2 * PI * 50 * (begin_s + static_cast<double>(index) / 6400);
    const double wave = std::sin(angle) + 0.1 * std::sin(5 * angle + PI / 6);
    EXPECT_NEAR(samples[index], wave * VOLTAGE_PEAK * FULL_SCALE, 1) << "sample " << index;
  }
}

TEST_F(SimulatedWaveform, OfAllChannelsGivesCurrentBeforeVoltageAndTheNeutralLast) {
  this->scenario.neutral_current_a = 5;
  this->run();
  this->wait(S);
  const double begin_s = this->capture_resampled();
  const auto samples = this->burst(0x800, 14);
  for (size_t index = 0; index < samples.size(); index++) {
    const double angle = 2 * PI * 50 * (begin_s + static_cast<double>(index / 7) / 6400);
    const size_t channel = index % 7;
    const double line = std::sin(angle - static_cast<double>(channel / 2) * 2 * PI / 3);
    const double expected =
        channel == 6 ? CURRENT_PEAK / 2 * std::sin(angle) : line * (channel % 2 == 0 ? CURRENT_PEAK : VOLTAGE_PEAK);
    EXPECT_NEAR(samples[index], expected * FULL_SCALE, 1) << "sample " << index;
  }
}

TEST_F(SimulatedWaveform, BurstsOfPairsAndOfSingleChannelsAreOneAndTheSame) {
  this->run();
  this->wait(S);
  this->capture_resampled();
  const auto all = this->burst(0x800, 7 * 8);
  const auto expect_channels = [&](uint32_t burst_channel, std::vector<size_t> channels) {
    this->select_channel(burst_channel);
    const auto samples = this->burst(0x800, channels.size() * 8);
    for (size_t index = 0; index < samples.size(); index++)
      EXPECT_EQ(samples[index], all[index / channels.size() * 7 + channels[index % channels.size()]]) << burst_channel;
  };
  expect_channels(0x1, {0, 1});
  expect_channels(0x2, {2, 3});
  expect_channels(0x3, {4, 5});
  for (uint32_t channel = 0; channel < 7; channel++)
    expect_channels(0x8 + channel, {channel});
}

TEST_F(SimulatedWaveform, OfSingleWordsIsAPairOfSamplesWithACrc) {
  this->run();
  this->wait(S);
  this->capture_resampled();
  const auto samples = this->burst(0x800 + 4 * 100, 7);
  this->select_channel(0xF);
  EXPECT_EQ(this->read(0x800 + 4 * 100 + 1),
            static_cast<uint32_t>(samples[3]) << 16U | (static_cast<uint32_t>(samples[2]) & 0xFFFFU));
  const auto bytes = this->read_bytes(0x800 + 4 * 100, 8);
  EXPECT_NE(bytes[4] << 8U | bytes[5], bytes[0] << 8U | bytes[1]) << "a CRC follows, not the next word";
}

TEST_F(SimulatedWaveform, HasNoNeutralUnlessItIsEnabled) {
  this->scenario.neutral_current_a = 5;
  this->run();
  this->wait(S);
  this->write(address::WFB_CFG, CAPTURE | 0xF);
  this->wait(FIFTH_CYCLE_US);
  EXPECT_EQ(this->read(0x800 + 3), 0U);
  EXPECT_NE(this->read(0x800 + 4 * 30), 0U);
}

TEST_F(SimulatedWaveform, HoldsStillUntilItIsAskedForAgain) {
  this->run();
  this->wait(S);
  this->capture_resampled();
  const auto once = this->burst(0x800, 64);
  this->write(address::STATUS0, COH_WFB_FULL);
  this->write(address::WFB_CFG, RESAMPLED | CAPTURE);
  this->wait(207 * MS);
  EXPECT_EQ(this->burst(0x800, 64), once);
  EXPECT_EQ(this->read(address::STATUS0) & COH_WFB_FULL, 0U);
  this->capture_resampled();
  EXPECT_NE(this->burst(0x800, 64), once);
  EXPECT_NE(this->read(address::STATUS0) & COH_WFB_FULL, 0U);
}

TEST_F(SimulatedWaveform, IsNotFilledWhileTheDspStandsStill) {
  this->capture_resampled();
  EXPECT_EQ(this->read(address::STATUS0) & COH_WFB_FULL, 0U);
}

TEST_F(SimulatedWaveform, FollowsTheProfile) {
  this->scenario.add_step({.duration_s = 1.2});
  this->scenario.add_step({.duration_s = 100, .voltage_factor = {0.5, 1, 1}});
  this->run();
  this->wait(1100 * MS);
  const double begin_s = this->capture_resampled();
  this->select_channel(0x9);
  const auto samples = this->burst(0x800, 512);
  for (size_t index = 0; index < samples.size(); index++) {
    const double time_s = begin_s + static_cast<double>(index) / 6400;
    const double factor = time_s < 1.2 ? 1 : 0.5;
    EXPECT_NEAR(samples[index], factor * VOLTAGE_PEAK * FULL_SCALE * std::sin(2 * PI * 50 * time_s), 1);
  }
}

TEST_F(SimulatedWaveform, HasGainsAndTheSignOfAReversedTransformer) {
  FrontEnd front_end;
  front_end.ct_reversed = {true, false, false};
  this->sim.set_front_end(front_end);
  this->write(address::IGAIN, 134217728 / 4);
  this->write(address::PGA_GAIN, 0b01);
  this->run();
  this->wait(S);
  const double begin_s = this->capture_resampled();
  this->select_channel(0x8);
  const auto samples = this->burst(0x800, 128);
  for (size_t index = 0; index < samples.size(); index++) {
    const double angle = 2 * PI * 50 * (begin_s + static_cast<double>(index) / 6400);
    EXPECT_NEAR(samples[index], -CURRENT_PEAK * 1.25 * 2 * FULL_SCALE * std::sin(angle), 1);
  }
}

TEST_F(SimulatedWaveform, AtAFixedRateStopsWhenItIsFull) {
  this->run();
  this->wait(S);
  this->write(address::WFB_PG_IRQEN, 0x8000);
  const double begin_s = static_cast<double>(this->now_us) * 1e-6;
  this->write(address::WFB_CFG, PCF_8_KSPS | CAPTURE);
  this->wait(31 * MS);
  EXPECT_EQ(this->read(address::STATUS0) & PAGE_FULL, 0U);
  this->wait(69 * MS);
  EXPECT_NE(this->read(address::STATUS0) & PAGE_FULL, 0U);
  EXPECT_EQ(this->read(address::WFB_TRG_STAT) >> 12U, 15U);
  const auto samples = this->fixed_burst(0x800, 256 * 7);
  for (size_t set = 0; set < 256; set++) {
    const double angle = 2 * PI * 50 * (begin_s + static_cast<double>(set) / 8000);
    EXPECT_NEAR(samples[7 * set] / PCF_FULL_SCALE, CURRENT_PEAK * std::sin(angle), 1e-7);
    EXPECT_NEAR(samples[7 * set + 1] / PCF_FULL_SCALE, VOLTAGE_PEAK * std::sin(angle), 1e-7);
  }
}

class SimulatedTrigger : public SimulatedWaveform {
 protected:
  static constexpr double DIP_AT_S = 1.503;

  /// Wait for a dip to 40 % with a threshold of 90 %. At first the chip sees one that is none, until it has settled.
  void wait_for_dip(uint32_t mode) {
    this->scenario.add_step({.duration_s = DIP_AT_S});
    this->scenario.add_step({.duration_s = 100, .voltage_factor = {0.4, 1, 1}});
    this->write(address::DIP_LVL, static_cast<uint32_t>(0.9 * 230 / VOLT / 32));
    this->write(address::DIP_CYC, 1);
    this->write(address::WFB_TRG_CFG, 0x0007);
    this->run();
    this->wait(S);
    this->write(address::WFB_CFG, PCF_8_KSPS | mode << 6U);
    this->write(address::WFB_CFG, PCF_8_KSPS | mode << 6U | CAPTURE);
    this->wait(1450 * MS - this->now_us);
    EXPECT_EQ(this->read(address::STATUS0) & WFB_TRIG_IRQ, 0U);
    this->wait(150 * MS);
    EXPECT_NE(this->read(address::STATUS0) & WFB_TRIG_IRQ, 0U);
  }

  /// The voltage of L1 in the order of time, where the sample behind `newest` is the oldest.
  std::vector<int32_t> voltage_from(size_t newest) {
    const auto samples = this->fixed_burst(0x800, 256 * 7);
    std::vector<int32_t> result;
    for (size_t set = 0; set < 256; set++)
      result.push_back(samples[(newest + 1 + set) % 256 * 7 + 1]);
    return result;
  }

  /// The largest difference from the wave up to the dip and the dip behind it, where the first sample is of `begin_s`.
  static double difference_from_dip(const std::vector<int32_t> &voltage, double begin_s) {
    double most = 0;
    for (size_t set = 0; set < voltage.size(); set++) {
      const double time_s = begin_s + static_cast<double>(set) / 8000;
      const double wave = (time_s < DIP_AT_S ? 1 : 0.4) * VOLTAGE_PEAK * std::sin(2 * PI * 50 * time_s);
      most = std::max(most, std::abs(voltage[set] / PCF_FULL_SCALE - wave));
    }
    return most;
  }

  /// The dip is seen within its first cycle.
  static void expect_dip(const std::vector<int32_t> &voltage, double before_s) {
    double least = 1;
    for (double begin_s = DIP_AT_S + 0.003 - before_s; begin_s < DIP_AT_S + 0.021 - before_s; begin_s += 1e-5)
      least = std::min(least, difference_from_dip(voltage, begin_s));
    EXPECT_LT(least, 0.002);
  }
};

TEST_F(SimulatedTrigger, InTheMiddleKeepsAsMuchBeforeItAsBehindIt) {
  this->wait_for_dip(2);
  const size_t trigger = (this->read(address::WFB_TRG_STAT) & 0x7FFU) / 8;
  expect_dip(this->voltage_from((trigger + 128) % 256), 0.016);
}

TEST_F(SimulatedTrigger, AtTheEndKeepsWhatWasBeforeIt) {
  this->wait_for_dip(1);
  const size_t trigger = (this->read(address::WFB_TRG_STAT) & 0x7FFU) / 8;
  expect_dip(this->voltage_from(trigger), 0.032);
}

TEST_F(SimulatedTrigger, WithoutAStopOnlySavesTheAddress) {
  this->wait_for_dip(3);
  const auto once = this->fixed_burst(0x800, 256 * 7);
  this->wait(13 * MS);
  EXPECT_NE(this->fixed_burst(0x800, 256 * 7), once);
}

TEST_F(SimulatedTrigger, CanBeForced) {
  this->run();
  this->write(address::WFB_CFG, PCF_8_KSPS | 1U << 6U | CAPTURE);
  this->wait(100 * MS);
  EXPECT_EQ(this->read(address::STATUS0) & WFB_TRIG_IRQ, 0U);
  this->write(address::WFB_TRG_CFG, 0x0400);
  EXPECT_NE(this->read(address::STATUS0) & WFB_TRIG_IRQ, 0U);
}

}  // namespace
