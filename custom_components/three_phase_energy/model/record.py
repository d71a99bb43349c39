"""The common part of all records of the wire: version of the contract, numbers within a boot, errors."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

CONTRACT_VERSION = "1"


class RecordError(ValueError):
    """A record that does not follow the contract; the text says which part of it."""


class UnsupportedVersionError(RecordError):
    """A record of a contract version that this integration does not speak."""

    def __init__(self, version: str) -> None:
        """Keep the version for the message to the user."""
        super().__init__(f"contract version {version!r}, supported is {CONTRACT_VERSION!r}")
        self.version = version


class StreamRecord(Protocol):
    """A record of an acknowledged stream, with the numbers that show duplicates and gaps."""

    @property
    def meter(self) -> str:
        """Id of the meter on its device."""

    @property
    def boot(self) -> str:
        """Random id of the device's boot."""

    @property
    def seq(self) -> int:
        """Number of the record; counts up by one within a boot."""

    @property
    def first(self) -> int:
        """First number that the record covers; equal to `seq` unless records were merged."""

    @property
    def end(self) -> datetime | None:
        """Its time, UTC; None while the meter's clock was never set."""

    @property
    def wire(self) -> Mapping[str, str]:
        """The record as it came, for storing it without loss."""
