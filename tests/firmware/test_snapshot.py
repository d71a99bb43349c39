"""What users have built on stays: the entities of the shipped meter, its actions, and the fields of a reading on the wire.

What is seen is written into a file when a test fails; lines of a new quantity or sensor are taken over from there into
`snapshot.json`.
"""

import asyncio
from pathlib import Path
from typing import Any

from aioesphomeapi import EntityInfo, HomeassistantServiceCall, UserService
import pytest

from bench.native_api import connected_client
from bench.rig.firmware import SimulatedMeter

from ..snapshots import assert_unchanged

pytestmark = pytest.mark.asyncio(loop_scope="session")

SNAPSHOT = Path(__file__).parent / "snapshot.json"


def entity(info: EntityInfo) -> dict[str, Any]:
    """Return what is known of an entity without its state."""
    return {
        "kind": type(info).__name__.removesuffix("Info"),
        "object_id": info.object_id,
        "unit": getattr(info, "unit_of_measurement", None),
        "device_class": getattr(info, "device_class", None),
        "state_class": getattr(info, "state_class", None),
        "decimals": getattr(info, "accuracy_decimals", None),
        "category": info.entity_category,
        "disabled": info.disabled_by_default,
    }


def action(service: UserService) -> dict[str, Any]:
    """Return the arguments of an action with their kinds, in order."""
    return {argument.name: str(argument.type and argument.type.name) for argument in service.args}


async def test_entities_and_actions_stay(shipped_meter: SimulatedMeter, tmp_path: Path) -> None:
    async with connected_client(shipped_meter.port) as client:
        infos, services = await client.list_entities_services()

    entities = {info.name: entity(info) for info in sorted(infos, key=lambda info: info.name)}
    actions = {service.name: action(service) for service in sorted(services, key=lambda service: service.name)}
    assert_unchanged(SNAPSHOT, {"entities": entities, "actions": actions}, tmp_path)


async def test_fields_of_a_reading_stay_in_their_order(shipped_meter: SimulatedMeter, tmp_path: Path) -> None:
    async with connected_client(shipped_meter.port) as client:
        received: asyncio.Future[HomeassistantServiceCall] = asyncio.get_running_loop().create_future()
        client.subscribe_service_calls(lambda call: None if received.done() else received.set_result(call))
        _, services = await client.list_entities_services()
        (read,) = (service for service in services if service.name == "read_readings")
        await client.execute_service(read, {"meter": "meter", "boot": "", "after": 0})
        call = await asyncio.wait_for(received, 15)

    assert call.service == "esphome.three_phase_reading"
    # How many flags a record has depends on what happened to it.
    texts = {**call.data, "flags": ""}
    groups = {key: {"place": place, "fields": len(text.split(","))} for place, (key, text) in enumerate(texts.items())}
    assert_unchanged(SNAPSHOT, {"reading": groups}, tmp_path)
