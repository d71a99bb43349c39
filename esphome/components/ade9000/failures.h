#pragma once

#include "esphome/core/log.h"

namespace esphome::ade9000 {

// Why the hub cannot work. Such texts stand in a file of their own, so that a test finds them and the reference quotes
// all of them.
const LogString *log_too_large();

}  // namespace esphome::ade9000
