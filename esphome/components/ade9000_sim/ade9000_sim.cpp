#include "ade9000_sim.h"

#include "esphome/components/three_phase_wire/uptime.h"
#include "esphome/core/log.h"

#include <chrono>
#include <thread>

namespace esphome::ade9000_sim {

static const char *const TAG = "ade9000_sim";

void ADE9000Sim::set_phase(size_t line, double voltage_v, double voltage_angle_deg, double current_a,
                           double current_lag_deg) {
  PhaseScenario &phase = this->scenario_.phases[line];
  phase.voltage_v = voltage_v;
  phase.voltage_angle_deg = voltage_angle_deg;
  phase.current_a = current_a;
  phase.current_lag_deg = current_lag_deg;
}

void ADE9000Sim::add_voltage_harmonic(size_t line, const Harmonic &harmonic) {
  this->scenario_.phases[line].voltage_harmonics.add(harmonic);
}

void ADE9000Sim::add_current_harmonic(size_t line, const Harmonic &harmonic) {
  this->scenario_.phases[line].current_harmonics.add(harmonic);
}

void ADE9000Sim::set_neutral(double current_a, double angle_deg, bool is_balanced) {
  this->scenario_.neutral_current_a = current_a;
  this->scenario_.neutral_angle_deg = angle_deg;
  this->scenario_.is_neutral_balanced = is_balanced;
}

void ADE9000Sim::setup() {
  this->chip_.set_scenario(this->scenario_);
  if (this->irq1_pin_ != nullptr)
    std::thread([this] { this->watch_pin_(); }).detach();
}

/// Let the pin fall and rise at the right time, even while the driver does not talk to the chip.
void ADE9000Sim::watch_pin_() {
  constexpr std::chrono::microseconds INTERVAL{500};
  while (true) {
    std::this_thread::sleep_for(INTERVAL);
    const std::lock_guard<std::mutex> guard(this->mutex_);
    this->chip_.advance(three_phase_wire::uptime_us());
    this->irq1_pin_->follow(this->chip_.interrupt_fell_us(1));
  }
}

void ADE9000Sim::dump_config() {
  ESP_LOGCONFIG(TAG,
                "Simulated ADE9000:\n"
                "  Frequency: %.3f Hz, %zu steps",
                this->scenario_.frequency_hz, this->scenario_.step_count);
  for (size_t line = 0; line < PHASE_COUNT; line++) {
    const PhaseScenario &phase = this->scenario_.phases[line];
    ESP_LOGCONFIG(TAG, "  L%zu: %.2f V at %.1f deg, %.3f A lagging %.1f deg", line + 1, phase.voltage_v,
                  phase.voltage_angle_deg, phase.current_a, phase.current_lag_deg);
  }
}

uint8_t ADE9000Sim::transfer(uint8_t data) {
  this->transfer(&data, 1);
  return data;
}

void ADE9000Sim::transfer(uint8_t *data, size_t length) {
  const std::lock_guard<std::mutex> guard(this->mutex_);
  this->chip_.transfer(data, length, three_phase_wire::uptime_us());
}

}  // namespace esphome::ade9000_sim
