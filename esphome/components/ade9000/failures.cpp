#include "failures.h"

namespace esphome::ade9000 {

const LogString *log_too_large() { return LOG_STR("Not enough memory for the log: give a smaller `log: size:`"); }

}  // namespace esphome::ade9000
