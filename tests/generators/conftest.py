"""Rows of a table that no meter has."""

import pytest

from custom_components.three_phase_energy.model.quantity import (
    Aggregation,
    BuildGroup,
    Ngsi,
    Phase,
    Profile,
    Quantity,
    StateClass,
)


@pytest.fixture
def flux() -> Quantity:
    """Return a value of two phases, of which one is hidden."""
    return Quantity(
        key="magnetic_flux_q1",
        wire="mf",
        phases=(Phase.L1, Phase.TOTAL),
        unit="Wb",
        state_class=StateClass.MEASUREMENT,
        precision=2,
        ngsi={Profile.THREE_PHASE: Ngsi(attribute="magneticFlux", total="totalMagneticFlux", unit_code="WEB", minimum=-0.5)},
        sensor_unit="mWb",
        sensor_scale=1000.0,
        device_class="flux",
        aggregation=Aggregation.MAX,
        hidden_phases=frozenset({Phase.L1}),
        decimals=4,
        meaning="of the core",
    )


@pytest.fixture
def charge() -> Quantity:
    """Return a counter that a device may be built without."""
    return Quantity(
        key="charge",
        wire="ch",
        phases=(Phase.N,),
        unit="mAh",
        state_class=StateClass.TOTAL_INCREASING,
        precision=0,
        ngsi={Profile.THREE_PHASE: Ngsi(attribute="charge", unit_code="AMH")},
        aggregation=Aggregation.LAST,
        diagnostic=True,
        optional=True,
        build_group=BuildGroup.QUADRANTS,
    )
