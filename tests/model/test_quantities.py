"""The table of quantities: unique names, complete rows, and units that Home Assistant accepts for their device class."""

from homeassistant.components.sensor import DEVICE_CLASS_STATE_CLASSES, DEVICE_CLASS_UNITS, SensorDeviceClass, SensorStateClass
import pytest

from custom_components.three_phase_energy.model.quantities import BY_WIRE, QUANTITIES
from custom_components.three_phase_energy.model.quantity import Phase, Profile, Quantity, StateClass

RESERVED = {"v", "meter", "boot", "seq", "first", "t", "age", "up", "span", "flags", "device_id"}

each_quantity = pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.key)


def test_keys_are_unique() -> None:
    assert len({quantity.key for quantity in QUANTITIES}) == len(BY_WIRE) == len(QUANTITIES)


def test_wire_keys_do_not_collide_with_the_header() -> None:
    assert not RESERVED & BY_WIRE.keys()


def test_ngsi_attributes_are_unique() -> None:
    for profile in Profile:
        of_profile = [quantity.ngsi[profile] for quantity in QUANTITIES if profile in quantity.ngsi]
        names = [name for ngsi in of_profile for name in (ngsi.attribute, ngsi.total, ngsi.net) if name]

        assert len(names) == len(set(names))


@each_quantity
def test_home_assistant_accepts_unit_and_state_class(quantity: Quantity) -> None:
    state_class = SensorStateClass(quantity.state_class)
    unit = quantity.sensor_unit or quantity.unit

    if quantity.device_class is None:
        assert unit is not None
    else:
        device_class = SensorDeviceClass(quantity.device_class)
        assert unit in DEVICE_CLASS_UNITS[device_class]
        assert state_class in DEVICE_CLASS_STATE_CLASSES[device_class]


@each_quantity
def test_every_phase_has_a_place_in_ngsi(quantity: Quantity) -> None:
    ngsi = quantity.ngsi[Profile.THREE_PHASE]
    needs_object = bool(set(quantity.phases) - {Phase.TOTAL, Phase.NET})

    assert (ngsi.attribute is not None) == needs_object
    assert (ngsi.total is not None) == (Phase.TOTAL in quantity.phases)
    assert (ngsi.net is not None) == (Phase.NET in quantity.phases)


@each_quantity
def test_only_energies_are_counters(quantity: Quantity) -> None:
    assert quantity.is_counter == ("energy" in quantity.key)
    assert quantity.is_counter == (quantity.state_class is StateClass.TOTAL_INCREASING)


def test_every_row_can_be_a_key_of_a_dictionary() -> None:
    """A description that Home Assistant keeps in sets holds one."""
    assert len(set(QUANTITIES)) == len(QUANTITIES)
