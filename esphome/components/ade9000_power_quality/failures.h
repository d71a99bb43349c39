#pragma once

#include "esphome/core/log.h"

namespace esphome::ade9000_power_quality {

// Why the component cannot work (see `ade9000/failures.h`).
const LogString *log_too_large();

}  // namespace esphome::ade9000_power_quality
