"""The records of a meter stay out of the database; everything else goes there as usual."""

from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.db_schema import Events, EventTypes, States, StatesMeta
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import session_scope
import pytest
from sqlalchemy import select

from bench.waiting import until

from .device import Device
from .harness import MockConfigEntry, set_up


def stored(recorder: Recorder) -> tuple[set[str], set[str]]:
    """Return the types of events and the entities that the database knows."""
    with session_scope(session=recorder.get_session(), read_only=True) as session:
        types = select(EventTypes.event_type).join(Events, Events.event_type_id == EventTypes.event_type_id)
        entities = select(StatesMeta.entity_id).join(States, States.metadata_id == StatesMeta.metadata_id)
        return set(session.scalars(types)), set(session.scalars(entities))


@pytest.fixture
def device(recorder_mock: Recorder, hass: HomeAssistant) -> Device:
    """Return a device in a Home Assistant with a recorder."""
    device = Device(hass)
    device.offer_action()
    return device


async def test_records_are_not_stored(
    recorder_mock: Recorder, hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)

    device.measure(10)
    hass.bus.async_fire("esphome.three_phase_event", {"kind": "dip"})
    hass.bus.async_fire("esphome.three_phase_waveform", {"chunk": "0"})
    hass.bus.async_fire("esphome.three_phase_harmonics", {"channel": "l1_current"})
    hass.bus.async_fire("esphome.something_else", {})
    await until(lambda: hass.states.get("sensor.house_l1_voltage"))
    await hass.async_block_till_done()
    await recorder_mock.async_block_till_done()

    types, entities = await recorder_mock.async_add_executor_job(stored, recorder_mock)
    assert "esphome.something_else" in types
    assert not [name for name in types if name.startswith("esphome.three_phase_")]
    assert "call_service" not in types
    assert "sensor.house_l1_voltage" in entities
