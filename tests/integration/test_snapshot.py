"""What users have built on stays: entities, devices, NGSI entities, and where on the wire each value comes from.

The meter sends a different number in every field, so that each state and each attribute tells its field. What is seen is
written beside the log of a test that fails; lines of a new quantity are taken over from there into `snapshot.json`.
"""

from itertools import count
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from bench.waiting import until

from ..snapshots import assert_unchanged
from .device import Device
from .harness import MockConfigEntry, set_up, until_after
from .orion import Orion

SNAPSHOT = Path(__file__).parent / "snapshot.json"

FIELDS = {
    "u": ("L1", "L2", "L3"),
    "uu": ("L12", "L23", "L31"),
    "i": ("L1", "L2", "L3", "N"),
    "ic": ("N",),
    "ir": ("total",),
    "upk": ("total",),
    "ipk": ("total",),
    "ubu": ("total",),
    "ubi": ("total",),
    "p": ("L1", "L2", "L3", "total"),
    "q": ("L1", "L2", "L3", "total"),
    "s": ("L1", "L2", "L3", "total"),
    "pf": ("L1", "L2", "L3", "total"),
    "dpf": ("L1", "L2", "L3", "total"),
    "p1": ("L1", "L2", "L3", "total"),
    "q1": ("L1", "L2", "L3", "total"),
    "s1": ("L1", "L2", "L3", "total"),
    "thdu": ("L1", "L2", "L3"),
    "thdi": ("L1", "L2", "L3"),
    "f": ("L1", "L2", "L3", "total"),
    "au": ("L1", "L2", "L3"),
    "ai": ("L1", "L2", "L3"),
    "tc": ("total",),
}
"""The fields of each group with values, in the order of the wire."""
COUNTERS = {
    "ei": ("L1", "L2", "L3", "total", "net"),
    "ee": ("L1", "L2", "L3", "total", "net"),
    "ri": ("L1", "L2", "L3", "total", "net"),
    "re": ("L1", "L2", "L3", "total", "net"),
    "si": ("L1", "L2", "L3", "total"),
    "se": ("L1", "L2", "L3", "total"),
    "rq1": ("L1", "L2", "L3", "total", "net"),
    "rq2": ("L1", "L2", "L3", "total", "net"),
    "rq3": ("L1", "L2", "L3", "total", "net"),
    "rq4": ("L1", "L2", "L3", "total", "net"),
    "e1i": ("L1", "L2", "L3", "total", "net"),
    "e1e": ("L1", "L2", "L3", "total", "net"),
    "r1i": ("L1", "L2", "L3", "total", "net"),
    "r1e": ("L1", "L2", "L3", "total", "net"),
    "s1i": ("L1", "L2", "L3", "total"),
    "s1e": ("L1", "L2", "L3", "total"),
}
"""The same for energies, in whole mWh, mvarh and mVAh."""

NUMBERS = dict(enumerate((f"{group}: {phase}" for group, phases in (FIELDS | COUNTERS).items() for phase in phases), 1))
"""The field that holds 1, the field that holds 2…, in thousandths of the unit that NGSI has."""


def record() -> dict[str, str]:
    """Return a record with 0.001, 0.002… in the fields of values, and so on with 1000 a step in those of counters."""
    numbers = count(1)
    values = {group: ",".join(f"{next(numbers) / 1000}" for _ in phases) for group, phases in FIELDS.items()}
    counters = {group: ",".join(f"{next(numbers) * 1000}" for _ in phases) for group, phases in COUNTERS.items()}
    return values | counters


def field_of(value: float, unit: str | None = None) -> str:
    """Return the field that a value came from; per cent are the only unit of a sensor that NGSI does not have."""
    return NUMBERS[round(value * (10 if unit == "%" else 1000))]


def entity(registered: er.RegistryEntry, hass: HomeAssistant) -> dict[str, Any]:
    """Return what a user and his automations know of an entity, and the field that a sensor of a meter shows."""
    state = hass.states.get(registered.entity_id)
    assert state
    assert registered.config_entry_id
    unit = state.attributes.get("unit_of_measurement")
    return {
        "unique_id": by_entry(registered.unique_id, registered.config_entry_id),
        "name": state.name,
        "category": registered.entity_category,
        "unit": unit,
        "device_class": state.attributes.get("device_class"),
        "state_class": state.attributes.get("state_class"),
        "digits": dict(registered.options.get("sensor", {})).get("suggested_display_precision"),
        "field": field_of(float(state.state), unit) if registered.unique_id.startswith("021122334455-meter_") else None,
    }


def devices(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return what a user sees of the devices of an entry, and of the phases that are parts of them."""
    registry = dr.async_get(hass)
    whole = dr.async_entries_for_config_entry(registry, entry.entry_id)
    names = {device.id: device.name for device in whole}
    phases = {
        phase.name or "": {"identifiers": sorted(phase.identifiers), "parent": names[phase.parent_device_id]}
        for phase in dr.async_child_entries_for_config_entry(registry, entry.entry_id)
    }
    return phases | {
        device.name or "": {
            "identifiers": sorted((domain, by_entry(name, entry.entry_id)) for domain, name in device.identifiers),
            "manufacturer": device.manufacturer,
            "model": device.model,
            "entry_type": device.entry_type,
        }
        for device in whole
    }


def by_entry(text: str, entry_id: str) -> str:
    """Return a text without the id of an entry, which is drawn by lot."""
    return text.replace(entry_id, "ENTRY")


def attribute(value: Any, *, is_measurement: bool) -> Any:
    """Return the value of an NGSI attribute with a field of the wire in the place of every number."""
    if isinstance(value, float) and is_measurement:
        return field_of(value)
    if isinstance(value, dict):
        return {name: attribute(part, is_measurement=is_measurement) for name, part in value.items()}
    return value


def attributes(entities: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the attributes of NGSI entities by type and name."""
    shown: dict[str, Any] = {}
    for ngsi in entities:
        is_measurement = ngsi["type"] == "ThreePhaseAcMeasurement"
        shown[ngsi["type"]] = {"id": ngsi["id"]}
        for name in sorted(ngsi.keys() - {"id", "type"}):
            shown[f"{ngsi['type']}: {name}"] = ngsi[name] | {
                "value": attribute(ngsi[name]["value"], is_measurement=is_measurement)
            }
    return shown


def registered(hass: HomeAssistant, *entries: MockConfigEntry) -> list[er.RegistryEntry]:
    """Return the entities of entries by their ids."""
    registry = er.async_get(hass)
    found = [entity for entry in entries for entity in er.async_entries_for_config_entry(registry, entry.entry_id)]
    return sorted(found, key=lambda entity: entity.entity_id)


@pytest.fixture
async def site(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, broker_entry: MockConfigEntry
) -> tuple[MockConfigEntry, MockConfigEntry]:
    """A meter and a broker that have taken one record."""
    await set_up(hass, broker_entry)
    device.measure(1, **record())
    await until(lambda: hass.states.get("sensor.house_frequency"))
    await hass.async_block_till_done()
    return meter_entry, broker_entry


@pytest.mark.usefixtures("everything_enabled")
async def test_entities_and_devices_stay(
    hass: HomeAssistant, site: tuple[MockConfigEntry, MockConfigEntry], tmp_path: Path
) -> None:
    meter, broker = site

    entities = {found.entity_id: entity(found, hass) for found in registered(hass, *site)}
    assert_unchanged(SNAPSHOT, {"entities": entities, "devices": devices(hass, meter) | devices(hass, broker)}, tmp_path)


async def test_what_a_user_has_to_enable_stays(
    hass: HomeAssistant, site: tuple[MockConfigEntry, MockConfigEntry], tmp_path: Path
) -> None:
    assert_unchanged(
        SNAPSHOT,
        {"disabled": {found.entity_id: found.disabled_by for found in registered(hass, *site) if found.disabled}},
        tmp_path,
    )


@pytest.mark.usefixtures("site")
async def test_ngsi_entities_stay(hass: HomeAssistant, orion: Orion, tmp_path: Path) -> None:
    await until_after(hass, 6, lambda: {entity["type"] for entity in orion.entities} == {"Device", "ThreePhaseAcMeasurement"})

    assert_unchanged(SNAPSHOT, {"ngsi": attributes(orion.entities)}, tmp_path)
