"""The pace of a delivery: pauses that grow with failures, and requests that shrink and recover."""

import pytest

from custom_components.three_phase_energy.mirror.pace import Pace, Pauses
from custom_components.three_phase_energy.ngsi.errors import (
    BrokerBusyError,
    BrokerError,
    BrokerRefusedError,
    BrokerUnreachableError,
    InvalidTenantError,
    NotABrokerError,
)
from custom_components.three_phase_energy.outbox.errors import OutboxError

PAUSES = Pauses(first=1, longest=60, settings=45)
SILENCE = BrokerUnreachableError("silence")


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (2000, 60)])
def test_each_failure_doubles_the_pause_up_to_a_minute(failures: int, seconds: float) -> None:
    pace = Pace(PAUSES)

    pause = [pace.pause_after(SILENCE) for _ in range(failures)][-1]

    assert seconds / 2 <= pause <= seconds


def test_an_answer_ends_the_row_of_failures() -> None:
    pace = Pace(PAUSES)
    for _ in range(5):
        pace.pause_after(SILENCE)

    pace.answered()

    assert pace.pause_after(SILENCE) <= 1


def test_a_broker_that_asks_for_time_gets_it() -> None:
    assert 120.5 <= Pace(PAUSES).pause_after(BrokerBusyError("busy", retry_after=120)) <= 121


@pytest.mark.parametrize("error", [BrokerRefusedError("token"), InvalidTenantError("tenant")])
def test_wrong_settings_are_tried_again_at_a_fixed_interval(error: BrokerError) -> None:
    pace = Pace(PAUSES)

    assert [pace.pause_after(error) for _ in range(3)] == [45, 45, 45]


@pytest.mark.parametrize("error", [SILENCE, BrokerBusyError("busy")])
def test_requests_halve_while_the_broker_does_not_keep_up_and_double_as_it_takes_readings(error: BrokerError) -> None:
    pace = Pace(PAUSES)

    shrinking = []
    for _ in range(7):
        pace.pause_after(error)
        shrinking.append(pace.limit)
    growing = []
    for _ in range(7):
        pace.accepted()
        growing.append(pace.limit)

    assert shrinking == [25, 12, 6, 3, 1, 1, 1]
    assert growing == [2, 4, 8, 16, 32, 50, 50]


@pytest.mark.parametrize("error", [OutboxError("disk"), NotABrokerError("a web page")])
def test_other_failures_leave_the_size_of_requests(error: BrokerError | OutboxError) -> None:
    pace = Pace(PAUSES)

    pace.pause_after(error)

    assert pace.limit == 50
