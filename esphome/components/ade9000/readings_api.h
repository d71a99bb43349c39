#pragma once

#include "esphome/core/defines.h"
#ifdef USE_ADE9000_READINGS

#include "wire.h"

#include "esphome/components/api/api_server.h"
#include "esphome/components/api/custom_api_device.h"
#include "esphome/core/component.h"
#include "esphome/core/helpers.h"
#include "esphome/core/string_ref.h"

#include <array>

namespace esphome::ade9000 {

class ADE9000;

/// The readings on ESPHome's native API, once for all chips of a device: the action `read_readings` asks for them, the
/// event `esphome.three_phase_reading` carries them (docs/architecture.md).
///
/// A connection gets nothing before its first call. The API does not say which connection a call came from, so a call
/// stands for all connections that exist then; when one of them ends, sending stops until the next call.
class ReadingsApi final : public Component, public api::CustomAPIDevice {
 public:
  void add_meter(ADE9000 *meter) { this->meters_.push_back(meter); }

  void setup() override;
  void loop() override;
  void dump_config() override;

 protected:
  void on_read_readings_(StringRef meter, StringRef boot, int32_t after);
  void remember_listeners_();
  bool is_listener_gone_() const;
  bool is_ready_() const;
  void send_waiting_(ADE9000 *meter);
  bool send_(const ADE9000 *meter, const Record &record);
  void stop_();

  StaticVector<ADE9000 *, ADE9000_METER_COUNT> meters_{};
  StaticVector<api::APIConnection *, MAX_API_CONNECTIONS> listeners_{};
  std::array<char, 9> boot_{};  ///< Random id of this boot, 8 hex digits.
  WireRecord wire_{};
  api::HomeassistantActionRequest event_{};
};

}  // namespace esphome::ade9000

#endif  // USE_ADE9000_READINGS
