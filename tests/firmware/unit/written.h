#pragma once

#include "three_phase_wire/wire_text.h"

#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace esphome::three_phase_wire {

/// A sheet with so many characters that keeps what is written on it.
template <size_t CAPACITY>
class Written final : public WireSheet {
 public:
  void clear() override { this->fields.clear(); }
  void add(const char *key, std::string_view value) override { this->fields.emplace(key, value); }
  std::span<char> text() override { return this->text_; }

  std::map<std::string, std::string> fields;

 protected:
  std::array<char, CAPACITY> text_{};
};

}  // namespace esphome::three_phase_wire
