#pragma once

#include "chip.h"
#include "merged_reading.h"
#include "spi_register_bus.h"
#include "spi_transport.h"

#include "esphome/components/spi/spi.h"
#include "esphome/core/component.h"
#include "esphome/core/defines.h"
#include "esphome/core/hal.h"
#include "esphome/core/helpers.h"

#ifdef USE_ADE9000_ENERGY_STORE
#include "energy_store.h"
#endif
#ifdef USE_ADE9000_READINGS
#include "record_log.h"
#endif
#ifdef USE_ADE9000_SENSORS
#include "esphome/components/sensor/sensor.h"
#endif
#ifdef USE_ADE9000_STATUS
#include "esphome/components/text_sensor/text_sensor.h"
#endif
#ifdef USE_TIME
#include "esphome/components/time/real_time_clock.h"
#endif

namespace esphome::ade9000 {

using SpiDevice =
    spi::SPIDevice<spi::BIT_ORDER_MSB_FIRST, spi::CLOCK_POLARITY_LOW, spi::CLOCK_PHASE_LEADING, spi::DATA_RATE_5MHZ>;

/// What the meter counts about itself, named as in the sensor platform.
enum class Diagnostic : uint8_t {
  CRC_ERRORS,
  REJECTED_WINDOWS,
  ESTIMATED_WINDOWS,
  UNMEASURED_WINDOWS,
  RESTARTS,
  WAITING_RECORDS,
};

/// One ADE9000: runs the chip's driver, keeps its readings in the log, and publishes its sensors.
class ADE9000 final : public Component, public SpiDevice, public SpiTransport {
 public:
  explicit ADE9000(const char *name) : name_(name) {}

  void set_config(const ChipConfig &config) { this->chip_.configure(config); }
  const ChipConfig &config() const { return this->chip_.config(); }
  void set_reset_pin(GPIOPin *pin) { this->reset_pin_ = pin; }
#ifdef USE_TIME
  void set_time(time::RealTimeClock *time) { this->time_ = time; }
#endif
#ifdef USE_ADE9000_READINGS
  void set_log_size(size_t records) { this->log_size_ = records; }
  RecordLog &log() { return this->log_; }

  /// Return the Unix time of an instant since boot in ms, `Record::UNDATED` while the clock was never set.
  int64_t unix_ms_at(uint64_t uptime_ms) const;
#endif
#ifdef USE_ADE9000_SENSORS
  void set_update_interval(uint32_t interval_ms) { this->update_interval_ms_ = interval_ms; }
  void set_sensor_count(size_t count) { this->sensors_.init(count); }
  void add_sensor(sensor::Sensor *sensor, Quantity quantity, Phase phase, float scale);
  void add_diagnostic(sensor::Sensor *sensor, Diagnostic diagnostic);
#endif
#ifdef USE_ADE9000_STATUS
  void set_status(text_sensor::TextSensor *status) { this->status_ = status; }
#endif
#ifdef USE_HOST
  /// Put a simulated chip behind the SPI framing, as this platform has no SPI bus.
  void set_spi_delegate(spi::SPIDelegate *delegate) { this->delegate_ = delegate; }
  void spi_setup() override {}
#endif

  void setup() override;
  void loop() override;
#ifdef USE_ADE9000_ENERGY_STORE
  void on_shutdown() override { this->energy_store_.save(this->chip_.energies()); }
#endif
  void dump_config() override;

  void transfer(uint8_t *data, size_t length) override;

  Chip &chip() { return this->chip_; }

  /// Id of this meter in the configuration.
  const char *name() const { return this->name_; }

 protected:
  void take_reading_(const Reading &reading);
  void report_state_();

  const char *name_;
  SpiRegisterBus bus_{*this};
  Chip chip_{this->bus_};
#ifdef USE_ADE9000_ENERGY_STORE
  EnergyStore energy_store_{};
#endif
  GPIOPin *reset_pin_{nullptr};
  const char *reported_error_{nullptr};
#ifdef USE_TIME
  time::RealTimeClock *time_{nullptr};
#endif

#ifdef USE_ADE9000_READINGS
  bool allocate_log_();

  size_t log_size_{0};
  RecordLog log_{};
#endif

#ifdef USE_ADE9000_SENSORS
  /// A sensor and where its value comes from.
  struct Output {
    sensor::Sensor *sensor;
    float scale;
    enum class Source : uint8_t { VALUE, COUNTER, DIAGNOSTIC } source;
    uint8_t index;  ///< Slot of the value or counter, or the `Diagnostic`.
  };

  void average_reading_(const Reading &reading);
  void invalidate_values_();
  void publish_some_();
  float value_of_(const Output &output) const;
  uint32_t count_of_(Diagnostic diagnostic) const;

  const Reading *reading_{nullptr};  ///< The last one, in the chip's driver.
  FixedVector<Output> sensors_{};
  size_t next_sensor_{SIZE_MAX};  ///< The first one that is still to be published; behind the last one when none is.
  uint32_t update_interval_ms_{10000};
  MergedReading average_{};
  MergedReading::Values averages_ = Reading{}.values;
  bool is_averaging_{false};  ///< Whether the average does not cover the update interval yet.
#endif

#ifdef USE_ADE9000_STATUS
  text_sensor::TextSensor *status_{nullptr};
#endif
};

}  // namespace esphome::ade9000
