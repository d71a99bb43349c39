#include "ade9000_waveform/waveform_wire.h"
#include "bench.h"
#include "written.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <vector>

namespace {

using namespace bench;
using namespace esphome::ade9000_waveform;

constexpr WaveChannels VOLTAGES_OF_L1_AND_L3 = 0b0010'0010;
constexpr WireOrigin DATED{"meter", "0123abcd", 7'200'123'456, 1'793'620'800'123, 7'300'000'000};
constexpr WireOrigin UNDATED{"meter", "0123abcd", 5'000'000, 0, 5'432'000};

/// Decode base64 by its definition: four digits are 24 bits.
std::vector<uint8_t> decoded(const std::string &text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<uint8_t> bytes;
  for (size_t at = 0; at < text.size(); at += 4) {
    uint32_t group = 0;
    size_t padding = 0;
    for (size_t digit = 0; digit < 4; digit++) {
      padding += text[at + digit] == '=' ? 1 : 0;
      group = group << 6 | (text[at + digit] == '=' ? 0 : static_cast<uint32_t>(digits.find(text[at + digit])));
    }
    for (size_t byte = 0; byte < 3 - padding; byte++)
      bytes.push_back(static_cast<uint8_t>(group >> (16 - 8 * byte)));
  }
  return bytes;
}

/// A meter that has captured the voltages of L1 and L3.
class WaveformWire : public testing::Test {
 protected:
  WaveformWire() {
    this->bench.sim.set_scenario(balanced(10));
    this->capture.begin(this->storage);
    this->bench.chip.extend(this->capture);
    this->bench.chip.configure({});
    this->bench.chip.start(0);
    this->bench.run_until(4 * S);
    this->capture.request(VOLTAGES_OF_L1_AND_L3, WaveformCause::DEMAND, this->bench.now_us);
    this->bench.run_until(6 * S);
  }

  std::map<std::string, std::string> chunk(size_t number, const WireOrigin &origin = DATED) {
    this->event.encode_chunk(origin, this->capture, number, crc_of(this->capture));
    return this->written.fields;
  }

  std::vector<int16_t> storage = std::vector<int16_t>(2 * RESAMPLED_POINTS);
  WaveformCapture capture;
  Bench bench;
  esphome::three_phase_wire::Written<WaveformEvent::CAPACITY> written;
  WaveformEvent event{this->written};
};

TEST_F(WaveformWire, AChunkTellsWhatItIs) {
  auto fields = this->chunk(6);
  EXPECT_EQ(fields["v"], "1");
  EXPECT_EQ(fields["meter"], "meter");
  EXPECT_EQ(fields["boot"], "0123abcd");
  EXPECT_EQ(fields["t"], "1793620800123");
  EXPECT_EQ(fields["up"], "7200123");
  EXPECT_EQ(fields["id"], "1");
  EXPECT_EQ(fields["cause"], "demand");
  EXPECT_EQ(fields["kind"], "resampled");
  EXPECT_EQ(fields["rate"], "128");
  EXPECT_EQ(fields["f"], "50.0000");
  EXPECT_EQ(fields["channel"], "l3_voltage");
  EXPECT_EQ(fields["unit"], "V");
  EXPECT_NEAR(std::stod(fields["scale"]), 801.0 / 18196 * 32768, 0.001);
  EXPECT_EQ(fields["chunk"], "6");
  EXPECT_EQ(fields["chunks"], "8");
  EXPECT_EQ(fields["first"], "256");
}

TEST_F(WaveformWire, AnUndatedWaveformHasAnAge) {
  auto fields = this->chunk(0, UNDATED);
  EXPECT_EQ(fields["t"], "");
  EXPECT_EQ(fields["age"], "432");
}

TEST_F(WaveformWire, ChunksHaveAllSamplesHighByteFirstAndTheirCrc) {
  std::vector<uint8_t> all;
  for (size_t number = 0; number < 8; number++) {
    const auto bytes = decoded(this->chunk(number)["data"]);
    ASSERT_EQ(bytes.size(), 256U);
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  const auto first = this->capture.samples(WaveChannel::L1_VOLTAGE);
  const auto second = this->capture.samples(WaveChannel::L3_VOLTAGE);
  for (size_t index = 0; index < 512; index++) {
    EXPECT_EQ(static_cast<int16_t>(all[2 * index] << 8 | all[2 * index + 1]), first[index]);
    EXPECT_EQ(static_cast<int16_t>(all[1024 + 2 * index] << 8 | all[1024 + 2 * index + 1]), second[index]);
  }
  // CRC-16/CCITT bit by bit over the bytes as they were received.
  uint32_t crc = 0xFFFF;
  for (size_t bit = 0; bit < 8 * all.size(); bit++) {
    const uint32_t input = all[bit / 8] >> (7 - bit % 8) & 1U;
    crc = (crc >> 15 & 1U) != input ? (crc << 1 ^ 0x1021U) & 0xFFFFU : crc << 1 & 0xFFFFU;
  }
  EXPECT_EQ(this->chunk(0)["crc"], std::to_string(crc));
}

TEST_F(WaveformWire, AFailureHasNoChunks) {
  this->event.encode_failure(DATED, 3, "The chip does not measure");
  const auto &fields = this->written.fields;
  EXPECT_EQ(fields.at("id"), "3");
  EXPECT_EQ(fields.at("chunks"), "0");
  EXPECT_EQ(fields.at("error"), "The chip does not measure");
}

TEST_F(WaveformWire, HarmonicsAreTwoListsWithEmptyPlacesWhereAnAngleIsNotKnown) {
  Harmonics harmonics;
  harmonics.channel = WaveChannel::L1_CURRENT;
  harmonics.rms.fill(0);
  harmonics.angle_deg.fill(NAN);
  harmonics.rms[0] = 12.3456f;
  harmonics.rms[4] = 1.5f;
  harmonics.angle_deg[0] = -30.04f;
  harmonics.angle_deg[4] = 179.96f;
  harmonics.distortion = 0.1215f;
  this->event.encode_harmonics(DATED, this->capture.waveform(), harmonics);
  const auto &fields = this->written.fields;
  EXPECT_EQ(fields.at("channel"), "l1_current");
  EXPECT_EQ(fields.at("unit"), "A");
  EXPECT_EQ(fields.at("thd"), "0.12150");
  EXPECT_EQ(fields.at("rms").substr(0, 36), "12.346,0.000,0.000,0.000,1.500,0.000");
  EXPECT_EQ(fields.at("angle"), "-30.0,,,,180.0" + std::string(35, ','));
}

TEST_F(WaveformWire, EveryEventFitsIntoOneKilobyte) {
  Harmonics harmonics;
  harmonics.rms.fill(99'999.999f);
  harmonics.angle_deg.fill(-179.9f);
  harmonics.distortion = 8;
  this->event.encode_harmonics(DATED, this->capture.waveform(), harmonics);
  size_t length = 0;
  for (const auto &[key, value] : this->written.fields)
    length += key.size() + value.size();
  EXPECT_LE(length, 1024U);
}

class DeliveryOfAWaveform : public WaveformWire {
 protected:
  DeliveryOfAWaveform() { this->delivery.offer(this->capture, 0); }

  /// Send until nothing is due, and return the numbers of the chunks.
  std::vector<size_t> sent() {
    std::vector<size_t> chunks;
    for (; this->delivery.is_due(this->capture); this->delivery.mark_sent())
      chunks.push_back(this->delivery.next());
    return chunks;
  }

  WaveformDelivery delivery;
};

TEST_F(DeliveryOfAWaveform, SendsEachChunkOnce) {
  EXPECT_EQ(this->sent(), (std::vector<size_t>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(this->sent(), std::vector<size_t>{});
}

TEST_F(DeliveryOfAWaveform, SendsAgainFromAChunkOn) {
  this->sent();
  EXPECT_FALSE(this->delivery.request(1, 5));
  EXPECT_EQ(this->sent(), (std::vector<size_t>{5, 6, 7}));
}

TEST_F(DeliveryOfAWaveform, SendsAllToAReceiverThatKnowsNothing) {
  this->sent();
  EXPECT_FALSE(this->delivery.request(0, 5));
  EXPECT_EQ(this->sent().size(), 8U);
}

TEST_F(DeliveryOfAWaveform, IsOverWhenTheReceiverAsksBehindTheLastChunk) {
  EXPECT_TRUE(this->delivery.request(1, 8));
  EXPECT_EQ(this->sent(), std::vector<size_t>{});
  EXPECT_TRUE(this->delivery.request(1, 4'000'000'000));
}

TEST_F(DeliveryOfAWaveform, EndsWithTheWaveform) {
  this->delivery.mark_sent();
  this->capture.request(VOLTAGES_OF_L1_AND_L3, WaveformCause::DEMAND, this->bench.now_us);
  this->bench.run_until(8 * S);
  EXPECT_EQ(this->sent(), std::vector<size_t>{}) << "its memory holds another one";
}

}  // namespace
