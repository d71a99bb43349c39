#pragma once

#include "esphome/components/ade9000/line_set.h"
#include "esphome/components/ade9000/quantities.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace esphome::ade9000_wiring_check {

using namespace ade9000;

/// How the sensors of an installation are connected to the meter. Lines are 0 for L1 to 2 for L3. The CT of a line is
/// the one around it, wherever it is connected.
struct Connection {
  std::array<uint8_t, LINE_COUNT> voltage_of{0, 1, 2};  ///< For each voltage input the line that is connected to it.
  std::array<uint8_t, LINE_COUNT> current_of{0, 1,
                                             2};  ///< For each current input the line whose CT is connected to it.
  LineSet reversed_cts{};                         ///< Lines whose CT is the wrong way round.
  LineSet dead_lines{};                           ///< Lines without a voltage.
  bool is_reversed{false};                        ///< The phase sequence is L1-L3-L2.

  bool operator==(const Connection &) const = default;
};

/// One thing that can be wrong.
struct Fault {
  enum class Kind : uint8_t { CT_REVERSED, CTS_SWAPPED, VOLTAGES_SWAPPED, NO_VOLTAGE, SEQUENCE_REVERSED };

  Kind kind;
  uint8_t line{0};
  uint8_t other{0};  ///< The line that it is swapped with.

  bool is_swap() const { return this->kind == Kind::CTS_SWAPPED || this->kind == Kind::VOLTAGES_SWAPPED; }

  /// Tell whether all lines that it is about are among some.
  bool is_among(LineSet lines) const { return lines.contains(this->line) && lines.contains(this->other); }
};

/// Every single fault. Of two explanations with as many faults and the same angles the first one is given.
inline constexpr Fault FAULTS[] = {
    {Fault::Kind::CT_REVERSED, 0, 0},      {Fault::Kind::CT_REVERSED, 1, 1},      {Fault::Kind::CT_REVERSED, 2, 2},
    {Fault::Kind::CTS_SWAPPED, 0, 1},      {Fault::Kind::CTS_SWAPPED, 1, 2},      {Fault::Kind::CTS_SWAPPED, 0, 2},
    {Fault::Kind::VOLTAGES_SWAPPED, 0, 1}, {Fault::Kind::VOLTAGES_SWAPPED, 1, 2}, {Fault::Kind::VOLTAGES_SWAPPED, 0, 2},
    {Fault::Kind::NO_VOLTAGE, 0, 0},       {Fault::Kind::NO_VOLTAGE, 1, 1},       {Fault::Kind::NO_VOLTAGE, 2, 2},
    {Fault::Kind::SEQUENCE_REVERSED},
};

/// Return a connection with one more fault.
Connection with_fault(Connection connection, const Fault &fault);

/// A text of limited length that needs no memory of its own.
class Text {
 public:
  explicit Text(std::span<char> buffer) : buffer_(buffer) { this->buffer_[0] = '\0'; }

  void add(const char *text);
  /// Add "L1", "L1 and L2" or "L1, L2 and L3".
  void add_lines(LineSet lines);
  bool is_empty() const { return this->length_ == 0; }

 protected:
  std::span<char> buffer_;
  size_t length_{0};
};

/// Add what is wrong with a connection, in words for the person who can put it right; nothing where nothing is.
void describe(const Connection &connection, Text &text);

}  // namespace esphome::ade9000_wiring_check
