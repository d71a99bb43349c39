"""Diagnostics help, and give nothing away."""

import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import JSONEncoder

from bench.waiting import until
from custom_components.three_phase_energy.diagnostics import async_get_config_entry_diagnostics

from .device import BOOT, Device
from .harness import MockConfigEntry, set_up
from .orion import Orion


async def diagnose(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return the diagnostics as the user downloads them."""
    found = await async_get_config_entry_diagnostics(hass, entry)
    document: dict[str, Any] = json.loads(json.dumps(found, cls=JSONEncoder))
    return document


async def test_a_meter(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry, broker_entry: MockConfigEntry) -> None:
    await set_up(hass, broker_entry)
    device.measure(2)
    await until(lambda: (position := meter_entry.runtime_data.intake.progress.position) and position.seq == 2)

    found = await diagnose(hass, meter_entry)

    assert found["data"] == {"kind": "meter", "mac": "**REDACTED**", "meter": "meter"}
    assert found["options"] == {"update_interval": 1}
    assert found["firmware_version"] == "0.1.0 (ESPHome 2026.10.0)"
    assert found["is_heard"] is True
    assert found["counts"]["taken"] == 2
    assert found["position"] == {"boot": BOOT, "seq": 2}
    assert found["outboxes"] == [{"boot": BOOT, "seq": 2}]
    assert found["reading"]["u"] == "230.120,231.020,229.870"
    for secret in ("02:11:22:33:44:55", "021122334455"):
        assert secret not in json.dumps(found)


async def test_a_meter_that_was_never_heard(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry) -> None:
    await set_up(hass, meter_entry)

    found = await diagnose(hass, meter_entry)

    assert (found["is_heard"], found["position"], found["reading"]) == (False, None, None)


async def test_a_broker(hass: HomeAssistant, broker_entry: MockConfigEntry, orion: Orion) -> None:
    orion.status = 503
    hass.config_entries.async_update_entry(broker_entry, data={**broker_entry.data, "token": "secret-token"})
    await set_up(hass, broker_entry)
    await until(lambda: broker_entry.runtime_data.delivery.stats.last_error)

    found = await diagnose(hass, broker_entry)

    assert found["data"]["token"] == "**REDACTED**"
    assert found["data"]["url"] == orion.url
    assert found["outbox"]["waiting"] == 0
    assert found["delivery"]["connected"] is False
    assert found["delivery"]["last_error"].startswith("BrokerBusyError(")
    assert "secret-token" not in json.dumps(found)
