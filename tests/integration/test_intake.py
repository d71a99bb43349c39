"""The receiving end of the wire: what is asked of a meter, what is taken from it, and what happens when messages get lost."""

from datetime import timedelta
import logging
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util.dt import utcnow
import pytest

from bench.waiting import until
from custom_components.three_phase_energy.meters.intake import CAPACITY, Counts
from custom_components.three_phase_energy.meters.meter import Meter
from custom_components.three_phase_energy.model.quantities import QUANTITIES

from .device import BOOT, VALUES, Device
from .harness import MockConfigEntry, async_fire_time_changed, set_up

EVERYTHING = {"meter": "meter", "boot": "", "after": 0}


def after(seq: int, boot: str = BOOT) -> dict[str, Any]:
    """Return the call that acknowledges up to a number."""
    return {"meter": "meter", "boot": boot, "after": seq}


def counts(entry: MockConfigEntry) -> Counts:
    """Return what happened to the records of a meter."""
    meter: Meter = entry.runtime_data
    return meter.intake.counts


async def take(device: Device, entry: MockConfigEntry, records: int) -> None:
    """Let the device measure, and wait until all of its records are taken."""
    expected = counts(entry).taken + records
    for _ in range(records):
        device.measure()
        await until(lambda: not entry.runtime_data.intake._arrivals)
    await until(lambda: counts(entry).taken == expected)


async def pass_time(hass: HomeAssistant, seconds: float) -> None:
    """Let a time without news pass."""
    async_fire_time_changed(hass, utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done()


async def test_a_receiver_without_memory_asks_for_everything(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)

    assert device.calls == [EVERYTHING]


async def test_records_from_before_home_assistant_are_taken(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    device.measure(10)
    device.lose(3)

    await set_up(hass, meter_entry)

    await until(lambda: counts(meter_entry).taken == 7)
    assert counts(meter_entry) == Counts(taken=7)


async def test_every_second_record_is_acknowledged(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry) -> None:
    await set_up(hass, meter_entry)

    await take(device, meter_entry, 7)

    assert device.calls == [EVERYTHING, after(1), after(3), after(5), after(7)]


@pytest.mark.parametrize("window", [4, 16])
async def test_a_long_log_is_read_to_its_end(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, window: int
) -> None:
    device.window = window
    device.measure(200)

    await set_up(hass, meter_entry)

    await until(lambda: counts(meter_entry).taken == 200)
    assert counts(meter_entry) == Counts(taken=200)
    assert len(device.logs["meter"].records) < 2


async def test_records_of_others_are_left_alone(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry) -> None:
    other = Device(hass, mac="02:99:99:99:99:99", node="other-node")
    other.offer_action()
    await set_up(hass, meter_entry)
    other.logs["meter"].credit = 10
    device.logs["second"] = device.logs["meter"]

    other.measure()
    device.fire({**device._record(device.logs["meter"]), "meter": "second"})
    await take(device, meter_entry, 1)

    assert counts(meter_entry) == Counts(taken=1)
    assert other.calls == []


async def test_duplicates_are_dropped(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry) -> None:
    await set_up(hass, meter_entry)
    await take(device, meter_entry, 3)

    device.fire(device.fired[0])
    device.fire(device.fired[2])

    await until(lambda: counts(meter_entry).duplicates == 2)
    assert counts(meter_entry) == Counts(taken=3, duplicates=2)


async def test_lost_messages_are_sent_again(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry) -> None:
    await set_up(hass, meter_entry)
    await take(device, meter_entry, 4)

    device.loses_next = 2
    device.measure(5)

    await until(lambda: counts(meter_entry).taken == 9)
    assert counts(meter_entry).lost == 0


async def test_a_lost_message_with_nothing_after_it_is_found_by_asking(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await take(device, meter_entry, 2)
    device.loses_next = 1
    device.measure()

    await pass_time(hass, 6)

    await until(lambda: counts(meter_entry).taken == 3)
    assert counts(meter_entry).lost == 0


async def test_a_real_gap_is_accepted_counted_and_logged(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    await set_up(hass, meter_entry)
    await take(device, meter_entry, 3)
    device.logs["meter"].next_seq = 11

    device.measure(4)

    await until(lambda: counts(meter_entry).taken == 7)
    assert counts(meter_entry).lost == 7
    assert caplog.text.count(f"Meter meter on Power node no longer has the records 4 to 10 of its boot {BOOT}") == 1


async def test_a_record_merged_meanwhile_overlaps_and_is_taken(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await take(device, meter_entry, 4)

    device.fire({**device._record(device.logs["meter"]), "seq": "6", "first": "3", "span": "4000", "flags": "merged"})

    await until(lambda: counts(meter_entry).overlaps == 1)
    assert counts(meter_entry) == Counts(taken=5, overlaps=1)


async def test_merged_records_count_as_all_that_they_cover(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    device.measure(10)
    for _ in range(5):
        device.merge()
    await set_up(hass, meter_entry)

    await until(lambda: counts(meter_entry).taken == 5)
    assert counts(meter_entry) == Counts(taken=5)


async def test_a_new_boot_begins_with_one(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry) -> None:
    await set_up(hass, meter_entry)
    await take(device, meter_entry, 5)

    device.reboot(boot="ffff0001")
    device.loses_next = 2
    device.logs["meter"].credit = 16
    device.measure(4)

    await until(lambda: counts(meter_entry).taken == 9)
    assert counts(meter_entry).lost == 0
    assert after(4, boot="ffff0001") in device.calls


async def test_what_does_not_fit_into_the_queue_comes_again(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    device.logs["meter"].credit = 1000

    device.measure(CAPACITY + 36)

    await until(lambda: counts(meter_entry).taken == CAPACITY)
    assert counts(meter_entry).overflowed == 36
    await pass_time(hass, 6)
    await until(lambda: counts(meter_entry).taken == CAPACITY + 36)
    assert counts(meter_entry).lost == 0


async def test_a_meter_that_is_away_is_asked_until_it_is_back(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    device.is_online = False
    await set_up(hass, meter_entry)
    await pass_time(hass, 6)
    assert device.calls == []

    device.is_online = True
    await pass_time(hass, 6)

    assert device.calls == [EVERYTHING]


async def test_a_meter_whose_esphome_entry_is_not_loaded_yet_is_asked_later(
    hass: HomeAssistant, meter_entry: MockConfigEntry
) -> None:
    device = Device(hass)
    await set_up(hass, meter_entry)

    device.offer_action()
    await pass_time(hass, 6)

    assert device.calls == [EVERYTHING]


async def test_silence_is_broken_by_asking_for_the_same_again(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await take(device, meter_entry, 2)

    await pass_time(hass, 6)

    # Progress acknowledges; the repetition makes the device send again what got lost on the way.
    assert device.calls == [EVERYTHING, after(1), after(2), after(2)]


async def test_malformed_records_are_counted_and_logged_once(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    await set_up(hass, meter_entry)
    record = device._record(device.logs["meter"])

    device.fire({**record, "seq": "one"})
    device.fire({**record, "u": "230"})
    device.fire({**record, "up": "9" * 40})
    device.fire({**record, "seq": 1})
    await until(lambda: counts(meter_entry).malformed == 4)
    await take(device, meter_entry, 1)

    assert counts(meter_entry) == Counts(taken=1, malformed=4)
    assert caplog.text.count("sent a malformed record") == 1


async def test_a_record_without_a_time_is_dated_by_its_age(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)

    device.measure(t="", age="2500")

    await until(lambda: counts(meter_entry).taken == 1)
    reading = meter_entry.runtime_data.live.reading
    assert reading.end == device.now - timedelta(seconds=2.5)
    assert reading.wire["t"] == str(round((device.now.timestamp() - 2.5) * 1000))


@pytest.mark.parametrize("age", ["", "soon", "-1", "1" * 13])
async def test_a_record_without_time_and_age_is_malformed(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, age: str
) -> None:
    await set_up(hass, meter_entry)

    device.measure(t="", age=age)

    await until(lambda: counts(meter_entry).malformed == 1)
    assert counts(meter_entry).taken == 0


@pytest.mark.parametrize(("version", "translation_key"), [("0", "update_firmware"), ("2", "update_integration")])
async def test_another_version_raises_a_repair_until_a_good_record_comes(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, version: str, translation_key: str
) -> None:
    issue_registry = ir.async_get(hass)
    await set_up(hass, meter_entry)
    issue_id = f"contract_version_{meter_entry.entry_id}"

    device.measure(v=version)
    await until(lambda: issue_registry.async_get_issue("three_phase_energy", issue_id))
    issue = issue_registry.async_get_issue("three_phase_energy", issue_id)
    assert issue
    assert issue.translation_key == translation_key
    assert issue.translation_placeholders == {"meter": "House", "theirs": version, "ours": "1"}
    assert counts(meter_entry).taken == 0

    device.reboot()
    device.logs["meter"].credit = 16
    device.measure()
    await until(lambda: not issue_registry.async_get_issue("three_phase_energy", issue_id))


async def test_it_resumes_where_it_ended_without_any_broker(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await take(device, meter_entry, 6)
    device.calls.clear()

    assert await hass.config_entries.async_reload(meter_entry.entry_id)
    await hass.async_block_till_done()

    assert device.calls == [after(6)]


async def test_the_position_is_saved_once_in_a_while(
    hass: HomeAssistant, hass_storage: dict[str, Any], device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    key = f"three_phase_energy.{meter_entry.entry_id}"

    await take(device, meter_entry, 3)
    assert key not in hass_storage
    await take(device, meter_entry, 3)
    await pass_time(hass, 31)

    assert hass_storage[key]["data"] == {"boot": BOOT, "seq": 6}


async def test_a_position_that_lags_behind_is_no_loss(
    hass: HomeAssistant, hass_storage: dict[str, Any], device: Device, meter_entry: MockConfigEntry
) -> None:
    hass_storage[f"three_phase_energy.{meter_entry.entry_id}"] = {"version": 1, "data": {"boot": BOOT, "seq": 2}}
    device.measure(20)
    device.lose(10)

    await set_up(hass, meter_entry)

    await until(lambda: counts(meter_entry).taken == 10)
    assert device.calls[0] == after(2)
    assert counts(meter_entry) == Counts(taken=10)


async def test_nothing_is_logged_while_all_is_well(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    await set_up(hass, meter_entry)
    await take(device, meter_entry, 10)

    loud = [record for record in caplog.records if "three_phase" in record.name and record.levelno >= logging.INFO]
    assert loud == []


async def test_asking_leaves_no_trace_in_the_event_bus(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry) -> None:
    calls: list[object] = []
    hass.bus.async_listen("call_service", calls.append)
    await set_up(hass, meter_entry)

    await take(device, meter_entry, 10)

    assert device.calls
    assert calls == []


def test_the_simulated_device_sends_every_group_of_the_contract() -> None:
    assert set(VALUES) == {quantity.wire for quantity in QUANTITIES}


async def test_an_action_that_ends_at_once_acknowledges_as_well(
    hass: HomeAssistant, meter_entry: MockConfigEntry, device: Device
) -> None:
    asked: list[dict[str, Any]] = []

    @callback
    def answer(call: ServiceCall) -> None:
        asked.append(dict(call.data))

    hass.services.async_register("esphome", device.action, answer)
    await set_up(hass, meter_entry)

    assert asked == [EVERYTHING]
