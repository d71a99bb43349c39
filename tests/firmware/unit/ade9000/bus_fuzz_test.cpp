#include "fuzz.h"

#include <gtest/gtest.h>

/// The bus disturbed at random while the load changes: 900,000 transactions. `scripts/lab fuzz` does ten times as many.

namespace {

using fuzz::Disturbance;

struct FuzzCase {
  const char *name;
  std::vector<Disturbance> kinds;
};

class DisturbedBus : public testing::TestWithParam<FuzzCase> {};

TEST_P(DisturbedBus, PublishesNothingFalse) {
  constexpr size_t TRANSACTIONS = 100'000;
  fuzz::Run run(20261127, GetParam().kinds);
  run.run(TRANSACTIONS);
  EXPECT_EQ(run.judge().complaints, std::vector<std::string>{});
  EXPECT_GT(run.judge().readings, 300U);
  EXPECT_GT(run.judge().values, 10'000U);
}

const FuzzCase CASES[] = {
    {"Noise", {Disturbance::NOISE}},
    {"StuckLow", {Disturbance::STUCK_LOW}},
    {"StuckHigh", {Disturbance::STUCK_HIGH}},
    {"LostFrames", {Disturbance::LOST}},
    {"TruncatedFrames", {Disturbance::TRUNCATED}},
    {"NoiseOnMosi", {Disturbance::COMMAND_NOISE}},
    {"BrownOuts", {Disturbance::BROWN_OUT}},
    {"BusyHost", {Disturbance::BUSY}},
    {"AllOfThem",
     {Disturbance::NOISE, Disturbance::STUCK_LOW, Disturbance::STUCK_HIGH, Disturbance::LOST, Disturbance::TRUNCATED,
      Disturbance::COMMAND_NOISE, Disturbance::BROWN_OUT, Disturbance::BUSY}},
};

INSTANTIATE_TEST_SUITE_P(By, DisturbedBus, testing::ValuesIn(CASES), [](const auto &info) { return info.param.name; });

}  // namespace
