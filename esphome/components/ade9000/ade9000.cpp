#include "ade9000.h"

#ifdef USE_ADE9000_READINGS
#include "failures.h"
#endif

#include "esphome/components/three_phase_wire/delivery.h"
#include "esphome/components/three_phase_wire/uptime.h"
#include "esphome/core/log.h"

#include <sys/time.h>
#include <cinttypes>
#include <memory>

namespace esphome::ade9000 {

static const char *const TAG = "ade9000";

/// In the order of `SummedCurrent`.
static constexpr std::array<const char *, 3> SUM_NAMES{"not valid", "neutral", "residual"};

void ADE9000::setup() {
  this->spi_setup();
  if (this->reset_pin_ != nullptr) {
    this->reset_pin_->setup();
    this->reset_pin_->digital_write(false);
    delayMicroseconds(10);  // The chip asks for 1 µs.
    this->reset_pin_->digital_write(true);
  }
#ifdef USE_ADE9000_READINGS
  // A hub with `readings: false` beside others has no log.
  if (this->log_size_ > 0 && !this->allocate_log_()) {
    this->mark_failed(log_too_large());
    return;
  }
#endif
#ifdef USE_ADE9000_ENERGY_STORE
  this->energy_store_.restore(this->name_, this->chip_.energies());
#endif
  this->chip_.start(three_phase_wire::uptime_us());
}

void ADE9000::loop() {
  if (const Reading *reading = this->chip_.loop(three_phase_wire::uptime_us()); reading != nullptr)
    this->take_reading_(*reading);
  this->report_state_();
#ifdef USE_ADE9000_SENSORS
  this->publish_some_();
#endif
}

void ADE9000::transfer(uint8_t *data, size_t length) {
  this->enable();
  this->transfer_array(data, length);
  this->disable();
}

void ADE9000::take_reading_([[maybe_unused]] const Reading &reading) {
#ifdef USE_ADE9000_READINGS
  if (this->log_size_ > 0)
    this->log_.append(reading, this->unix_ms_at(reading.uptime_ms()));
#endif
#ifdef USE_ADE9000_SENSORS
  this->reading_ = &reading;
  this->average_reading_(reading);
#endif
}

/// Tell the user once what is wrong, and once when it is over; between two attempts of the driver nothing is over.
void ADE9000::report_state_() {
  const bool is_running = this->chip_.state() == ChipState::RUNNING;
  const char *error = this->chip_.error();
  if (*error == '\0' && !is_running)
    return;
  // The driver's texts are literals, so that a new pointer is a new text.
  if (error == this->reported_error_)
    return;
  this->reported_error_ = error;
  if (*error == '\0') {
    ESP_LOGI(TAG, "%s: measuring", this->name_);
    this->status_clear_error();
  } else {
    ESP_LOGE(TAG, "%s: %s", this->name_, error);
    this->status_set_error(reinterpret_cast<const LogString *>(error));
#ifdef USE_ADE9000_SENSORS
    this->invalidate_values_();
#endif
  }
#ifdef USE_ADE9000_STATUS
  if (this->status_ != nullptr)
    this->status_->publish_state(*error == '\0' ? "OK" : error);
#endif
}

#ifdef USE_ADE9000_READINGS
bool ADE9000::allocate_log_() {
  Record *records = RAMAllocator<Record>().allocate(this->log_size_);
  if (records == nullptr)
    return false;
  std::uninitialized_value_construct_n(records, this->log_size_);
  this->log_.begin({records, this->log_size_}, three_phase_wire::DELIVERY_WINDOW);
  return true;
}

int64_t ADE9000::unix_ms_at(uint64_t uptime_ms) const {
#ifdef USE_TIME
  constexpr time_t FIRST_VALID = 1546300800;  // 2019-01-01, before which ESPHome takes a clock for not set
  timeval now{};
  if (this->time_ == nullptr || gettimeofday(&now, nullptr) != 0 || now.tv_sec < FIRST_VALID)
    return Record::UNDATED;
  const int64_t now_ms = static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_usec / 1000;
  return now_ms - static_cast<int64_t>(three_phase_wire::uptime_us() / 1000 - uptime_ms);
#else
  return Record::UNDATED;
#endif
}
#endif  // USE_ADE9000_READINGS

#ifdef USE_ADE9000_SENSORS
// Each runs its filters and listeners; all 141 in one pass would hold up the loop.
static constexpr size_t SENSORS_PER_PASS = 4;

void ADE9000::add_sensor(sensor::Sensor *sensor, Quantity quantity, Phase phase, float scale) {
  const auto slot = slot_of(quantity, phase);
  if (!slot)
    return;
  const auto source = row_of(quantity).is_counter ? Output::Source::COUNTER : Output::Source::VALUE;
  this->sensors_.push_back({sensor, scale, source, static_cast<uint8_t>(*slot)});
}

void ADE9000::add_diagnostic(sensor::Sensor *sensor, Diagnostic diagnostic) {
  this->sensors_.push_back({sensor, 1.0f, Output::Source::DIAGNOSTIC, static_cast<uint8_t>(diagnostic)});
}

/// Carry the reading into the average, and start to publish that once it covers the update interval.
void ADE9000::average_reading_(const Reading &reading) {
  if (this->is_averaging_) {
    this->average_.absorb(reading, this->averages_);
  } else {
    this->average_.begin(reading);
    this->averages_ = reading.values;
  }
  // Half a second less, because a span is never exactly its nominal length.
  this->is_averaging_ = this->average_.span_ms() + 500 < this->update_interval_ms_;
  if (!this->is_averaging_)
    this->next_sensor_ = 0;
}

/// Publish values as unknown while nothing is measured; counters stay what they are.
void ADE9000::invalidate_values_() {
  this->averages_.fill(NAN);
  this->is_averaging_ = false;
  this->next_sensor_ = 0;
}

void ADE9000::publish_some_() {
  for (size_t count = 0; count < SENSORS_PER_PASS && this->next_sensor_ < this->sensors_.size(); count++) {
    const Output &output = this->sensors_[this->next_sensor_++];
    output.sensor->publish_state(this->value_of_(output));
  }
}

float ADE9000::value_of_(const Output &output) const {
  switch (output.source) {
    case Output::Source::VALUE:
      return this->averages_[output.index] * output.scale;
    case Output::Source::COUNTER: {
      const int64_t counter = this->reading_ != nullptr ? this->reading_->counters[output.index] : Reading::NOT_COUNTED;
      return counter == Reading::NOT_COUNTED ? NAN : static_cast<float>(static_cast<double>(counter) * output.scale);
    }
    case Output::Source::DIAGNOSTIC:
      return static_cast<float>(this->count_of_(static_cast<Diagnostic>(output.index)));
  }
  return NAN;
}

uint32_t ADE9000::count_of_(Diagnostic diagnostic) const {
  switch (diagnostic) {
    case Diagnostic::CRC_ERRORS:
      return this->bus_.counters().crc_errors;
    case Diagnostic::REJECTED_WINDOWS:
      return this->chip_.counters().rejected_windows;
    case Diagnostic::ESTIMATED_WINDOWS:
      return this->chip_.counters().estimated_windows;
    case Diagnostic::UNMEASURED_WINDOWS:
      return this->chip_.counters().unmeasured_windows;
    case Diagnostic::RESTARTS:
      return this->chip_.counters().restarts;
    case Diagnostic::WAITING_RECORDS:
#ifdef USE_ADE9000_READINGS
      return static_cast<uint32_t>(this->log_.size());
#else
      return 0;
#endif
  }
  return 0;
}
#endif  // USE_ADE9000_SENSORS

void ADE9000::dump_config() {
  const ChipConfig &config = this->chip_.config();
  const Scales scales = scales_of(config);
  ESP_LOGCONFIG(TAG,
                "ADE9000 %s:\n"
                "  Line: %u Hz, %.0f V, %s\n"
                "  Full scale: %.1f V, %.2f A\n"
                "  Voltage divider: %g : 1, gain %u\n"
                "  No-load threshold: %g VA",
                this->name_, config.line_frequency_hz, config.nominal_voltage, traits_of(config.wiring).name,
                scales.volt * FULL_SCALE_RMS_CODE, scales.ampere * FULL_SCALE_RMS_CODE, config.voltage_divider,
                config.voltage_pga_gain, config.no_load_va);
  const CurrentSensor &current = config.current;
  if (current.type == CurrentSensorType::ROGOWSKI) {
    ESP_LOGCONFIG(TAG, "  Rogowski coils: %g mV/A at 50 Hz, phase shift %g deg, gain %u",
                  1000 * current.coil_volts_per_ampere, current.phase_shift_deg, current.pga_gain);
  } else {
    ESP_LOGCONFIG(TAG, "  Current transformers: %g : 1, burden %g ohm, phase shift %g deg, gain %u", current.ratio,
                  current.burden_ohm, current.phase_shift_deg, current.pga_gain);
  }
  if (config.neutral_fitted)
    ESP_LOGCONFIG(TAG, "  Neutral: full scale %.2f A%s",
                  scales.neutral_ampere * scales.neutral_gain * FULL_SCALE_RMS_CODE,
                  config.invert_neutral ? ", current inverted" : "");
  ESP_LOGCONFIG(TAG, "  Sum of currents: %s", SUM_NAMES[static_cast<size_t>(summed_current(config))]);
  for (size_t line = 0; line < LINE_COUNT; line++) {
    const PhaseConfig &phase = config.phases[line];
    ESP_LOGCONFIG(TAG, "  L%zu: %s, voltage x %.6g, current x %.6g%s", line + 1, phase.fitted ? "fitted" : "not fitted",
                  phase.calibration.voltage, phase.calibration.current,
                  phase.invert_current ? ", current inverted" : "");
  }
#ifdef USE_ADE9000_READINGS
  ESP_LOGCONFIG(TAG, "  Log: %zu records, %zu bytes", this->log_size_, this->log_size_ * sizeof(Record));
#endif
#ifdef USE_ADE9000_SENSORS
  ESP_LOGCONFIG(TAG, "  Sensors: %zu, every %.1f s", this->sensors_.size(), this->update_interval_ms_ / 1000.0);
#endif
  LOG_PIN("  CS Pin: ", this->cs_);
  LOG_PIN("  Reset Pin: ", this->reset_pin_);
  if (this->reported_error_ != nullptr && *this->reported_error_ != '\0')
    ESP_LOGE(TAG, "  Not measuring: %s", this->reported_error_);
}

}  // namespace esphome::ade9000
