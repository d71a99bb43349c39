"""The count of another component's transactions, held against a count by hand."""

import pytest

from bench.rig.firmware import ESPHOME
from labs import atm90e32

pytestmark = pytest.mark.skipif(not ESPHOME.exists(), reason="ESPHome is not installed: run scripts/setup")


def test_update_with_every_sensor_takes_60_transactions() -> None:
    # Voltage, current and power factor are read and confirmed, four powers have two halves, and two energies, the angle and
    # the peak are one word each; frequency, temperature, the check that it measures, and three words of state come once.
    of_a_phase = 3 * 2 + 4 * 2 + 4

    assert atm90e32.transactions() == 3 * of_a_phase + 2 + 1 + 3


def test_transaction_is_32_bits_at_1_mhz_and_three_waits_of_1_us() -> None:
    assert atm90e32.transaction_us(2.0) == 32 + 3 + 2
