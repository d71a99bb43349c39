#include "ade9000/window_clock.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace {

using esphome::ade9000::WindowClock;

constexpr uint64_t MS = 1'000;
constexpr uint64_t S = 1'000'000;

/// A clock whose first window was counted at 1 s, exactly when it ended.
WindowClock at_one_second() {
  WindowClock clock;
  clock.restart(0);
  clock.idle(1 * S - 1);
  clock.ended(1 * S);
  clock.take();
  return clock;
}

TEST(WindowClock, ForetellsTheEndOfAWindowWithinWhatWasSeen) {
  WindowClock clock = at_one_second();
  clock.idle(1990 * MS);
  clock.ended(2006 * MS);
  const WindowClock::Span span = clock.take();
  EXPECT_EQ(span.end_us, 2 * S);
  EXPECT_EQ(span.missing_us, 0U);
}

TEST(WindowClock, FollowsACrystalThatIsFaster) {
  WindowClock clock = at_one_second();
  clock.idle(1985 * MS);
  clock.ended(1999 * MS);
  EXPECT_EQ(clock.take().end_us, 1999 * MS);
}

TEST(WindowClock, CountsTheWindowsThatNobodySaw) {
  WindowClock clock = at_one_second();
  clock.idle(1500 * MS);
  clock.ended(5300 * MS);
  const WindowClock::Span span = clock.take();
  EXPECT_EQ(span.end_us, 5 * S);
  EXPECT_EQ(span.missing_us, 3 * S);
}

TEST(WindowClock, CountsAWindowInDoubtWithTheNextOne) {
  WindowClock clock = at_one_second();
  clock.idle(1500 * MS);
  // The window that ends at 4 s has ended or not.
  clock.ended(4 * S + 5 * MS);
  const WindowClock::Span doubtful = clock.take();
  EXPECT_EQ(doubtful.missing_us, 1 * S);
  clock.idle(4990 * MS);
  clock.ended(5003 * MS);
  const WindowClock::Span next = clock.take();
  EXPECT_EQ(next.end_us, 5 * S);
  EXPECT_EQ(next.missing_us, 1 * S);
}

TEST(WindowClock, NeverGivesLessThanOneWindow) {
  WindowClock clock = at_one_second();
  clock.ended(1100 * MS);
  EXPECT_EQ(clock.take().missing_us, 0U);
}

TEST(WindowClock, MeasuresTheGapOfARestart) {
  WindowClock clock = at_one_second();
  clock.restart(1400 * MS);
  clock.idle(2400 * MS);
  clock.ended(2464 * MS);
  const WindowClock::Span span = clock.take();
  EXPECT_EQ(span.missing_us, span.end_us - 2 * S);
  EXPECT_GE(span.end_us, 2400 * MS);
}

TEST(WindowClock, KnowsOfNothingMissingBeforeTheFirstWindow) {
  WindowClock clock;
  clock.restart(70 * MS);
  clock.idle(1060 * MS);
  clock.ended(1140 * MS);
  EXPECT_EQ(clock.take().missing_us, 0U);
}

TEST(WindowClock, CountsWindowsMissedRightAfterTheStart) {
  WindowClock clock;
  clock.restart(100 * MS);
  clock.ended(3700 * MS);
  EXPECT_EQ(clock.take().missing_us, 2 * S);
}

}  // namespace
