#include "connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace esphome::ade9000_wiring_check {

namespace {

constexpr const char *LINE_NAMES[] = {"L1", "L2", "L3"};

/// Return the lines that are not at their own input.
LineSet displaced(const std::array<uint8_t, LINE_COUNT> &line_of) {
  return LineSet::where([&](size_t input) { return line_of[input] != input; });
}

/// Statements of what is wrong, one after the other.
class Statements {
 public:
  explicit Statements(Text &text) : text_(text) {}

  void add(const char *statement) {
    this->text_.add(this->is_first_ ? "" : "; ");
    this->text_.add(statement);
    this->is_first_ = false;
  }

  /// State something of some lines; nothing where there are none.
  void add(const char *what, LineSet lines, const char *predicate) {
    if (lines.is_empty())
      return;
    this->add(what);
    this->text_.add_lines(lines);
    this->text_.add(predicate);
  }

  /// State that all three lines are at inputs of others.
  void add_shift(const char *what, const std::array<uint8_t, LINE_COUNT> &line_of) {
    this->add(what);
    for (size_t input = 0; input < LINE_COUNT; input++) {
      this->text_.add(input == 0 ? "" : ", ");
      this->text_.add(LINE_NAMES[line_of[input]]);
      this->text_.add(" is at ");
      this->text_.add(LINE_NAMES[input]);
    }
  }

 protected:
  Text &text_;
  bool is_first_{true};
};

}  // namespace

Connection with_fault(Connection connection, const Fault &fault) {
  switch (fault.kind) {
    case Fault::Kind::CT_REVERSED:
      connection.reversed_cts |= LineSet::of(fault.line);
      break;
    case Fault::Kind::CTS_SWAPPED:
      std::swap(connection.current_of[fault.line], connection.current_of[fault.other]);
      break;
    case Fault::Kind::VOLTAGES_SWAPPED:
      std::swap(connection.voltage_of[fault.line], connection.voltage_of[fault.other]);
      break;
    case Fault::Kind::NO_VOLTAGE:
      connection.dead_lines |= LineSet::of(fault.line);
      break;
    case Fault::Kind::SEQUENCE_REVERSED:
      connection.is_reversed = true;
      break;
  }
  return connection;
}

void Text::add(const char *text) {
  const size_t length = std::min(std::strlen(text), this->buffer_.size() - 1 - this->length_);
  std::memcpy(this->buffer_.data() + this->length_, text, length);
  this->length_ += length;
  this->buffer_[this->length_] = '\0';
}

void Text::add_lines(LineSet lines) {
  size_t left = lines.size();
  for (const size_t line : lines) {
    this->add(LINE_NAMES[line]);  // NOLINT(clang-analyzer-security.ArrayBound): it ends before an empty set is counted.
    left--;
    if (left > 0)
      this->add(left == 1 ? " and " : ", ");
  }
}

void describe(const Connection &connection, Text &text) {
  Statements statements(text);
  for (size_t line = 0; line < LINE_COUNT; line++)
    statements.add("CT of ", connection.reversed_cts & LineSet::of(line), " is reversed");
  if (const LineSet lines = displaced(connection.current_of); lines.size() == 2) {
    statements.add("CTs of ", lines, " are swapped");
  } else if (!lines.is_empty()) {
    statements.add_shift("CTs are shifted: ", connection.current_of);
  }
  // All three voltages shifted one way can't be told from all three CTs shifted the other way, which is what is said.
  statements.add("Voltages of ", displaced(connection.voltage_of), " are swapped");
  statements.add("No voltage on ", connection.dead_lines, "");
  if (connection.is_reversed)
    statements.add("Phase sequence is L1-L3-L2");
}

}  // namespace esphome::ade9000_wiring_check
