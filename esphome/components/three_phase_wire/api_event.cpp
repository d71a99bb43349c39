#include "api_event.h"

#include "esphome/core/string_ref.h"

#include <algorithm>

namespace esphome::three_phase_wire {

void ApiEvent::reserve(uint16_t fields, uint16_t characters) {
  this->fields_ = std::max(this->fields_, fields);
  this->characters_ = std::max(this->characters_, characters);
}

void ApiEvent::setup() {
  if (this->request_.is_event)
    return;
  this->request_.is_event = true;
  this->request_.data.init(this->fields_);
  this->text_ = new char[this->characters_];
}

void ApiEvent::add(const char *key, std::string_view value) {
  auto &field = this->request_.data.emplace_back();
  field.key = StringRef(key);
  field.value = StringRef(value.data(), value.size());
}

const api::HomeassistantActionRequest &ApiEvent::named(const char *name) {
  this->request_.service = StringRef(name);
  return this->request_;
}

ApiEvent &api_event() {
  static ApiEvent event;
  return event;
}

}  // namespace esphome::three_phase_wire
