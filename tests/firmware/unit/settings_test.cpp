#include "bench.h"

#include "ade9000/multipoint.h"
#include "ade9000/registers.h"
#include "ade9000_calibration/steady_measurement.h"
#include "ade9000_power_quality/power_quality.h"
#include "ade9000_waveform/waveform_capture.h"
#include "ade9000_wiring_check/wiring_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

/// How the settings of several parts of the driver come together: the same whichever is first.

namespace {

using namespace bench;
using namespace esphome::ade9000_calibration;
using namespace esphome::ade9000_power_quality;
using namespace esphome::ade9000_waveform;
using namespace esphome::ade9000_wiring_check;

constexpr const char *CONTRADICTION = "Two parts of the driver set the same register: leave one of them out";

using Claim = Setting::Claim;

void claim(Settings &settings, Claim claim, uint32_t value) {
  switch (claim) {
    case Claim::DEFAULT:
      return settings.set_default(0x060, value);
    case Claim::BITS:
      return settings.set_bits(0x060, value);
    case Claim::VALUE:
      return settings.set(0x060, value);
  }
}

/// Two parts that set a register, and what becomes of it; nothing where that is a mistake.
struct Pair {
  Claim first_claim;
  uint32_t first;
  Claim second_claim;
  uint32_t second;
  std::optional<uint32_t> together;
};

constexpr Pair PAIRS_OF_CLAIMS[] = {
    {Claim::VALUE, 1, Claim::VALUE, 1, 1},
    {Claim::VALUE, 1, Claim::VALUE, 2, std::nullopt},
    {Claim::VALUE, 1, Claim::DEFAULT, 2, 1},
    {Claim::DEFAULT, 1, Claim::DEFAULT, 1, 1},
    {Claim::DEFAULT, 1, Claim::DEFAULT, 2, std::nullopt},
    {Claim::BITS, 0x400, Claim::BITS, 0x002, 0x402},
    {Claim::BITS, 0x400, Claim::VALUE, 0x400, std::nullopt},
    {Claim::BITS, 0x400, Claim::DEFAULT, 0x400, std::nullopt},
};

void expect(const Settings &settings, std::optional<uint32_t> together) {
  ASSERT_EQ(settings.size(), 1U);
  if (together) {
    EXPECT_EQ(settings[0].value(), *together);
    EXPECT_EQ(settings.error(), nullptr);
  } else {
    EXPECT_STREQ(settings.error(), CONTRADICTION);
  }
}

TEST(SettingsList, GivesTheSameWhicheverPartIsFirst) {
  for (const Pair &pair : PAIRS_OF_CLAIMS) {
    Settings settings;
    claim(settings, pair.first_claim, pair.first);
    claim(settings, pair.second_claim, pair.second);
    expect(settings, pair.together);
    Settings turned;
    claim(turned, pair.second_claim, pair.second);
    claim(turned, pair.first_claim, pair.first);
    expect(turned, pair.together);
  }
}

TEST(SettingsList, KeepsTheOrderOfWritingWhenAValueTakesThePlaceOfADefault) {
  Settings settings;
  settings.set_default(0x060, 1);
  settings.set(0x061, 2);
  settings.set(0x060, 3);
  ASSERT_EQ(settings.size(), 2U);
  EXPECT_EQ(settings[0].address(), 0x060U);
  EXPECT_EQ(settings[0].value(), 3U);
}

TEST(SettingsList, HoldsWhatIsNotedLater) {
  Settings settings;
  settings.set(0x060, 1);
  settings.replace(0x060, 2);
  settings.replace(0x061, 3);
  EXPECT_TRUE(settings.holds({0x060, 2}));
  EXPECT_TRUE(settings.holds({0x061, 3}));
  EXPECT_EQ(settings.error(), nullptr);
}

TEST(SettingsList, SaysThatItIsFull) {
  Settings settings;
  for (uint16_t address = 0; address < 1000; address++)
    settings.set(address, 1);
  EXPECT_LT(settings.size(), 1000U);
  EXPECT_STREQ(settings.error(), "The chip has more settings than the driver has room for");
}

/// All parts that a meter can have at once.
class AllParts {
 public:
  AllParts() {
    PowerQualityConfig events;
    events.dip.limit = 87.3F;
    events.swell.limit = 112.7F;
    events.over_current.limit = 20;
    events.neutral_mismatch.limit = 0.5F;
    events.has_interrupt = true;
    this->quality_.configure(events);
    this->capture_.arm(0b0111'1111);
    this->multipoint_.add_region({.above_a = 0, .current = {1.01, 1, 1}, .phase_deg = {0.1, 0, 0}});
    this->multipoint_.add_region({.above_a = 5, .current = {0.99, 1, 1}, .phase_deg = {0, 0.1, 0}});
    this->config_.neutral_fitted = true;
  }

  static constexpr size_t COUNT = 5;

  std::map<uint16_t, uint32_t> settings_in(const std::array<size_t, COUNT> &order) {
    const std::array<ChipExtension *, COUNT> parts{&this->quality_, &this->capture_, &this->multipoint_, &this->check_,
                                                   &this->measurement_};
    Settings settings;
    add_measuring(this->config_, settings);
    for (const size_t index : order)
      parts[index]->add_settings(this->config_, settings);
    add_start(settings);
    EXPECT_EQ(settings.error(), nullptr);
    std::map<uint16_t, uint32_t> values;
    for (const Setting &setting : settings)
      values[setting.address()] = setting.value();
    return values;
  }

 protected:
  ChipConfig config_;
  PowerQuality quality_;
  WaveformCapture capture_;
  Multipoint multipoint_;
  WiringCheck check_;
  SteadyMeasurement measurement_;
};

TEST(SettingsOfAllParts, DoNotDependOnTheirOrder) {
  AllParts parts;
  std::array<size_t, AllParts::COUNT> order{0, 1, 2, 3, 4};
  const auto settings = parts.settings_in(order);
  while (std::next_permutation(order.begin(), order.end()))
    EXPECT_EQ(parts.settings_in(order), settings);
}

TEST(SettingsOfAllParts, HaveTheThresholdsOfTheWatchForEvents) {
  const auto settings = AllParts().settings_in({1, 0, 2, 3, 4});
  // The RMS of 1 V peak at the pins has this code; a level is 32 of them.
  const double volt = 0.70710678118654752 / 52'702'092 * 801;
  EXPECT_EQ(settings.at(reg::DIP_LVL), std::lround(0.873 * 230 / volt / 32));
  EXPECT_EQ(settings.at(reg::SWELL_LVL), std::lround(1.127 * 230 / volt / 32));
}

TEST(SettingsOfAWaveform, HaveTheThresholdsOfTheStandardRoundedAsThoseOfTheWatchForEvents) {
  const auto level = [](ChipExtension &part, uint16_t address) {
    Settings settings;
    part.add_settings({}, settings);
    const auto *const found = std::find_if(settings.begin(), settings.end(),
                                           [address](const Setting &setting) { return setting.address() == address; });
    return found == settings.end() ? 0U : found->value();
  };
  WaveformCapture capture;
  capture.arm(0b0011'1111);
  PowerQuality quality;  // Its limits are 90 and 110 % unless they are configured.
  for (const uint16_t address : {reg::DIP_LVL, reg::SWELL_LVL}) {
    EXPECT_GT(level(capture, address), 0U);
    EXPECT_EQ(level(capture, address), level(quality, address));
  }
}

}  // namespace
