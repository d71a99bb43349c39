#pragma once

#include "esphome/core/defines.h"
#ifdef USE_ADE9000_READINGS

#include "wire.h"
#include "wire_text.h"

#ifdef USE_ADE9000_EVENTS
#include "event_wire.h"
#endif
#ifdef USE_ADE9000_WAVEFORM
#include "waveform_wire.h"
#endif

#include "esphome/components/api/api_pb2.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace esphome::ade9000 {

/// The event that is being sent, of whatever kind: one for a device, because its memory is as large as a kilobyte or
/// two.
class ApiEvent final : public WireSheet {
 public:
  /// Take the memory for its fields; once is enough.
  void setup();

  void clear() override { this->request_.data.clear(); }
  void add(const char *key, std::string_view value) override;
  std::span<char> text() override { return this->text_; }

  /// Return it as the API takes it.
  const api::HomeassistantActionRequest &named(const char *name);

  static constexpr size_t MAX_FIELDS = std::max({
      WireRecord::MAX_FIELDS,
#ifdef USE_ADE9000_EVENTS
      WireEvent::MAX_FIELDS,
#endif
#ifdef USE_ADE9000_WAVEFORM
      WaveformEvent::MAX_FIELDS,
#endif
  });

 protected:
  static constexpr size_t CAPACITY = std::max({
      WireRecord::CAPACITY,
#ifdef USE_ADE9000_EVENTS
      WireEvent::CAPACITY,
#endif
#ifdef USE_ADE9000_WAVEFORM
      WaveformEvent::CAPACITY,
#endif
  });

  api::HomeassistantActionRequest request_{};
  std::array<char, CAPACITY> text_{};
};

/// Return the one of the device.
ApiEvent &api_event();

}  // namespace esphome::ade9000

#endif  // USE_ADE9000_READINGS
