"""The table as the firmware has it: rows of C++ for the groups on the wire, and the rows of the schema of ESPHome's sensors."""

from collections.abc import Iterable

from custom_components.three_phase_energy.model.quantity import Aggregation, Quantity

from .output import NOTICE


def cpp_table(quantities: Iterable[Quantity]) -> str:
    """Return the enumeration and the rows of the groups on the wire, in its order."""
    rows = [quantity for quantity in quantities if quantity.wire]
    names = "".join(f"{quantity.key.upper()},\n" for quantity in rows)
    lines = "".join(f"{_cpp_row(quantity)},\n" for quantity in rows)
    return f"""#pragma once

#include "quantity_row.h"

#include <array>

namespace esphome::ade9000 {{

/// Everything that a reading can hold, in the order of the wire.
enum class Quantity : uint8_t {{
{names}}};

inline constexpr size_t QUANTITY_COUNT = {len(rows)};

namespace detail {{

/// The table as it is written, before the slots are numbered.
inline constexpr std::array<QuantityRow, QUANTITY_COUNT> ROWS{{{{
{lines}}}}};

}}  // namespace detail

}}  // namespace esphome::ade9000
"""


def _cpp_row(quantity: Quantity) -> str:
    phases = ", ".join(f"Phase::{phase.upper()}" for phase in quantity.phases)
    fields = [
        f".quantity = Quantity::{quantity.key.upper()}",
        f'.key = "{quantity.key}"',
        f'.wire = "{quantity.wire}"',
        f".phases = {{{phases}}}",
    ]
    if quantity.is_counter:
        fields.append(".is_counter = true")
    else:
        fields.append(f".decimals = {quantity.decimals}")
        if quantity.aggregation is not Aggregation.MEAN:
            fields.append(f".aggregation = Aggregation::{quantity.aggregation.upper()}")
    if quantity.build_group:
        fields.append(f".group = BuildGroup::{quantity.build_group.upper()}")
    return f"{{{', '.join(fields)}}}"


def esphome_table(quantities: Iterable[Quantity]) -> str:
    """Return the module of the rows that ESPHome's sensors are described by."""
    rows = "".join(f"{_esphome_row(quantity)},\n" for quantity in quantities if quantity.wire)
    return f'''"""The quantities of a reading as ESPHome sensors, in the order of the wire.

{NOTICE}
"""

from .quantities import Quantity

QUANTITIES: tuple[Quantity, ...] = (
{rows})
'''


def _esphome_row(quantity: Quantity) -> str:
    phases = tuple(phase.lower() for phase in quantity.phases)
    fields = {
        "key": f'"{quantity.key}"',
        "phases": f"{phases}",
        "unit": f'"{quantity.sensor_unit or quantity.unit or ""}"',
        "scale": f"{quantity.sensor_scale}",
        "accuracy_decimals": f"{quantity.precision}",
        "device_class": f'"{quantity.device_class}"' if quantity.device_class else "None",
        "state_class": f'"{quantity.state_class}"',
        "diagnostic": f"{quantity.diagnostic}",
        "build_group": f'"{quantity.build_group}"' if quantity.build_group else "None",
    }
    arguments = ", ".join(f"{name}={value}" for name, value in fields.items() if value != _ESPHOME_DEFAULTS.get(name))
    return f"Quantity({arguments})"


_ESPHOME_DEFAULTS = {
    "scale": "1.0",
    "device_class": "None",
    "state_class": '"measurement"',
    "diagnostic": "False",
    "build_group": "None",
}
"""The class's defaults, which a row leaves out."""
