"""The button that captures a waveform."""

import esphome.codegen as cg
from esphome.components import button
from esphome.types import ConfigType

from .. import CONF_ADE9000_WAVEFORM_ID, DOMAIN, OF_WAVEFORM, ade9000_waveform_ns

DEPENDENCIES = [DOMAIN]

CaptureWaveformButton = ade9000_waveform_ns.class_("CaptureWaveformButton", button.Button)

CONFIG_SCHEMA = button.button_schema(CaptureWaveformButton, icon="mdi:sine-wave").extend(OF_WAVEFORM)


async def to_code(config: ConfigType) -> None:
    """Generate the button."""
    var = await button.new_button(config)
    cg.add(var.set_parent(await cg.get_variable(config[CONF_ADE9000_WAVEFORM_ID])))
