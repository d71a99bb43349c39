#include "ade9000_power_quality/event_log.h"
#include "ade9000_power_quality/event_wire.h"

#include "written.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace esphome::ade9000_power_quality {
namespace {

constexpr uint32_t WINDOW = 4;
constexpr int64_t NOON_MS = 1'793'620'800'000;  // 2026-11-02T12:00:00Z

/// A log of `capacity` events, of which one begins each second.
class EventLogTest : public ::testing::Test {
 protected:
  EventLogTest() { this->use(EventLog::FEWEST_RECORDS); }

  void use(size_t capacity) {
    this->log = EventLog();
    this->storage = std::vector<EventRecord>(capacity);
    this->log.begin(this->storage, WINDOW);
  }

  static PowerEvent event_of(EventType type, float percent, uint32_t id) {
    PowerEvent event;
    event.id = id;
    event.type = type;
    event.phase = Phase::L2;
    event.is_over = true;
    event.start_us = id * 1'000'000ULL;
    event.duration_ms = 120;
    event.resolution_ms = 10;
    event.value = percent * 2.3F;
    event.percent = percent;
    return event;
  }

  void append(EventType type, float percent, bool is_clock_set = true) {
    this->appended++;
    this->log.append(event_of(type, percent, this->appended),
                     is_clock_set ? NOON_MS + 1000 * this->appended : EventRecord::UNDATED);
  }

  void append_dips(uint32_t count) {
    for (uint32_t dip = 0; dip < count; dip++)
      this->append(EventType::DIP, 60);
  }

  std::vector<uint32_t> send() {
    std::vector<uint32_t> sent;
    while (const EventRecord *record = this->log.next(this->now_ms)) {
      sent.push_back(record->seq);
      this->log.mark_sent(*record);
    }
    return sent;
  }

  /// Send everything, window after window.
  std::vector<uint32_t> send_all() {
    std::vector<uint32_t> all;
    this->log.request_all(this->now_ms);
    for (auto sent = this->send(); !sent.empty(); sent = this->send()) {
      all.insert(all.end(), sent.begin(), sent.end());
      this->log.request(all.back(), this->now_ms);
    }
    return all;
  }

  using Numbers = std::vector<uint32_t>;

  std::vector<EventRecord> storage;
  EventLog log;
  uint32_t appended{0};
  uint64_t now_ms{100'000};
};

TEST_F(EventLogTest, SendsNothingBeforeTheFirstCall) {
  this->append_dips(2);
  EXPECT_EQ(this->log.next(this->now_ms), nullptr);
}

TEST_F(EventLogTest, SendsAWindowPerCallAndWhatComesWithinTheCredit) {
  this->append_dips(3);
  this->log.request_all(this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{1, 2, 3}));
  this->append_dips(3);
  EXPECT_EQ(this->send(), (Numbers{4}));
}

TEST_F(EventLogTest, ProgressAcknowledgesAndNoProgressSendsAgain) {
  this->append_dips(4);
  this->log.request_all(this->now_ms);
  this->send();
  this->log.request(2, this->now_ms);
  EXPECT_EQ(this->log.size(), 2U);
  EXPECT_EQ(this->send(), (Numbers{}));
  this->log.request(2, this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{3, 4}));
}

TEST_F(EventLogTest, DoesNotBelieveAnAcknowledgementOfWhatWasNeverSent) {
  this->append_dips(3);
  this->log.request(1000, this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{1, 2, 3}));
}

TEST_F(EventLogTest, StopsWithTheConnection) {
  this->append_dips(2);
  this->log.request_all(this->now_ms);
  this->log.stop();
  EXPECT_EQ(this->log.next(this->now_ms), nullptr);
}

TEST_F(EventLogTest, AFullLogKeepsTheWorstOfEachTypeAndTheNewest) {
  this->append(EventType::DIP, 80);
  this->append(EventType::DIP, 15);
  this->append(EventType::SWELL, 131);
  this->append(EventType::SWELL, 112);
  this->append(EventType::OVER_CURRENT, 190);
  this->append(EventType::INTERRUPTION, 1);
  this->append_dips(10);
  EXPECT_EQ(this->send_all(), (Numbers{2, 3, 5, 6, 13, 14, 15, 16}));
}

TEST_F(EventLogTest, CountsWhatHadToGoByType) {
  this->append(EventType::SWELL, 112);
  this->append(EventType::SWELL, 131);
  this->append_dips(12);
  const EventLog::Counts &dropped = this->log.dropped();
  EXPECT_EQ(dropped[static_cast<size_t>(EventType::SWELL)], 1U);
  EXPECT_EQ(dropped[static_cast<size_t>(EventType::DIP)], 5U);
  EXPECT_EQ(this->log.size(), 8U);
}

TEST_F(EventLogTest, OfAnEventThatWasToldTwiceTheEndIsKept) {
  for (uint32_t number = 0; number < 20; number++) {
    PowerEvent event = event_of(EventType::PHASE_LOSS, 0, number + 1);
    event.duration_ms = 2000;
    event.is_over = number % 2 == 1;
    this->log.append(event, NOON_MS);
  }
  this->log.append(event_of(EventType::DIP, 50, 30), NOON_MS);
  EXPECT_TRUE(std::any_of(this->storage.begin(), this->storage.end(), [](const EventRecord &record) {
    return record.event.type == EventType::PHASE_LOSS && record.event.is_over;
  }));
}

TEST_F(EventLogTest, WorstOfTypesWithoutAValueIsTheLongest) {
  PowerEvent event = event_of(EventType::WRONG_SEQUENCE, 0, 1);
  event.percent = NAN;
  event.duration_ms = 90'000;
  this->log.append(event, NOON_MS);
  for (uint32_t number = 2; number < 20; number++) {
    event.duration_ms = number;
    this->log.append(event, NOON_MS);
  }
  EXPECT_EQ(this->send_all().front(), 1U);
}

TEST_F(EventLogTest, GivesCreditForAWholeWindowThoughNumbersAreMissing) {
  this->append(EventType::SWELL, 131);
  this->append_dips(30);
  this->log.request_all(this->now_ms);
  EXPECT_EQ(this->send(), (Numbers{1, 25, 26, 27}));
}

TEST_F(EventLogTest, SettingTheClockDatesWhatWasNeverSent) {
  this->append(EventType::DIP, 50, /* is_clock_set= */ false);
  this->append(EventType::DIP, 50, /* is_clock_set= */ false);
  this->log.request_all(this->now_ms);
  this->log.mark_sent(*this->log.next(this->now_ms));
  this->append(EventType::DIP, 50);
  EXPECT_EQ(this->storage[0].t_ms, EventRecord::UNDATED) << "the receiver has dated it by its age";
  EXPECT_EQ(this->storage[1].t_ms, NOON_MS + 2000);
}

class EventWire : public EventLogTest {
 protected:
  std::map<std::string, std::string> encoded(const EventRecord &record, const EventLog::Counts &dropped = {}) {
    three_phase_wire::Written<WireEvent::CAPACITY> written;
    WireEvent(written).encode("meter", "0123abcd", record, dropped, 90'000);
    return written.fields;
  }
};

TEST_F(EventWire, SaysWhatAnEventWas) {
  EventRecord record{.event = event_of(EventType::OVER_CURRENT, 151.26F, 7), .seq = 9, .t_ms = NOON_MS + 7};
  record.event.flags = FLAG_OPEN_START | FLAG_OPEN_END;
  const std::map<std::string, std::string> expected{{"v", "1"},
                                                    {"meter", "meter"},
                                                    {"boot", "0123abcd"},
                                                    {"seq", "9"},
                                                    {"id", "7"},
                                                    {"type", "over_current"},
                                                    {"phase", "L2"},
                                                    {"state", "end"},
                                                    {"t", "1793620800007"},
                                                    {"up", "7000"},
                                                    {"duration", "120"},
                                                    {"resolution", "10"},
                                                    {"value", "347.898"},
                                                    {"percent", "151.26"},
                                                    {"flags", "open_start,open_end"},
                                                    {"dropped", "1,0,0,0,0,0,20"}};
  EXPECT_EQ(this->encoded(record, {1, 0, 0, 0, 0, 0, 20}), expected);
}

TEST_F(EventWire, LeavesOutWhatIsNotKnown) {
  EventRecord record{.event = event_of(EventType::WRONG_SEQUENCE, NAN, 7), .seq = 9};
  record.event.is_over = false;
  record.event.phase = Phase::TOTAL;
  const auto fields = this->encoded(record);
  EXPECT_EQ(fields.at("state"), "begin");
  EXPECT_EQ(fields.at("t"), "");
  EXPECT_EQ(fields.at("age"), "83000");
  EXPECT_EQ(fields.at("value"), "");
  EXPECT_EQ(fields.at("percent"), "");
  EXPECT_EQ(fields.at("phase"), "");
  EXPECT_FALSE(fields.contains("duration"));
}

TEST_F(EventWire, HoldsTheLongestFields) {
  EventRecord record{.event = event_of(EventType::NEUTRAL_MISMATCH, 9.9e9F, UINT32_MAX), .seq = UINT32_MAX};
  record.t_ms = INT64_MAX;
  record.event.value = -9.9e9F;
  record.event.duration_ms = record.event.resolution_ms = UINT32_MAX;
  record.event.flags = 0xFF;
  EventLog::Counts dropped;
  dropped.fill(UINT32_MAX);
  EXPECT_EQ(this->encoded(record, dropped).at("dropped").size(), 7 * 10 + 6U);
}

}  // namespace
}  // namespace esphome::ade9000_power_quality
