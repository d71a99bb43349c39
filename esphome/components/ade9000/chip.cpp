#include "chip.h"

#include "chip_figures.h"
#include "measuring_settings.h"
#include "registers.h"

#include <algorithm>

namespace esphome::ade9000 {

namespace {

/// The chip is ready about 46 ms after a reset.
constexpr uint64_t RESET_POLL_US = 5 * MILLISECOND_US;
constexpr uint64_t RESET_TIMEOUT_US = 250 * MILLISECOND_US;

/// A chip whose supply comes back is found after half a second, and measures before a second is over. A try is 50 short
/// reads in a quarter of a second.
constexpr uint64_t RETRY_US = 500 * MILLISECOND_US;

/// The first window begins so long after RUN (CONFIG1.PWR_SETTLE = 0).
constexpr uint64_t POWER_SETTLING_US = 64 * MILLISECOND_US;

/// Settings that are written in one call of `loop`: 8 × 14 bytes are 0.2 ms at 5 MHz.
constexpr size_t SETTINGS_PER_CALL = 8;

}  // namespace

bool Chip::extend(ChipExtension &extension) {
  this->is_overfull_ |= this->extension_count_ == this->extensions_.size();
  if (this->is_overfull_)
    return false;
  this->extensions_[this->extension_count_++] = &extension;
  return true;
}

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
  if (this->is_calibrated_)
    this->account_.forget_window();
  this->adjustment_ = Adjustment::DONE;
}

std::span<ChipExtension *const> Chip::extensions_in_use_() const {
  return {this->extensions_.data(), this->extension_count_};
}

void Chip::start(uint64_t now_us) {
  this->adopt_settings_();
  if (const char *mistake = this->find_mistake_(); mistake != nullptr) {
    this->error_ = mistake;
    this->state_ = ChipState::STOPPED;
    return;
  }
  this->error_ = "";
  this->reset_(now_us);
}

const char *Chip::find_mistake_() const {
  return this->is_overfull_ ? "More parts of the driver share the chip than it can serve: leave one out"
                            : this->settings_.error();
}

const Reading *Chip::loop(uint64_t now_us) {
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
      return this->measure_(now_us);
    case ChipState::WAITING:
      if (now_us >= this->due_us_)
        this->reset_(now_us);
      break;
  }
  return nullptr;
}

void Chip::reset_(uint64_t now_us) {
  this->bus_.write(reg::CONFIG1, reg::CONFIG1_SWRST);
  this->due_us_ = now_us + RESET_POLL_US;
  this->deadline_us_ = now_us + RESET_TIMEOUT_US;
  this->is_pending_ = false;
  this->is_window_read_ = false;
  this->history_.reset();
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
  this->bus_.write(reg::TEMP_CFG, reg::TEMP_CFG_START);
  return nullptr;
}

void Chip::write_settings_(uint64_t now_us) {
  const auto last = static_cast<uint8_t>(std::min(this->next_setting_ + SETTINGS_PER_CALL, this->settings_.size()));
  for (; this->next_setting_ < last; this->next_setting_++) {
    const Setting &setting = this->settings_[this->next_setting_];
    if (!this->bus_.write(setting.address(), setting.value()))
      return this->fail_(now_us, describe(this->bus_.fault()));
  }
  if (this->next_setting_ == this->settings_.size())
    this->begin_measuring_(now_us);
}

void Chip::begin_measuring_(uint64_t now_us) {
  this->clock_.restart(now_us + POWER_SETTLING_US);
  this->history_.start();
  this->settled_us_ = now_us + SETTLING_US;
  this->looked_us_ = now_us;
  this->checksum_.begin();
  this->state_ = ChipState::SETTLING;
  for (ChipExtension *extension : this->extensions_in_use_())
    extension->start(now_us);
}

/// Write what differs, as much as one call of `loop` may. What the bus does not take is tried again.
void Chip::write_adjustment_() {
  Settings wanted{};
  this->list_settings_(wanted);
  // An offset that there is no more is not listed.
  for (const Setting &setting : this->settings_) {
    if (!wanted.has(setting.address()))
      wanted.replace(setting.address(), 0);
  }
  size_t written = 0;
  for (const Setting &setting : wanted) {
    if (this->settings_.holds(setting))
      continue;
    if (written == SETTINGS_PER_CALL || !this->bus_.write(setting.address(), setting.value()))
      return;
    this->settings_.replace(setting.address(), setting.value());
    written++;
  }
  // A window that has ended meanwhile is not the only one with two calibrations: the next one is left out as well.
  const auto status0 = this->bus_.read(reg::STATUS0);
  if (status0 && (*status0 & reg::STATUS0_EGYRDY) == 0)
    this->adjustment_ = Adjustment::WRITTEN;
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
