"""The tables of quantities in the firmware are that of the integration, each in the terms of its language."""

import importlib.util
from pathlib import Path
import re
import sys
from types import ModuleType

import pytest

from custom_components.three_phase_energy.model.quantities import QUANTITIES, Aggregation, Quantity

COMPONENT = Path(__file__).parents[2] / "esphome" / "components" / "ade9000"
CPP_ROW = re.compile(
    r"\{Quantity::(?P<name>\w+), \"(?P<key>\w+)\", \"(?P<wire>\w+)\", detail::(?P<phases>\w+), (?P<counter>\w+), \d+"
    r"(?:, BuildGroup::(?P<group>\w+))?\}"
)

each_quantity = pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.key)


def _esphome_table() -> ModuleType:
    """Load the component's table by its file, because its package needs ESPHome."""
    spec = importlib.util.spec_from_file_location("ade9000_quantities", COMPONENT / "quantities.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up while it is made.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _cpp_rows() -> list[dict[str, str]]:
    return [row.groupdict() for row in CPP_ROW.finditer((COMPONENT / "quantities.h").read_text(encoding="utf-8"))]


def _cpp_phases(name: str) -> list[str]:
    header = (COMPONENT / "quantities.h").read_text(encoding="utf-8")
    found = re.search(rf"PhaseList {name}\{{(.*?)\}}", header)
    assert found is not None
    return [phase.removeprefix("Phase::").lower() for phase in found[1].split(", ")]


ESPHOME = {quantity.key: quantity for quantity in _esphome_table().QUANTITIES}
CPP = {row["key"]: row for row in _cpp_rows()}


def test_all_tables_have_the_same_quantities_in_the_same_order() -> None:
    keys = [quantity.key for quantity in QUANTITIES]

    assert list(ESPHOME) == keys
    assert list(CPP) == keys


@each_quantity
def test_cpp_names_the_quantity_as_the_wire_does(quantity: Quantity) -> None:
    row = CPP[quantity.key]

    assert row["name"] == quantity.key.upper()
    assert row["wire"] == quantity.wire
    assert row["counter"] == str(quantity.is_counter).lower()


@each_quantity
def test_option_that_builds_it_is_the_same_in_cpp(quantity: Quantity) -> None:
    group = CPP[quantity.key]["group"]

    assert ESPHOME[quantity.key].build_group == (group.lower() if group else None)


@each_quantity
def test_phases_are_the_same_in_the_same_order(quantity: Quantity) -> None:
    phases = [phase.value.lower() for phase in quantity.phases]

    assert list(ESPHOME[quantity.key].phases) == phases
    assert _cpp_phases(CPP[quantity.key]["phases"]) == phases


@each_quantity
def test_esphome_sensor_is_described_as_the_integrations(quantity: Quantity) -> None:
    row = ESPHOME[quantity.key]

    assert row.unit == (quantity.sensor_unit or quantity.unit or "")
    assert row.device_class == quantity.device_class
    assert row.state_class == quantity.state_class
    assert row.scale == quantity.sensor_scale
    assert row.diagnostic == quantity.diagnostic


@pytest.mark.parametrize("aggregation", [Aggregation.LAST, Aggregation.MAX])
def test_firmware_aggregates_as_the_table_says_what_has_no_mean(aggregation: Aggregation) -> None:
    source = (COMPONENT / "merged_reading.cpp").read_text(encoding="utf-8")
    names = re.search(rf"Quantity {aggregation.name}\[\] = \{{(.*?)\}}", source)
    assert names is not None
    keys = [quantity.key for quantity in QUANTITIES if quantity.aggregation is aggregation and not quantity.is_counter]

    assert re.findall(r"Quantity::(\w+)", names[1]) == [key.upper() for key in keys]


def test_every_aggregation_is_known_to_the_firmware() -> None:
    assert {quantity.aggregation for quantity in QUANTITIES} == {Aggregation.MEAN, Aggregation.LAST, Aggregation.MAX}


def test_cpp_rows_are_in_the_order_of_their_enumeration() -> None:
    header = (COMPONENT / "quantities.h").read_text(encoding="utf-8")
    enumeration = re.search(r"enum class Quantity : uint8_t \{(.*?)\};", header, re.DOTALL)
    assert enumeration is not None
    names = re.findall(r"\w+", enumeration[1])

    assert [row["name"] for row in CPP.values()] == names
