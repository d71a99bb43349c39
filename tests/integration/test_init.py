"""Setting up, unloading, reloading and removing entries leaves nothing behind."""

import asyncio
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from bench.waiting import until
from custom_components.three_phase_energy.meters.intake import Intake
from custom_components.three_phase_energy.mirror.delivery import Delivery

from .device import MAC, Device
from .harness import MockConfigEntry, set_up, until_after


def tasks() -> set[str]:
    """Return the names of the integration's tasks that run."""
    return {name for task in asyncio.all_tasks() if (name := task.get_name()).startswith("three_phase_energy")}


async def test_both_kinds_load_and_unload(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, broker_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    assert (meter_entry.state, broker_entry.state) == (ConfigEntryState.LOADED, ConfigEntryState.LOADED)
    assert tasks() == {"three_phase_energy intake 021122334455-meter", "three_phase_energy delivery"}
    device.measure()
    await until(lambda: hass.states.get("sensor.house_l1_voltage"))

    for entry in (meter_entry, broker_entry):
        assert await hass.config_entries.async_unload(entry.entry_id)
        assert entry.state is ConfigEntryState.NOT_LOADED
    assert tasks() == set()
    assert not [state for state in hass.states.async_all() if state.state != "unavailable"]
    calls = len(device.calls)
    device.measure(5)
    await hass.async_block_till_done()
    assert len(device.calls) == calls


async def test_reloading_goes_on(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry) -> None:
    await set_up(hass, meter_entry)
    device.measure(2)
    await until(lambda: hass.states.get("sensor.house_l1_voltage"))

    assert await hass.config_entries.async_reload(meter_entry.entry_id)
    await hass.async_block_till_done()
    device.measure(2, u="240,240,240")

    def shows() -> bool:
        state = hass.states.get("sensor.house_l1_voltage")
        return state is not None and state.state == "240.0"

    await until_after(hass, 6, shows)
    assert len(tasks()) == 1


async def test_removing_a_meter_leaves_nothing(
    hass: HomeAssistant, hass_storage: dict[str, Any], device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    device.measure(2)
    await until(lambda: hass.states.get("sensor.house_l1_voltage"))
    device.measure(v="2")
    await hass.async_block_till_done()

    await hass.config_entries.async_remove(meter_entry.entry_id)
    await hass.async_block_till_done()

    assert hass.states.async_entity_ids("sensor") == []
    assert not er.async_entries_for_config_entry(er.async_get(hass), meter_entry.entry_id)
    assert not dr.async_entries_for_config_entry(dr.async_get(hass), meter_entry.entry_id)
    assert not [key for key in hass_storage if key.startswith("three_phase_energy")]
    assert tasks() == set()


async def test_unloading_a_broker_keeps_its_outbox_and_removing_it_does_not(
    hass: HomeAssistant, broker_entry: MockConfigEntry
) -> None:
    await set_up(hass, broker_entry)
    folder = Path(hass.config.path("three_phase_energy"))
    aside = folder / f"{broker_entry.entry_id}.sqlite.damaged-20261122T120000Z"
    aside.touch()

    assert await hass.config_entries.async_unload(broker_entry.entry_id)
    assert (folder / f"{broker_entry.entry_id}.sqlite").exists()

    await hass.config_entries.async_remove(broker_entry.entry_id)
    assert list(folder.iterdir()) == []


async def test_a_meter_waits_for_its_esphome_device(hass: HomeAssistant, meter_entry: MockConfigEntry) -> None:
    assert not await hass.config_entries.async_setup(meter_entry.entry_id)
    assert meter_entry.state is ConfigEntryState.SETUP_RETRY
    assert meter_entry.error_reason_translation_key == "esphome_device_missing"
    assert meter_entry.error_reason_translation_placeholders == {"meter": "House", "mac": MAC}

    Device(hass).offer_action()
    await until_after(hass, 60, lambda: meter_entry.state is ConfigEntryState.LOADED)


async def test_a_meter_follows_its_esphome_device_when_that_is_added_again(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)

    await hass.config_entries.async_remove(device.entry.entry_id)
    await hass.async_block_till_done()
    assert meter_entry.state is ConfigEntryState.SETUP_RETRY

    again = Device(hass)
    again.offer_action()
    await until_after(hass, 60, lambda: meter_entry.state is ConfigEntryState.LOADED)
    again.measure()
    await until_after(hass, 6, lambda: hass.states.get("sensor.house_l1_voltage"))


async def test_an_update_of_the_firmware_shows_at_the_meter(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    before = meter_entry.runtime_data

    dr.async_get(hass).async_update_device(device.id, labels={"cellar"})
    await hass.async_block_till_done()
    assert meter_entry.runtime_data is before

    dr.async_get(hass).async_update_device(device.id, sw_version="0.2.0 (ESPHome 2026.10.0)")
    await hass.async_block_till_done()
    assert meter_entry.runtime_data.device.sw_version == "0.2.0 (ESPHome 2026.10.0)"


async def test_a_disabled_broker_can_be_removed_though_it_never_loaded(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    entry = MockConfigEntry(domain="three_phase_energy", data={"kind": "broker"}, disabled_by=ConfigEntryDisabler.USER)
    entry.add_to_hass(hass)

    await hass.config_entries.async_remove(entry.entry_id)

    assert "ERROR" not in caplog.text


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("part", [Intake, Delivery])
async def test_a_failure_that_nobody_foresaw_is_logged_and_ends_with_a_reload(
    hass: HomeAssistant,
    meter_entry: MockConfigEntry,
    broker_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    part: type[Intake[Any] | Delivery],
) -> None:
    async def fail(_: object) -> None:
        raise RuntimeError("a bug")

    with pytest.MonkeyPatch.context() as faulty:
        faulty.setattr(part, "run", fail)
        await set_up(hass, meter_entry)
        assert caplog.text.count("failed and is loaded again in 60 s") == 1
        assert "RuntimeError: a bug" in caplog.text
        assert len(tasks()) == 1

    await until_after(hass, 61, lambda: len(tasks()) == 2)
    assert (meter_entry.state, broker_entry.state) == (ConfigEntryState.LOADED, ConfigEntryState.LOADED)


async def test_nothing_is_said_while_all_is_well(
    hass: HomeAssistant,
    device: Device,
    meter_entry: MockConfigEntry,
    broker_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await set_up(hass, meter_entry)
    for entry in (meter_entry, broker_entry):
        assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()

    assert not [
        record for record in caplog.records if record.levelname in ("WARNING", "ERROR") and record.name != "homeassistant.loader"
    ]
