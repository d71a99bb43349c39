#pragma once

#include "configuration_crc.h"
#include "dsp.h"
#include "front_end.h"
#include "miso_faults.h"
#include "register_file.h"
#include "scenario.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace esphome::ade9000_sim {

/// A byte-level model of the ADE9000 behind its SPI pins, fed by a scenario through a front end.
///
/// It follows the data sheet alone and shares nothing with the driver. It is powered at t = 0, the boot of
/// the program, and answers 46.5 ms later.
class SimChip {
 public:
  SimChip();
  SimChip(const SimChip &) = delete;
  SimChip &operator=(const SimChip &) = delete;

  void set_scenario(const Scenario &scenario) { this->dsp_.timeline().set_scenario(scenario); }
  void set_front_end(const FrontEnd &front_end) { this->dsp_.timeline().set_front_end(front_end); }

  /// Handle one transaction, from chip select low to high; the chip's answer replaces `data`.
  /// `now_us` is the time since the boot of the program and never goes back.
  void transfer(uint8_t *data, size_t length, uint64_t now_us);

  /// Let time pass without a transaction.
  void advance(uint64_t now_us);

  /// Return when the pin IRQ0 (0) or IRQ1 (1) fell, in µs, while it is low; nothing while it is high.
  std::optional<double> interrupt_fell_us(size_t line);

  void set_absent(bool is_absent) { this->is_absent_ = is_absent; }
  void set_miso_fault(MisoFault fault) { this->faults_.set_stuck(fault); }

  /// Invert each bit on MISO with a probability, by a pseudo-random sequence that starts from `seed`.
  void flip_miso_bits(double probability, uint32_t seed) { this->faults_.flip_bits(probability, seed); }

  /// Invert one bit on MISO in the transaction `frames_ahead` from now, 0 is the next one. Bits count from the first.
  void flip_miso_bit(uint32_t frames_ahead, size_t bit) { this->faults_.flip_bit(frames_ahead, bit); }

  /// Keep chip select from the chip in the transaction `frames_ahead` from now.
  void lose_frame(uint32_t frames_ahead) { this->faults_.lose_frame(frames_ahead); }

  /// Let the chip lose VDD for a moment, and with it all registers.
  void brown_out_at(uint64_t at_us) { this->brown_out_us_ = at_us; }

  /// Change a register, as a disturbance of the chip would.
  void corrupt(uint16_t address, uint32_t value);

 protected:
  void reset_(uint64_t at_us);
  void answer_(uint8_t *data, size_t length);
  void answer_read_(uint8_t *data, size_t length, uint16_t address);
  uint32_t read_(uint16_t address);
  void write_(uint16_t address, uint32_t value);
  bool is_writable_(uint16_t address) const;
  void remember_(uint16_t address, uint32_t command, uint32_t data);

  RegisterFile registers_;
  Dsp dsp_{registers_};
  ConfigurationCrc configuration_crc_{registers_};
  MisoFaults faults_;
  bool is_absent_{false};
  bool is_ready_{false};
  uint64_t ready_us_{0};
  uint64_t now_us_{0};
  uint64_t brown_out_us_{std::numeric_limits<uint64_t>::max()};
};

}  // namespace esphome::ade9000_sim
