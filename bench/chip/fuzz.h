#pragma once

#include "bench.h"
#include "fuzz_judge.h"
#include "fuzz_load.h"
#include "fuzz_random.h"
#include "fuzz_wires.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace fuzz {

using namespace bench;

/// A meter that is disturbed in one way for a while, then left alone for a while, then disturbed in another way.
class Run {
 public:
  Run(uint32_t seed, std::vector<Disturbance> kinds) : random_(seed), kinds_(std::move(kinds)), load_(seed) {
    this->sim_.set_scenario(this->load_.scenario);
    this->chip_.configure(ChipConfig{});
    this->chip_.start(0);
  }

  void run(size_t transactions) {
    while (this->wires_.transactions < transactions) {
      if (this->now_us_ >= this->next_us_)
        this->change_();
      this->call_();
      this->now_us_ += 16 * MS;
    }
  }

  const Wires &wires() const { return this->wires_; }
  const Judge &judge() const { return this->judge_; }
  const ChipCounters &counters() const { return this->chip_.counters(); }

 protected:
  void call_() {
    this->wires_.now_us = std::max(this->wires_.now_us, this->now_us_);
    if (const Reading *reading = this->chip_.loop(this->now_us_); reading != nullptr)
      this->judge_.take(*reading, this->chip_.counters(), this->wires_.now_us);
  }

  /// Begin or end a disturbance.
  void change_() {
    const bool was_quiet = this->wires_.disturbance == Disturbance::QUIET;
    this->wires_.disturbance = was_quiet ? this->kinds_[this->random_.below(this->kinds_.size())] : Disturbance::QUIET;
    // Most are short; a few are long enough for the chip to be given up.
    const double share = this->random_.fraction();
    const double duration_s = was_quiet ? 0.01 + 6 * share * share * share : this->random_.between(0.1, 8);
    this->next_us_ = this->now_us_ + static_cast<uint64_t>(duration_s * S);
    this->wires_.bit_error_rate = 1e-5 * std::pow(30, this->random_.fraction());
    this->wires_.frame_error_rate = this->random_.between(0.001, 0.3);
    if (this->wires_.disturbance == Disturbance::BROWN_OUT)
      this->sim_.brown_out_at(this->now_us_ + this->random_.below(S));
    if (this->wires_.disturbance == Disturbance::BUSY)
      this->now_us_ = this->next_us_;
  }

  Random random_;
  std::vector<Disturbance> kinds_;
  Load load_;
  SimChip sim_;
  uint64_t now_us_{0};
  uint64_t next_us_{3 * S};
  Wires wires_{this->sim_, static_cast<uint32_t>(this->random_.below(UINT32_MAX))};
  Judge judge_{this->load_};
  SpiRegisterBus bus_{this->wires_};
  Chip chip_{this->bus_};
};

}  // namespace fuzz
