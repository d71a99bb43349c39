#pragma once

#include "esphome/components/ade9000/calibration.h"

#include <array>
#include <cstddef>

namespace esphome::ade9000_calibration {

using namespace ade9000;

/// Text of a fixed size that takes what fits; Home Assistant shows 255 characters of a state.
class Words {
 public:
  __attribute__((format(printf, 2, 3))) void append(const char *format, ...);
  void clear();

  const char *c_str() const { return this->text_.data(); }
  bool is_empty() const { return this->length_ == 0; }

 protected:
  std::array<char, 256> text_{};
  size_t length_{0};
};

/// Append the calibration of one input as a line of YAML under `ade9000:`, without what is as it would be anyway.
void append_yaml(const Calibration &calibration, size_t channel, Words &words);

}  // namespace esphome::ade9000_calibration
