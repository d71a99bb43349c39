#pragma once

#include "energy_windows.h"
#include "interrupts.h"
#include "level_watch.h"
#include "peaks.h"
#include "register_file.h"
#include "supervision.h"
#include "timeline.h"
#include "waveform_buffer.h"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace esphome::ade9000_sim {

/// The chip's signal processor: the values of its result registers at an instant, integrated in closed form from a
/// scenario.
///
/// Instantaneous samples and the power accumulators x_ACC are not modelled and read as 0. Filters settle at once.
class Dsp {
 public:
  explicit Dsp(RegisterFile &registers) : registers_(registers) {}

  Timeline &timeline() { return this->timeline_; }
  Interrupts &interrupts() { return this->interrupts_; }
  WaveformBuffer &waveforms() { return this->waveforms_; }

  /// Stop, as after a reset.
  void stop();

  /// React to a write to a register whose value was `before`.
  void written(uint16_t address, uint32_t before);

  /// Update results and flags to an instant, which never goes back.
  void advance(double now_s);

  static bool is_result(uint16_t address) { return address >= 0x200 && address <= 0x3FF; }

  /// Return a result at the instant of the last `advance`.
  uint32_t read(uint16_t address);

 protected:
  enum Result : uint8_t;

  void start_();
  void start_energy_();
  void start_temperature_();
  void supervise_(double from_s, double to_s);
  void mark_refreshes_(double from_s, double to_s);
  uint32_t phase_result_(uint16_t result, size_t phase);
  uint32_t neutral_result_(uint16_t address);
  double PhaseCodes::*fast_current_() const;
  double refreshed_at_(double period_s) const;
  double cycles_1012_s_() const;
  double with_offset_of_(double square, size_t phase, uint16_t offset) const;
  double rms_(double PhaseCodes::*square, size_t phase, uint16_t offset);
  OneCycle one_cycle_();
  double rms_1012_(double PhaseCodes::*square, size_t phase, uint16_t offset);
  template <typename SquareOf>
  double mean_square_1012_(SquareOf square_of);
  double distortion_(double PhaseCodes::*square, double PhaseCodes::*fundamental, size_t phase, uint16_t offset);
  double power_factor_(size_t phase);

  RegisterFile &registers_;
  Timeline timeline_{registers_};
  EnergyWindows energy_{registers_, timeline_};
  Interrupts interrupts_{registers_};
  Supervision supervision_{registers_, timeline_, interrupts_};
  LevelWatch levels_{registers_, timeline_, interrupts_};
  Peaks peaks_{registers_, timeline_};
  WaveformBuffer waveforms_{registers_, timeline_};
  bool is_running_{false};
  double now_s_{0};
  double run_s_{0};
  double temperature_ready_s_{std::numeric_limits<double>::infinity()};
};

}  // namespace esphome::ade9000_sim
