#pragma once

#include "chip_config.h"
#include "chip_counters.h"
#include "chip_extension.h"
#include "configuration_checksum.h"
#include "energy_account.h"
#include "peaks.h"
#include "reading.h"
#include "register_bus.h"
#include "settings.h"
#include "window.h"
#include "window_clock.h"
#include "window_history.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
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

  /// Let a part of the driver share the chip, before `start`. Return false when there is no place for it; the chip then
  /// does not start, and `error` says so.
  bool extend(ChipExtension &extension);

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
  Energies &energies() { return this->account_.energies(); }

  void start(uint64_t now_us);

  /// Do what is due. Return a new reading, which stays as it is until the next one, or nullptr: a reading takes up to
  /// 1 KB, so that it is kept here once and not copied from call to call.
  const Reading *loop(uint64_t now_us);

  ChipState state() const { return this->state_; }

  /// Tell the user what is wrong; empty when nothing is. A mistake in the program keeps the chip from starting at all.
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

  // chip.cpp: from the reset to the last setting.
  const char *find_mistake_() const;
  void list_settings_(Settings &settings);
  void adopt_settings_();
  void reset_(uint64_t now_us);
  void wait_for_reset_(uint64_t now_us);
  const char *identify_();
  void write_settings_(uint64_t now_us);
  void begin_measuring_(uint64_t now_us);
  void write_adjustment_();
  std::span<ChipExtension *const> extensions_in_use_() const;
  void fail_(uint64_t now_us, const char *error);
  void restart_(uint64_t now_us, const char *error);

  // chip_measuring.cpp: from the flags to the reading.
  const Reading *measure_(uint64_t now_us);
  const Reading *look_(uint64_t now_us, bool is_loop_quick, uint32_t status0, uint32_t status1);
  bool is_look_due_(uint64_t now_us) const;
  void restart_if_silent_(uint64_t now_us);
  bool has_lost_itself_(uint64_t now_us, uint32_t status1);
  void show_extensions_(uint64_t now_us, uint32_t status0, uint32_t status1);
  bool look_for_window_(uint64_t now_us, uint32_t status0);
  const Reading *take_window_(uint64_t now_us, bool is_loop_quick);
  void drop_window_();
  std::optional<WindowFlags> prove_window_(uint64_t now_us);
  bool settings_hold_(uint64_t now_us);
  const Reading &report_(const WindowFlags &flags);
  void assemble_(uint64_t end_us, const CoveredEnergy &covered, const Summation &summation, const WindowState &state);
  uint8_t reading_flags_(bool is_estimated) const;

  static constexpr size_t MOST_EXTENSIONS = 6;

  RegisterBus &bus_;
  std::array<ChipExtension *, MOST_EXTENSIONS> extensions_{};
  uint8_t extension_count_{0};
  bool is_overfull_{false};  ///< More parts wanted to share the chip than it has places for.
  ChipConfig config_;
  Scales scales_{};
  Settings settings_{};
  ChipState state_{ChipState::STOPPED};
  Adjustment adjustment_{Adjustment::DONE};
  bool is_calibrated_{false};  ///< The next reading is the first one with another calibration.
  uint8_t next_setting_{0};
  const char *error_{""};
  ChipCounters counters_;

  uint32_t temp_trim_{0};
  uint64_t due_us_{0};       ///< When the next step of the start is due.
  uint64_t deadline_us_{0};  ///< When to stop waiting for the reset.
  uint64_t settled_us_{0};   ///< When the filters have settled.

  ConfigurationChecksum checksum_;
  WindowClock clock_;
  Window window_{};
  bool is_pending_{false};      ///< A window has ended and was not read yet.
  bool is_window_read_{false};  ///< `window_` is that window.
  uint32_t looks_{0};           ///< How often the chip was looked at since the last window.
  uint64_t looked_us_{0};       ///< When the flags were read last.
  EnergyAccount account_{this->counters_};
  WindowHistory history_;
  Peaks peaks_;
  Reading reading_{};
};

}  // namespace esphome::ade9000
