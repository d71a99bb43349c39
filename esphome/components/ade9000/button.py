"""What a meter does at the press of a button."""

import esphome.config_validation as cv
import esphome.final_validate as fv

from . import ADE9000, CONF_ADE9000_ID
from .waveform_button import OPTIONS, check_capture_button, new_capture_button

CONFIG_SCHEMA = cv.Schema({cv.GenerateID(CONF_ADE9000_ID): cv.use_id(ADE9000), **OPTIONS})


def _final_validate(config):
    full_config = fv.full_config.get()
    hub = full_config.get_config_for_path(full_config.get_path_for_id(config[CONF_ADE9000_ID])[:-1])
    check_capture_button(hub, config)
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


async def to_code(config):
    """Generate the buttons of one `button:` entry."""
    await new_capture_button(config, config[CONF_ADE9000_ID])
