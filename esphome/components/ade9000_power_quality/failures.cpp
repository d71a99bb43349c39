#include "failures.h"

namespace esphome::ade9000_power_quality {

const LogString *log_too_large() {
  return LOG_STR("Not enough memory for the log: give a smaller `ade9000_power_quality: log: size:`");
}

}  // namespace esphome::ade9000_power_quality
