#include "chip.h"

#include "agreement.h"
#include "measuring_settings.h"
#include "powers.h"
#include "registers.h"

#include <algorithm>
#include <cmath>

namespace esphome::ade9000 {

namespace {

constexpr uint64_t MILLISECOND_US = 1'000;
constexpr uint64_t SECOND_US = 1'000'000;

/// The chip is ready about 46 ms after a reset.
constexpr uint64_t RESET_POLL_US = 5 * MILLISECOND_US;
constexpr uint64_t RESET_TIMEOUT_US = 250 * MILLISECOND_US;

/// A chip whose supply comes back is found after half a second, and measures before a second is over. A try is 50 short
/// reads in a quarter of a second.
constexpr uint64_t RETRY_US = 500 * MILLISECOND_US;

/// After RUN the RMS values need 1 s to come within 1 %, and distortion is refreshed every 1.024 s.
constexpr uint64_t SETTLING_US = 2 * SECOND_US;

/// The first window begins so long after RUN (CONFIG1.PWR_SETTLE = 0).
constexpr uint64_t POWER_SETTLING_US = 64 * MILLISECOND_US;

/// The chip is looked at so often, and in every pass from so long before a window is to end: the pass before tells how
/// late the end was seen. A reset is found by the former, and set up again within half a second.
constexpr uint64_t LOOK_US = 250 * MILLISECOND_US;
constexpr uint64_t LOOK_OUT_US = 100 * MILLISECOND_US;

/// Windows come every second; a chip that gives none for so long has stopped, or nobody understands it.
constexpr uint64_t SILENCE_US = 3 * SECOND_US;
constexpr uint32_t FEWEST_LOOKS = 10;  ///< So that a host that was busy for so long still looks.

/// A loop that comes round within this has time to read a window in two passes, long before the next one ends.
constexpr uint64_t QUICK_LOOP_US = 50 * MILLISECOND_US;

/// The mean of the powers before and after says little about a longer time than this. A chip that had to be set up
/// again may have lost its supply together with the load, so that less is believed of it.
constexpr uint64_t LONGEST_ESTIMATE_US = 60 * SECOND_US;
constexpr uint64_t LONGEST_ESTIMATE_OF_RESTART_US = 10 * SECOND_US;

/// Settings that are written in one call of `loop`: 8 × 14 bytes are 0.2 ms at 5 MHz.
constexpr size_t SETTINGS_PER_CALL = 8;

constexpr uint32_t NEEDS_RESET = reg::STATUS1_RSTDONE | reg::STATUS1_ERROR0 | reg::STATUS1_ERROR1 | reg::STATUS1_ERROR3;
constexpr uint32_t ZERO_CROSSINGS = ALL_LINES.bits() << reg::STATUS1_ZXVA_BIT | ALL_LINES.bits()
                                                                                    << reg::STATUS1_ZXTOVA_BIT;
constexpr uint32_t START_TEMPERATURE = reg::TEMP_CFG_TEMP_EN | reg::TEMP_CFG_TEMP_START;

const char *describe(BusFault fault) {
  switch (fault) {
    case BusFault::STUCK_HIGH:
      return "No chip answers: check its supply and the wires of CS and MISO";
    case BusFault::STUCK_LOW:
      return "MISO is always low: check its wire and the chip's supply";
    case BusFault::CRC:
      return "Bits are lost on the SPI bus: shorten the wires or lower data_rate";
    case BusFault::READ_BACK:
      return "The chip does not keep its settings: check MOSI and the supply";
    default:
      return "The chip stopped measuring";
  }
}

}  // namespace

void Chip::configure(const ChipConfig &config) {
  this->config_ = config;
  this->scales_ = scales_of(config);
  this->state_ = ChipState::STOPPED;
}

void Chip::adjust(const ChipConfig &config) {
  this->config_ = config;
  this->is_calibrated_ = true;
  if (this->state_ == ChipState::SETTLING || this->state_ == ChipState::RUNNING) {
    this->adjustment_ = Adjustment::WAITING;
  } else {
    this->adopt_settings_();
  }
}

void Chip::list_settings_(Settings &settings) {
  add_measuring(this->config_, settings);
  for (ChipExtension *extension : this->extensions_in_use_())
    extension->add_settings(this->config_, settings);
  add_start(settings);
}

/// Take over all settings for a chip that does not measure and gets them from the first one on.
void Chip::adopt_settings_() {
  this->settings_ = {};
  this->list_settings_(this->settings_);
  this->next_setting_ = 0;
  this->has_previous_ = this->has_previous_ && !this->is_calibrated_;
  this->adjustment_ = Adjustment::DONE;
}

std::span<ChipExtension *const> Chip::extensions_in_use_() const {
  return {this->extensions_.data(), this->extension_count_};
}

void Chip::start(uint64_t now_us) {
  this->error_ = "";
  this->adopt_settings_();
  this->reset_(now_us);
}

bool Chip::loop(uint64_t now_us, Reading &reading) {
  switch (this->state_) {
    case ChipState::STOPPED:
      break;
    case ChipState::RESETTING:
      this->wait_for_reset_(now_us);
      break;
    case ChipState::CONFIGURING:
      this->write_settings_(now_us);
      break;
    case ChipState::SETTLING:
    case ChipState::RUNNING:
      return this->measure_(now_us, reading);
    case ChipState::WAITING:
      if (now_us >= this->due_us_)
        this->reset_(now_us);
      break;
  }
  return false;
}

void Chip::reset_(uint64_t now_us) {
  this->bus_.write(reg::CONFIG1, reg::CONFIG1_SWRST);
  this->due_us_ = now_us + RESET_POLL_US;
  this->deadline_us_ = now_us + RESET_TIMEOUT_US;
  this->is_pending_ = false;
  this->is_window_read_ = false;
  this->frequencies_.forget();
  this->peaks_.forget();
  this->state_ = ChipState::RESETTING;
  if (this->is_adjusting())
    this->adopt_settings_();
  for (ChipExtension *extension : this->extensions_in_use_())
    extension->stop(now_us);
}

void Chip::wait_for_reset_(uint64_t now_us) {
  if (now_us < this->due_us_)
    return;
  this->due_us_ = now_us + RESET_POLL_US;
  const auto status1 = this->bus_.read(reg::STATUS1);
  if (status1 && (*status1 & reg::STATUS1_RSTDONE) != 0) {
    if (const char *error = this->identify_(); error != nullptr)
      return this->fail_(now_us, error);
    this->next_setting_ = 0;
    this->state_ = ChipState::CONFIGURING;
  } else if (now_us >= this->deadline_us_) {
    this->fail_(now_us, status1 ? "The chip does not come out of reset" : describe(this->bus_.fault()));
  }
}

/// Check that the chip is a freshly reset ADE9000, and leave it with clear flags and a temperature on the way. Return
/// what is wrong with it, if anything.
const char *Chip::identify_() {
  const auto part = this->bus_.read(reg::PART_ID);
  const auto version = part ? this->bus_.read(reg::VERSION) : std::nullopt;
  const auto run = version ? this->bus_.read(reg::RUN) : std::nullopt;
  const auto temp_trim = run ? this->bus_.read(reg::TEMP_TRIM) : std::nullopt;
  if (!temp_trim)
    return describe(this->bus_.fault());
  if ((*part & reg::PART_ID_ADE9000) == 0 || (*version & reg::VERSION_MASK) != reg::VERSION_ADE9000)
    return "The chip is not an ADE9000";
  if (*run != 0)
    return "The chip ignores its reset: check MOSI and CS";
  this->temp_trim_ = *temp_trim;
  this->bus_.write(reg::STATUS0, UINT32_MAX);
  this->bus_.write(reg::STATUS1, UINT32_MAX);
  this->bus_.write(reg::TEMP_CFG, START_TEMPERATURE);
  return nullptr;
}

void Chip::write_settings_(uint64_t now_us) {
  const size_t last = std::min(this->next_setting_ + SETTINGS_PER_CALL, this->settings_.size());
  for (; this->next_setting_ < last; this->next_setting_++) {
    const Setting &setting = this->settings_[this->next_setting_];
    if (!this->bus_.write(setting.address(), setting.value()))
      return this->fail_(now_us, describe(this->bus_.fault()));
  }
  if (this->next_setting_ == this->settings_.size()) {
    this->clock_.restart(now_us + POWER_SETTLING_US);
    this->lost_lines_ = ALL_LINES;
    this->settled_us_ = now_us + SETTLING_US;
    this->looked_us_ = now_us;
    this->checksum_.begin();
    this->state_ = ChipState::SETTLING;
    for (ChipExtension *extension : this->extensions_in_use_())
      extension->start(now_us);
  }
}

/// Write what differs, as much as one call of `loop` may. What the bus does not take is tried again.
void Chip::write_adjustment_() {
  Settings wanted{};
  this->list_settings_(wanted);
  // An offset that there is no more is not listed.
  for (const Setting &setting : this->settings_) {
    if (!wanted.has(setting.address()))
      wanted.set(setting.address(), 0);
  }
  size_t written = 0;
  for (const Setting &setting : wanted) {
    if (this->settings_.holds(setting))
      continue;
    if (written == SETTINGS_PER_CALL || !this->bus_.write(setting.address(), setting.value()))
      return;
    this->settings_.set(setting.address(), setting.value());
    written++;
  }
  // A window that has ended meanwhile is not the only one with two calibrations: the next one is left out as well.
  const auto status0 = this->bus_.read(reg::STATUS0);
  if (status0 && (*status0 & reg::STATUS0_EGYRDY) == 0)
    this->adjustment_ = Adjustment::WRITTEN;
}

/// Leave out a window that was measured with two calibrations. What was counted before says nothing about it either.
void Chip::drop_window_() {
  this->is_pending_ = false;
  this->is_window_read_ = false;
  this->has_previous_ = false;
  if (this->adjustment_ == Adjustment::WRITTEN)
    this->adjustment_ = Adjustment::DONE;
}

bool Chip::measure_(uint64_t now_us, Reading &reading) {
  if (!this->is_look_due_(now_us))
    return false;
  this->looks_++;
  const bool is_loop_quick = now_us - this->looked_us_ <= QUICK_LOOP_US;
  const auto status0 = this->bus_.read(reg::STATUS0);
  const auto status1 = this->bus_.read(reg::STATUS1);
  if (status0 && status1) {
    if (this->has_lost_itself_(now_us, *status1))
      return false;
    this->show_extensions_(now_us, *status0, *status1);
    if (this->look_for_window_(now_us, *status0)) {
      if (this->take_window_(now_us, is_loop_quick, reading))
        return true;
    } else if (this->adjustment_ == Adjustment::WRITING) {
      this->write_adjustment_();
      this->checksum_.begin();
    }
  }
  const bool is_late = now_us > this->clock_.begin_us() + SILENCE_US && this->looks_ >= FEWEST_LOOKS;
  if (is_late && !this->is_window_read_ && this->state_ != ChipState::RESETTING) {
    // A window that ended but could not be read was disturbed, even if the last access was not.
    const bool is_disturbed = this->is_pending_ && this->bus_.fault() == BusFault::NONE;
    this->restart_(now_us, describe(is_disturbed ? BusFault::CRC : this->bus_.fault()));
  }
  return false;
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
bool Chip::take_window_(uint64_t now_us, bool is_loop_quick, Reading &reading) {
  if (this->adjustment_ == Adjustment::WRITING || this->adjustment_ == Adjustment::WRITTEN) {
    this->drop_window_();
    return false;
  }
  if (!this->is_window_read_) {
    this->is_window_read_ = read_window(this->bus_, this->window_);
    if (!this->is_window_read_)
      this->counters_.rejected_windows++;
    if (!this->is_window_read_ || is_loop_quick)
      return false;
  }
  this->is_window_read_ = false;
  const auto status1 = this->settings_hold_(now_us) ? read_agreed(this->bus_, reg::STATUS1) : std::nullopt;
  const auto status0 = status1 ? read_agreed(this->bus_, reg::STATUS0) : std::nullopt;
  if (!status0 || (*status0 & reg::STATUS0_EGYRDY) != 0) {
    this->counters_.rejected_windows++;
    return false;
  }
  this->is_pending_ = false;
  this->looks_ = 0;
  this->bus_.write(reg::STATUS1, *status1 & ZERO_CROSSINGS);
  this->bus_.write(reg::STATUS0, *status0 & reg::STATUS0_TEMP_RDY);
  this->bus_.write(reg::TEMP_CFG, START_TEMPERATURE);
  this->checksum_.renew();
  this->report_(this->window_, *status0, *status1, reading);
  if (this->adjustment_ == Adjustment::WAITING)
    this->adjustment_ = Adjustment::WRITING;
  return true;
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

void Chip::report_(const Window &window, uint32_t status0, uint32_t status1, Reading &reading) {
  const WindowClock::Span span = this->clock_.take();
  const Summation summation = summation_of(this->config_);
  const WindowEnergy energy = energy_of(window, this->config_, this->scales_);
  reading.values.fill(NAN);
  reading.flags = this->is_calibrated_ && !this->is_adjusting() ? FLAG_CALIBRATED : 0;
  reading.uptime_us = span.end_us;
  reading.span_ms = WINDOW_US / MILLISECOND_US;
  const WindowEnergy covered = this->count_(energy, span, summation, reading);
  this->is_calibrated_ = this->is_calibrated_ && this->is_adjusting();

  if (span.missing_us > 0) {
    // A load may have been away in the meantime; a zero crossing that was away has left its flag.
    this->loaded_.interrupt();
    this->frequencies_.forget();
  }
  const WindowState state = this->state_of_(window, energy, status0, status1);
  if (span.end_us >= this->settled_us_)
    this->state_ = ChipState::RUNNING;
  if (this->state_ == ChipState::RUNNING) {
    report_powers(covered, reading.span_ms / 1000.0, summation, reading);
    report_snapshot(window, state, this->config_, this->scales_, reading);
    this->peaks_.report(this->scales_, reading);
  }
  this->peaks_.forget();
  for (ChipExtension *extension : this->extensions_in_use_())
    extension->take_window(window, state, reading);
  this->counters_.readings++;
  this->error_ = "";
}

WindowState Chip::state_of_(const Window &window, const WindowEnergy &energy, uint32_t status0, uint32_t status1) {
  const LineSet crossing = this->crossing_.extend(this->crossing_lines_(status1));
  const LineSet loaded = loaded_lines(window, energy);
  const LineSet loaded_before = this->loaded_.last();
  const LineSet lines = crossing & measured_lines(this->config_);
  return {.crossing_lines = crossing,
          .loaded_lines = loaded & loaded_before,
          .distorted_lines = this->loaded_.extend(loaded),
          .has_temperature = (status0 & reg::STATUS0_TEMP_RDY) != 0,
          .temp_trim = this->temp_trim_,
          .frequency_hz = this->frequencies_.measure(window.period, lines, this->config_.line_frequency_hz)};
}

/// Count the energy of a window and of the time that is missing before it. Return the energy that the reading covers.
WindowEnergy Chip::count_(const WindowEnergy &energy, const WindowClock::Span &span, const Summation &summation,
                          Reading &reading) {
  WindowEnergy covered = energy;
  const auto missing_windows = static_cast<uint32_t>((span.missing_us + WINDOW_US - 1) / WINDOW_US);
  if (span.missing_us > (span.is_after_restart ? LONGEST_ESTIMATE_OF_RESTART_US : LONGEST_ESTIMATE_US)) {
    this->counters_.unmeasured_windows += missing_windows;
  } else if (span.missing_us > 0) {
    const auto missing_ms = static_cast<uint32_t>(span.missing_us / MILLISECOND_US);
    const WindowEnergy &before = this->has_previous_ ? this->previous_ : energy;
    const WindowEnergy estimate = energy.mean_with(before, static_cast<double>(missing_ms) / reading.span_ms);
    this->energies_.add(estimate, summation);
    covered += estimate;
    reading.span_ms += missing_ms;
    reading.flags |= FLAG_ESTIMATED;
    this->counters_.estimated_windows += missing_windows;
  }
  this->energies_.add(energy, summation);
  this->energies_.report(summation, reading);
  this->previous_ = energy;
  this->has_previous_ = true;
  return covered;
}

/// Return the lines whose voltage crosses zero. A crossing that fails to come for 100 ms shows once, or again and
/// again; the line is lost from then until it crosses zero in a window without a time-out.
LineSet Chip::crossing_lines_(uint32_t status1) {
  const LineSet crossed(status1 >> reg::STATUS1_ZXVA_BIT);
  const LineSet timed_out(status1 >> reg::STATUS1_ZXTOVA_BIT);
  this->lost_lines_ = (this->lost_lines_ & ~crossed) | timed_out;
  return ~this->lost_lines_;
}

void Chip::fail_(uint64_t now_us, const char *error) {
  this->error_ = error;
  this->due_us_ = now_us + RETRY_US;
  this->state_ = ChipState::WAITING;
}

void Chip::restart_(uint64_t now_us, const char *error) {
  this->error_ = error;
  this->counters_.restarts++;
  this->reset_(now_us);
}

}  // namespace esphome::ade9000
