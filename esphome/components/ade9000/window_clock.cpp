#include "window_clock.h"

#include <algorithm>

namespace esphome::ade9000 {

namespace {

/// After a long time without a look, a window that should just have ended is taken for not ended yet: if it has, the
/// next one shows that two have gone by, while a window counted too early could not be taken back. Crystals differ by
/// less than 100 ppm, that is 6 ms a minute.
constexpr uint64_t DOUBT_US = 20'000;

}  // namespace

void WindowClock::restart(uint64_t begin_us) {
  this->seen_us_ = begin_us;
  this->begin_us_ = begin_us;
  this->is_first_ = true;
}

void WindowClock::ended(uint64_t now_us) {
  const uint64_t longest = WINDOW_US + 2 * DOUBT_US;
  this->earliest_us_ = std::max(this->seen_us_, now_us - std::min(now_us, longest));
  this->latest_us_ = now_us;
  this->seen_us_ = now_us;
}

WindowClock::Span WindowClock::take() {
  const uint64_t middle = this->earliest_us_ + (this->latest_us_ - this->earliest_us_) / 2;
  const uint64_t elapsed = middle - std::min(middle, this->begin_us_);
  const uint64_t windows = std::max<uint64_t>((elapsed + WINDOW_US / 2) / WINDOW_US, 1);
  const uint64_t end = std::clamp(this->begin_us_ + windows * WINDOW_US, this->earliest_us_, this->latest_us_);

  const bool is_after_restart = this->is_first_ && this->has_counted_;
  uint64_t missing = (windows - 1) * WINDOW_US;
  if (is_after_restart) {
    const uint64_t last_begin = end - WINDOW_US;
    missing = last_begin - std::min(last_begin, this->counted_us_);
  }
  this->begin_us_ = end;
  this->counted_us_ = end;
  this->has_counted_ = true;
  this->is_first_ = false;
  return {.end_us = end, .missing_us = missing, .is_after_restart = is_after_restart};
}

}  // namespace esphome::ade9000
