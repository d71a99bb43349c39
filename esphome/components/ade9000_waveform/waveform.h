#pragma once

#include "esphome/components/ade9000/chip_config.h"
#include "esphome/components/ade9000/chip_figures.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace esphome::ade9000_waveform {

using namespace ade9000;

/// An input of the chip whose waveform can be captured, in the order of the chip's buffer. In a three-wire delta the
/// voltages are those of the elements: L1 is L1–L2, L2 is L1–L3, L3 is L3–L2.
enum class WaveChannel : uint8_t { L1_CURRENT, L1_VOLTAGE, L2_CURRENT, L2_VOLTAGE, L3_CURRENT, L3_VOLTAGE, N_CURRENT };

inline constexpr std::array<const char *, 7> WAVE_CHANNEL_NAMES{
    "l1_current", "l1_voltage", "l2_current", "l2_voltage", "l3_current", "l3_voltage", "n_current",
};
inline constexpr size_t WAVE_CHANNEL_COUNT = WAVE_CHANNEL_NAMES.size();

/// Several channels, bit 0 for L1_CURRENT to bit 6 for N_CURRENT.
using WaveChannels = uint8_t;

constexpr WaveChannels channel_bit(WaveChannel channel) {
  return static_cast<WaveChannels>(1U << static_cast<uint8_t>(channel));
}

constexpr bool is_voltage(WaveChannel channel) { return static_cast<uint8_t>(channel) % 2 == 1; }

/// Return the channels that are connected.
WaveChannels measured_channels(const ChipConfig &config);

/// Return the channel of a name, those of `all` for "all" or an empty name, none for a name that no channel has.
WaveChannels channels_named(std::string_view name, WaveChannels all);

/// Return what one code of a sample is worth, in V or A.
double sample_scale(WaveChannel channel, const Scales &scales);

enum class WaveformKind : uint8_t {
  RESAMPLED,   ///< Four line cycles of 128 points each, whatever the frequency.
  FIXED_RATE,  ///< 256 samples of 8 kSPS, 16 ms before an event and 16 ms behind it.
};

inline constexpr size_t POINTS_PER_CYCLE = 128;
inline constexpr size_t RESAMPLED_CYCLES = 4;
inline constexpr size_t RESAMPLED_POINTS = POINTS_PER_CYCLE * RESAMPLED_CYCLES;
inline constexpr uint32_t FIXED_RATE_HZ = SAMPLE_RATE_HZ;
inline constexpr size_t FIXED_RATE_POINTS = 256;

enum class WaveformCause : uint8_t { DEMAND, EVENT, HARMONICS };

/// What is known of a captured waveform besides its samples.
struct Waveform {
  uint32_t id{0};  ///< Counts up from 1 within a boot; 0 is none.
  WaveformKind kind{WaveformKind::RESAMPLED};
  WaveformCause cause{WaveformCause::DEMAND};
  uint64_t begin_us{0};  ///< Of the first sample, on the clock that `Chip::loop` is given, to half a pass of the loop.
  float frequency_hz{NAN};  ///< Of the line; NAN where no voltage crosses zero.
  WaveChannels channels{0};
  uint16_t points{0};  ///< Samples of each channel.
};

}  // namespace esphome::ade9000_waveform
