#pragma once

#include "api_event.h"

#include "esphome/components/api/api_server.h"
#include "esphome/core/helpers.h"

namespace esphome::three_phase_wire {

/// The connections of the native API that a call stands for: the API does not say which connection a call came from,
/// so it stands for all that exist then.
class Listeners {
 public:
  /// Take the connections that exist now.
  void remember();
  void forget() { this->connections_.clear(); }

  bool empty() const { return this->connections_.empty(); }

  /// Whether one of them has ended.
  bool is_one_gone() const;

  /// Whether one of them can take a message now.
  bool is_ready() const;

  /// Send the event that was written last; false when nobody has subscribed to events.
  bool send(const char *name) const;

 protected:
  StaticVector<api::APIConnection *, MAX_API_CONNECTIONS> connections_{};
};

}  // namespace esphome::three_phase_wire
