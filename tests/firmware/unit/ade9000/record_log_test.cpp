#include "ade9000/record_log.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace esphome::ade9000 {
namespace {

constexpr uint32_t WINDOW = 4;
constexpr int64_t NOON_MS = 1'793'620'800'000;  // 2026-11-02T12:00:00Z

/// A log of `capacity` records, fed with one reading a second; time stands still unless a test moves it.
class RecordLogTest : public ::testing::Test {
 protected:
  RecordLogTest() { this->use(8); }

  void use(size_t capacity) {
    this->log = RecordLog();
    this->storage = std::vector<Record>(capacity);
    this->log.begin(this->storage, WINDOW);
  }

  static Reading reading_at(uint64_t second) {
    Reading reading;
    reading.uptime_us = second * 1'000'000;
    reading.span_ms = 1000;
    return reading;
  }

  /// Append readings until there were `last` in all, dated when the clock is set.
  void append_until(uint32_t last, bool is_clock_set = true) {
    while (this->appended < last) {
      this->appended++;
      this->log.append(reading_at(this->appended), is_clock_set ? NOON_MS + 1000 * this->appended : Record::UNDATED);
    }
  }

  /// Send all that the log offers and return the numbers.
  std::vector<uint32_t> send() {
    std::vector<uint32_t> sent;
    while (const Record *record = this->log.next(this->now_ms)) {
      sent.push_back(record->seq);
      this->log.mark_sent(*record);
    }
    return sent;
  }

  /// Return the oldest record, by asking for everything.
  const Record &oldest() {
    this->log.request_all(this->now_ms);
    return *this->log.next(this->now_ms);
  }

  using Numbers = std::vector<uint32_t>;

  std::vector<Record> storage;
  RecordLog log;
  uint32_t appended{0};
  uint64_t now_ms{100'000};
};

TEST(Record, HasTheSizeThatTheConfigurationReckonsWith) {
  // 520 bytes, and 8 for each of 48 counters that a device may be built without (energy_groups.py).
  EXPECT_EQ(sizeof(Record), 904U);
}

TEST_F(RecordLogTest, NumbersRecordsFromOneWithoutGaps) {
  this->append_until(3);
  this->log.request_all(this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{1, 2, 3}));
}

TEST_F(RecordLogTest, SendsNothingBeforeTheFirstCall) {
  this->append_until(3);
  EXPECT_EQ(this->log.next(this->now_ms), nullptr);
}

TEST_F(RecordLogTest, SendsNoMoreThanAWindowPerCall) {
  this->append_until(8);
  this->log.request_all(this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{1, 2, 3, 4}));
}

TEST_F(RecordLogTest, SendsRecordsAsTheyComeWithinTheCredit) {
  this->append_until(1);
  this->log.request(0, this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{1}));
  this->append_until(6);
  EXPECT_EQ(this->send(), (Numbers{2, 3, 4}));
}

TEST_F(RecordLogTest, ProgressAcknowledgesAndGoesOnAfterWhatWasSent) {
  this->append_until(8);
  this->log.request(0, this->now_ms);
  this->send();
  this->log.request(2, this->now_ms);
  EXPECT_EQ(this->log.size(), 6);
  EXPECT_EQ(this->send(), (Numbers{5, 6}));
}

TEST_F(RecordLogTest, NoProgressSendsAgain) {
  this->append_until(6);
  this->log.request(0, this->now_ms);
  this->send();
  this->log.request(2, this->now_ms);
  this->send();
  this->log.request(2, this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{3, 4, 5, 6}));
}

TEST_F(RecordLogTest, AskingForEverythingDropsNothingAndStartsAtTheOldest) {
  this->append_until(3);
  this->log.request(0, this->now_ms);
  this->send();
  this->log.request_all(this->now_ms);
  EXPECT_EQ(this->log.size(), 3);
  EXPECT_EQ(this->send(), (Numbers{1, 2, 3}));
}

TEST_F(RecordLogTest, TheFirstAcknowledgementAfterAskingForEverythingIsProgress) {
  this->append_until(8);
  this->log.request_all(this->now_ms);
  this->send();
  this->log.request(2, this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{5, 6}));
}

TEST_F(RecordLogTest, DoesNotBelieveAnAcknowledgementOfWhatWasNeverSent) {
  this->append_until(8);
  this->log.request(0, this->now_ms);
  this->send();
  this->log.request(1000, this->now_ms);
  EXPECT_EQ(this->log.size(), 4);
  EXPECT_EQ(this->send(), (Numbers{5, 6, 7, 8}));
}

TEST_F(RecordLogTest, CreditLivesForSixtySeconds) {
  this->append_until(2);
  this->log.request(0, this->now_ms);
  this->now_ms += 59'999;
  EXPECT_NE(this->log.next(this->now_ms), nullptr);
  this->now_ms += 1;
  EXPECT_EQ(this->log.next(this->now_ms), nullptr);
  this->log.request(0, this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{1, 2}));
}

TEST_F(RecordLogTest, AfterAStopTheNextCallHasNoCallBeforeIt) {
  this->append_until(4);
  this->log.request(0, this->now_ms);
  this->send();
  this->log.stop();
  EXPECT_EQ(this->log.next(this->now_ms), nullptr);
  this->log.request(2, this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{3, 4})) << "3 and 4 may have been lost with the connection";
}

TEST_F(RecordLogTest, ARecordIsOfferedUntilItIsMarkedAsSent) {
  this->append_until(2);
  this->log.request(0, this->now_ms);
  EXPECT_EQ(this->log.next(this->now_ms)->seq, 1);
  EXPECT_EQ(this->log.next(this->now_ms)->seq, 1);
}

TEST_F(RecordLogTest, AFullLogMergesItsTwoOldestRecords) {
  this->append_until(10);
  EXPECT_EQ(this->log.size(), 8);
  const Record &merged = this->oldest();
  EXPECT_EQ(merged.first, 1);
  EXPECT_EQ(merged.seq, 3);
  EXPECT_EQ(merged.reading.span_ms, 3000);
  EXPECT_EQ(merged.reading.uptime_us, 3'000'000);
  EXPECT_EQ(merged.t_ms, NOON_MS + 3000);
  EXPECT_TRUE(merged.reading.flags & FLAG_MERGED);
  EXPECT_EQ(this->send(), (Numbers{3, 4, 5, 6}));
}

TEST_F(RecordLogTest, AMergedRecordHasTheNewerCountersAndTheMeanOfBoth) {
  this->use(2);
  for (const auto &[volts, energy] : {std::pair{228.0F, 100}, {231.0F, 250}, {234.0F, 470}, {99.0F, 999}}) {
    Reading reading = reading_at(++this->appended);
    reading.set(Quantity::VOLTAGE, Phase::L1, volts);
    set_counter(reading.counters, Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1, energy);
    this->log.append(reading, Record::UNDATED);
  }
  const Record &merged = this->oldest();
  EXPECT_EQ(merged.seq, 3);
  EXPECT_FLOAT_EQ(merged.reading.get(Quantity::VOLTAGE, Phase::L1), 231.0F);
  EXPECT_EQ(merged.reading.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1), 470);
}

TEST_F(RecordLogTest, AMergeStartsAnewWhenTheMergedRecordWasAcknowledged) {
  this->use(2);
  this->append_until(3);
  this->log.request_all(this->now_ms);
  this->send();
  this->log.request(2, this->now_ms);
  this->append_until(5);
  const Record &merged = this->oldest();
  EXPECT_EQ(merged.first, 3);
  EXPECT_EQ(merged.seq, 4);
  EXPECT_EQ(merged.reading.span_ms, 2000);
}

TEST_F(RecordLogTest, ARecordThatMergedWithAnUnsentOneIsSentAgainAsAnOverlap) {
  this->append_until(1);
  this->log.request(0, this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{1}));
  this->append_until(9);
  const Record *next = this->log.next(this->now_ms);
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->first, 1);
  EXPECT_EQ(next->seq, 2);
}

TEST_F(RecordLogTest, AnAcknowledgementInsideAMergedRecordKeepsIt) {
  this->append_until(8);
  this->log.request_all(this->now_ms);
  this->send();
  this->append_until(10);
  this->log.request(2, this->now_ms);
  EXPECT_EQ(this->oldest().seq, 3);
}

TEST_F(RecordLogTest, ALongOutageStillGivesCreditForAWholeWindow) {
  this->append_until(1000);
  this->log.request_all(this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{993, 994, 995, 996}));
  this->log.request(993, this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{997}));
}

TEST_F(RecordLogTest, OnlyTheFirstRecordOfABootIsRebooted) {
  this->append_until(2);
  EXPECT_TRUE(this->storage[0].reading.flags & FLAG_REBOOTED);
  EXPECT_FALSE(this->storage[1].reading.flags & FLAG_REBOOTED);
}

TEST_F(RecordLogTest, SettingTheClockDatesWhatWasNeverSent) {
  this->append_until(2, /* is_clock_set= */ false);
  this->log.request(0, this->now_ms);
  const Record *first = this->log.next(this->now_ms);
  EXPECT_EQ(first->t_ms, Record::UNDATED);
  this->log.mark_sent(*first);
  this->append_until(3);
  EXPECT_EQ(this->oldest().t_ms, Record::UNDATED) << "the receiver has dated it by its age";
  this->log.mark_sent(this->oldest());
  EXPECT_EQ(this->log.next(this->now_ms)->t_ms, NOON_MS + 2000);
}

TEST_F(RecordLogTest, FlagsTheRecordInWhichTheClockWasSet) {
  this->append_until(1, /* is_clock_set= */ false);
  this->append_until(3);
  EXPECT_TRUE(this->storage[1].reading.flags & FLAG_CLOCK);
  EXPECT_FALSE(this->storage[2].reading.flags & FLAG_CLOCK);
}

TEST_F(RecordLogTest, FlagsTheRecordInWhichTheClockWasSteppedButNotOneWithDrift) {
  this->append_until(1);
  this->log.append(reading_at(2), NOON_MS + 2000 + 40);
  this->log.append(reading_at(3), NOON_MS + 3000 + 40 - 3'600'000);
  EXPECT_FALSE(this->storage[1].reading.flags & FLAG_CLOCK);
  EXPECT_TRUE(this->storage[2].reading.flags & FLAG_CLOCK);
}

TEST_F(RecordLogTest, FlagsWhatCouldNotBeSentWhenItWasMade) {
  this->append_until(2);
  this->log.request(0, 2000);
  this->append_until(5);
  EXPECT_TRUE(this->storage[1].reading.flags & FLAG_LOGGED) << "nobody had asked";
  EXPECT_FALSE(this->storage[2].reading.flags & FLAG_LOGGED);
  EXPECT_TRUE(this->storage[4].reading.flags & FLAG_LOGGED) << "beyond the window";
}

TEST_F(RecordLogTest, FlagsWhatWasMadeAfterTheCreditEnded) {
  this->log.request(0, 0);
  this->log.append(reading_at(59), NOON_MS);
  this->log.append(reading_at(60), NOON_MS + 1000);
  EXPECT_FALSE(this->storage[0].reading.flags & FLAG_LOGGED);
  EXPECT_TRUE(this->storage[1].reading.flags & FLAG_LOGGED);
}

}  // namespace
}  // namespace esphome::ade9000
