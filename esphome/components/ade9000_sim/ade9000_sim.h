#pragma once

#include "interrupt_pin.h"
#include "sim_chip.h"

#include "esphome/components/spi/spi.h"
#include "esphome/core/component.h"

#include <mutex>

namespace esphome::ade9000_sim {

/// A simulated ADE9000 in place of an SPI bus with a chip. Its scenario begins with the program.
class ADE9000Sim final : public Component, public spi::SPIDelegate {
 public:
  SimChip &chip() { return this->chip_; }

  void set_frequency(double hertz) { this->scenario_.frequency_hz = hertz; }
  void set_phase(size_t line, double voltage_v, double voltage_angle_deg, double current_a, double current_lag_deg);
  void add_voltage_harmonic(size_t line, const Harmonic &harmonic);
  void add_current_harmonic(size_t line, const Harmonic &harmonic);
  void set_neutral(double current_a, double angle_deg, bool is_balanced);
  void set_chip_temperature(double celsius) { this->scenario_.chip_temperature_c = celsius; }
  void add_step(const LoadStep &step) { this->scenario_.add_step(step); }
  void set_irq1_pin(InterruptPin *pin) { this->irq1_pin_ = pin; }
  void set_front_end(const FrontEnd &front_end) { this->chip_.set_front_end(front_end); }

  void setup() override;
  void dump_config() override;
  /// Before the drivers, because they talk to the chip during set-up.
  float get_setup_priority() const override { return setup_priority::BUS; }

  uint8_t transfer(uint8_t data) override;
  void transfer(uint8_t *data, size_t length) override;

 protected:
  void watch_pin_();

  Scenario scenario_{};
  SimChip chip_{};
  InterruptPin *irq1_pin_{nullptr};
  std::mutex mutex_{};  ///< The thread that watches the pin also uses the chip.
};

}  // namespace esphome::ade9000_sim
