"""The sensors show what the newest record says: every quantity, at its phase, in its unit, and only while it is heard."""

from datetime import timedelta
import logging

from homeassistant.components.sensor import DEVICE_CLASS_STATE_CLASSES, DEVICE_CLASS_UNITS
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util.dt import utcnow
import pytest

from bench.waiting import until

from .device import VALUES, Device
from .harness import MockConfigEntry, async_fire_time_changed, set_up

SHOWN = [
    # entity, state, unit, device class, state class
    ("l1_voltage", "230.12", "V", "voltage", "measurement"),
    ("l2_voltage", "231.02", "V", "voltage", "measurement"),
    ("l3_voltage", "229.87", "V", "voltage", "measurement"),
    ("voltage_l1_l2", "399.39", "V", "voltage", "measurement"),
    ("voltage_l2_l3", "399.14", "V", "voltage", "measurement"),
    ("voltage_l3_l1", "398.36", "V", "voltage", "measurement"),
    ("l1_current", "10.0", "A", "current", "measurement"),
    ("l3_current", "2.0", "A", "current", "measurement"),
    ("l1_active_power", "-2300.125", "W", "power", "measurement"),
    ("active_power", "-1741.125", "W", "power", "measurement"),
    ("l2_reactive_power", "57.0", "var", "reactive_power", "measurement"),
    ("reactive_power", "67.0", "var", "reactive_power", "measurement"),
    ("l2_apparent_power", "115.51", "VA", "apparent_power", "measurement"),
    ("apparent_power", "2876.45", "VA", "apparent_power", "measurement"),
    ("l1_power_factor", "-0.9995", None, "power_factor", "measurement"),
    ("power_factor", "-0.6053", None, "power_factor", "measurement"),
    ("l1_voltage_thd", "1.23", "%", None, "measurement"),
    ("l3_current_thd", "12.34", "%", None, "measurement"),
    ("frequency", "49.98", "Hz", "frequency", "measurement"),
    ("voltage_unbalance", "1.234", "%", None, "measurement"),
    ("chip_temperature", "41.5", "°C", "temperature", "measurement"),
    ("l3_energy_import", "7.0", "kWh", "energy", "total_increasing"),
    ("energy_import_sum", "5007.000123", "kWh", "energy", "total_increasing"),
    ("energy_import_net", "4000.000001", "kWh", "energy", "total_increasing"),
    ("l1_energy_export", "1.234567", "kWh", "energy", "total_increasing"),
    ("energy_export_sum", "1.234567", "kWh", "energy", "total_increasing"),
    ("energy_export_net", "0.0", "kWh", "energy", "total_increasing"),
]
HIDDEN = [
    ("voltage_peak", "327.12", "V", "voltage", "measurement"),
    ("current_peak", "16.204", "A", "current", "measurement"),
    ("l1_displacement_power_factor", "-1.0", None, "power_factor", "measurement"),
    ("fundamental_active_power", "-1741.2", "W", "power", "measurement"),
    ("fundamental_reactive_power", "67.0", "var", "reactive_power", "measurement"),
    ("l2_fundamental_apparent_power", "115.2", "VA", "apparent_power", "measurement"),
    ("l3_frequency", "49.981", "Hz", "frequency", "measurement"),
    ("l2_voltage_angle", "-120.1", "°", None, "measurement_angle"),
    ("l1_phase_angle", "-179.8", "°", None, "measurement_angle"),
    ("l2_reactive_energy_import", "3.4e-05", "kvarh", "reactive_energy", "total_increasing"),
    ("reactive_energy_import_net", "9e-05", "kvarh", "reactive_energy", "total_increasing"),
    ("reactive_energy_export_sum", "0.0", "kvarh", "reactive_energy", "total_increasing"),
    ("apparent_energy_import_sum", "0.00013", "kVAh", None, "total_increasing"),
    ("l1_apparent_energy_export", "1.5", "kVAh", None, "total_increasing"),
    ("l1_reactive_energy_q2", "1.2e-05", "kvarh", "reactive_energy", "total_increasing"),
    ("reactive_energy_q1_net", "9e-05", "kvarh", "reactive_energy", "total_increasing"),
    ("fundamental_energy_import_sum", "4996.900123", "kWh", "energy", "total_increasing"),
    ("fundamental_reactive_energy_import_net", "8.8e-05", "kvarh", "reactive_energy", "total_increasing"),
    ("l1_fundamental_apparent_energy_export", "1.49", "kVAh", None, "total_increasing"),
]


async def show(hass: HomeAssistant, device: Device, **changes: str) -> None:
    """Let the device measure once, and wait until the sensors show it."""
    seq = device.logs["meter"].next_seq
    device.measure(1, **changes)
    meter = hass.config_entries.async_entries("three_phase_energy")[0].runtime_data
    await until(lambda: meter.live.reading is not None and meter.live.reading.seq == seq)
    await hass.async_block_till_done()


def state(hass: HomeAssistant, name: str) -> str:
    """Return the state of a sensor of the meter."""
    found = hass.states.get(f"sensor.house_{name}")
    assert found, name
    return found.state


def assert_sensor(hass: HomeAssistant, row: tuple[str, str, str | None, str | None, str]) -> None:
    name, value, unit, device_class, state_class = row
    found = hass.states.get(f"sensor.house_{name}")
    assert found, name
    attributes = found.attributes
    assert found.state == value
    assert attributes.get("unit_of_measurement") == unit
    assert attributes.get("device_class") == device_class
    assert attributes.get("state_class") == state_class


async def test_a_record_becomes_states(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device)

    for row in SHOWN:
        assert_sensor(hass, row)


@pytest.mark.usefixtures("everything_enabled")
async def test_what_is_hidden_at_first_is_right_as_well(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device)

    for row in HIDDEN:
        assert_sensor(hass, row)


async def test_special_values_are_hidden_until_asked_for(
    hass: HomeAssistant, entity_registry: er.EntityRegistry, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device)

    entries = er.async_entries_for_config_entry(entity_registry, meter_entry.entry_id)
    shown = {entry.entity_id.removeprefix("sensor.house_") for entry in entries if not entry.disabled_by}
    assert {row[0] for row in SHOWN} <= shown
    assert not shown & {row[0] for row in HIDDEN}
    # u 3, uu 3, i 3 without N, ubu 1, p q s pf 4 each, thdu thdi 3 each, f 1, tc 1, ei ee 5 each
    assert len(shown) == 3 + 3 + 3 + 1 + 4 * 4 + 2 * 3 + 1 + 1 + 2 * 5


@pytest.mark.usefixtures("everything_enabled")
async def test_units_and_state_classes_are_those_that_home_assistant_knows(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device, i="10,0.5,2,1.25")

    sensors = [found for found in hass.states.async_all("sensor") if "device_class" in found.attributes]
    assert len(sensors) > 60
    for found in sensors:
        device_class = found.attributes["device_class"]
        assert found.attributes.get("unit_of_measurement") in DEVICE_CLASS_UNITS[device_class]
        assert found.attributes["state_class"] in DEVICE_CLASS_STATE_CLASSES[device_class]


async def test_diagnostic_values_are_marked(
    hass: HomeAssistant, entity_registry: er.EntityRegistry, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device)

    entries = er.async_entries_for_config_entry(entity_registry, meter_entry.entry_id)
    diagnostic = [entry.unique_id for entry in entries if entry.entity_category is EntityCategory.DIAGNOSTIC]
    assert diagnostic == ["021122334455-meter_total_chip_temperature"]


async def test_phases_are_parts_of_the_meter_behind_the_esphome_device(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device)

    meter = device_registry.async_get_device_by_identifier(("three_phase_energy", "021122334455-meter"), meter_entry.entry_id)
    assert meter
    assert (meter.name, meter.manufacturer, meter.model) == ("House", "Analog Devices", "ADE9000")
    assert meter.sw_version == "0.1.0 (ESPHome 2026.10.0)"
    assert meter.via_device_id == device.id
    phases = dr.async_child_entries_for_config_entry(device_registry, meter_entry.entry_id)
    assert [(phase.name, phase.parent_device_id) for phase in phases] == [(name, meter.id) for name in ("L1", "L2", "L3")]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("n_calculated_current", {"ic": "8.5210"}),
        ("residual_current", {"ir": "0.0310"}),
        ("current_unbalance", {"ubi": "0.50000"}),
    ],
)
async def test_what_only_some_meters_measure_appears_with_its_first_value(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, name: str, changes: dict[str, str]
) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device)
    assert not hass.states.get(f"sensor.house_{name}")

    await show(hass, device, **changes)
    assert state(hass, name) not in {"unknown", "unavailable"}

    await show(hass, device)
    assert state(hass, name) == "unknown"


async def test_phase_that_is_not_measured_has_no_counters(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device, ei="1000000,,3000000,4000000,4000000")

    assert state(hass, "l1_energy_import") == "1.0"
    assert not hass.states.get("sensor.house_l2_energy_import")


async def test_neutral_appears_with_its_first_current(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device)
    assert not hass.states.get("sensor.house_n_current")

    await show(hass, device, i="10,0.5,2,1.25")

    assert state(hass, "n_current") == "1.25"
    names = [child.name for child in dr.async_child_entries_for_config_entry(device_registry, meter_entry.entry_id)]
    assert names == ["L1", "L2", "L3", "N"]


async def test_what_the_profile_of_the_meter_leaves_out_has_no_sensor(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("thdu", "thdi", "uu"):
        monkeypatch.delitem(VALUES, key)
    await set_up(hass, meter_entry)
    await show(hass, device)

    assert not hass.states.get("sensor.house_l1_voltage_thd")
    assert not hass.states.get("sensor.house_voltage_l1_l2")
    assert state(hass, "l1_voltage") == "230.12"


async def test_invalid_values_are_unknown(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device)
    assert state(hass, "l2_current_thd") == STATE_UNKNOWN

    await show(hass, device, u="230,,230", ei=",,,,")

    assert state(hass, "l1_voltage") == "230.0"
    assert state(hass, "l2_voltage") == STATE_UNKNOWN
    assert state(hass, "energy_import_sum") == STATE_UNKNOWN


async def test_silent_meter_is_unavailable_and_says_so_once(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "custom_components.three_phase_energy")
    await set_up(hass, meter_entry)
    await show(hass, device)

    async_fire_time_changed(hass, utcnow() + timedelta(seconds=9))
    await hass.async_block_till_done()
    assert state(hass, "l1_voltage") == "230.12"

    async_fire_time_changed(hass, utcnow() + timedelta(seconds=11))
    await hass.async_block_till_done()
    assert state(hass, "l1_voltage") == STATE_UNAVAILABLE
    assert caplog.text.count("No reading of meter House for 10 s") == 1

    await show(hass, device)
    assert state(hass, "l1_voltage") == "230.12"
    assert caplog.text.count("Meter House is heard again") == 1


async def test_sensors_of_a_silent_meter_are_there_after_a_restart(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device)

    device.is_online = False
    assert await hass.config_entries.async_reload(meter_entry.entry_id)
    await hass.async_block_till_done()

    found = hass.states.get("sensor.house_l1_voltage")
    assert found
    assert found.state == STATE_UNAVAILABLE
    assert "restored" not in found.attributes


async def test_sensors_follow_at_the_interval_that_is_set(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(meter_entry, options={})
    await set_up(hass, meter_entry)
    await show(hass, device, tc="40")

    device.measure(4, tc="41")
    await until(lambda: meter_entry.runtime_data.intake.counts.taken == 5)
    await hass.async_block_till_done()
    assert state(hass, "chip_temperature") == "40.0"

    await show(hass, device, tc="42")
    assert state(hass, "chip_temperature") == "42.0"


async def test_what_waited_on_the_meter_is_not_shown_as_now(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device, tc="40")
    shown: list[str] = []
    hass.bus.async_listen("state_changed", lambda event: shown.append(event.data["new_state"].state))

    device.is_online = False
    device.logs["meter"].credit = 0
    device.measure(30, tc="50")
    device.is_online = True
    async_fire_time_changed(hass, utcnow() + timedelta(seconds=6))
    await until(lambda: meter_entry.runtime_data.intake.counts.taken == 31)
    await hass.async_block_till_done()

    # Of the thirty records, those of the last ten seconds are of now.
    assert state(hass, "chip_temperature") == "50.0"
    assert meter_entry.runtime_data.live.reading.end >= device.now - timedelta(seconds=10)
    assert shown.count("50.0") == 1


async def test_a_meter_with_a_wrong_clock_is_shown_by_its_pace(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    device.clock_error = timedelta(hours=-1)
    await set_up(hass, meter_entry)
    device.measure(tc="39")

    await show(hass, device, tc="40")
    await show(hass, device, tc="41")

    assert state(hass, "chip_temperature") == "41.0"


async def test_counters_never_go_back_when_records_come_again(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device, ei="0,0,0,1000000,0")
    old = device.fired[-1]
    await show(hass, device, ei="0,0,0,2000000,0")

    device.fire(old)
    await until(lambda: meter_entry.runtime_data.intake.counts.duplicates == 1)
    await hass.async_block_till_done()

    assert state(hass, "energy_import_sum") == "2.0"


async def test_counters_begin_anew_with_the_boot_of_the_meter(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    await set_up(hass, meter_entry)
    await show(hass, device, ei="0,0,0,1000000,0")

    device.reboot()
    async_fire_time_changed(hass, utcnow() + timedelta(seconds=6))
    await hass.async_block_till_done()
    await show(hass, device, ei="0,0,0,5,0")

    assert state(hass, "energy_import_sum") == "5e-06"


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", {"Voltage", "Voltage L3-L1", "Energy import (net)", "Current THD"}),
        ("fr", {"Tension", "Tension L3-L1", "Énergie soutirée (solde)", "THD du courant"}),
    ],
)
async def test_names_are_in_the_language_of_home_assistant(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, language: str, names: set[str]
) -> None:
    hass.config.language = language
    await set_up(hass, meter_entry)
    await show(hass, device)

    entries = er.async_entries_for_config_entry(er.async_get(hass), meter_entry.entry_id)
    assert names <= {entry.original_name for entry in entries}
