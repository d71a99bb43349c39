#include "api_event.h"
#ifdef USE_ADE9000_READINGS

#include "esphome/core/string_ref.h"

namespace esphome::ade9000 {

void ApiEvent::setup() {
  if (this->request_.is_event)
    return;
  this->request_.is_event = true;
  this->request_.data.init(MAX_FIELDS);
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

}  // namespace esphome::ade9000

#endif  // USE_ADE9000_READINGS
