"""Acknowledged events over ESPHome's native API, free of any chip: components that measure send records by it."""

import esphome.codegen as cg
from esphome.config_helpers import filter_source_files_from_defines
from esphome.core import CORE, ID
from esphome.cpp_generator import MockObj

DOMAIN = "three_phase_wire"
USE_API = "USE_THREE_PHASE_WIRE_API"

FILTER_SOURCE_FILES = filter_source_files_from_defines(
    {
        "api_event.cpp": USE_API,
        "api_event.h": USE_API,
        "listeners.cpp": USE_API,
        "listeners.h": USE_API,
        "log_api.h": USE_API,
    }
)


async def sender_of_device(sender_id: ID) -> MockObj:
    """Return the one object of a device that sends a kind of event, made by the first meter that asks with its ID."""
    senders: dict[str, MockObj] = CORE.data.setdefault(DOMAIN, {})
    kind = str(sender_id.type)
    if kind not in senders:
        cg.add_define(USE_API)
        senders[kind] = cg.new_Pvariable(sender_id)
        await cg.register_component(senders[kind], {})
    return senders[kind]
