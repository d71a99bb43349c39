"""What configuration and driver know of a wiring is the same, and the driver's table is that of the data sheet."""

from collections.abc import Mapping
from functools import cache
import json
from pathlib import Path
import runpy
import shutil
from typing import Any

import pytest

from bench.cpp import COMPONENTS, ROOT, Build, call

TABLES = Path(__file__).parent / "tables"
BUILD = Build(folder=ROOT / ".cache" / "tables", flags=("-std=gnu++20", "-Wall", "-Wextra", "-Werror"))

NAMES = {
    "WYE_4WIRE": "4wire_wye",
    "SINGLE_PHASES": "single_phases",
    "SPLIT_PHASE": "split_phase",
    "NETWORK_3WIRE": "3wire_network",
    "DELTA_3WIRE": "3wire_delta",
    "DELTA_3WIRE_ISOLATED": "3wire_delta_isolated",
    "DELTA_4WIRE": "4wire_delta",
    "WYE_4WIRE_2VT": "4wire_wye_2vt",
    "DELTA_4WIRE_2VT": "4wire_delta_2vt",
}

VCONSEL = {
    "3wire_delta": 0b001,
    "4wire_wye_2vt": 0b010,
    "4wire_delta_2vt": 0b011,
    "3wire_delta_isolated": 0b100,
}
"""ACCMODE.VCONSEL by the data sheet (Rev. B); with any other wiring the chip computes no voltage."""

VOLTAGES_OF_VCONSEL = {
    0b000: {"l1", "l2", "l3"},
    0b001: {"l1", "l3"},
    0b010: {"l1", "l3"},
    0b011: {"l1", "l3"},
    0b100: set[str](),
}
"""Voltages that the chip takes from one input; the others it computes from two."""


@cache
def _driver() -> Mapping[str, Mapping[str, object]]:
    """Return what the driver knows, by the names of the configuration."""
    if shutil.which("g++") is None:
        pytest.skip("there is no g++ to compile the driver's table with")
    program = BUILD.program("wirings", [TABLES / "wirings.cpp", COMPONENTS / "ade9000" / "chip_config.cpp"])
    return {NAMES[constant]: traits for constant, traits in json.loads(call(program)).items()}


@cache
def _configuration() -> Mapping[str, Any]:
    """Return what the configuration knows, by the same names."""
    wirings: Mapping[str, Any] = runpy.run_path(str(COMPONENTS / "ade9000" / "options" / "wirings.py"))["WIRINGS"]
    return wirings


def _configured(trait: str) -> set[str]:
    """Return the wirings of which the configuration knows something to be true."""
    return {name for name, wiring in _configuration().items() if getattr(wiring, trait)}


def _with(trait: str) -> set[str]:
    """Return the wirings of which the driver knows something to be true."""
    return {name for name, traits in _driver().items() if traits[trait]}


def test_names_are_those_of_the_configuration() -> None:
    assert {name: traits["name"] for name, traits in _driver().items()} == {name: name for name in NAMES.values()}
    assert {name: wiring.constant for name, wiring in _configuration().items()} == {name: key for key, name in NAMES.items()}


@pytest.mark.parametrize("name", NAMES.values())
def test_lines_that_exist_are_the_same(name: str) -> None:
    assert _driver()[name]["phases"] == ["l1", "l2", "l3"][: _configuration()[name].line_count]


def test_wirings_without_neutral_are_the_same() -> None:
    assert _with("is_three_wire") == set(NAMES.values()) - _configured("has_neutral")


def test_wirings_of_separate_circuits_are_the_same() -> None:
    assert _with("is_one_system") == set(NAMES.values()) - _configured("has_separate_circuits")


def test_voltages_that_the_chip_computes_are_the_same() -> None:
    computed = {name for name, traits in _driver().items() if traits["voltage_inputs"] == ["l1", "l3"]}

    assert computed == _configured("computes_l2_voltage")


def test_currents_that_the_chip_computes_are_the_same() -> None:
    assert _with("computes_l2_current") == _configured("can_compute_l2_current")


@pytest.mark.parametrize("name", NAMES.values())
def test_voltage_inputs_are_those_of_the_chips_mode(name: str) -> None:
    traits = _driver()[name]
    mode = VCONSEL.get(name, 0)
    phases = traits["phases"]

    assert isinstance(phases, list)
    assert traits["vconsel"] == mode
    assert traits["voltage_inputs"] == [line for line in phases if line in VOLTAGES_OF_VCONSEL[mode]]


def test_three_wires_count_the_elements_of_l1_and_l3() -> None:
    for traits in _driver().values():
        assert traits["counted"] == (["l1", "l3"] if traits["is_three_wire"] else traits["phases"])


def test_only_a_star_of_three_lines_has_a_sequence() -> None:
    assert _with("has_sequence") == {"4wire_wye", "4wire_wye_2vt"}


def test_only_single_phases_are_no_system() -> None:
    assert _with("is_one_system") == set(NAMES.values()) - {"single_phases"}


def test_all_voltages_together_cross_zero_in_systems_of_three_lines() -> None:
    of_three = {name for name, traits in _driver().items() if traits["phases"] == ["l1", "l2", "l3"]}

    assert _with("combined_crossing") == of_three - {"single_phases"}
