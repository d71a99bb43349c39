#include "readings_api.h"
#ifdef USE_ADE9000_READINGS

#include "ade9000.h"
#include "uptime.h"

#include "esphome/core/log.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

namespace esphome::ade9000 {

static const char *const TAG = "ade9000.readings";

static const char *const EVENT = "esphome.three_phase_reading";

#ifdef USE_ESP8266
// One record takes about 5 ms to write as text there.
static constexpr size_t RECORDS_PER_PASS = 1;
#else
static constexpr size_t RECORDS_PER_PASS = 4;
#endif

void ReadingsApi::setup() {
  snprintf(this->boot_.data(), this->boot_.size(), "%08" PRIx32, random_uint32());
  this->event_.service = StringRef(EVENT);
  this->event_.is_event = true;
  this->event_.data.init(WireRecord::MAX_FIELDS);
  this->register_service(&ReadingsApi::on_read_readings_, "read_readings", {"meter", "boot", "after"});
}

void ReadingsApi::loop() {
  if (this->listeners_.empty())
    return;
  if (this->is_listener_gone_()) {
    this->stop_();
    return;
  }
  for (ADE9000 *meter : this->meters_)
    this->send_waiting_(meter);
}

void ReadingsApi::dump_config() {
  ESP_LOGCONFIG(TAG,
                "ADE9000 readings:\n"
                "  Boot: %s\n"
                "  Meters: %zu",
                this->boot_.data(), this->meters_.size());
}

void ReadingsApi::on_read_readings_(StringRef meter, StringRef boot, int32_t after) {
  this->remember_listeners_();
  const uint64_t now_ms = uptime_us() / 1000;
  const bool is_this_boot = boot == this->boot_.data();
  for (ADE9000 *addressed : this->meters_) {
    if (!meter.empty() && meter != addressed->name())
      continue;
    if (is_this_boot) {
      addressed->log().request(static_cast<uint32_t>(std::max<int32_t>(after, 0)), now_ms);
    } else {
      addressed->log().request_all(now_ms);
    }
  }
}

void ReadingsApi::remember_listeners_() {
  this->listeners_.clear();
  for (const auto &client : api::global_api_server->active_clients()) {
    if (client->is_authenticated() && !client->is_marked_for_removal())
      this->listeners_.push_back(client.get());
  }
}

bool ReadingsApi::is_listener_gone_() const {
  const auto clients = api::global_api_server->active_clients();
  return std::any_of(this->listeners_.begin(), this->listeners_.end(), [&clients](const api::APIConnection *listener) {
    return std::none_of(clients.begin(), clients.end(), [listener](const auto &client) {
      return client.get() == listener && !client->is_marked_for_removal();
    });
  });
}

bool ReadingsApi::is_ready_() const {
  return std::any_of(this->listeners_.begin(), this->listeners_.end(),
                     [](api::APIConnection *listener) { return listener->try_to_clear_buffer(false); });
}

void ReadingsApi::send_waiting_(ADE9000 *meter) {
  const uint64_t now_ms = uptime_us() / 1000;
  for (size_t count = 0; count < RECORDS_PER_PASS; count++) {
    const Record *record = meter->log().next(now_ms);
    if (record == nullptr || !this->is_ready_())
      return;
    if (!this->send_(meter, *record)) {
      ESP_LOGW(TAG, "The caller of read_readings has not subscribed to events; waiting for the next call");
      this->stop_();
      return;
    }
    meter->log().mark_sent(*record);
  }
}

bool ReadingsApi::send_(const ADE9000 *meter, const Record &record) {
  this->wire_.encode(meter->name(), this->boot_.data(), record, uptime_us() / 1000);
  this->event_.data.clear();
  for (const WireField &field : this->wire_) {
    auto &entry = this->event_.data.emplace_back();
    entry.key = StringRef(field.key);
    entry.value = StringRef(field.value.data(), field.value.size());
  }
  bool is_taken = false;
  for (api::APIConnection *listener : this->listeners_) {
    if (listener->try_to_clear_buffer(false))
      is_taken |= listener->send_homeassistant_action(this->event_);
  }
  return is_taken;
}

void ReadingsApi::stop_() {
  this->listeners_.clear();
  for (ADE9000 *meter : this->meters_)
    meter->log().stop();
}

}  // namespace esphome::ade9000

#endif  // USE_ADE9000_READINGS
