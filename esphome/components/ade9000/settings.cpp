#include "settings.h"

#include <algorithm>

namespace esphome::ade9000 {

Setting *Settings::find_(uint16_t address) {
  Setting *const end = this->settings_.data() + this->count_;
  Setting *const found = std::find_if(this->settings_.data(), end,
                                      [address](const Setting &setting) { return setting.address() == address; });
  return found == end ? nullptr : found;
}

void Settings::set(uint16_t address, uint32_t value) {
  if (Setting *const setting = this->find_(address); setting != nullptr) {
    setting->set(value);
  } else if (this->count_ < CAPACITY) {
    this->settings_[this->count_++] = {address, value};
  }
}

void Settings::set_bits(uint16_t address, uint32_t bits) {
  const Setting *const setting = this->find_(address);
  this->set(address, (setting == nullptr ? 0 : setting->value()) | bits);
}

bool Settings::holds(const Setting &setting) const {
  const Setting *const found = this->find_(setting.address());
  return found != nullptr && found->value() == setting.value();
}

}  // namespace esphome::ade9000
