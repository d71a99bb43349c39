#pragma once

#include "esphome/core/gpio.h"

#include <cstdio>
#include <optional>

namespace esphome::ade9000_sim {

/// The wire from the simulated chip's pin IRQ1 to the board. It calls the handler from the simulation's own thread, at
/// any time, as an interrupt does.
class InterruptPin final : public InternalGPIOPin {
 public:
  /// Take the last falling edge of the chip's pin, nothing while it is high.
  void follow(std::optional<double> fell_us) {
    const bool has_fallen = fell_us.has_value() && fell_us != this->fell_us_;
    this->fell_us_ = fell_us;
    if (has_fallen && this->handler_ != nullptr)
      this->handler_(this->argument_);
  }

  void setup() override {}
  void pin_mode(gpio::Flags /*flags*/) override {}
  gpio::Flags get_flags() const override { return gpio::FLAG_INPUT; }
  bool digital_read() override { return !this->fell_us_.has_value(); }
  void digital_write(bool /*value*/) override {}
  size_t dump_summary(char *buffer, size_t length) const override {
    return static_cast<size_t>(snprintf(buffer, length, "IRQ1 of the simulated chip"));
  }
  void detach_interrupt() const override { this->handler_ = nullptr; }
  ISRInternalGPIOPin to_isr() const override { return {}; }
  uint8_t get_pin() const override { return 0; }
  bool is_inverted() const override { return false; }

 protected:
  void attach_interrupt(void (*handler)(void *), void *argument, gpio::InterruptType /*type*/) const override {
    this->argument_ = argument;
    this->handler_ = handler;
  }

  std::optional<double> fell_us_;
  // ESPHome attaches to a constant pin.
  mutable void (*handler_)(void *){nullptr};
  mutable void *argument_{nullptr};
};

}  // namespace esphome::ade9000_sim
