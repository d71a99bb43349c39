#include "calibration_text.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace esphome::ade9000_calibration {

namespace {

constexpr std::array<const char *, CHANNEL_COUNT> OPENINGS{"l1: {calibration: {", "l2: {calibration: {",
                                                           "l3: {calibration: {", "neutral_calibration: {"};

}  // namespace

void Words::append(const char *format, ...) {
  const size_t room = this->text_.size() - this->length_;
  va_list arguments;
  va_start(arguments, format);
  const int needed = vsnprintf(this->text_.data() + this->length_, room, format, arguments);
  va_end(arguments);
  this->length_ += std::min(static_cast<size_t>(std::max(needed, 0)), room - 1);
}

void Words::clear() {
  this->text_[0] = '\0';
  this->length_ = 0;
}

void append_yaml(const Calibration &calibration, size_t channel, Words &words) {
  constexpr Calibration NONE{};
  words.append("%s", OPENINGS[channel]);
  const char *separator = "";
  for (const CalibrationField &field : CALIBRATION_FIELDS) {
    const float value = calibration.*field.value;
    if (!has_field(channel, field) || value == NONE.*field.value)
      continue;
    words.append("%s%s: %.*f%s", separator, field.key, field.decimals, value, field.unit);
    separator = ", ";
  }
  words.append("%s", channel == NEUTRAL ? "}" : "}}");
}

}  // namespace esphome::ade9000_calibration
