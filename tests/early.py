"""Loaded before every other pytest plugin (`-p tests.early`)."""

# Home Assistant 2026.11 aliases httpx to httpx2, which has to happen before respx imports httpx.
from homeassistant.components import logger
from homeassistant.components.logger import helpers

# pytest-homeassistant-custom-component 0.13.375 was made from 2026.10, where this helper still lived here.
if not hasattr(logger, "_clear_logger_overwrites"):
    logger._clear_logger_overwrites = helpers._clear_logger_overwrites  # type: ignore[attr-defined]
