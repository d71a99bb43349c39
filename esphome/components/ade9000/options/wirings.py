"""The wirings of an installation, with the chip's measurements of each. All that the configuration knows of a wiring is here.

The driver has the same of them in C++; a test holds the two against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """How the conductors of an installation are connected to the chip."""

    constant: str
    """Of the enumeration `Wiring` in C++."""
    line_count: int = 3
    """Lines that are measured: L1 and L2, or all three."""
    has_neutral: bool = True
    """Whether there is a neutral, in which the currents need not add up to 0."""
    has_separate_circuits: bool = False
    """Whether each line is a circuit of its own, so that some of them may share a voltage."""
    has_own_voltages: bool = False
    """Whether each current has a voltage of its own to be compared with, as the wiring check needs.

    Without a neutral the currents are compared with voltages between phases, and how they lag depends on all three loads.
    """
    computes_l2_voltage: bool = False
    """Whether the chip computes the voltage of L2 from the voltages of L1 and L3."""
    can_compute_l2_current: bool = False
    """Whether the chip computes the current of L2 if it has no sensor."""


WIRINGS: Mapping[str, Wiring] = {
    "4wire_wye": Wiring(constant="WYE_4WIRE", has_own_voltages=True),
    "single_phases": Wiring(constant="SINGLE_PHASES", has_separate_circuits=True, has_own_voltages=True),
    "split_phase": Wiring(constant="SPLIT_PHASE", line_count=2, has_own_voltages=True),
    "3wire_network": Wiring(constant="NETWORK_3WIRE", line_count=2, has_own_voltages=True),
    "3wire_delta": Wiring(constant="DELTA_3WIRE", has_neutral=False, computes_l2_voltage=True, can_compute_l2_current=True),
    "3wire_delta_isolated": Wiring(constant="DELTA_3WIRE_ISOLATED", has_neutral=False, can_compute_l2_current=True),
    "4wire_delta": Wiring(constant="DELTA_4WIRE"),
    "4wire_wye_2vt": Wiring(constant="WYE_4WIRE_2VT", computes_l2_voltage=True),
    "4wire_delta_2vt": Wiring(constant="DELTA_4WIRE_2VT", computes_l2_voltage=True, can_compute_l2_current=True),
}
"""By their names in YAML."""


def wiring_of(hub: Mapping[str, object]) -> Wiring:
    """Return the wiring of a hub's configuration."""
    return WIRINGS[str(hub["wiring"])]
