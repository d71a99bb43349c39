#pragma once

#include "wire_text.h"

#include "esphome/components/api/api_pb2.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace esphome::three_phase_wire {

/// The event that is being sent, of whatever kind: one for a device, because its memory is as large as a kilobyte or
/// two.
class ApiEvent final : public WireSheet {
 public:
  /// Make room for events of so many fields and characters. For constructors, so that the set-up knows the largest
  /// kind.
  void reserve(uint16_t fields, uint16_t characters);

  /// Take the memory for the largest event; once is enough.
  void setup();

  void clear() override { this->request_.data.clear(); }
  void add(const char *key, std::string_view value) override;
  std::span<char> text() override { return {this->text_, this->characters_}; }

  /// Return it as the API takes it.
  const api::HomeassistantActionRequest &named(const char *name);

 protected:
  api::HomeassistantActionRequest request_{};
  char *text_{nullptr};
  uint16_t fields_{0};
  uint16_t characters_{0};
};

/// Return the one of the device.
ApiEvent &api_event();

}  // namespace esphome::three_phase_wire
