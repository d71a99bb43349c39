#include "three_phase_wire/delivery.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace esphome::three_phase_wire {
namespace {

constexpr uint64_t LIFETIME_MS = 60000;

TEST(Delivery, SendsNothingBeforeTheFirstCall) {
  const Delivery delivery;
  EXPECT_FALSE(delivery.may_send(1, 0));
}

TEST(Delivery, SendsAsFarAsTheCreditGoes) {
  Delivery delivery;
  delivery.grant(0, 4, 1000);
  EXPECT_TRUE(delivery.may_send(4, 1000));
  EXPECT_FALSE(delivery.may_send(5, 1000));
}

TEST(Delivery, SendsNothingOnceTheCreditIsAMinuteOld) {
  Delivery delivery;
  delivery.grant(0, 4, 1000);
  EXPECT_TRUE(delivery.may_send(1, 1000 + LIFETIME_MS - 1));
  EXPECT_FALSE(delivery.may_send(1, 1000 + LIFETIME_MS));
}

TEST(Delivery, GoesOnBehindWhatWasSentWhenTheReceiverMadeProgress) {
  Delivery delivery;
  delivery.grant(0, 4, 0);
  delivery.mark_sent(1);
  delivery.mark_sent(2);
  delivery.grant(1, 5, 0);
  EXPECT_EQ(delivery.next_seq(), 3U);
}

TEST(Delivery, SendsAgainWhenTheReceiverMadeNone) {
  Delivery delivery;
  delivery.grant(0, 4, 0);
  delivery.mark_sent(1);
  delivery.mark_sent(2);
  delivery.grant(0, 4, 0);
  EXPECT_EQ(delivery.next_seq(), 1U);
}

TEST(Delivery, DoesNotBelieveAnAcknowledgementOfWhatWasNeverSent) {
  Delivery delivery;
  delivery.grant(0, 4, 0);
  delivery.mark_sent(1);
  EXPECT_EQ(delivery.believed(9), 1U);
}

TEST(Delivery, SendsAgainToTheReceiverThatComesAfterOneThatWent) {
  Delivery delivery;
  delivery.grant(0, 4, 0);
  delivery.mark_sent(1);
  delivery.mark_sent(2);
  delivery.stop();
  EXPECT_FALSE(delivery.may_send(3, 0));
  delivery.grant(1, 5, 0);
  EXPECT_EQ(delivery.next_seq(), 2U);
}

}  // namespace
}  // namespace esphome::three_phase_wire
