"""A context broker as an entry: it loads whatever the broker does, shows how the mirror goes, and asks for help."""

from pathlib import Path

from homeassistant.components.repairs import ConfirmRepairFlow
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
import pytest

from bench.waiting import until
from custom_components.three_phase_energy.repairs import async_create_fix_flow

from .device import Device
from .harness import MockConfigEntry, set_up, until_after
from .orion import Orion

DOMAIN = "three_phase_energy"


def state(hass: HomeAssistant, entity_id: str) -> str:
    """Return a state, or nothing."""
    found = hass.states.get(entity_id)
    return found.state if found else ""


@pytest.mark.usefixtures("everything_enabled")
async def test_a_mirror_at_work(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, broker_entry: MockConfigEntry, orion: Orion
) -> None:
    await set_up(hass, broker_entry)
    await until(lambda: state(hass, "binary_sensor.orion_connection") == "on")
    assert state(hass, "sensor.orion_last_delivery") == "unknown"

    device.measure(3)

    await until_after(hass, 31, lambda: state(hass, "sensor.orion_last_delivery") != "unknown")
    await until_after(hass, 31, lambda: state(hass, "sensor.orion_records_waiting") == "0")
    assert state(hass, "sensor.orion_records_refused") == "0"
    assert state(hass, "sensor.orion_records_dropped") == "0"


async def test_a_broker_is_a_service_with_diagnostic_entities(hass: HomeAssistant, broker_entry: MockConfigEntry) -> None:
    await set_up(hass, broker_entry)

    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, broker_entry.entry_id), broker_entry.entry_id)
    assert device
    assert (device.name, device.entry_type) == ("Orion", dr.DeviceEntryType.SERVICE)
    entries = er.async_entries_for_config_entry(er.async_get(hass), broker_entry.entry_id)
    assert len(entries) == 5
    assert {entry.entity_category for entry in entries} == {"diagnostic"}
    assert {entry.device_id for entry in entries} == {device.id}


async def test_it_loads_while_the_broker_is_down_and_connects_when_it_is_back(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, broker_entry: MockConfigEntry, orion: Orion
) -> None:
    port = await orion.stop()
    await set_up(hass, broker_entry)
    assert broker_entry.state is ConfigEntryState.LOADED
    device.measure(4)

    await until_after(hass, 90, lambda: state(hass, "sensor.orion_records_waiting") == "4")
    assert state(hass, "binary_sensor.orion_connection") == "off"

    await orion.start(port)
    await until_after(hass, 90, lambda: state(hass, "binary_sensor.orion_connection") == "on")
    await until(lambda: len(orion.readings) >= 4)


async def test_a_refused_token_starts_a_reauthentication(
    hass: HomeAssistant, broker_entry: MockConfigEntry, orion: Orion
) -> None:
    orion.status = 401
    await set_up(hass, broker_entry)
    assert broker_entry.state is ConfigEntryState.LOADED

    def flows() -> list[str]:
        return [flow["context"]["source"] for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)]

    await until(flows)
    assert flows() == [SOURCE_REAUTH]


async def test_a_history_that_cannot_be_subscribed_raises_a_repair_until_it_can(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, broker_entry: MockConfigEntry, orion: Orion
) -> None:
    orion.subscribe_status = 403
    hass.config_entries.async_update_entry(broker_entry, data={**broker_entry.data, "quantumleap_url": orion.quantumleap_url})
    await set_up(hass, broker_entry)
    issue_id = f"mirror_incomplete_{broker_entry.entry_id}"
    await until(lambda: ir.async_get(hass).async_get_issue(DOMAIN, issue_id))

    # The broker is looked at again every five minutes, and whenever it was away.
    orion.status = 503
    device.measure()
    await until(lambda: broker_entry.runtime_data.delivery.stats.last_error)
    orion.status, orion.subscribe_status = 200, 201
    await until_after(hass, 90, lambda: not ir.async_get(hass).async_get_issue(DOMAIN, issue_id))
    assert orion.subscriptions[0]["notification"]["httpCustom"]["url"] == f"{orion.quantumleap_url}/v2/notify"


async def test_a_damaged_outbox_is_replaced_and_the_user_is_told(hass: HomeAssistant, broker_entry: MockConfigEntry) -> None:
    path = Path(hass.config.path(DOMAIN, f"{broker_entry.entry_id}.sqlite"))
    path.parent.mkdir()
    path.write_bytes(b"SQLite format 3\0" + b"nonsense" * 1000)

    await set_up(hass, broker_entry)

    assert broker_entry.state is ConfigEntryState.LOADED
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"outbox_salvaged_{broker_entry.entry_id}")
    assert issue
    assert issue.is_fixable
    assert issue.is_persistent
    assert issue.translation_placeholders
    assert Path(issue.translation_placeholders["path"]).exists()
    assert issue.translation_placeholders["recovered"] == "0"
    flow = await async_create_fix_flow(hass, issue.issue_id, None)
    assert isinstance(flow, ConfirmRepairFlow)


async def test_repairs_go_with_the_entry(hass: HomeAssistant, broker_entry: MockConfigEntry) -> None:
    path = Path(hass.config.path(DOMAIN, f"{broker_entry.entry_id}.sqlite"))
    path.parent.mkdir()
    path.write_bytes(b"nonsense" * 1000)
    await set_up(hass, broker_entry)
    assert ir.async_get(hass).issues

    await hass.config_entries.async_remove(broker_entry.entry_id)

    assert not ir.async_get(hass).issues


async def test_an_outbox_that_cannot_be_opened_is_tried_again(
    hass: HomeAssistant, broker_entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(hass.config.path(DOMAIN))
    folder.touch()
    assert not await hass.config_entries.async_setup(broker_entry.entry_id)
    assert broker_entry.state is ConfigEntryState.SETUP_RETRY
    assert broker_entry.error_reason_translation_key == "outbox_unusable"

    folder.unlink()
    await until_after(hass, 60, lambda: broker_entry.state is ConfigEntryState.LOADED)
