#include "listeners.h"

#include <algorithm>

namespace esphome::three_phase_wire {

void Listeners::remember() {
  this->connections_.clear();
  for (const auto &client : api::global_api_server->active_clients()) {
    if (client->is_authenticated() && !client->is_marked_for_removal())
      this->connections_.push_back(client.get());
  }
}

bool Listeners::is_one_gone() const {
  const auto clients = api::global_api_server->active_clients();
  return std::any_of(this->connections_.begin(), this->connections_.end(),
                     [&clients](const api::APIConnection *listener) {
                       return std::none_of(clients.begin(), clients.end(), [listener](const auto &client) {
                         return client.get() == listener && !client->is_marked_for_removal();
                       });
                     });
}

bool Listeners::is_ready() const {
  return std::any_of(this->connections_.begin(), this->connections_.end(),
                     [](api::APIConnection *listener) { return listener->try_to_clear_buffer(false); });
}

bool Listeners::send(const char *name) const {
  const api::HomeassistantActionRequest &event = api_event().named(name);
  bool is_taken = false;
  for (api::APIConnection *listener : this->connections_) {
    if (listener->try_to_clear_buffer(false))
      is_taken |= listener->send_homeassistant_action(event);
  }
  return is_taken;
}

}  // namespace esphome::three_phase_wire
