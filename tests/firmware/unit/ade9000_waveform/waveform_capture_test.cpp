#include "bench.h"

#include "ade9000/registers.h"
#include "ade9000_waveform/waveform_capture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace bench;
using namespace esphome::ade9000_waveform;

constexpr double PI = std::numbers::pi;
constexpr double SQRT2 = std::numbers::sqrt2;
constexpr WaveChannels ALL = 0b0111'1111;
constexpr WaveChannels ALL_BUT_NEUTRAL = 0b0011'1111;
constexpr double VOLT_PER_CODE = 801.0 / 18196;
constexpr double AMPERE_PER_CODE = 2500 / 10.2 / 18196;
constexpr size_t BYTES_IN_1_MS = 625;  // at 5 MHz

/// A voltage with a fifth harmonic and a current that lags, at an instant on the scenario's clock.
double voltage_at(double time_s, double angle_deg = 0) {
  const double x = 2 * PI * 50 * time_s + angle_deg * PI / 180;
  return 230 * SQRT2 * (std::sin(x) + 0.06 * std::sin(5 * x + PI / 3));
}

double current_at(double time_s, double angle_deg = 0) {
  return 10 * SQRT2 * std::sin(2 * PI * 50 * time_s + (angle_deg - 40) * PI / 180);
}

Scenario distorted() {
  Scenario scenario = balanced(10, 40);
  for (auto &phase : scenario.phases)
    phase.voltage_harmonics.add({.order = 5, .ratio = 0.06, .angle_deg = 60});
  scenario.neutral_current_a = 3;
  return scenario;
}

ChipConfig with_neutral() {
  ChipConfig config;
  config.neutral_fitted = true;
  return config;
}

/// A meter that captures waveforms.
class CaptureBench {
 public:
  explicit CaptureBench(const Scenario &scenario = distorted(), const ChipConfig &config = with_neutral(),
                        WaveChannels armed = 0, const FrontEnd &front_end = {}, size_t channels = 7)
      : storage_(channels * RESAMPLED_POINTS) {
    this->bench.sim.set_scenario(scenario);
    this->bench.sim.set_front_end(front_end);
    this->capture.begin(this->storage_);
    this->capture.arm(armed);
    this->bench.chip.extend(this->capture);
    this->bench.chip.configure(config);
    this->bench.chip.start(0);
    this->bench.run_until(4 * S);
  }

  const char *request(WaveChannels channels, WaveformCause cause = WaveformCause::DEMAND) {
    return this->capture.request(channels, cause, this->bench.now_us);
  }

  /// Run until a capture has ended, and return what became of it.
  CaptureOutcome await(uint64_t most_us = 5 * S) {
    const uint64_t end_us = this->bench.now_us + most_us;
    while (this->bench.now_us < end_us) {
      this->bench.run_until(this->bench.now_us + 16 * MS);
      if (const CaptureOutcome outcome = this->capture.take_outcome(); outcome != CaptureOutcome::NONE)
        return outcome;
    }
    return CaptureOutcome::NONE;
  }

  /// The samples of a channel in V or A.
  std::vector<double> wave(WaveChannel channel) const {
    std::vector<double> result;
    for (const int16_t sample : this->capture.samples(channel))
      result.push_back(sample * this->capture.scale(channel));
    return result;
  }

  Bench bench;
  WaveformCapture capture;

 protected:
  std::vector<int16_t> storage_;
};

/// Find the instant of the first sample that explains a wave best, near the one that the driver tells.
template <typename Truth>
double begin_of(const std::vector<double> &wave, double near_s, double interval_s, Truth truth) {
  double best_s = 0;
  double least = INFINITY;
  for (double begin_s = near_s - 0.01; begin_s < near_s + 0.01; begin_s += 2e-6) {
    double difference = 0;
    for (size_t index = 0; index < wave.size() && difference < least; index += 5)
      difference += std::abs(wave[index] - truth(begin_s + static_cast<double>(index) * interval_s));
    if (difference < least) {
      least = difference;
      best_s = begin_s;
    }
  }
  return best_s;
}

/// Every sample is the truth to one code, and what a code is at the steepest part of the wave in the 2 µs of the
/// search.
template <typename Truth>
void expect_wave(const std::vector<double> &wave, double begin_s, double interval_s, double code, Truth truth) {
  for (size_t index = 0; index < wave.size(); index++)
    ASSERT_NEAR(wave[index], truth(begin_s + static_cast<double>(index) * interval_s), 5 * code) << "sample " << index;
}

constexpr double RESAMPLED_INTERVAL_S = 1 / 50.0 / 128;

TEST(CaptureOnDemand, GivesFourCyclesOfAllSevenChannels) {
  CaptureBench bench;
  ASSERT_EQ(bench.request(ALL), nullptr);
  const uint64_t asked_us = bench.bench.now_us;
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  const Waveform &waveform = bench.capture.waveform();
  EXPECT_EQ(waveform.id, 1U);
  EXPECT_EQ(waveform.kind, WaveformKind::RESAMPLED);
  EXPECT_EQ(waveform.cause, WaveformCause::DEMAND);
  EXPECT_EQ(waveform.channels, ALL);
  EXPECT_EQ(waveform.points, 512U);
  EXPECT_NEAR(waveform.frequency_hz, 50, 1e-4);
  EXPECT_NEAR(static_cast<double>(waveform.begin_us), static_cast<double>(asked_us + 36 * MS), 17e3);

  const double near_s = static_cast<double>(waveform.begin_us) * 1e-6;
  const double begin_s = begin_of(bench.wave(WaveChannel::L1_VOLTAGE), near_s, RESAMPLED_INTERVAL_S,
                                  [](double time_s) { return voltage_at(time_s); });
  EXPECT_NEAR(begin_s, near_s, 0.010);
  constexpr WaveChannel VOLTAGES[] = {WaveChannel::L1_VOLTAGE, WaveChannel::L2_VOLTAGE, WaveChannel::L3_VOLTAGE};
  constexpr WaveChannel CURRENTS[] = {WaveChannel::L1_CURRENT, WaveChannel::L2_CURRENT, WaveChannel::L3_CURRENT};
  for (size_t line = 0; line < 3; line++) {
    const double angle = -120.0 * static_cast<double>(line);
    expect_wave(bench.wave(VOLTAGES[line]), begin_s, RESAMPLED_INTERVAL_S, VOLT_PER_CODE,
                [angle](double time_s) { return voltage_at(time_s, angle); });
    expect_wave(bench.wave(CURRENTS[line]), begin_s, RESAMPLED_INTERVAL_S, AMPERE_PER_CODE,
                [angle](double time_s) { return current_at(time_s, angle); });
  }
  expect_wave(bench.wave(WaveChannel::N_CURRENT), begin_s, RESAMPLED_INTERVAL_S, AMPERE_PER_CODE,
              [](double time_s) { return 3 * SQRT2 * std::sin(2 * PI * 50 * time_s); });
}

TEST(CaptureOnDemand, OfOneChannelNeedsOneKilobyte) {
  CaptureBench bench(distorted(), with_neutral(), 0, {}, 1);
  EXPECT_EQ(std::string(bench.request(ALL)), "There is no memory for so many channels: name one");
  ASSERT_EQ(bench.request(channel_bit(WaveChannel::L2_VOLTAGE)), nullptr);
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  const auto wave = bench.wave(WaveChannel::L2_VOLTAGE);
  ASSERT_EQ(wave.size(), 512U);
  EXPECT_TRUE(bench.capture.samples(WaveChannel::L1_VOLTAGE).empty());
  const auto truth = [](double time_s) { return voltage_at(time_s, -120); };
  const double near_s = static_cast<double>(bench.capture.waveform().begin_us) * 1e-6;
  expect_wave(wave, begin_of(wave, near_s, RESAMPLED_INTERVAL_S, truth), RESAMPLED_INTERVAL_S, VOLT_PER_CODE, truth);
}

TEST(CaptureOnDemand, HasTheSignsOfTheInstallationNotOfTheTransformers) {
  ChipConfig config;
  config.phases[0].invert_current = true;
  FrontEnd front_end;
  front_end.ct_reversed = {true, false, false};
  CaptureBench bench(distorted(), config, 0, front_end);
  ASSERT_EQ(bench.request(ALL_BUT_NEUTRAL), nullptr);
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  const auto current = bench.wave(WaveChannel::L1_CURRENT);
  const auto truth = [](double time_s) { return current_at(time_s); };
  const double near_s = static_cast<double>(bench.capture.waveform().begin_us) * 1e-6;
  const double begin_s = begin_of(bench.wave(WaveChannel::L1_VOLTAGE), near_s, RESAMPLED_INTERVAL_S,
                                  [](double time_s) { return voltage_at(time_s); });
  expect_wave(current, begin_s, RESAMPLED_INTERVAL_S, AMPERE_PER_CODE, truth);
}

TEST(CaptureOnDemand, IsRefusedWithAReason) {
  CaptureBench bench(distorted(), {});
  EXPECT_EQ(std::string(bench.request(0)), "No such channel is measured");
  EXPECT_EQ(std::string(bench.request(channel_bit(WaveChannel::N_CURRENT))), "No such channel is measured");
  ASSERT_EQ(bench.request(ALL_BUT_NEUTRAL), nullptr);
  EXPECT_EQ(std::string(bench.request(ALL_BUT_NEUTRAL)), "Another waveform has to be finished or fetched first");
  bench.bench.sim.set_absent(true);
  bench.bench.run_until(9 * S);
  EXPECT_EQ(std::string(bench.request(ALL_BUT_NEUTRAL)), "The chip does not measure yet");
}

TEST(CaptureOnDemand, IsRefusedWhereTheChipCannotResample) {
  CaptureBench bench(balanced(10, 0, 64));
  EXPECT_EQ(std::string(bench.request(ALL)), "The chip resamples up to 62.5 Hz only");
}

TEST(CaptureOnDemand, WithoutVoltageHasNoFrequency) {
  Scenario scenario = balanced(0);
  for (auto &phase : scenario.phases)
    phase.voltage_v = 0;
  CaptureBench bench(scenario);
  ASSERT_EQ(bench.request(ALL), nullptr);
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  EXPECT_TRUE(std::isnan(bench.capture.waveform().frequency_hz));
}

TEST(CaptureOnDemand, TakesThePlaceOfTheOneBefore) {
  CaptureBench bench;
  for (uint32_t id = 1; id <= 3; id++) {
    ASSERT_EQ(bench.request(ALL), nullptr);
    ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
    EXPECT_EQ(bench.capture.waveform().id, id);
  }
}

TEST(CaptureForHarmonics, WaitsUntilTheOneBeforeWasFetchedTenMinutesAtMost) {
  CaptureBench bench;
  bench.request(ALL);
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  EXPECT_NE(bench.request(ALL, WaveformCause::HARMONICS), nullptr);
  bench.capture.release();
  EXPECT_EQ(bench.request(ALL, WaveformCause::HARMONICS), nullptr);
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  bench.bench.run_until(bench.bench.now_us + 590 * S, 500 * MS);
  EXPECT_NE(bench.request(ALL, WaveformCause::HARMONICS), nullptr);
  bench.bench.run_until(bench.bench.now_us + 10 * S, 500 * MS);
  EXPECT_EQ(bench.request(ALL, WaveformCause::HARMONICS), nullptr);
}

TEST(CapturePasses, TakeLessThanAMillisecondOfTheBus) {
  CaptureBench bench;
  bench.bench.most_bytes = 0;
  bench.bench.run_until(bench.bench.now_us + 3 * S);
  const size_t without = bench.bench.most_bytes;
  bench.request(ALL);
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  EXPECT_GT(bench.bench.most_bytes, without) << "a window was read meanwhile";
  EXPECT_LT(bench.bench.most_bytes - without, BYTES_IN_1_MS);
}

TEST(CapturePasses, LeaveTheWindowsOfEnergyAsTheyAre) {
  CaptureBench bench(balanced(10));
  const auto counter = [&bench] {
    return static_cast<double>(bench.bench.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1));
  };
  const double before = counter();
  const size_t readings = bench.bench.readings.size();
  for (int round = 0; round < 20; round++) {
    ASSERT_EQ(bench.request(ALL), nullptr);
    ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  }
  const size_t windows = bench.bench.readings.size() - readings;
  EXPECT_GT(windows, 10U);
  EXPECT_EQ(bench.bench.chip.counters().estimated_windows, 0U);
  EXPECT_EQ(bench.bench.chip.counters().rejected_windows, 0U);
  EXPECT_NEAR(counter() - before, 2300 / 3.6 * static_cast<double>(windows), 1.5);
}

/// What one frame more or less on the wires must never do.
class CaptureFault : public testing::Test {
 protected:
  static constexpr uint32_t FRAMES = 2200;  // a capture of all channels, with the windows meanwhile, has about 2100

  /// Capture, and expect the true wave or none.
  static void expect_truth_or_nothing(CaptureBench &bench) {
    const CaptureOutcome outcome = bench.await();
    ASSERT_NE(outcome, CaptureOutcome::NONE);
    if (outcome == CaptureOutcome::FAILED) {
      EXPECT_EQ(bench.capture.waveform().id, 0U);
      return;
    }
    expect_sine(bench.capture.samples(WaveChannel::L3_VOLTAGE), 230 * SQRT2 / VOLT_PER_CODE);
    expect_sine(bench.capture.samples(WaveChannel::L1_CURRENT), 10 * SQRT2 / AMPERE_PER_CODE);
  }

  /// Neighbours of a sine, wherever it begins: x₊ + x₋ = 2·cos(2π/128)·x, to the rounding of three samples.
  static void expect_sine(std::span<const int16_t> samples, double peak_code) {
    ASSERT_EQ(samples.size(), 512U);
    int16_t most = 0;
    for (size_t index = 1; index + 1 < samples.size(); index++) {
      ASSERT_NEAR(samples[index - 1] + samples[index + 1], 2 * std::cos(2 * PI / 128) * samples[index], 2.1) << index;
      most = std::max(most, samples[index]);
    }
    EXPECT_NEAR(most, peak_code, 0.002 * peak_code + 1);
  }
};

TEST_F(CaptureFault, AnyLostFrameIsMadeGood) {
  for (uint32_t frame = 0; frame < FRAMES; frame += frame < 60 ? 1 : 37) {
    CaptureBench bench(balanced(10));
    ASSERT_EQ(bench.request(ALL), nullptr);
    bench.bench.sim.lose_frame(frame);
    SCOPED_TRACE(frame);
    expect_truth_or_nothing(bench);
  }
}

TEST_F(CaptureFault, AnyFlippedBitIsMadeGood) {
  for (uint32_t frame = 0; frame < FRAMES; frame += frame < 60 ? 1 : 37) {
    CaptureBench bench(balanced(10));
    ASSERT_EQ(bench.request(ALL), nullptr);
    bench.bench.sim.flip_miso_bit(frame, 16 + frame * 37 % 48);
    SCOPED_TRACE(frame);
    expect_truth_or_nothing(bench);
  }
}

TEST_F(CaptureFault, NoiseNeverReachesASample) {
  for (uint32_t seed = 1; seed <= 10; seed++) {
    CaptureBench bench(balanced(10));
    ASSERT_EQ(bench.request(ALL), nullptr);
    bench.bench.sim.flip_miso_bits(1e-3, seed * 7919);
    SCOPED_TRACE(seed);
    expect_truth_or_nothing(bench);
  }
}

TEST_F(CaptureFault, StuckLinesEndTheCaptureWithAnError) {
  for (const MisoFault fault : {MisoFault::STUCK_HIGH, MisoFault::STUCK_LOW}) {
    CaptureBench bench(balanced(10));
    ASSERT_EQ(bench.request(ALL), nullptr);
    bench.bench.run_until(bench.bench.now_us + 250 * MS);
    bench.bench.sim.set_miso_fault(fault);
    EXPECT_EQ(bench.await(), CaptureOutcome::FAILED);
    EXPECT_EQ(bench.capture.waveform().id, 0U);
  }
}

TEST_F(CaptureFault, ARestartOfTheChipEndsTheCaptureWithAnError) {
  for (uint64_t after_ms = 0; after_ms < 600; after_ms += 40) {
    CaptureBench bench(balanced(10));
    ASSERT_EQ(bench.request(ALL), nullptr);
    bench.bench.sim.brown_out_at(bench.bench.now_us + after_ms * MS);
    SCOPED_TRACE(after_ms);
    EXPECT_EQ(bench.await(), CaptureOutcome::FAILED);
    EXPECT_EQ(std::string(bench.capture.error()), "The chip was restarted during the capture");
    EXPECT_EQ(bench.capture.waveform().id, 0U);
    bench.bench.run_until(bench.bench.now_us + 4 * S);
    ASSERT_EQ(bench.request(ALL), nullptr);
    EXPECT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  }
}

TEST_F(CaptureFault, ABufferThatIsNeverFullIsAnError) {
  CaptureBench bench(balanced(10));
  ASSERT_EQ(bench.request(ALL), nullptr);
  bench.bench.run_until(bench.bench.now_us + 20 * MS);
  std::vector<uint8_t> stop{reg::WFB_CFG >> 4, (reg::WFB_CFG & 0xF) << 4, 0x10, 0x0F};
  bench.bench.wires.transfer(stop.data(), stop.size());
  EXPECT_EQ(bench.await(), CaptureOutcome::FAILED);
  EXPECT_EQ(std::string(bench.capture.error()), "The chip did not fill its buffer of waveforms");
}

TEST_F(CaptureFault, AModeThatChangedMeanwhileIsFound) {
  CaptureBench bench(balanced(10));
  ASSERT_EQ(bench.request(ALL), nullptr);
  bench.bench.run_until(bench.bench.now_us + 300 * MS);
  bench.bench.sim.corrupt(reg::WFB_CFG, 0x033F);
  EXPECT_EQ(bench.await(), CaptureOutcome::FAILED);
  EXPECT_EQ(std::string(bench.capture.error()), "The chip lost its settings during the capture");
}

/// A dip of L1 to 40 % from 6.004 s on, for 300 ms in each round of 20 s.
class EventCapture : public testing::Test {
 protected:
  static constexpr double DIP_S = 6.004;
  static constexpr double INTERVAL_S = 1 / 8000.0;

  static Scenario dip(double at_s = DIP_S) {
    Scenario scenario = balanced(10);
    scenario.add_step({.duration_s = at_s});
    scenario.add_step({.duration_s = 0.3, .voltage_factor = {0.4, 1, 1}});
    scenario.add_step({.duration_s = 20 - 0.3 - at_s});
    return scenario;
  }

  static double truth(double time_s) {
    const double since_s = std::fmod(time_s, 20) - DIP_S;
    return (since_s >= 0 && since_s < 0.3 ? 0.4 : 1) * 230 * SQRT2 * std::sin(2 * PI * 50 * time_s);
  }
};

TEST_F(EventCapture, HasSixteenMillisecondsBeforeADipAndSixteenBehindIt) {
  CaptureBench bench(dip(), {}, ALL_BUT_NEUTRAL);
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  const Waveform &waveform = bench.capture.waveform();
  EXPECT_EQ(waveform.kind, WaveformKind::FIXED_RATE);
  EXPECT_EQ(waveform.cause, WaveformCause::EVENT);
  EXPECT_EQ(waveform.points, 256U);
  const double near_s = static_cast<double>(waveform.begin_us) * 1e-6;
  const auto voltage = bench.wave(WaveChannel::L1_VOLTAGE);
  const double begin_s = begin_of(voltage, near_s, INTERVAL_S, truth);
  EXPECT_NEAR(begin_s, near_s, 0.010);
  EXPECT_LT(begin_s, DIP_S - 0.004);
  EXPECT_GT(begin_s + 0.032, DIP_S + 0.016);
  expect_wave(voltage, begin_s, INTERVAL_S, VOLT_PER_CODE, truth);
  expect_wave(bench.wave(WaveChannel::L2_VOLTAGE), begin_s, INTERVAL_S, VOLT_PER_CODE,
              [](double time_s) { return 230 * SQRT2 * std::sin(2 * PI * 50 * time_s - 2 * PI / 3); });
}

TEST_F(EventCapture, IsKeptUntilItWasFetchedAndThenArmedAgain) {
  CaptureBench bench(dip(), {}, ALL_BUT_NEUTRAL);
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  bench.bench.run_until(30 * S);
  EXPECT_EQ(bench.capture.waveform().id, 1U);
  EXPECT_EQ(bench.capture.take_outcome(), CaptureOutcome::NONE);
  bench.capture.release();
  ASSERT_EQ(bench.await(20 * S), CaptureOutcome::CAPTURED);
  EXPECT_EQ(bench.capture.waveform().id, 2U);
  EXPECT_NEAR(static_cast<double>(bench.capture.waveform().begin_us) * 1e-6, 46, 0.1);
}

TEST_F(EventCapture, GivesWayToACaptureOnDemandAndComesBack) {
  CaptureBench bench(dip(), {}, ALL_BUT_NEUTRAL);
  ASSERT_EQ(bench.request(ALL_BUT_NEUTRAL), nullptr);
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  EXPECT_EQ(bench.capture.waveform().kind, WaveformKind::RESAMPLED);
  bench.capture.release();
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  EXPECT_EQ(bench.capture.waveform().kind, WaveformKind::FIXED_RATE);
}

TEST_F(EventCapture, IsFinishedBeforeACaptureOnDemandThatComesMeanwhile) {
  CaptureBench bench(dip(), {}, ALL_BUT_NEUTRAL);
  bench.bench.run_until(6'060 * MS);
  ASSERT_EQ(bench.request(ALL_BUT_NEUTRAL), nullptr);
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  EXPECT_EQ(bench.capture.outcome_cause(), WaveformCause::EVENT);
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  EXPECT_EQ(bench.capture.outcome_cause(), WaveformCause::DEMAND);
  EXPECT_EQ(bench.capture.waveform().kind, WaveformKind::RESAMPLED);
}

TEST_F(EventCapture, ThatIsLostWithTheChipIsToldToWhoAskedMeanwhile) {
  CaptureBench bench(dip(), {}, ALL_BUT_NEUTRAL);
  bench.bench.run_until(6'060 * MS);
  ASSERT_EQ(bench.request(ALL_BUT_NEUTRAL), nullptr);
  bench.bench.sim.brown_out_at(6'100 * MS);
  ASSERT_EQ(bench.await(), CaptureOutcome::FAILED);
  EXPECT_EQ(bench.capture.outcome_cause(), WaveformCause::DEMAND);
}

TEST_F(EventCapture, RightAfterTheArmingIsLetGoBecauseItHasOldSamplesBeforeIt) {
  CaptureBench bench(dip(), {}, ALL_BUT_NEUTRAL);
  bench.request(ALL_BUT_NEUTRAL);
  ASSERT_EQ(bench.await(), CaptureOutcome::CAPTURED);
  // The dip triggers at 6.015 s.
  bench.bench.run_until(5'999 * MS, 10 * MS);
  bench.capture.release();
  EXPECT_EQ(bench.await(2 * S), CaptureOutcome::NONE);
  EXPECT_EQ(bench.capture.waveform().kind, WaveformKind::RESAMPLED);
  ASSERT_EQ(bench.await(30 * S), CaptureOutcome::CAPTURED) << "the next round's";
  EXPECT_NEAR(static_cast<double>(bench.capture.waveform().begin_us) * 1e-6, 26, 0.1);
}

TEST_F(EventCapture, IsArmedAgainOnceTheChipHasSettledAfterARestart) {
  CaptureBench bench(dip(), {}, ALL_BUT_NEUTRAL);
  bench.bench.sim.brown_out_at(4500 * MS);
  ASSERT_EQ(bench.await(30 * S), CaptureOutcome::CAPTURED);
  EXPECT_EQ(bench.capture.waveform().kind, WaveformKind::FIXED_RATE);
  EXPECT_NEAR(static_cast<double>(bench.capture.waveform().begin_us) * 1e-6, 26, 0.1) << "not the dip at 6 s";
}

/// A chip whose registers are what was written, except those that do not answer.
class PatchyBus final : public RegisterBus {
 public:
  std::optional<uint32_t> read(uint16_t address) override {
    if (this->is_mute(address))
      return std::nullopt;
    return this->registers[address];
  }
  std::optional<uint32_t> read_once(uint16_t address) override { return this->read(address); }
  bool write(uint16_t address, uint32_t value) override {
    this->registers[address] = address == reg::STATUS0 ? this->registers[address] & ~value : value;
    return !this->is_mute(address);
  }
  BusFault fault() const override { return BusFault::CRC; }

  bool is_mute(uint16_t address) const { return address >= this->first_mute && address <= this->last_mute; }

  uint16_t first_mute{0xFFFF};
  uint16_t last_mute{0xFFFF};
  std::map<uint16_t, uint32_t> registers;
};

/// A capture that looks at such a chip every 16 ms.
class PatchyCapture : public testing::Test {
 protected:
  PatchyCapture() {
    Settings settings;
    this->capture.begin(this->storage);
    this->capture.arm(ALL);
    this->capture.add_settings({}, settings);
    this->capture.start(0);
  }

  void mute(uint16_t first, uint16_t last) {
    this->bus.first_mute = first;
    this->bus.last_mute = last;
  }

  void look(int passes = 1, uint32_t status0 = 0) {
    for (; passes > 0; passes--) {
      const uint64_t before_us = this->now_us;
      this->now_us += 16 * MS;
      this->capture.look(this->bus, {.now_us = this->now_us, .before_us = before_us, .status0 = status0, .status1 = 0});
    }
  }

  void expect_failure(const char *error) {
    EXPECT_EQ(this->capture.take_outcome(), CaptureOutcome::FAILED);
    EXPECT_EQ(std::string(this->capture.error()), error);
  }

  std::vector<int16_t> storage = std::vector<int16_t>(7 * RESAMPLED_POINTS);
  PatchyBus bus;
  WaveformCapture capture;
  uint64_t now_us{2 * S};
};

TEST_F(PatchyCapture, CannotBeStartedWithoutItsMode) {
  this->mute(reg::WFB_CFG, reg::WFB_CFG);
  this->capture.request(ALL_BUT_NEUTRAL, WaveformCause::DEMAND, this->now_us);
  this->look();
  this->expect_failure("The capture could not be started: check the SPI bus");
}

TEST_F(PatchyCapture, CannotBeStartedWhileItsFlagIsNotClear) {
  this->mute(reg::STATUS0, reg::STATUS0);
  this->capture.request(ALL_BUT_NEUTRAL, WaveformCause::DEMAND, this->now_us);
  this->look();
  this->expect_failure("The capture could not be started: check the SPI bus");
}

TEST_F(PatchyCapture, IsArmedAgainAndAgainUntilThatSucceeds) {
  this->mute(reg::WFB_CFG, reg::WFB_CFG);
  this->look(5);
  EXPECT_EQ(this->capture.take_outcome(), CaptureOutcome::NONE);
  this->mute(0xFFFF, 0xFFFF);
  this->look();
  EXPECT_NE(this->bus.registers[reg::WFB_CFG] & reg::WFB_CFG_WF_CAP_EN, 0U);
}

TEST_F(PatchyCapture, WaitsForTheAddressOfTheTrigger) {
  this->look(4);
  this->mute(reg::WFB_TRG_STAT, reg::WFB_TRG_STAT);
  this->look(3, reg::STATUS0_WFB_TRIG | reg::STATUS0_WFB_TRIG_IRQ);
  this->mute(0xFFFF, 0xFFFF);
  this->look(1, reg::STATUS0_WFB_TRIG | reg::STATUS0_WFB_TRIG_IRQ);
  this->look(60);
  EXPECT_EQ(this->capture.take_outcome(), CaptureOutcome::CAPTURED);
}

TEST_F(PatchyCapture, IsGivenUpWhenNoWordComesFor2Seconds) {
  this->capture.request(ALL_BUT_NEUTRAL, WaveformCause::DEMAND, this->now_us);
  this->look();
  this->look(1, reg::STATUS0_COH_WFB_FULL);
  this->look(10);
  this->mute(0x800, 0xFFF);
  this->look(124);
  EXPECT_EQ(this->capture.take_outcome(), CaptureOutcome::NONE);
  this->look(2);
  this->expect_failure("The waveform could not be read: check the SPI bus");
}

TEST_F(PatchyCapture, WaitsForTheProofOfItsMode) {
  this->capture.request(channel_bit(WaveChannel::L1_VOLTAGE), WaveformCause::DEMAND, this->now_us);
  this->look();
  this->look(1, reg::STATUS0_COH_WFB_FULL);
  this->mute(reg::WFB_CFG, reg::WFB_CFG);
  this->look(20);
  EXPECT_EQ(this->capture.take_outcome(), CaptureOutcome::NONE);
  this->mute(0xFFFF, 0xFFFF);
  this->look();
  EXPECT_EQ(this->capture.take_outcome(), CaptureOutcome::CAPTURED);
}

TEST_F(PatchyCapture, ClipsWhatDoesNotFitIntoASample) {
  this->look(4);
  for (uint16_t word = 0; word < 2048; word++)
    this->bus.registers[0x800 + word] = word % 2 == 0 ? 0x7FFFFFFF : 0x80000000;
  this->look(1, reg::STATUS0_WFB_TRIG | reg::STATUS0_WFB_TRIG_IRQ);
  this->look(60);
  EXPECT_EQ(this->capture.samples(WaveChannel::L1_CURRENT)[9], INT16_MAX);
  EXPECT_EQ(this->capture.samples(WaveChannel::L1_VOLTAGE)[9], INT16_MIN);
}

TEST(WaveChannelNames, AreThoseOfTheWire) {
  EXPECT_EQ(channels_named("l1_current", ALL), channel_bit(WaveChannel::L1_CURRENT));
  EXPECT_EQ(channels_named("l3_voltage", ALL), channel_bit(WaveChannel::L3_VOLTAGE));
  EXPECT_EQ(channels_named("n_current", ALL), channel_bit(WaveChannel::N_CURRENT));
  EXPECT_EQ(channels_named("all", ALL_BUT_NEUTRAL), ALL_BUT_NEUTRAL);
  EXPECT_EQ(channels_named("", ALL), ALL);
  EXPECT_EQ(channels_named("l4_voltage", ALL), 0U);
}

TEST(WaveChannels, AreThoseOfTheFittedPhases) {
  ChipConfig config;
  EXPECT_EQ(measured_channels(config), ALL_BUT_NEUTRAL);
  config.phases[1].fitted = false;
  config.neutral_fitted = true;
  EXPECT_EQ(measured_channels(config), 0b0111'0011);
}

}  // namespace
