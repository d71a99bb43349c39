#pragma once

#include "chip_config.h"
#include "chip_extension.h"
#include "configuration_checksum.h"
#include "energy.h"
#include "frequencies.h"
#include "line_set.h"
#include "peaks.h"
#include "reading.h"
#include "register_bus.h"
#include "settings.h"
#include "snapshot.h"
#include "window.h"
#include "window_clock.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace esphome::ade9000 {

enum class ChipState : uint8_t {
  STOPPED,      ///< `start` was not called.
  RESETTING,    ///< Waiting for the chip to come out of reset.
  CONFIGURING,  ///< Writing the settings.
  SETTLING,     ///< Counting energy; the filters have not settled, so values are not reported yet.
  RUNNING,
  WAITING,  ///< Something is wrong, see `Chip::error`; waiting to try again.
};

/// What happened since the chip object was made, for diagnostics.
struct ChipCounters {
  uint32_t readings{0};
  uint32_t estimated_windows{0};   ///< Windows of one second, or parts of one, whose energy had to be estimated.
  uint32_t unmeasured_windows{0};  ///< Windows too many to estimate; their energy is not counted.
  uint32_t rejected_windows{0};    ///< Attempts to read a window that were thrown away for errors on the bus.
  uint32_t restarts{0};            ///< Times the chip had to be set up again after it had run.
};

/// Lines of which something has been true for three windows in a row. Before the first window all are taken to be.
class Streak {
 public:
  LineSet extend(LineSet lines) {
    const LineSet all = lines & this->last_ & this->before_;
    this->before_ = this->last_;
    this->last_ = lines;
    return all;
  }

  /// Return the lines of which it was true in the last window.
  LineSet last() const { return this->last_; }

  /// Windows are missing, and nobody knows what was true in them.
  void interrupt() { this->last_ = this->before_ = {}; }

 protected:
  LineSet last_{ALL_LINES};
  LineSet before_{ALL_LINES};
};

/// Drives one chip: resets, identifies and sets it up, and makes one `Reading` of each window of one second.
///
/// - Never waits: each call of `loop` does a few milliseconds of bus work at most.
/// - A reading is made of checked words of one and the same window, or not at all.
/// - Energy of windows that nobody read is estimated from the power before and after, and the reading says so.
/// - A chip that lost its supply or its settings is set up again; the counters go on.
/// - A chip that is lost is looked for every half second, for as long as it takes.
class Chip final {
 public:
  explicit Chip(RegisterBus &bus) : bus_(bus), checksum_(bus) {}

  /// Let a part of the driver share the chip, before `start`; six parts at most.
  void extend(ChipExtension &extension) { this->extensions_[this->extension_count_++] = &extension; }

  /// Take a configuration. Measuring stops until the next `start`, which sets the chip up by it; the counters go on.
  void configure(const ChipConfig &config);

  /// Take a configuration that differs in its calibration only, and go on measuring.
  ///
  /// The registers that change are written after the next window. The window in which they are is not reported: a part
  /// of it was measured before. Its energy is estimated from the window after it, and the reading says both.
  void adjust(const ChipConfig &config);

  const ChipConfig &config() const { return this->config_; }

  /// Tell whether the chip still has to take over what `adjust` was given.
  bool is_adjusting() const { return this->adjustment_ != Adjustment::DONE; }

  /// What it has counted, for what stores it over a restart.
  Energies &energies() { return this->energies_; }

  void start(uint64_t now_us);

  /// Do what is due. Return true when `reading` was filled with a new reading.
  bool loop(uint64_t now_us, Reading &reading);

  ChipState state() const { return this->state_; }

  /// Tell the user what is wrong; empty when nothing is.
  const char *error() const { return this->error_; }

  const ChipCounters &counters() const { return this->counters_; }

 protected:
  /// How far a change of the calibration is.
  enum class Adjustment : uint8_t {
    DONE,
    WAITING,  ///< For the end of the window that is being measured.
    WRITING,
    WRITTEN,  ///< In the window that is being measured.
  };

  void list_settings_(Settings &settings);
  void adopt_settings_();
  void write_adjustment_();
  void drop_window_();
  void reset_(uint64_t now_us);
  void wait_for_reset_(uint64_t now_us);
  const char *identify_();
  void write_settings_(uint64_t now_us);
  bool measure_(uint64_t now_us, Reading &reading);
  bool is_look_due_(uint64_t now_us) const;
  bool has_lost_itself_(uint64_t now_us, uint32_t status1);
  void show_extensions_(uint64_t now_us, uint32_t status0, uint32_t status1);
  bool look_for_window_(uint64_t now_us, uint32_t status0);
  bool take_window_(uint64_t now_us, bool is_loop_quick, Reading &reading);
  bool settings_hold_(uint64_t now_us);
  std::span<ChipExtension *const> extensions_in_use_() const;
  void report_(const Window &window, uint32_t status0, uint32_t status1, Reading &reading);
  WindowState state_of_(const Window &window, const WindowEnergy &energy, uint32_t status0, uint32_t status1);
  WindowEnergy count_(const WindowEnergy &energy, const WindowClock::Span &span, const Summation &summation,
                      Reading &reading);
  LineSet crossing_lines_(uint32_t status1);
  void fail_(uint64_t now_us, const char *error);
  void restart_(uint64_t now_us, const char *error);

  static constexpr size_t MOST_EXTENSIONS = 6;

  RegisterBus &bus_;
  std::array<ChipExtension *, MOST_EXTENSIONS> extensions_{};
  size_t extension_count_{0};
  ChipConfig config_;
  Scales scales_{};
  Settings settings_{};
  ChipState state_{ChipState::STOPPED};
  const char *error_{""};
  ChipCounters counters_;

  Adjustment adjustment_{Adjustment::DONE};
  bool is_calibrated_{false};  ///< The next reading is the first one with another calibration.

  uint64_t due_us_{0};       ///< When the next step of the start is due.
  uint64_t deadline_us_{0};  ///< When to stop waiting for the reset.
  size_t next_setting_{0};
  uint32_t temp_trim_{0};
  uint64_t settled_us_{0};  ///< When the filters have settled.

  ConfigurationChecksum checksum_;
  WindowClock clock_;
  bool is_pending_{false};      ///< A window has ended and was not read yet.
  bool is_window_read_{false};  ///< `window_` is that window.
  Window window_{};
  uint64_t looked_us_{0};  ///< When the flags were read last.
  uint32_t looks_{0};      ///< How often the chip was looked at since the last window.
  Energies energies_;
  WindowEnergy previous_;
  bool has_previous_{false};
  LineSet lost_lines_{};  ///< Without zero crossings.
  Streak crossing_;
  Streak loaded_;
  Frequencies frequencies_;
  Peaks peaks_;
};

}  // namespace esphome::ade9000
