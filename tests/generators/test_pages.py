"""The tables of the docs: one row for each quantity, an empty cell for what it does not have."""

import pytest

from custom_components.three_phase_energy.model.quantity import Quantity
from generators.output import MarkError, page
from generators.pages import esphome_table, home_assistant_table, ngsi_table, wire_table


def test_wire_table_has_key_meaning_and_fields(flux: Quantity, charge: Quantity) -> None:
    assert wire_table((flux, charge)).splitlines() == [
        "| key | quantity | fields | unit | decimals | merged by |",
        "|---|---|---|---|---|---|",
        "| `mf` | magnetic flux Q1: of the core | L1,total | Wb | 4 | max |",
        "| `ch` | charge | N | mAh | 0 | last |",
    ]


def test_table_of_esphome_names_the_option_that_a_sensor_needs(flux: Quantity, charge: Quantity) -> None:
    assert esphome_table((flux, charge)).splitlines() == [
        "| quantity | in | unit | meaning |",
        "|---|---|---|---|",
        "| `magnetic_flux_q1` | `l1` `total` | mWb | of the core |",
        "| `charge` | `n` | mAh | needs `energy: {quadrants: true}` |",
    ]


def test_table_of_home_assistant_says_what_is_enabled(flux: Quantity, charge: Quantity) -> None:
    names = {"magnetic_flux_q1": "Flux {pair}", "charge": "Charge"}

    assert home_assistant_table((flux, charge), names).splitlines() == [
        "| sensor | of | unit | enabled by default | appears |",
        "|---|---|---|---|---|",
        "| Flux L1-L2 … | L1, total | mWb | total | |",
        "| Charge | N | mAh | N | with its first value |",
    ]


def test_table_of_ngsi_has_the_attributes_and_their_range(flux: Quantity, charge: Quantity) -> None:
    assert ngsi_table((flux, charge)).splitlines() == [
        "| quantity | by phase | total | net | `unitCode` | from … to |",
        "|---|---|---|---|---|---|",
        "| magnetic flux Q1 | `magneticFlux` | `totalMagneticFlux` | | `WEB` | −0.5 … |",
        "| charge | `charge` | | | `AMH` | |",
    ]


def test_table_is_put_between_its_marks_and_the_rest_stays() -> None:
    before = page("docs/quantities.md", {}).text

    after = page("docs/quantities.md", {"ngsi": "| a table |"}).text

    head, rest = before.partition("<!-- generated: ngsi -->\n\n")[::2]
    tail = rest.partition("\n\n<!-- /generated: ngsi -->")[2]
    assert after == f"{head}<!-- generated: ngsi -->\n\n| a table |\n\n<!-- /generated: ngsi -->{tail}"


def test_page_without_the_mark_is_refused() -> None:
    with pytest.raises(MarkError, match="<!-- generated: unheard -->"):
        page("docs/quantities.md", {"unheard": ""})
