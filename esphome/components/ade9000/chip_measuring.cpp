#include "chip.h"

#include "agreement.h"
#include "chip_figures.h"
#include "powers.h"
#include "registers.h"
#include "snapshot.h"

#include <algorithm>
#include <cmath>

namespace esphome::ade9000 {

namespace {

/// The chip is looked at so often, and in every pass from so long before a window is to end: the pass before tells how
/// late the end was seen. A reset is found by the former, and set up again within half a second.
constexpr uint64_t LOOK_US = 250 * MILLISECOND_US;
constexpr uint64_t LOOK_OUT_US = 100 * MILLISECOND_US;

/// Windows come every second; a chip that gives none for so long has stopped, or nobody understands it.
constexpr uint64_t SILENCE_US = 3 * SECOND_US;
constexpr uint32_t FEWEST_LOOKS = 10;  ///< So that a host that was busy for so long still looks.

/// A loop that comes round within this has time to read a window in two passes, long before the next one ends.
constexpr uint64_t QUICK_LOOP_US = 50 * MILLISECOND_US;

constexpr uint32_t NEEDS_RESET = reg::STATUS1_RSTDONE | reg::STATUS1_ERROR0 | reg::STATUS1_ERROR1 | reg::STATUS1_ERROR3;
constexpr uint32_t ZERO_CROSSINGS = ALL_LINES.bits() << reg::STATUS1_ZXVA_BIT | ALL_LINES.bits()
                                                                                    << reg::STATUS1_ZXTOVA_BIT;

}  // namespace

const Reading *Chip::measure_(uint64_t now_us) {
  if (!this->is_look_due_(now_us))
    return nullptr;
  this->looks_++;
  const bool is_loop_quick = now_us - this->looked_us_ <= QUICK_LOOP_US;
  const auto status0 = this->bus_.read(reg::STATUS0);
  const auto status1 = this->bus_.read(reg::STATUS1);
  if (status0 && status1) {
    if (this->has_lost_itself_(now_us, *status1))
      return nullptr;
    if (const Reading *reading = this->look_(now_us, is_loop_quick, *status0, *status1); reading != nullptr)
      return reading;
  }
  this->restart_if_silent_(now_us);
  return nullptr;
}

const Reading *Chip::look_(uint64_t now_us, bool is_loop_quick, uint32_t status0, uint32_t status1) {
  this->show_extensions_(now_us, status0, status1);
  if (this->look_for_window_(now_us, status0))
    return this->take_window_(now_us, is_loop_quick);
  if (this->adjustment_ == Adjustment::WRITING) {
    this->write_adjustment_();
    this->checksum_.begin();
  }
  return nullptr;
}

void Chip::restart_if_silent_(uint64_t now_us) {
  const bool is_late = now_us > this->clock_.begin_us() + SILENCE_US && this->looks_ >= FEWEST_LOOKS;
  if (!is_late || this->is_window_read_ || this->state_ == ChipState::RESETTING)
    return;
  // A window that ended but could not be read was disturbed, even if the last access was not.
  const bool is_disturbed = this->is_pending_ && this->bus_.fault() == BusFault::NONE;
  this->restart_(now_us, describe(is_disturbed ? BusFault::CRC : this->bus_.fault()));
}

/// Tell whether anybody has to know of the chip now.
bool Chip::is_look_due_(uint64_t now_us) const {
  const bool is_window_due = now_us + LOOK_OUT_US >= this->clock_.begin_us() + WINDOW_US;
  if (is_window_due || this->is_pending_ || this->is_adjusting() || now_us >= this->looked_us_ + LOOK_US)
    return true;
  const auto extensions = this->extensions_in_use_();
  return std::any_of(extensions.begin(), extensions.end(),
                     [now_us](const ChipExtension *extension) { return extension->wants_look(now_us); });
}

/// Restart a chip that was reset, has an error or another configuration. A flag counts when it was read twice.
bool Chip::has_lost_itself_(uint64_t now_us, uint32_t status1) {
  if ((status1 & NEEDS_RESET) != 0 && (this->bus_.read(reg::STATUS1).value_or(0) & NEEDS_RESET) != 0) {
    this->restart_(now_us, "The chip was reset or reports an error: check its supply");
    return true;
  }
  if (this->checksum_.has_changed(status1)) {
    this->restart_(now_us, "The chip's configuration changed by itself: check its supply");
    return true;
  }
  return false;
}

void Chip::show_extensions_(uint64_t now_us, uint32_t status0, uint32_t status1) {
  const Look look{.now_us = now_us, .before_us = this->looked_us_, .status0 = status0, .status1 = status1};
  this->looked_us_ = now_us;
  for (ChipExtension *extension : this->extensions_in_use_())
    extension->look(this->bus_, look);
}

/// Tell whether a window is there to be read. Its flag counts when it was read twice, and is cleared first: if it is
/// set again after the reading, either the next window has ended or the clearing was lost, and in both cases the window
/// is not counted.
bool Chip::look_for_window_(uint64_t now_us, uint32_t status0) {
  if ((status0 & reg::STATUS0_EGYRDY) == 0) {
    this->clock_.idle(now_us);
  } else if ((this->bus_.read(reg::STATUS0).value_or(0) & reg::STATUS0_EGYRDY) != 0) {
    this->clock_.ended(now_us);
    this->is_pending_ = true;
    this->is_window_read_ = false;
    this->peaks_.read(this->bus_);
    this->bus_.write(reg::STATUS0, reg::STATUS0_EGYRDY);
  }
  return this->is_pending_;
}

/// Read a window, and report it once its settings are proven. A loop that comes round often gets the two in two passes,
/// because together they would take an ESP8266 about 10 ms.
const Reading *Chip::take_window_(uint64_t now_us, bool is_loop_quick) {
  if (this->adjustment_ == Adjustment::WRITING || this->adjustment_ == Adjustment::WRITTEN) {
    this->drop_window_();
    return nullptr;
  }
  if (!this->is_window_read_) {
    this->is_window_read_ = read_window(this->bus_, this->window_);
    if (!this->is_window_read_)
      this->counters_.rejected_windows++;
    if (!this->is_window_read_ || is_loop_quick)
      return nullptr;
  }
  this->is_window_read_ = false;
  const auto flags = this->prove_window_(now_us);
  if (!flags) {
    this->counters_.rejected_windows++;
    return nullptr;
  }
  this->is_pending_ = false;
  this->looks_ = 0;
  this->bus_.write(reg::STATUS1, flags->status1 & ZERO_CROSSINGS);
  this->bus_.write(reg::STATUS0, flags->status0 & reg::STATUS0_TEMP_RDY);
  this->bus_.write(reg::TEMP_CFG, reg::TEMP_CFG_START);
  this->checksum_.renew();
  const Reading &reading = this->report_(*flags);
  if (this->adjustment_ == Adjustment::WAITING)
    this->adjustment_ = Adjustment::WRITING;
  return &reading;
}

/// Leave out a window that was measured with two calibrations. What was counted before says nothing about it either.
void Chip::drop_window_() {
  this->is_pending_ = false;
  this->is_window_read_ = false;
  this->account_.forget_window();
  if (this->adjustment_ == Adjustment::WRITTEN)
    this->adjustment_ = Adjustment::DONE;
}

/// Return the flags of the window that was read; nothing where its settings or its end are in doubt.
std::optional<WindowFlags> Chip::prove_window_(uint64_t now_us) {
  const auto status1 = this->settings_hold_(now_us) ? read_agreed(this->bus_, reg::STATUS1) : std::nullopt;
  const auto status0 = status1 ? read_agreed(this->bus_, reg::STATUS0) : std::nullopt;
  if (!status0 || (*status0 & reg::STATUS0_EGYRDY) != 0)
    return std::nullopt;
  return WindowFlags{.status0 = *status0, .status1 = *status1, .temp_trim = this->temp_trim_};
}

/// Check that the window was measured with the settings that were asked for. One that differs is read once more.
bool Chip::settings_hold_(uint64_t now_us) {
  for (const Setting &setting : this->settings_) {
    auto value = this->bus_.read(setting.address());
    if (value && *value != setting.value())
      value = read_agreed(this->bus_, setting.address());
    if (!value)
      return false;
    if (*value != setting.value()) {
      this->restart_(now_us, "The chip lost its settings: check its supply");
      return false;
    }
  }
  return true;
}

/// Make a reading of the window that was read, and show it to the parts that share the chip.
const Reading &Chip::report_(const WindowFlags &flags) {
  const WindowClock::Span span = this->clock_.take();
  const Summation summation = summation_of(this->config_);
  const WindowEnergy energy = energy_of(this->window_, this->config_, this->scales_);
  const CoveredEnergy covered = this->account_.count(energy, span, summation);
  if (span.missing_us > 0)
    this->history_.interrupt();
  const WindowState state = this->history_.extend(this->window_, energy, flags, this->config_);
  if (span.end_us >= this->settled_us_)
    this->state_ = ChipState::RUNNING;
  this->assemble_(span.end_us, covered, summation, state);
  this->is_calibrated_ = this->is_calibrated_ && this->is_adjusting();
  this->peaks_.forget();
  for (ChipExtension *extension : this->extensions_in_use_())
    extension->take_window(this->window_, state, this->reading_);
  this->counters_.readings++;
  this->error_ = "";
  return this->reading_;
}

void Chip::assemble_(uint64_t end_us, const CoveredEnergy &covered, const Summation &summation,
                     const WindowState &state) {
  Reading &reading = this->reading_;
  reading.uptime_us = end_us;
  reading.span_ms = covered.span_ms;
  reading.flags = this->reading_flags_(covered.is_estimated);
  reading.counters = this->account_.energies().counters(summation);
  reading.values.fill(NAN);
  if (this->state_ != ChipState::RUNNING)
    return;
  reading.take(powers(covered.energy, covered.span_ms / 1000.0, summation));
  reading.take(snapshot(this->window_, state, this->config_, this->scales_));
  reading.take(this->peaks_.values(this->scales_));
}

uint8_t Chip::reading_flags_(bool is_estimated) const {
  const bool is_running = this->state_ == ChipState::RUNNING;
  const bool is_calibrated = this->is_calibrated_ && !this->is_adjusting();
  return static_cast<uint8_t>(
      (is_estimated ? FLAG_ESTIMATED : 0) | (is_calibrated ? FLAG_CALIBRATED : 0) |
      (is_running && is_saturated(this->window_, this->config_, this->scales_) ? FLAG_SATURATED : 0));
}

}  // namespace esphome::ade9000
