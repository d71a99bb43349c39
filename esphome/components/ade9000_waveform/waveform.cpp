#include "waveform.h"

#include <algorithm>
#include <numbers>

namespace esphome::ade9000_waveform {

namespace {

/// Code of a sample of 1 V at the pins: the peak of the sine whose RMS has the code 52,702,092.
constexpr double FULL_SCALE_SAMPLE_CODE = 18'196;

}  // namespace

WaveChannels measured_channels(const ChipConfig &config) {
  constexpr unsigned VOLTAGE_AND_CURRENT = 0b11;
  unsigned channels = config.neutral_fitted ? channel_bit(WaveChannel::N_CURRENT) : 0U;
  for (const size_t line : measured_lines(config))
    channels |= VOLTAGE_AND_CURRENT << 2 * line;
  return static_cast<WaveChannels>(channels);
}

WaveChannels channels_named(std::string_view name, WaveChannels all) {
  if (name.empty() || name == "all")
    return all;
  const auto *const found = std::find(WAVE_CHANNEL_NAMES.begin(), WAVE_CHANNEL_NAMES.end(), name);
  return found == WAVE_CHANNEL_NAMES.end() ? 0 : static_cast<WaveChannels>(1U << (found - WAVE_CHANNEL_NAMES.begin()));
}

double sample_scale(WaveChannel channel, const Scales &scales) {
  const double rms = channel == WaveChannel::N_CURRENT ? scales.neutral_ampere
                     : is_voltage(channel)             ? scales.volt
                                                       : scales.ampere;
  return rms * FULL_SCALE_RMS_CODE * std::numbers::sqrt2 / FULL_SCALE_SAMPLE_CODE;
}

}  // namespace esphome::ade9000_waveform
