#include "settings.h"

#include <algorithm>

namespace esphome::ade9000 {

Setting *Settings::find_(uint16_t address) {
  Setting *const end = this->settings_.data() + this->count_;
  Setting *const found = std::find_if(this->settings_.data(), end,
                                      [address](const Setting &setting) { return setting.address() == address; });
  return found == end ? nullptr : found;
}

void Settings::claim_(const Setting &setting) {
  if (Setting *const present = this->find_(setting.address()); present != nullptr) {
    this->join_(*present, setting);
  } else {
    this->append_(setting);
  }
}

/// A default gives way to a value, bits join bits, and all else has to be the same.
void Settings::join_(Setting &present, const Setting &setting) {
  using enum Setting::Claim;
  if (present.claim() == DEFAULT && setting.claim() == VALUE) {
    present = setting;
  } else if (present.claim() == BITS && setting.claim() == BITS) {
    present.set(present.value() | setting.value());
  } else if (present.claim() == VALUE && setting.claim() == DEFAULT) {
    return;
  } else if (present.claim() != setting.claim() || present.value() != setting.value()) {
    this->error_ = "Two parts of the driver set the same register: leave one of them out";
  }
}

void Settings::append_(const Setting &setting) {
  if (this->count_ < CAPACITY) {
    this->settings_[this->count_++] = setting;
  } else {
    this->error_ = "The chip has more settings than the driver has room for";
  }
}

void Settings::replace(uint16_t address, uint32_t value) {
  if (Setting *const setting = this->find_(address); setting != nullptr) {
    setting->set(value);
  } else {
    this->append_({address, value});
  }
}

bool Settings::holds(const Setting &setting) const {
  const Setting *const found = this->find_(setting.address());
  return found != nullptr && found->value() == setting.value();
}

}  // namespace esphome::ade9000
