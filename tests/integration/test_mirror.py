"""Meters and context brokers together: nothing is acknowledged before it is durable, and no broker misses a reading."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.util.dt import utcnow
import pytest

from bench.waiting import until
from custom_components.three_phase_energy.outbox.errors import OutboxError
from custom_components.three_phase_energy.outbox.outbox import Cursor, Outbox

from .device import BOOT, Device
from .harness import MockConfigEntry, async_fire_time_changed, set_up, until_after
from .orion import Orion

EVERYTHING = {"meter": "meter", "boot": "", "after": 0}
KEY = "021122334455-meter"


def after(seq: int) -> dict[str, Any]:
    """Return the call that acknowledges up to a number."""
    return {"meter": "meter", "boot": BOOT, "after": seq}


def instants(orion: Orion) -> list[str]:
    """Return the instants that the broker was told, each once, in the order of their first arrival."""
    return list(dict.fromkeys(reading["TimeInstant"]["value"] for reading in orion.readings))


def seconds(device: Device, first: int, last: int) -> list[str]:
    """Return the instants of the seconds that a device measured, by their numbers."""
    start = device.now - timedelta(seconds=device.logs["meter"].next_seq - 1)
    return [f"{start + timedelta(seconds=seq):%Y-%m-%dT%H:%M:%S}.000Z" for seq in range(first, last + 1)]


async def take(device: Device, entry: MockConfigEntry, records: int) -> None:
    """Let the device measure, and wait until all of its records are durable."""
    log = device.logs["meter"]
    for _ in range(records):
        device.measure()
        await until(lambda: entry.runtime_data.intake.progress.position == Cursor(boot=log.boot, seq=log.next_seq - 1))


@dataclass(frozen=True)
class Site:
    """A meter and a broker, with their entries."""

    device: Device
    meter: MockConfigEntry
    orion: Orion
    broker: MockConfigEntry


@pytest.fixture
def site(device: Device, meter_entry: MockConfigEntry, orion: Orion, broker_entry: MockConfigEntry) -> Site:
    """Return a site that is not set up yet."""
    return Site(device, meter_entry, orion, broker_entry)


@pytest.fixture
def second(hass: HomeAssistant, broker_entry: MockConfigEntry) -> MockConfigEntry:
    """Return an entry of another tenant of the same broker."""
    entry = MockConfigEntry(domain="three_phase_energy", title="Second", data={**broker_entry.data, "tenant": "second"})
    entry.add_to_hass(hass)
    return entry


async def test_every_reading_reaches_the_broker(hass: HomeAssistant, site: Site) -> None:
    await set_up(hass, site.broker)

    await take(site.device, site.meter, 20)

    await until(lambda: len(instants(site.orion)) == 20)
    assert sorted(instants(site.orion)) == seconds(site.device, 1, 20)
    entity = site.orion.readings[-1]
    assert entity["id"] == f"urn:ngsi-ld:ThreePhaseAcMeasurement:{KEY}"
    assert entity["phaseVoltage"]["value"] == {"L1": 230.12, "L2": 231.02, "L3": 229.87}
    assert site.orion.headers[-1]["Fiware-Service"] == "demo"
    assert site.orion.headers[-1]["Fiware-ServicePath"] == "/building"


async def test_the_device_entity_carries_the_name_that_the_user_gave(hass: HomeAssistant, site: Site) -> None:
    await set_up(hass, site.broker)
    meter = site.meter.runtime_data.device
    dr.async_get(hass).async_update_device(meter.id, name_by_user="Cellar")

    await take(site.device, site.meter, 1)

    await until(lambda: [entity for entity in site.orion.entities if entity["type"] == "Device"])
    entity = next(entity for entity in site.orion.entities if entity["type"] == "Device")
    assert entity["name"]["value"] == "Cellar"
    assert "02:11:22:33:44:55" in str(entity["macAddress"]["value"])


async def test_nothing_is_acknowledged_before_it_is_durable(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, put = asyncio.Event(), Outbox.put

    async def slow_put(*arguments: Any, **options: Any) -> None:
        await disk.wait()
        await put(*arguments, **options)

    monkeypatch.setattr(Outbox, "put", slow_put)
    await set_up(hass, site.broker)

    site.device.measure(4)
    await until(lambda: site.meter.runtime_data.live.reading)
    await asyncio.sleep(0.05)
    assert site.device.calls == [EVERYTHING]

    disk.set()
    await until(lambda: after(4) in site.device.calls)
    assert site.broker.runtime_data.outbox.cursor(KEY).seq == 4


async def test_a_disk_that_fails_stops_the_acknowledgement_and_raises_a_repair(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_up(hass, site.broker)
    await take(site.device, site.meter, 2)

    async def failing_put(*_: Any, **__: Any) -> None:
        raise OutboxError("disk I/O error")

    with monkeypatch.context() as broken_disk:
        broken_disk.setattr(Outbox, "put", failing_put)
        site.device.measure(3)
        issue_id = f"outbox_fails_{site.broker.entry_id}"
        await until(lambda: ir.async_get(hass).async_get_issue("three_phase_energy", issue_id))
        issue = ir.async_get(hass).async_get_issue("three_phase_energy", issue_id)
        assert issue
        assert issue.translation_placeholders == {"broker": "Orion", "error": "disk I/O error"}
        assert site.device.calls[-1] == after(1)

    await until_after(hass, 6, lambda: site.broker.runtime_data.outbox.cursor(KEY).seq == 5)
    await until(lambda: sorted(instants(site.orion)) == seconds(site.device, 1, 5))
    assert not ir.async_get(hass).async_get_issue("three_phase_energy", issue_id)


async def test_one_broker_whose_disk_fails_holds_back_the_acknowledgement_for_both(
    hass: HomeAssistant, site: Site, second: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_up(hass, site.broker)
    first, second = site.broker.runtime_data.outbox, second.runtime_data.outbox

    async def failing_put(*_: Any, **__: Any) -> None:
        raise OutboxError("disk I/O error")

    with monkeypatch.context() as broken_disk:
        broken_disk.setattr(second, "put", failing_put)
        site.device.measure(3)
        await until(lambda: first.cursor(KEY) and first.cursor(KEY).seq == 3)
        await asyncio.sleep(0.05)
        assert site.device.calls == [EVERYTHING]

    await until_after(hass, 6, lambda: second.cursor(KEY) and second.cursor(KEY).seq == 3)
    await until(lambda: after(3) in site.device.calls)
    assert first.stats.waiting + second.stats.waiting <= 6


async def test_a_broker_that_leaves_while_it_stores_is_no_broken_disk(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = asyncio.Event()

    async def put_into_closed_file(*_: Any, **__: Any) -> None:
        await disk.wait()
        raise OutboxError("closed")

    await set_up(hass, site.broker)
    with monkeypatch.context() as closing:
        closing.setattr(site.broker.runtime_data.outbox, "put", put_into_closed_file)
        site.device.measure(2)
        await until(lambda: site.meter.runtime_data.live.reading)
        assert await hass.config_entries.async_unload(site.broker.entry_id)
        disk.set()
    assert await hass.config_entries.async_setup(site.broker.entry_id)

    await until_after(hass, 6, lambda: sorted(instants(site.orion)) == seconds(site.device, 1, 2))
    assert not ir.async_get(hass).issues


async def test_an_outage_of_the_broker_costs_nothing(hass: HomeAssistant, site: Site) -> None:
    await set_up(hass, site.broker)
    await take(site.device, site.meter, 3)
    await until(lambda: len(instants(site.orion)) == 3)

    port = await site.orion.stop()
    await take(site.device, site.meter, 5)
    assert site.broker.runtime_data.outbox.stats.waiting == 5
    await site.orion.start(port)

    await until_after(hass, 90, lambda: len(instants(site.orion)) == 8)
    assert sorted(instants(site.orion)) == seconds(site.device, 1, 8)


async def test_a_restart_goes_on_where_the_outbox_ended(hass: HomeAssistant, site: Site) -> None:
    await set_up(hass, site.broker)
    await take(site.device, site.meter, 4)
    for entry in (site.meter, site.broker):
        assert await hass.config_entries.async_unload(entry.entry_id)
    site.device.measure(6)
    site.device.calls.clear()

    await set_up(hass, site.meter, site.broker)

    await until(lambda: site.device.calls)
    assert site.device.calls[0] == after(4)
    await until_after(hass, 6, lambda: sorted(instants(site.orion)) == seconds(site.device, 1, 10))
    assert site.meter.runtime_data.intake.counts.taken == 6


async def test_a_meter_waits_for_a_broker_that_loads_later(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, open_outbox = asyncio.Event(), Outbox.open

    async def slow_open(*arguments: Any) -> Outbox:
        await gate.wait()
        return await open_outbox(*arguments)

    monkeypatch.setattr(Outbox, "open", slow_open)
    site.device.measure(3)
    setting_up = hass.async_create_task(hass.config_entries.async_setup(site.meter.entry_id))
    await until(lambda: site.meter.state is ConfigEntryState.LOADED)
    await asyncio.sleep(0.05)
    assert site.device.calls == []

    gate.set()
    await setting_up
    await until(lambda: sorted(instants(site.orion)) == seconds(site.device, 1, 3))


async def test_a_broker_that_does_not_load_is_waited_for_only_once(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def failing_open(*_: Any) -> Outbox:
        raise OutboxError("read-only file system")

    monkeypatch.setattr(Outbox, "open", failing_open)
    assert await hass.config_entries.async_setup(site.meter.entry_id)
    assert site.broker.state is ConfigEntryState.SETUP_RETRY
    assert site.broker.error_reason_translation_key == "outbox_unusable"
    assert site.device.calls == []

    async_fire_time_changed(hass, utcnow() + timedelta(seconds=61))
    await until(lambda: site.device.calls)
    site.device.measure(2)

    await until(lambda: site.meter.runtime_data.intake.counts.taken == 2)
    assert caplog.text.count("go on without a context broker that did not load within 60 s") == 1


async def test_a_reload_of_the_broker_misses_nothing(hass: HomeAssistant, site: Site) -> None:
    await set_up(hass, site.broker)
    await take(site.device, site.meter, 3)

    assert await hass.config_entries.async_unload(site.broker.entry_id)
    site.device.measure(5)
    await asyncio.sleep(0.05)
    assert not [call for call in site.device.calls if call["after"] > 3]
    assert await hass.config_entries.async_setup(site.broker.entry_id)

    await until(lambda: sorted(instants(site.orion)) == seconds(site.device, 1, 8))
    assert site.meter.runtime_data.intake.counts.lost == 0


async def test_meters_do_not_wait_for_a_broker_that_was_disabled(hass: HomeAssistant, site: Site) -> None:
    await set_up(hass, site.broker)
    await take(site.device, site.meter, 1)

    await hass.config_entries.async_set_disabled_by(site.broker.entry_id, ConfigEntryDisabler.USER)

    await take(site.device, site.meter, 4)
    assert site.device.calls[-1] == after(5)


async def test_a_broker_that_is_enabled_again_gets_what_the_meter_still_has(hass: HomeAssistant, site: Site) -> None:
    await set_up(hass, site.broker)
    await take(site.device, site.meter, 3)
    await until(lambda: len(instants(site.orion)) == 3)
    await hass.config_entries.async_set_disabled_by(site.broker.entry_id, ConfigEntryDisabler.USER)
    await take(site.device, site.meter, 5)

    await hass.config_entries.async_set_disabled_by(site.broker.entry_id, None)
    site.device.measure(2)

    # The meter keeps 8, which was not acknowledged yet.
    await until(lambda: sorted(instants(site.orion)) == seconds(site.device, 1, 3) + seconds(site.device, 8, 10))
    assert site.meter.runtime_data.intake.counts.lost == 4


async def test_meters_do_not_wait_for_a_broker_that_was_removed(hass: HomeAssistant, site: Site) -> None:
    await set_up(hass, site.broker)
    await take(site.device, site.meter, 1)

    await hass.config_entries.async_remove(site.broker.entry_id)

    await take(site.device, site.meter, 4)
    assert site.device.calls[-1] == after(5)


async def test_a_broker_that_is_added_later_starts_now(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, orion: Orion
) -> None:
    await set_up(hass, meter_entry)
    await take(device, meter_entry, 5)
    broker_entry = MockConfigEntry(
        domain="three_phase_energy",
        title="Orion",
        data={"kind": "broker", "url": orion.url, "tenant": "", "service_path": "/"},
    )
    broker_entry.add_to_hass(hass)
    await set_up(hass, broker_entry)

    await take(device, meter_entry, 3)

    await until(lambda: sorted(instants(orion)) == seconds(device, 6, 8))
    assert meter_entry.runtime_data.intake.counts.lost == 0


async def test_outboxes_that_remember_different_boots_lose_nothing(
    hass: HomeAssistant, site: Site, second: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(second, data={**second.data, "url": "http://127.0.0.1:9"})
    await set_up(hass, site.broker)
    await take(site.device, site.meter, 3)
    await hass.config_entries.async_set_disabled_by(second.entry_id, ConfigEntryDisabler.USER)
    site.device.reboot(boot="ffff0001")
    site.device.logs["meter"].credit = 16
    await take(site.device, site.meter, 4)
    assert await hass.config_entries.async_unload(site.meter.entry_id)
    site.device.measure(2)

    await hass.config_entries.async_set_disabled_by(second.entry_id, None)
    await set_up(hass, site.meter)

    outboxes = [entry.runtime_data.outbox for entry in (site.broker, second)]
    await until_after(hass, 6, lambda: {outbox.cursor(KEY) for outbox in outboxes} == {Cursor(boot="ffff0001", seq=6)})


async def test_stopping_home_assistant_closes_the_outbox_and_acknowledges_no_more(hass: HomeAssistant, site: Site) -> None:
    await set_up(hass, site.broker)
    await take(site.device, site.meter, 3)
    calls = len(site.device.calls)

    await hass.async_stop(force=True)
    site.device.measure(5)
    await asyncio.sleep(0.05)

    assert len(site.device.calls) == calls
    assert not list(Path(hass.config.path("three_phase_energy")).glob("*-wal"))
