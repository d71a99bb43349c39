#pragma once

#include "connection.h"

#include "esphome/components/ade9000/chip_extension.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace esphome::ade9000_wiring_check {

/// Which way power flows while the wiring is judged: a reversed CT looks as power that flows the other way.
enum class Flow : uint8_t {
  IMPORT,  ///< Every phase draws power.
  EXPORT,  ///< Every phase feeds power in.
  ANY,     ///< Each phase either way, as with a single-phase inverter: a reversed CT can't be seen.
};

/// What one window shows of the wiring. Angles are whole degrees.
struct WiringEvidence {
  LineSet lines;                                ///< Lines that are measured.
  LineSet voltages;                             ///< Inputs with a voltage.
  LineSet currents;                             ///< Inputs with a current large enough to tell its angle.
  std::array<int16_t, LINE_COUNT> voltage_lag;  ///< By which L2 lags L1, L3 lags L2, and L3 lags L1.
  std::array<int16_t, LINE_COUNT> current_lag;  ///< By which a current lags the voltage of its input.
};

struct WiringVerdict {
  enum class Kind : uint8_t {
    NOT_MEASURING,
    NO_VOLTAGE,  ///< On any line.
    UNCLEAR,     ///< What is seen needs more than two faults, or loads whose angles differ much.
    JUDGED,
  };

  Kind kind{Kind::NOT_MEASURING};
  Connection connection{};   ///< The explanation with the fewest faults.
  LineSet unloaded_lines{};  ///< Lines with a voltage whose CT can't be judged.
  bool is_turnable{false};   ///< Nothing is wrong if power flows the other way than it was said to.

  bool operator==(const WiringVerdict &) const = default;
};

inline constexpr size_t LONGEST_VERDICT = 160;

/// Judge by the explanation that has the fewest faults, two at most, and then the loads that differ least.
///
/// Without a sequence, as in single phases or split phase, the angles between the voltages are not judged, and every
/// phase has a load of its own: what can be seen there is a reversed CT and a voltage that is missing.
WiringVerdict judge(const WiringEvidence &evidence, bool has_sequence, Flow flow);

/// Put a verdict in words; OK where nothing is wrong.
const char *describe(const WiringVerdict &verdict, Flow flow, std::span<char, LONGEST_VERDICT> buffer);

/// Judges the wiring in each window, beginning with the first one after the start. A changed verdict has to hold for
/// two windows, so that a load that is switched doesn't make it flutter.
class WiringCheck final : public ChipExtension {
 public:
  void set_flow(Flow flow) { this->flow_ = flow; }

  Flow flow() const { return this->flow_; }
  const WiringVerdict &verdict() const { return this->verdict_; }

  void add_settings(const ChipConfig &config, Settings &settings) override;
  void start(uint64_t /*now_us*/) override {}
  void stop(uint64_t now_us) override;
  void look(RegisterBus & /*bus*/, const Look & /*look*/) override {}
  void take_window(const Window &window, const WindowState &state, const Reading &reading) override;

 protected:
  WiringEvidence evidence_of_(const Window &window, const WindowState &state) const;

  Flow flow_{Flow::IMPORT};
  bool has_sequence_{true};
  LineSet lines_{};
  LineSet inverted_lines_{};   ///< Lines whose current is turned round by configuration.
  uint32_t least_voltage_{0};  ///< Code of the RMS below which a line is dead.
  WiringVerdict verdict_{};
  WiringVerdict candidate_{};  ///< Of the last window.
};

}  // namespace esphome::ade9000_wiring_check
