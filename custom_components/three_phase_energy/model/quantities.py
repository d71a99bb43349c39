"""The one table of quantities: all possible values of a reading, with their names in each part of the product.

Sensors, the decoder of the wire and NGSI entities are derived from `QUANTITIES` when the program runs; scripts/generate writes
the tables of the firmware and of the docs. Values are in SI units, energies in whole mWh, mvarh and mVAh; conversion happens at
the edge that needs another unit.

Signs are seen from the installation: import is positive, export is negative, and reactive power is positive when it is
inductive on import. Energies are counters that only grow, with import and export apart.
"""

from dataclasses import dataclass

from .quantity import (
    COUNTED,
    LINES,
    LINES_AND_NEUTRAL,
    LINES_AND_TOTAL,
    NEUTRAL,
    PAIRS,
    WHOLE,
    Aggregation,
    BuildGroup,
    Ngsi,
    Phase,
    Profile,
    Quantity,
    StateClass,
)

_ALL = frozenset(Phase)
_NONE = frozenset[Phase]()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """The units of active, reactive and apparent quantities."""

    power_unit: str
    power_unit_code: str
    power_device_class: str
    energy_unit: str
    energy_sensor_unit: str
    energy_unit_code: str
    energy_device_class: str | None
    is_signed: bool = True


_ACTIVE = _Kind(
    power_unit="W",
    power_unit_code="WTT",
    power_device_class="power",
    energy_unit="mWh",
    energy_sensor_unit="kWh",
    energy_unit_code="KWH",
    energy_device_class="energy",
)
_REACTIVE = _Kind(
    power_unit="var",
    power_unit_code="D44",
    power_device_class="reactive_power",
    energy_unit="mvarh",
    energy_sensor_unit="kvarh",
    energy_unit_code="K3",
    energy_device_class="reactive_energy",
)
_APPARENT = _Kind(
    power_unit="VA",
    power_unit_code="D46",
    power_device_class="apparent_power",
    energy_unit="mVAh",
    energy_sensor_unit="kVAh",
    energy_unit_code="C79",
    energy_device_class=None,
    is_signed=False,
)


def _prefixed(prefix: str, attribute: str) -> str:
    """Return `total` + `activePower` as `totalActivePower`."""
    return f"{prefix}{attribute[0].upper()}{attribute[1:]}"


def _energy(
    kind: _Kind,
    key: str,
    wire: str,
    attribute: str,
    *,
    hidden: bool = False,
    build_group: BuildGroup | None = None,
    meaning: str = "",
) -> Quantity:
    """Return a counter of energy; apparent energy has no net, as it has no sign to balance."""
    phases = COUNTED if kind.is_signed else LINES_AND_TOTAL
    return Quantity(
        key=key,
        wire=wire,
        phases=phases,
        unit=kind.energy_unit,
        build_group=build_group,
        meaning=meaning,
        device_class=kind.energy_device_class,
        state_class=StateClass.TOTAL_INCREASING,
        sensor_unit=kind.energy_sensor_unit,
        sensor_scale=1e-6,
        precision=3,
        aggregation=Aggregation.LAST,
        ngsi={
            Profile.THREE_PHASE: Ngsi(
                attribute=attribute,
                total=_prefixed("total", attribute),
                net=_prefixed("net", attribute) if Phase.NET in phases else None,
                unit_code=kind.energy_unit_code,
                scale=1e-6,
                minimum=0,
            )
        },
        hidden_phases=_ALL if hidden else _NONE,
    )


def _power(kind: _Kind, key: str, wire: str, attribute: str, *, hidden: bool = False, meaning: str = "") -> Quantity:
    return Quantity(
        key=key,
        wire=wire,
        phases=LINES_AND_TOTAL,
        unit=kind.power_unit,
        decimals=3,
        meaning=meaning,
        device_class=kind.power_device_class,
        state_class=StateClass.MEASUREMENT,
        precision=1,
        ngsi={
            Profile.THREE_PHASE: Ngsi(
                attribute=attribute,
                total=_prefixed("total", attribute),
                unit_code=kind.power_unit_code,
                minimum=None if kind.is_signed else 0,
            )
        },
        hidden_phases=_ALL if hidden else _NONE,
    )


def _power_factor(key: str, wire: str, attribute: str, *, hidden: bool, meaning: str) -> Quantity:
    return Quantity(
        key=key,
        wire=wire,
        phases=LINES_AND_TOTAL,
        unit=None,
        decimals=5,
        meaning=meaning,
        device_class="power_factor",
        state_class=StateClass.MEASUREMENT,
        precision=3,
        ngsi={
            Profile.THREE_PHASE: Ngsi(
                attribute=attribute, total=_prefixed("total", attribute), unit_code="C62", minimum=-1, maximum=1
            )
        },
        hidden_phases=_ALL if hidden else _NONE,
    )


def _peak(key: str, wire: str, attribute: str, *, of: Quantity, decimals: int) -> Quantity:
    """Return the largest instantaneous value of any phase of a voltage or current."""
    return Quantity(
        key=key,
        wire=wire,
        phases=WHOLE,
        unit=of.unit,
        decimals=decimals,
        meaning=f"largest instantaneous {of.key} of any phase",
        device_class=of.device_class,
        state_class=StateClass.MEASUREMENT,
        precision=of.precision,
        aggregation=Aggregation.MAX,
        ngsi={Profile.THREE_PHASE: Ngsi(total=attribute, unit_code=of.ngsi[Profile.THREE_PHASE].unit_code, minimum=0)},
        hidden_phases=_ALL,
    )


def _unbalance(key: str, wire: str, attribute: str, *, meaning: str) -> Quantity:
    """Return |negative sequence| / |positive sequence|: a ratio on the wire and in NGSI, per cent in Home Assistant."""
    return Quantity(
        key=key,
        wire=wire,
        phases=WHOLE,
        unit=None,
        decimals=5,
        meaning=meaning,
        state_class=StateClass.MEASUREMENT,
        sensor_unit="%",
        sensor_scale=100.0,
        precision=2,
        ngsi={Profile.THREE_PHASE: Ngsi(total=attribute, unit_code="C62", minimum=0)},
        optional=True,
    )


def _distortion(key: str, wire: str, attribute: str) -> Quantity:
    """Return a total harmonic distortion: a ratio on the wire and in NGSI, per cent in Home Assistant."""
    return Quantity(
        key=key,
        wire=wire,
        phases=LINES,
        unit=None,
        decimals=5,
        meaning="total harmonic distortion, of the fundamental",
        state_class=StateClass.MEASUREMENT,
        sensor_unit="%",
        sensor_scale=100.0,
        precision=1,
        ngsi={Profile.THREE_PHASE: Ngsi(attribute=attribute, unit_code="C62", minimum=0, maximum=1)},
    )


def _angle(key: str, wire: str, attribute: str, *, meaning: str) -> Quantity:
    """Return an angle in degrees, −180 < angle ≤ 180."""
    return Quantity(
        key=key,
        wire=wire,
        phases=LINES,
        unit="°",
        decimals=3,
        meaning=meaning,
        state_class=StateClass.MEASUREMENT_ANGLE,
        precision=1,
        aggregation=Aggregation.LAST,
        ngsi={Profile.THREE_PHASE: Ngsi(attribute=attribute, unit_code="DD")},
        hidden_phases=_ALL,
    )


_VOLTAGE = Quantity(
    key="voltage",
    wire="u",
    phases=LINES,
    unit="V",
    decimals=3,
    meaning="RMS over 10 or 12 cycles",
    device_class="voltage",
    state_class=StateClass.MEASUREMENT,
    precision=1,
    ngsi={Profile.THREE_PHASE: Ngsi(attribute="phaseVoltage", unit_code="VLT", minimum=0)},
)
_CURRENT = Quantity(
    key="current",
    wire="i",
    phases=LINES_AND_NEUTRAL,
    unit="A",
    decimals=4,
    meaning="RMS over 10 or 12 cycles",
    device_class="current",
    state_class=StateClass.MEASUREMENT,
    precision=2,
    ngsi={Profile.THREE_PHASE: Ngsi(attribute="current", unit_code="AMP")},
)

QUANTITIES: tuple[Quantity, ...] = (
    _VOLTAGE,
    Quantity(
        key="phase_to_phase_voltage",
        wire="uu",
        phases=PAIRS,
        unit="V",
        decimals=3,
        meaning="from the phasors; in a delta measured",
        device_class="voltage",
        state_class=StateClass.MEASUREMENT,
        precision=1,
        ngsi={Profile.THREE_PHASE: Ngsi(attribute="phaseToPhaseVoltage", unit_code="VLT", minimum=0)},
    ),
    _CURRENT,
    Quantity(
        key="calculated_current",
        wire="ic",
        phases=NEUTRAL,
        unit="A",
        decimals=4,
        meaning="RMS of iL1 + iL2 + iL3, which the neutral carries back",
        device_class="current",
        state_class=StateClass.MEASUREMENT,
        precision=2,
        ngsi={Profile.THREE_PHASE: Ngsi(attribute="calculatedCurrent", unit_code="AMP", minimum=0)},
        optional=True,
    ),
    Quantity(
        key="residual_current",
        wire="ir",
        phases=WHOLE,
        unit="A",
        decimals=4,
        meaning="RMS of the sum over all conductors, which flows to earth; no residual current device",
        device_class="current",
        state_class=StateClass.MEASUREMENT,
        precision=3,
        ngsi={Profile.THREE_PHASE: Ngsi(total="residualCurrent", unit_code="AMP", minimum=0)},
        optional=True,
    ),
    _peak("voltage_peak", "upk", "voltagePeak", of=_VOLTAGE, decimals=2),
    _peak("current_peak", "ipk", "currentPeak", of=_CURRENT, decimals=3),
    _unbalance("voltage_unbalance", "ubu", "voltageUnbalance", meaning="negative over positive sequence of the fundamentals"),
    _unbalance("current_unbalance", "ubi", "currentUnbalance", meaning="the same of the currents"),
    _power(_ACTIVE, "active_power", "p", "activePower", meaning="import is positive"),
    _power(_REACTIVE, "reactive_power", "q", "reactivePower", meaning="positive where inductive on import"),
    _power(_APPARENT, "apparent_power", "s", "apparentPower"),
    _power_factor(
        "power_factor", "pf", "powerFactor", hidden=False, meaning="active over apparent power, with the sign of the active power"
    ),
    _power_factor(
        "displacement_power_factor", "dpf", "displacementPowerFactor", hidden=True, meaning="the same of the fundamental"
    ),
    _power(_ACTIVE, "fundamental_active_power", "p1", "fundamentalActivePower", hidden=True, meaning="without harmonics"),
    _power(_REACTIVE, "fundamental_reactive_power", "q1", "fundamentalReactivePower", hidden=True, meaning="without harmonics"),
    _power(_APPARENT, "fundamental_apparent_power", "s1", "fundamentalApparentPower", hidden=True, meaning="without harmonics"),
    _distortion("voltage_thd", "thdu", "thdVoltage"),
    _distortion("current_thd", "thdi", "thdCurrent"),
    Quantity(
        key="frequency",
        wire="f",
        phases=LINES_AND_TOTAL,
        unit="Hz",
        decimals=4,
        device_class="frequency",
        state_class=StateClass.MEASUREMENT,
        precision=3,
        ngsi={Profile.THREE_PHASE: Ngsi(attribute="phaseFrequency", total="frequency", unit_code="HTZ", minimum=0)},
        hidden_phases=frozenset(LINES),
    ),
    _angle("voltage_angle", "au", "voltageAngle", meaning="against L1; L2 of a right-hand system is −120°"),
    _angle("phase_angle", "ai", "phaseAngle", meaning="by which the current lags its voltage; more than −180°, up to 180°"),
    Quantity(
        key="chip_temperature",
        wire="tc",
        phases=WHOLE,
        unit="°C",
        decimals=1,
        device_class="temperature",
        state_class=StateClass.MEASUREMENT,
        precision=1,
        ngsi={Profile.THREE_PHASE: Ngsi(total="chipTemperature", unit_code="CEL")},
        diagnostic=True,
    ),
    _energy(_ACTIVE, "active_energy_import", "ei", "activeEnergyImport"),
    _energy(_ACTIVE, "active_energy_export", "ee", "activeEnergyExport"),
    _energy(_REACTIVE, "reactive_energy_import", "ri", "reactiveEnergyImport", hidden=True),
    _energy(_REACTIVE, "reactive_energy_export", "re", "reactiveEnergyExport", hidden=True),
    _energy(
        _APPARENT, "apparent_energy_import", "si", "apparentEnergyImport", hidden=True, meaning="while active power is imported"
    ),
    _energy(
        _APPARENT, "apparent_energy_export", "se", "apparentEnergyExport", hidden=True, meaning="while active power is exported"
    ),
    _energy(
        _REACTIVE,
        "reactive_energy_q1",
        "rq1",
        "reactiveEnergyQ1",
        hidden=True,
        build_group=BuildGroup.QUADRANTS,
        meaning="while active and reactive power are imported",
    ),
    _energy(
        _REACTIVE,
        "reactive_energy_q2",
        "rq2",
        "reactiveEnergyQ2",
        hidden=True,
        build_group=BuildGroup.QUADRANTS,
        meaning="active exported, reactive imported",
    ),
    _energy(
        _REACTIVE,
        "reactive_energy_q3",
        "rq3",
        "reactiveEnergyQ3",
        hidden=True,
        build_group=BuildGroup.QUADRANTS,
        meaning="both exported",
    ),
    _energy(
        _REACTIVE,
        "reactive_energy_q4",
        "rq4",
        "reactiveEnergyQ4",
        hidden=True,
        build_group=BuildGroup.QUADRANTS,
        meaning="active imported, reactive exported",
    ),
    _energy(
        _ACTIVE,
        "fundamental_active_energy_import",
        "e1i",
        "fundamentalActiveEnergyImport",
        hidden=True,
        build_group=BuildGroup.FUNDAMENTAL,
        meaning="without harmonics",
    ),
    _energy(
        _ACTIVE,
        "fundamental_active_energy_export",
        "e1e",
        "fundamentalActiveEnergyExport",
        hidden=True,
        build_group=BuildGroup.FUNDAMENTAL,
        meaning="without harmonics",
    ),
    _energy(
        _REACTIVE,
        "fundamental_reactive_energy_import",
        "r1i",
        "fundamentalReactiveEnergyImport",
        hidden=True,
        build_group=BuildGroup.FUNDAMENTAL,
        meaning="without harmonics",
    ),
    _energy(
        _REACTIVE,
        "fundamental_reactive_energy_export",
        "r1e",
        "fundamentalReactiveEnergyExport",
        hidden=True,
        build_group=BuildGroup.FUNDAMENTAL,
        meaning="without harmonics",
    ),
    _energy(
        _APPARENT,
        "fundamental_apparent_energy_import",
        "s1i",
        "fundamentalApparentEnergyImport",
        hidden=True,
        build_group=BuildGroup.FUNDAMENTAL,
        meaning="while fundamental active power is imported",
    ),
    _energy(
        _APPARENT,
        "fundamental_apparent_energy_export",
        "s1e",
        "fundamentalApparentEnergyExport",
        hidden=True,
        build_group=BuildGroup.FUNDAMENTAL,
        meaning="while fundamental active power is exported",
    ),
)

BY_WIRE = {quantity.wire: quantity for quantity in QUANTITIES if quantity.wire is not None}
