"""The table as the documentation shows it: groups on the wire, ESPHome's sensors, Home Assistant's, and NGSI attributes."""

from collections.abc import Iterable, Mapping

from custom_components.three_phase_energy.model.quantity import Ngsi, Profile, Quantity


def wire_table(quantities: Iterable[Quantity]) -> str:
    """Return what the groups of a reading hold."""
    rows = [
        (
            _code(quantity.wire),
            f"{_name(quantity)}: {quantity.meaning}" if quantity.meaning else _name(quantity),
            ",".join(quantity.phases),
            quantity.unit or "ratio",
            f"{quantity.decimals}",
            str(quantity.aggregation),
        )
        for quantity in quantities
        if quantity.wire
    ]
    return _table(("key", "quantity", "fields", "unit", "decimals", "merged by"), rows)


def esphome_table(quantities: Iterable[Quantity]) -> str:
    """Return which sensors the platform of ESPHome has."""
    rows = [
        (
            _code(quantity.key),
            " ".join(_code(phase.lower()) for phase in quantity.phases),
            quantity.sensor_unit or quantity.unit or "",
            _meaning_and_option(quantity),
        )
        for quantity in quantities
        if quantity.wire
    ]
    return _table(("quantity", "in", "unit", "meaning"), rows)


def home_assistant_table(quantities: Iterable[Quantity], names: Mapping[str, str]) -> str:
    """Return which sensors the integration has, with their English names."""
    rows = [
        (
            names[quantity.key].replace("{pair}", "L1-L2 …"),
            ", ".join(quantity.phases),
            quantity.sensor_unit or quantity.unit or "",
            ", ".join(phase for phase in quantity.phases if phase not in quantity.hidden_phases) or "–",
            "with its first value" if quantity.optional else "",
        )
        for quantity in quantities
    ]
    return _table(("sensor", "of", "unit", "enabled by default", "appears"), rows)


def ngsi_table(quantities: Iterable[Quantity], profile: Profile = Profile.THREE_PHASE) -> str:
    """Return the attributes of a profile, by default of `ThreePhaseAcMeasurement`."""
    rows = [_ngsi_row(quantity, ngsi) for quantity in quantities if (ngsi := quantity.ngsi.get(profile))]
    return _table(("quantity", "by phase", "total", "net", "`unitCode`", "from … to"), rows)


def _ngsi_row(quantity: Quantity, ngsi: Ngsi) -> tuple[str, ...]:
    names = (ngsi.attribute, ngsi.total, ngsi.net, ngsi.unit_code)
    return (_name(quantity), *(_code(name) for name in names), _range(ngsi))


_SHORT = ("thd", "q1", "q2", "q3", "q4")
"""Words to write in capitals."""


def _name(quantity: Quantity) -> str:
    """Return a quantity's name in prose."""
    words = quantity.key.replace("phase_to_phase", "phase-to-phase").split("_")
    return " ".join(word.upper() if word in _SHORT else word for word in words)


def _meaning_and_option(quantity: Quantity) -> str:
    option = f"needs `energy: {{{quantity.build_group}: true}}`" if quantity.build_group else ""
    return "; ".join(text for text in (quantity.meaning, option) if text)


def _range(ngsi: Ngsi) -> str:
    if ngsi.minimum is None and ngsi.maximum is None:
        return ""
    lowest, highest = (f"{bound:g}".replace("-", "−") if bound is not None else "" for bound in (ngsi.minimum, ngsi.maximum))
    return f"{lowest} … {highest}".strip()


def _code(text: str | None) -> str:
    return f"`{text}`" if text else ""


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (header, ("---",) * len(header), *rows)
    return "\n".join(_line(cells) for cells in lines)


def _line(cells: tuple[str, ...]) -> str:
    if cells[0] == "---":
        return f"|{'|'.join(cells)}|"
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"
