#pragma once

#include "chip_extension.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

inline constexpr size_t MOST_REGIONS = 5;

/// A range of the current in which the transformers differ from their calibration.
struct CurrentRegion {
  float above_a;                                     ///< The range begins here; that of the first region is 0 A.
  std::array<float, LINE_COUNT> current{1, 1, 1};    ///< True current over the current with the calibration alone.
  std::array<float, LINE_COUNT> phase_deg{0, 0, 0};  ///< Added to the phase shift of transformers and calibration.
};

/// Corrects transformers that are not linear: gain and phase by up to five ranges of the current.
///
/// The chip changes the range of each phase by itself, 5 % above and below the border, so that a current on the border
/// does not toggle between two.
class Multipoint final : public ChipExtension {
 public:
  /// Add the next region, with rising `above_a`; a sixth one is not taken.
  void add_region(const CurrentRegion &region);

  void add_settings(const ChipConfig &config, Settings &settings) override;
  void start(uint64_t /*now_us*/) override {}
  void stop(uint64_t /*now_us*/) override {}
  void look(RegisterBus & /*bus*/, const Look & /*look*/) override {}
  void take_window(const Window & /*window*/, const WindowState & /*state*/, const Reading & /*reading*/) override {}

 protected:
  void add_thresholds_(const Scales &scales, Settings &settings) const;

  std::array<CurrentRegion, MOST_REGIONS> regions_{};
  size_t count_{0};
};

}  // namespace esphome::ade9000
