"""The button that captures a waveform."""

import esphome.codegen as cg
from esphome.components import button
import esphome.config_validation as cv
from esphome.const import CONF_NAME

from .waveform import ade9000_ns, recorder_of, require_waveform

CONF_CAPTURE_WAVEFORM = "capture_waveform"

CaptureWaveformButton = ade9000_ns.class_("CaptureWaveformButton", button.Button)

OPTIONS = {
    cv.Optional(CONF_CAPTURE_WAVEFORM): cv.maybe_simple_value(
        button.button_schema(CaptureWaveformButton, icon="mdi:sine-wave"), key=CONF_NAME
    )
}
"""What the button platform takes for it."""


def check_capture_button(hub, config):
    """Refuse a button that would do nothing."""
    if CONF_CAPTURE_WAVEFORM in config:
        require_waveform(hub, CONF_CAPTURE_WAVEFORM)


async def new_capture_button(config, hub_id):
    """Generate the button of one `button:` entry, if it has one."""
    if conf := config.get(CONF_CAPTURE_WAVEFORM):
        cg.add_define("USE_ADE9000_WAVEFORM_BUTTON")
        var = await button.new_button(conf)
        cg.add(var.set_parent(await recorder_of(hub_id)))
