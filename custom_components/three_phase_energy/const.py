"""Names that the modules of the integration share."""

import logging
from typing import Final

DOMAIN: Final = "three_phase_energy"
LOGGER: Final = logging.getLogger(__package__)

CONF_KIND: Final = "kind"
KIND_BROKER: Final = "broker"
KIND_METER: Final = "meter"

CONF_MAC: Final = "mac"
CONF_METER: Final = "meter"
CONF_UPDATE_INTERVAL: Final = "update_interval"

CONF_NOTIFICATION_URL: Final = "notification_url"
CONF_QUANTUMLEAP_URL: Final = "quantumleap_url"
CONF_SERVICE_PATH: Final = "service_path"
CONF_TENANT: Final = "tenant"
CONF_TOKEN: Final = "token"  # noqa: S105  the name of a field, not a token
CONF_URL: Final = "url"

DEFAULT_UPDATE_INTERVAL_S: Final = 5
"""Fifty sensors that change every second would be four million rows a day in the recorder; the mirror takes every reading."""

EVENT_READING: Final = "esphome.three_phase_reading"
EVENT_POWER_QUALITY: Final = "esphome.three_phase_event"
EVENT_WAVEFORM: Final = "esphome.three_phase_waveform"
EVENT_HARMONICS: Final = "esphome.three_phase_harmonics"
EVENTS: Final = frozenset({EVENT_READING, EVENT_POWER_QUALITY, EVENT_WAVEFORM, EVENT_HARMONICS})
"""Everything that a meter sends."""
ACTION_READ_READINGS: Final = "read_readings"

DOCUMENTATION_URL: Final = "https://github.com/three-phase-energy/three-phase-energy"
