#include "configuration_checksum.h"

#include "registers.h"

namespace esphome::ade9000 {

void ConfigurationChecksum::begin() {
  this->right_.reset();
  this->is_doubted_ = false;
  this->renew();
}

void ConfigurationChecksum::renew() {
  this->bus_.write(reg::STATUS1, reg::STATUS1_CRC_DONE);
  this->is_under_way_ = this->bus_.write(reg::CRC_FORCE, reg::CRC_FORCE_UPDATE);
}

/// One checksum that differs may have been disturbed on its way, two in a row are a change.
bool ConfigurationChecksum::has_changed(uint32_t status1) {
  if (!this->is_under_way_ || (status1 & reg::STATUS1_CRC_DONE) == 0)
    return false;
  this->is_under_way_ = false;
  const auto result = this->bus_.read(reg::CRC_RSLT);
  if (!result)
    return false;
  if (!this->right_)
    this->right_ = *result;
  const bool is_other = *result != *this->right_;
  const bool has_changed = is_other && this->is_doubted_;
  this->is_doubted_ = is_other;
  if (is_other && !has_changed)
    this->renew();
  return has_changed;
}

}  // namespace esphome::ade9000
