#include "bench.h"

#include "ade9000_calibration/steady_measurement.h"
#include "ade9000_power_quality/power_quality.h"
#include "ade9000_waveform/waveform_capture.h"
#include "ade9000_wiring_check/wiring_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace {

using namespace bench;
using namespace esphome::ade9000_calibration;
using namespace esphome::ade9000_power_quality;
using namespace esphome::ade9000_waveform;
using namespace esphome::ade9000_wiring_check;

/// An ESP8266 at 5 MHz: its SPI sends 8 bits in 1.6 µs and takes about as long again to load and unload each byte;
/// chip select and the set-up of a transaction are put at 10 µs.
constexpr double BYTE_US = 3.2;
constexpr double TRANSACTION_US = 10;

/// A pass may take 10 ms there, so that this leaves 4 ms for computing.
constexpr double MOST_BUS_US = 6'000;

/// A meter with everything that shares the chip, in the worst time that they have: while it calibrates, one phase dips
/// and swells, and the waveforms around it are read.
class EverythingAtOnce : public testing::Test {
 protected:
  EverythingAtOnce() : samples_(7 * 512) {
    Scenario scenario = balanced(10, 30);
    scenario.neutral_current_a = 1;
    scenario.add_step({.duration_s = 4.3});
    scenario.add_step({.duration_s = 0.7, .voltage_factor = {0.4, 1, 1.2}});
    ChipConfig config;
    config.neutral_fitted = true;
    for (auto &phase : config.phases)
      phase.calibration = {
          .voltage = 1.001F, .voltage_offset = 0.1F, .current_offset = 0.01F, .active_power_offset = 1};
    this->bench_.sim.set_scenario(scenario);
    this->quality_.configure({.over_current = {.limit = 5, .hysteresis = 2}});
    this->capture_.begin(this->samples_);
    this->capture_.arm(0b111'1111);
    for (ChipExtension *extension :
         std::initializer_list<ChipExtension *>{&this->check_, &this->steady_, &this->capture_, &this->quality_})
      this->bench_.chip.extend(*extension);
    this->bench_.chip.configure(config);
    this->bench_.chip.start(0);
    this->steady_.begin(config);
  }

  /// Bus time of the call of the loop that was just made.
  double bus_us() const {
    double us = 0;
    for (const auto &frame : this->bench_.wires.sent)
      us += TRANSACTION_US + BYTE_US * static_cast<double>(frame.size());
    return us;
  }

  std::vector<int16_t> samples_;
  WiringCheck check_;
  SteadyMeasurement steady_;
  WaveformCapture capture_;
  PowerQuality quality_;
  Bench bench_;
};

TEST_F(EverythingAtOnce, KeepsEachPassOfTheLoopShortOnAnEsp8266) {
  double worst_us = 0;
  size_t captures = 0;
  while (this->bench_.now_us < 40 * S) {
    this->bench_.now_us += 4 * MS;
    this->bench_.call();
    worst_us = std::max(worst_us, this->bus_us());
    if (this->capture_.waveform().id != captures) {
      captures = this->capture_.waveform().id;
      this->capture_.release();
    }
  }
  EXPECT_GT(captures, 3U) << "waveforms were captured meanwhile";
  EXPECT_EQ(this->bench_.chip.state(), ChipState::RUNNING);
  EXPECT_EQ(this->bench_.chip.counters().estimated_windows, 0U);
  RecordProperty("worst_bus_us", static_cast<int>(worst_us));
  EXPECT_LT(worst_us, MOST_BUS_US);
}

}  // namespace
