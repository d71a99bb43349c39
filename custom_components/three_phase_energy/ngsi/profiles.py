"""Smart Data Models for a reading: NGSI type, and attributes from the table of quantities."""

from dataclasses import dataclass
from typing import Final

from ..model.quantities import QUANTITIES
from ..model.quantity import Ngsi, Profile, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementProfile:
    """A kind of measurement entity."""

    type: str
    attributes: tuple[tuple[Quantity, Ngsi], ...]
    """The quantities that it has, each with its names, unit and range."""

    def entity_id(self, key: str) -> str:
        """Return the id of the measurement of the meter with this key."""
        return f"urn:ngsi-ld:{self.type}:{key}"


def _from_table(profile: Profile) -> MeasurementProfile:
    return MeasurementProfile(
        type=profile.value,
        attributes=tuple((quantity, quantity.ngsi[profile]) for quantity in QUANTITIES if profile in quantity.ngsi),
    )


THREE_PHASE_AC_MEASUREMENT: Final = _from_table(Profile.THREE_PHASE)
