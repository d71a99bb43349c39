#pragma once

#include "ade9000/chip.h"
#include "ade9000/measuring_settings.h"
#include "ade9000/spi_register_bus.h"
#include "ade9000/spi_transport.h"
#include "ade9000_sim/sim_chip.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

using namespace esphome::ade9000;
using esphome::ade9000_sim::FrontEnd;
using esphome::ade9000_sim::Harmonic;
using esphome::ade9000_sim::LoadStep;
using esphome::ade9000_sim::MisoFault;
using esphome::ade9000_sim::Scenario;
using esphome::ade9000_sim::SimChip;

inline constexpr uint64_t MS = 1'000;
inline constexpr uint64_t S = 1'000'000;

/// The wires from the driver to the simulated chip. Bytes take their time at 5 MHz.
class Wires final : public SpiTransport {
 public:
  explicit Wires(SimChip &chip) : chip_(chip) {}

  void transfer(uint8_t *data, size_t length) override {
    this->sent.emplace_back(data, data + length);
    if (this->sent.size() > this->cut_behind) {
      std::fill_n(data, length, 0xFF);
      return;
    }
    this->chip_.transfer(data, length, static_cast<uint64_t>(static_cast<double>(this->now_us) * this->chip_speed));
    this->now_us += length * 8 / 5;
    this->bytes += length;
  }

  uint64_t now_us{0};
  double chip_speed{1};  ///< Of the chip's clock against that of the host.
  size_t bytes{0};
  std::vector<std::vector<uint8_t>> sent;  ///< In this call of the loop.
  size_t cut_behind{SIZE_MAX};             ///< So many transactions of each call reach the chip.

 protected:
  SimChip &chip_;
};

/// The driver on a simulated chip, and a clock.
class Bench {
 public:
  Bench() = default;
  explicit Bench(const Scenario &scenario, const ChipConfig &config = {}, const FrontEnd &front_end = {}) {
    this->sim.set_scenario(scenario);
    this->sim.set_front_end(front_end);
    this->chip.configure(config);
    this->chip.start(0);
  }

  /// Call the driver's loop every 16 ms up to an instant, as ESPHome does.
  void run_until(uint64_t until_us, uint64_t interval_us = 16 * MS) {
    while (this->now_us + interval_us <= until_us) {
      this->now_us += interval_us;
      this->call();
    }
  }

  /// Call the driver's loop once, now.
  bool call() {
    this->wires.now_us = std::max(this->wires.now_us, this->now_us);
    this->wires.sent.clear();
    const size_t before = this->wires.bytes;
    const Reading *const reading = this->chip.loop(this->now_us);
    if (reading != nullptr)
      this->readings.push_back(*reading);
    this->most_bytes = std::max(this->most_bytes, this->wires.bytes - before);
    return reading != nullptr;
  }

  /// Let the host be busy with something else.
  void be_busy(uint64_t duration_us) { this->now_us += duration_us; }

  const Reading &last() const { return this->readings.back(); }
  float get(Quantity quantity, Phase phase) const { return this->last().get(quantity, phase); }
  int64_t counter(Quantity quantity, Phase phase) const { return this->last().counter(quantity, phase); }

  SimChip sim;
  Wires wires{sim};
  SpiRegisterBus bus{wires};
  Chip chip{bus};
  uint64_t now_us{0};
  size_t most_bytes{0};  ///< In one call.
  std::vector<Reading> readings;
};

/// Three phases of 230 V with the same load.
inline Scenario balanced(double current_a, double lag_deg = 0, double frequency_hz = 50) {
  Scenario scenario;
  scenario.frequency_hz = frequency_hz;
  for (auto &phase : scenario.phases) {
    phase.current_a = current_a;
    phase.current_lag_deg = lag_deg;
  }
  return scenario;
}

/// Everything that the driver writes for the readings alone.
inline Settings settings_of(const ChipConfig &config) {
  Settings settings;
  add_measuring(config, settings);
  add_start(settings);
  return settings;
}

/// Everything is counted, however small.
inline ChipConfig without_no_load() {
  ChipConfig config;
  config.no_load_va = 0;
  return config;
}

}  // namespace bench
