#pragma once

#include "boot_id.h"
#include "listeners.h"
#include "uptime.h"

#include "esphome/components/api/custom_api_device.h"
#include "esphome/core/component.h"
#include "esphome/core/helpers.h"
#include "esphome/core/log.h"
#include "esphome/core/string_ref.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace esphome::three_phase_wire {

/// How a `LogApi` is called.
struct LogApiNames {
  const char *tag;     ///< In ESPHome's own log.
  const char *event;   ///< Carries the records.
  const char *action;  ///< Asks for them.
};

/// The logs of all chips of a device on ESPHome's native API (docs/architecture.md): an action with `meter`, `boot` and
/// `after` asks for records and acknowledges them, an event carries one.
///
/// A connection gets nothing before its first call; when one of those that a call stands for ends, sending stops until
/// the next call. `Wire` is a `WireText` for which there is `encode_next(Wire, meter, Log, record, now_ms)`,
/// and which says how large it gets by `MAX_FIELDS` and `CAPACITY`.
template <typename Log, typename Wire, size_t METER_COUNT>
class LogApi : public Component, public api::CustomAPIDevice {
 public:
  explicit LogApi(const LogApiNames &names) : names_(names) { api_event().reserve(Wire::MAX_FIELDS, Wire::CAPACITY); }

  void add_log(const char *meter, Log &log) { this->meters_.push_back({meter, &log}); }

  void setup() override {
    api_event().setup();
    this->register_service(&LogApi::on_read_, this->names_.action, {"meter", "boot", "after"});
  }

  void loop() override {
    if (this->listeners_.empty())
      return;
    if (this->listeners_.is_one_gone()) {
      this->stop_();
      return;
    }
    for (const Meter &meter : this->meters_)
      this->send_waiting_(meter);
  }

  void dump_config() override {
    ESP_LOGCONFIG(this->names_.tag,
                  "%s:\n"
                  "  Boot: %s\n"
                  "  Meters: %zu",
                  this->names_.event, boot_id(), this->meters_.size());
  }

 protected:
  struct Meter {
    const char *name;
    Log *log;
  };

#ifdef USE_ESP8266
  // One record takes about 5 ms to write as text there.
  static constexpr size_t RECORDS_PER_PASS = 1;
#else
  static constexpr size_t RECORDS_PER_PASS = 4;
#endif

  void on_read_(StringRef meter, StringRef boot, int32_t after) {
    this->listeners_.remember();
    const uint64_t now_ms = uptime_us() / 1000;
    const bool is_this_boot = boot == boot_id();
    for (const Meter &addressed : this->meters_) {
      if (!meter.empty() && meter != addressed.name)
        continue;
      if (is_this_boot) {
        addressed.log->request(static_cast<uint32_t>(std::max<int32_t>(after, 0)), now_ms);
      } else {
        addressed.log->request_all(now_ms);
      }
    }
  }

  void send_waiting_(const Meter &meter) {
    const uint64_t now_ms = uptime_us() / 1000;
    for (size_t count = 0; count < RECORDS_PER_PASS; count++) {
      const auto *record = meter.log->next(now_ms);
      if (record == nullptr || !this->listeners_.is_ready())
        return;
      Wire wire(api_event());
      encode_next(wire, meter.name, *meter.log, *record, uptime_us() / 1000);
      if (!this->listeners_.send(this->names_.event)) {
        ESP_LOGW(this->names_.tag, "The caller of %s has not subscribed to events; waiting for the next call",
                 this->names_.action);
        this->stop_();
        return;
      }
      meter.log->mark_sent(*record);
    }
  }

  void stop_() {
    this->listeners_.forget();
    for (const Meter &meter : this->meters_)
      meter.log->stop();
  }

  LogApiNames names_;
  StaticVector<Meter, METER_COUNT> meters_{};
  Listeners listeners_{};
};

}  // namespace esphome::three_phase_wire
