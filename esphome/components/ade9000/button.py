"""A button that captures a waveform."""

import esphome.codegen as cg
from esphome.components import button
import esphome.config_validation as cv
from esphome.const import CONF_NAME
import esphome.final_validate as fv

from . import ADE9000, CONF_ADE9000_ID, ade9000_ns
from .waveform import recorder_of, require_waveform

CONF_CAPTURE_WAVEFORM = "capture_waveform"

CaptureWaveformButton = ade9000_ns.class_("CaptureWaveformButton", button.Button)

CONFIG_SCHEMA = cv.Schema(
    {
        cv.GenerateID(CONF_ADE9000_ID): cv.use_id(ADE9000),
        cv.Optional(CONF_CAPTURE_WAVEFORM): cv.maybe_simple_value(
            button.button_schema(CaptureWaveformButton, icon="mdi:sine-wave"), key=CONF_NAME
        ),
    }
)


def _final_validate(config):
    """Refuse a button that would do nothing."""
    full_config = fv.full_config.get()
    hub = full_config.get_config_for_path(full_config.get_path_for_id(config[CONF_ADE9000_ID])[:-1])
    if CONF_CAPTURE_WAVEFORM in config:
        require_waveform(hub, CONF_CAPTURE_WAVEFORM)
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


async def to_code(config):
    """Generate the buttons of one `button:` entry."""
    if conf := config.get(CONF_CAPTURE_WAVEFORM):
        var = await button.new_button(conf)
        cg.add_define("USE_ADE9000_WAVEFORM_BUTTON")
        cg.add(var.set_parent(await recorder_of(config[CONF_ADE9000_ID])))
