#include "miswiring.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace esphome::ade9000_wiring_check;
using namespace esphome::ade9000;
using namespace miswiring;

constexpr double IMPORT = 0;
constexpr double EXPORT = 180;
constexpr const char *OR_EXPORT = "OK if power is exported now; else all CTs are reversed, or: ";
constexpr const char *OR_IMPORT = "OK if power is drawn now; else all CTs are reversed, or: ";

std::string judged(const WiringEvidence &evidence, Flow flow = Flow::IMPORT, bool has_sequence = true) {
  std::array<char, LONGEST_VERDICT> buffer;
  return describe(judge(evidence, has_sequence, flow), flow, buffer);
}

std::string judged(const Installation &installation, Flow flow = Flow::IMPORT) {
  return judged(installation.evidence(), flow);
}

/// Whether a wiring without a fault would look the same with some usual load while power flows the other way.
bool is_ambiguous(const Installation &installation, double direction) {
  for (int lag = -60; lag <= 60; lag++) {
    if (installation.looks_like(Installation::with({}, direction + 180 + lag)))
      return true;
  }
  return false;
}

struct FlowCase {
  const char *name;
  Flow flow;
  double direction;
  const char *prefix;  ///< Of what is nothing wrong where power flows the other way.
};

class Judged : public testing::TestWithParam<FlowCase> {
 protected:
  void expect(const Faults &faults, const std::array<double, 3> &lags_deg) {
    const double direction = GetParam().direction;
    const auto installation =
        Installation::with(faults, {direction + lags_deg[0], direction + lags_deg[1], direction + lags_deg[2]});
    const std::string text = judged(installation, GetParam().flow);
    const std::string name = name_of(faults);
    EXPECT_EQ(text, text.starts_with(GetParam().prefix) ? GetParam().prefix + name : name)
        << "loads lag " << lags_deg[0] << ", " << lags_deg[1] << ", " << lags_deg[2];
  }
};

TEST_P(Judged, EverySingleAndDoubleFaultIsNamedWithEveryLoad) {
  for (const Faults &faults : all_faults()) {
    for (double lag = -58; lag <= 58; lag += 2)
      this->expect(faults, {lag, lag, lag});
  }
}

TEST_P(Judged, EverySingleAndDoubleFaultIsNamedWithLoadsThatDiffer) {
  for (const Faults &faults : all_faults()) {
    // Two phases tell less than three: there loads may differ by 30° only.
    const bool has_three =
        std::none_of(faults.begin(), faults.end(), [](const Wrong &wrong) { return wrong.what == What::NO_VOLTAGE; });
    const double most = has_three ? 24 : 14;
    for (double lag = -34; lag <= 34; lag += 2) {
      for (const std::array<double, 3> &differences :
           {std::array<double, 3>{-1, 0, 1}, {1, -1, 0}, {0, 1, -1}, {1, 1, -1}, {-1, 1, -1}, {1, -1, -1}}) {
        this->expect(faults, {lag + most * differences[0], lag + most * differences[1], lag + most * differences[2]});
      }
    }
  }
}

TEST_P(Judged, AtAPowerFactorOfExactlyHalfALaggingLoadMayBeTakenForALeadingOneOfAnotherFault) {
  const double direction = GetParam().direction;
  for (const Faults &faults : all_faults()) {
    for (const double lag : {-60.0, 60.0}) {
      const auto installation = Installation::with(faults, direction + lag);
      const std::string text = judged(installation, GetParam().flow);
      std::vector<std::string> names{"OK"};
      if (!installation.looks_like(Installation::with({}, direction - lag)))
        names.clear();
      for (const Faults &others : all_faults()) {
        if (others.size() <= faults.size() && (installation.looks_like(Installation::with(others, direction - lag)) ||
                                               installation.looks_like(Installation::with(others, direction + lag))))
          names.push_back(name_of(others));
      }
      EXPECT_TRUE(std::any_of(names.begin(), names.end(), [&](const auto &name) { return text.ends_with(name); }))
          << name_of(faults) << " was called " << text;
    }
  }
}

TEST_P(Judged, AFaultOfWhichPowerTheOtherWayWouldMakeNoneSaysSo) {
  for (const Faults &faults : all_faults()) {
    for (const double lag : {-50.0, -20.0, 20.0, 50.0}) {
      const auto installation = Installation::with(faults, GetParam().direction + lag);
      EXPECT_EQ(judged(installation, GetParam().flow).starts_with(GetParam().prefix),
                is_ambiguous(installation, GetParam().direction))
          << name_of(faults);
    }
  }
}

TEST_P(Judged, AWiringWithoutFaultIsOk) {
  for (double lag = -60; lag <= 60; lag += 5)
    EXPECT_EQ(judged(Installation::with({}, GetParam().direction + lag), GetParam().flow), "OK");
}

INSTANTIATE_TEST_SUITE_P(Flows, Judged,
                         testing::Values(FlowCase{"Import", Flow::IMPORT, IMPORT, OR_EXPORT},
                                         FlowCase{"Export", Flow::EXPORT, EXPORT, OR_IMPORT}),
                         [](const auto &info) { return info.param.name; });

TEST(Faults, HaveTheSameNameExactlyWhereNobodyCanTellThemApart) {
  std::vector<Faults> sets = all_faults();
  sets.push_back({});
  for (const Faults &faults : sets) {
    for (const Faults &others : sets) {
      EXPECT_EQ(Installation::with(faults, 17).looks_like(Installation::with(others, 17)),
                name_of(faults) == name_of(others))
          << name_of(faults) << " and " << name_of(others);
    }
  }
}

TEST(Judgement, OfAllThreeCtsReversedLeavesOpenWhetherPowerIsExported) {
  // Loads with a power factor of 1: a lag of 180° is 120° of a shift and 60° of a load, too.
  EXPECT_TRUE(judged(Installation::with({}, 180)).starts_with(OR_EXPORT + std::string("CTs are shifted")));
}

TEST(Judgement, OfASingleLoadSaysWhereAnotherIsMissing) {
  auto installation = Installation::with({}, 20);
  installation.currents[1] = 0;
  EXPECT_EQ(judged(installation), "No load: switch something on at L2");
  installation.currents[2] = 0;
  EXPECT_EQ(judged(installation), "No load: switch something on at L2 and L3");
  installation.currents[0] = 0;
  EXPECT_EQ(judged(installation), "No load: switch something on at L1, L2 and L3");
}

TEST(Judgement, OfAFaultIsGivenBesideALoadThatIsMissing) {
  auto installation = Installation::with({CT1}, 20);
  installation.currents[2] = 0;
  EXPECT_EQ(judged(installation), "CT of L1 is reversed; no load on L3");
}

TEST(Judgement, OfOneLoadThatSeemsToExportIsThatItsCtIsReversed) {
  auto installation = Installation::with({CT1}, 20);
  installation.currents[1] = 0;
  installation.currents[2] = 0;
  EXPECT_EQ(judged(installation), "CT of L1 is reversed; no load on L2 and L3");
}

TEST(Judgement, OfADeadPhaseDoesNotMissItsLoad) {
  auto installation = Installation::with({N3}, 20);
  installation.currents[2] = 0;
  EXPECT_EQ(judged(installation), "No voltage on L3");
}

TEST(Judgement, NeedsAVoltage) { EXPECT_EQ(judged(Installation::with({N1, N2, N3}, 20)), "No voltage"); }

TEST(Judgement, IsUnclearWithThreeFaults) {
  EXPECT_TRUE(judged(Installation::with({CT1, V12, C13}, 0)).starts_with("Unclear: switch on a heater on every phase"));
}

TEST(Judgement, IsUnclearWithLoadsThatDifferTooMuch) {
  EXPECT_TRUE(judged(Installation::with({}, {-45, 0, 45})).starts_with("Unclear"));
}

TEST(Judgement, LeavesOutALineThatIsNotMeasured) {
  auto evidence = Installation::with({N3, CT1}, 20).evidence();
  evidence.lines = LineSet(0b011);
  evidence.voltages &= evidence.lines;
  evidence.currents &= evidence.lines;
  EXPECT_EQ(judged(evidence), "CT of L1 is reversed");
}

TEST(JudgementOfAnyFlow, TakesEveryPhaseThatExportsAsRight) {
  for (const std::array<double, 3> &lags :
       {std::array<double, 3>{0, 0, 0}, {180, 0, 0}, {10, 190, 200}, {180, 180, 180}})
    EXPECT_EQ(judged(Installation::with({}, lags), Flow::ANY), "OK");
}

TEST(JudgementOfAnyFlow, NamesWhatIsSwappedWhileOnePhaseExports) {
  for (const Wrong &wrong : {C12, C23, C13, V12, V23, V13, SEQ, N1, N2, N3}) {
    for (const double lag : {-25.0, 0.0, 25.0})
      EXPECT_EQ(judged(Installation::with({wrong}, {lag + 180, lag, lag}), Flow::ANY), wrong.text);
  }
}

/// Circuits with voltages at angles of their own: two phases at 180°, two of a net, or the same one three times.
struct SeparateCase {
  const char *name;
  std::array<double, 3> voltages_deg;
  LineSet lines;
};

class SeparatePhases : public testing::TestWithParam<SeparateCase> {
 protected:
  std::string judged_with(const Faults &faults, const std::array<double, 3> &lags_deg) const {
    auto installation = Installation::with({}, 0.0);
    for (size_t line = 0; line < 3; line++) {
      const double angle_deg = GetParam().voltages_deg[line];
      installation.voltages[line] = std::polar(120.0, angle_deg * DEGREE);
      installation.currents[line] = std::polar(10.0, (angle_deg - lags_deg[line]) * DEGREE);
    }
    for (const Wrong &wrong : faults)
      installation.break_line(wrong);
    auto evidence = installation.evidence();
    evidence.lines = GetParam().lines;
    evidence.voltages &= evidence.lines;
    evidence.currents &= evidence.lines;
    return judged(evidence, Flow::IMPORT, false);
  }
};

TEST_P(SeparatePhases, AreOkWithLoadsOfTheirOwn) {
  EXPECT_EQ(this->judged_with({}, {-60, 60, 0}), "OK");
  EXPECT_EQ(this->judged_with({}, {80, -80, 30}), "OK");
}

TEST_P(SeparatePhases, TellAReversedCt) {
  EXPECT_EQ(this->judged_with({CT1}, {-60, 60, 0}), "CT of L1 is reversed");
  EXPECT_EQ(this->judged_with({CT2}, {0, 50, 0}), "CT of L2 is reversed");
}

TEST_P(SeparatePhases, LeaveOpenWhetherAllCtsAreReversed) {
  EXPECT_EQ(this->judged_with({CT1, CT2, CT3}, {0, 50, -50}), "OK if power is exported now; else all CTs are reversed");
}

TEST_P(SeparatePhases, TellAVoltageThatIsMissing) {
  EXPECT_EQ(this->judged_with({N2}, {0, 50, 0}), "No voltage on L2");
}

INSTANTIATE_TEST_SUITE_P(Services, SeparatePhases,
                         testing::Values(SeparateCase{"SplitPhase", {0, 180, 0}, LineSet(0b011)},
                                         SeparateCase{"Network", {0, -120, 0}, LineSet(0b011)},
                                         SeparateCase{"SinglePhases", {0, 0, 0}, ALL_LINES}),
                         [](const auto &info) { return info.param.name; });

}  // namespace
