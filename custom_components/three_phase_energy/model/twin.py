"""A meter's identity as brokers see it."""

from dataclasses import dataclass
from datetime import datetime
import re

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The identity of a meter, from which its entities are named and described.

    Raises:
        ValueError: the key cannot stand in an NGSI-v2 id, or the date has no time zone.
    """

    key: str
    """Globally unique and for ever the same, such as `021122334455-meter`; the end of the meter's entity ids."""
    name: str
    """As its owner calls it; any text."""
    metering_started: datetime
    """When its energy counters began, with time zone."""
    manufacturer: str | None = None
    model: str | None = None
    serial_number: str | None = None
    firmware_version: str | None = None
    mac: str | None = None
    """MAC address of the meter's network interface, in any usual notation."""

    def __post_init__(self) -> None:
        """Check what would make every update of the twin fail."""
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"{self.key!r} cannot be the end of an entity id")
        if self.metering_started.tzinfo is None:
            raise ValueError("metering_started needs a time zone")
