"""Fixtures of the integration's tests: a simulated device, a real HTTP server as broker, and entries of both kinds."""

from collections.abc import AsyncGenerator
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
import pytest

from .device import MAC, Device
from .harness import MockConfigEntry
from .orion import Orion


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Keep what the integration writes in a folder of the test."""
    return str(tmp_path)


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(recorder_db_url: str, enable_custom_integrations: None) -> None:
    """Let Home Assistant find the integration; the recorder's database must come first."""


@pytest.fixture
def everything_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable also the entities that a user has to enable."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


@pytest.fixture
def device(hass: HomeAssistant) -> Device:
    """Return a device with one meter, connected to ESPHome's integration."""
    device = Device(hass)
    device.offer_action()
    return device


@pytest.fixture
def meter_entry(hass: HomeAssistant) -> MockConfigEntry:
    """Return the entry of the device's meter, not set up yet."""
    entry = MockConfigEntry(
        domain="three_phase_energy",
        title="House",
        unique_id="021122334455-meter",
        data={"kind": "meter", "mac": MAC, "meter": "meter"},
        options={"update_interval": 1},
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def orion(socket_enabled: None) -> AsyncGenerator[Orion]:
    """Run a broker on loopback."""
    orion = Orion()
    await orion.start()
    yield orion
    await orion.stop()


@pytest.fixture
def broker_entry(hass: HomeAssistant, orion: Orion) -> MockConfigEntry:
    """Return the entry of the broker, not set up yet."""
    entry = MockConfigEntry(
        domain="three_phase_energy",
        title="Orion",
        unique_id=f"{orion.url}|demo|/building",
        data={"kind": "broker", "url": orion.url, "tenant": "demo", "service_path": "/building"},
    )
    entry.add_to_hass(hass)
    return entry
