#pragma once

#include "esphome/components/ade9000/quantities.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000_power_quality {

using namespace ade9000;

/// What can happen to the supply. Numbered in the order of `EVENT_TYPE_NAMES`.
enum class EventType : uint8_t {
  DIP,               ///< A voltage fell below its limit (IEC 61000-4-30).
  SWELL,             ///< A voltage rose above its limit.
  INTERRUPTION,      ///< A dip that went below the limit of interruptions.
  OVER_CURRENT,      ///< A current rose above its limit.
  PHASE_LOSS,        ///< A phase has no voltage while another one has.
  WRONG_SEQUENCE,    ///< The phases follow each other as L1, L3, L2.
  NEUTRAL_MISMATCH,  ///< The sum of the phases' currents and the neutral's is not zero: a part flows elsewhere.
};

inline constexpr size_t EVENT_TYPE_COUNT = 7;
inline constexpr std::array<const char *, EVENT_TYPE_COUNT> EVENT_TYPE_NAMES{
    "dip", "swell", "interruption", "over_current", "phase_loss", "wrong_sequence", "neutral_mismatch"};

/// What a reader of an event must know about it. The bits are numbered in the order of `EVENT_FLAG_NAMES`.
enum EventFlag : uint8_t {
  FLAG_OPEN_START = 1 << 0,  ///< It was there when the meter began to measure; it may have begun before.
  FLAG_OPEN_END = 1 << 1,    ///< The meter stopped measuring before it was over; it may have lasted longer.
};

inline constexpr std::array<const char *, 2> EVENT_FLAG_NAMES{"open_start", "open_end"};

/// One event of one phase.
struct PowerEvent {
  uint32_t id{0};  ///< Counts up from 1 within a boot; 0 is no event.
  EventType type{EventType::DIP};
  Phase phase{Phase::TOTAL};
  uint8_t flags{0};           ///< Bits of `EventFlag`.
  bool is_over{false};        ///< Whether it has ended; until then `duration_ms` and `value` are those so far.
  uint64_t start_us{0};       ///< On the clock that `Chip::loop` is given.
  uint32_t duration_ms{0};    ///< 49 days at most.
  uint32_t resolution_ms{0};  ///< Start and duration are each right within it.
  float value{NAN};           ///< Residual voltage or peak, V or A; NAN for a wrong sequence.
  float percent{NAN};         ///< The value in percent of the nominal voltage, or of the limit of the current.

  uint64_t start_ms() const { return this->start_us / 1000; }
  const char *type_name() const { return EVENT_TYPE_NAMES[static_cast<size_t>(this->type)]; }

  /// Return L1, L2, L3, N, L12, L23, L31, or an empty text for the installation as a whole.
  const char *phase_name() const {
    constexpr std::array<const char *, 9> NAMES{"L1", "L2", "L3", "N", "L12", "L23", "L31", "", ""};
    return NAMES[static_cast<size_t>(this->phase)];
  }
};

enum class EventStage : uint8_t {
  BEGIN,  ///< It has just been seen.
  LASTS,  ///< It has gone on for one second.
  END,
};

/// Is told of events as they happen.
class EventListener {
 public:
  virtual void on_event(const PowerEvent &event, EventStage stage) = 0;

 protected:
  ~EventListener() = default;
};

}  // namespace esphome::ade9000_power_quality
