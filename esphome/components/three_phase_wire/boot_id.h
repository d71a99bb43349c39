#pragma once

#include "esphome/core/helpers.h"

#include <array>
#include <cinttypes>
#include <cstdio>

namespace esphome::three_phase_wire {

/// Return the random id of this boot, 8 hex digits, which numbers of records belong to.
inline const char *boot_id() {
  static const std::array<char, 9> ID = [] {
    std::array<char, 9> id;
    snprintf(id.data(), id.size(), "%08" PRIx32, random_uint32());
    return id;
  }();
  return ID.data();
}

}  // namespace esphome::three_phase_wire
