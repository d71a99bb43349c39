"""Which records are taken: nothing twice, and nothing behind a gap that the meter could still fill."""

import pytest

from custom_components.three_phase_energy.meters.sequence import Sequence, Verdict
from custom_components.three_phase_energy.model.reading import Reading, decode


def reading(seq: int, first: int | None = None, boot: str = "b007") -> Reading:
    """Return a record of the numbers `first` to `seq`."""
    return decode(
        {
            "v": "1",
            "meter": "meter",
            "boot": boot,
            "seq": str(seq),
            "first": str(first or seq),
            "up": str(seq * 1000),
            "span": "1000",
            "t": "",
            "flags": "",
        }
    )


@pytest.mark.parametrize(
    ("record", "last", "verdict"),
    [
        (reading(43), 42, Verdict.NEXT),
        (reading(60, first=43), 42, Verdict.NEXT),
        (reading(42), 42, Verdict.DUPLICATE),
        (reading(7), 42, Verdict.DUPLICATE),
        (reading(50, first=40), 42, Verdict.OVERLAP),
        (reading(44), 42, Verdict.GAP),
        (reading(1), 0, Verdict.NEXT),
        (reading(2), 0, Verdict.GAP),
        (reading(500), None, Verdict.NEXT),
    ],
)
def test_first_look(record: Reading, last: int | None, verdict: Verdict) -> None:
    assert Sequence().judge(record, last) is verdict


def test_what_was_on_its_way_behind_a_gap_is_refused_until_the_resend_fills_it() -> None:
    sequence = Sequence()

    assert sequence.judge(reading(45), 42) is Verdict.GAP
    assert sequence.judge(reading(46), 42) is Verdict.BEHIND_GAP
    assert sequence.judge(reading(47), 42) is Verdict.BEHIND_GAP
    assert sequence.judge(reading(43), 42) is Verdict.NEXT
    assert sequence.judge(reading(44), 43) is Verdict.NEXT
    assert sequence.judge(reading(45), 44) is Verdict.NEXT


def test_a_resend_that_begins_with_the_same_record_proves_the_loss() -> None:
    sequence = Sequence()

    assert sequence.judge(reading(45), 42) is Verdict.GAP
    assert sequence.judge(reading(46), 42) is Verdict.BEHIND_GAP
    assert sequence.judge(reading(45), 42) is Verdict.AFTER_LOSS
    assert sequence.judge(reading(46), 45) is Verdict.NEXT


def test_merging_between_sending_and_resending_does_not_hide_the_loss() -> None:
    sequence = Sequence()

    assert sequence.judge(reading(45), 42) is Verdict.GAP
    assert sequence.judge(reading(48, first=45), 42) is Verdict.AFTER_LOSS


def test_a_resend_that_begins_earlier_but_still_lacks_something_is_asked_for_again() -> None:
    sequence = Sequence()

    assert sequence.judge(reading(50), 42) is Verdict.GAP
    assert sequence.judge(reading(46), 42) is Verdict.GAP
    assert sequence.judge(reading(46), 42) is Verdict.AFTER_LOSS


def test_duplicates_of_a_resend_do_not_end_the_search() -> None:
    sequence = Sequence()

    assert sequence.judge(reading(45), 42) is Verdict.GAP
    assert sequence.judge(reading(42), 42) is Verdict.DUPLICATE
    assert sequence.judge(reading(46), 42) is Verdict.BEHIND_GAP


def test_each_gap_is_asked_for_anew() -> None:
    sequence = Sequence()

    assert sequence.judge(reading(45), 42) is Verdict.GAP
    assert sequence.judge(reading(43), 42) is Verdict.NEXT
    assert sequence.judge(reading(45), 43) is Verdict.GAP


def test_a_gap_of_an_older_boot_is_forgotten() -> None:
    sequence = Sequence()

    assert sequence.judge(reading(45), 42) is Verdict.GAP
    assert sequence.judge(reading(50, boot="b008"), 0) is Verdict.GAP
    assert sequence.judge(reading(50, boot="b008"), 0) is Verdict.AFTER_LOSS
