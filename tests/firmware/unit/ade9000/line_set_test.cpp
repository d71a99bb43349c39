#include "ade9000/line_set.h"

#include <gtest/gtest.h>

#include <vector>

/// Sets of the lines L1, L2 and L3, which are 0, 1 and 2.

namespace {

using namespace esphome::ade9000;

constexpr LineSet L1_L3{0b101};

std::vector<size_t> lines_of(LineSet lines) {
  std::vector<size_t> found;
  for (const size_t line : lines)
    found.push_back(line);
  return found;
}

TEST(LineSet, HasNoLineAtFirst) {
  EXPECT_TRUE(LineSet().is_empty());
  EXPECT_EQ(LineSet().size(), 0U);
  EXPECT_EQ(lines_of(LineSet()), std::vector<size_t>());
}

TEST(LineSet, HasTheLinesOfItsBits) {
  EXPECT_TRUE(L1_L3.contains(0));
  EXPECT_FALSE(L1_L3.contains(1));
  EXPECT_TRUE(L1_L3.contains(2));
  EXPECT_EQ(L1_L3.size(), 2U);
  EXPECT_EQ(L1_L3.bits(), 0b101U);
}

TEST(LineSet, HasNoLineBehindTheThird) {
  EXPECT_FALSE(ALL_LINES.contains(3));
  EXPECT_FALSE(ALL_LINES.contains(64));
  EXPECT_EQ(LineSet(0xFFFFFFF8), LineSet()) << "bits of a register that say something else";
  EXPECT_EQ(LineSet::of(3), LineSet());
}

TEST(LineSet, GoesThroughItsLinesUpwards) {
  EXPECT_EQ(lines_of(L1_L3), (std::vector<size_t>{0, 2}));
  EXPECT_EQ(lines_of(ALL_LINES), (std::vector<size_t>{0, 1, 2}));
}

TEST(LineSet, HasThoseOfWhichSomethingIsTrue) {
  EXPECT_EQ(LineSet::where([](size_t line) { return line != 1; }), L1_L3);
}

TEST(LineSet, JoinsMeetsAndTurnsRound) {
  constexpr LineSet L1_L2{0b011};
  EXPECT_EQ(L1_L2 | L1_L3, ALL_LINES);
  EXPECT_EQ(L1_L2 & L1_L3, LineSet::of(0));
  EXPECT_EQ(~L1_L3, LineSet::of(1));
  EXPECT_EQ(~ALL_LINES, LineSet());
}

TEST(LineSet, ChangesInItsPlace) {
  LineSet lines;
  lines |= LineSet::of(2);
  lines |= LineSet::of(0);
  EXPECT_EQ(lines, L1_L3);
  lines &= ~LineSet::of(0);
  EXPECT_EQ(lines, LineSet::of(2));
}

TEST(LineSet, TakesOneByte) { EXPECT_EQ(sizeof(LineSet), 1U); }

static_assert((L1_L3 | LineSet::of(1)) == ALL_LINES, "the compiler reckons with them as well");

}  // namespace
