#pragma once

#include "energy.h"

#include "esphome/core/preferences.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// Carries the counters of energy over a restart that was planned: an update, the restart button, a new configuration.
///
/// They are stored once, when the device shuts down, so that the flash does not wear, and what was stored counts once.
/// After a crash or without a supply they begin anew: a counter that went back to what was stored half an hour ago
/// would take away from Home Assistant's sums what it has seen since, while a counter that begins at 0 loses nothing
/// there.
class EnergyStore final {
 public:
  /// Take over what a meter of this name has stored, if anything, and forget it.
  void restore(const char *meter, Energies &energies);

  void save(Energies &energies);

 protected:
  /// A preference has 255 bytes at most on some platforms, so that the counters are stored in parts.
  static constexpr size_t PART = 24;
  static constexpr size_t PARTS = (Energies::COUNTER_COUNT + PART - 1) / PART;

  struct Record {
    uint32_t is_valid;
    std::array<int64_t, PART> counters;
  };
  static_assert(sizeof(Record) <= 255);

  bool load_(Energies::Stored &stored);
  void write_(const Energies::Stored &stored, bool is_valid);

  std::array<ESPPreferenceObject, PARTS> preferences_{};
};

}  // namespace esphome::ade9000
