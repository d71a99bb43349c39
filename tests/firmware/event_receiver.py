"""A client of a meter's power-quality events, as Home Assistant is one."""

from bench.native_api import EventReceiver, Wire


class PowerEventReceiver(EventReceiver):
    """Keeps every record of an event that a connection received, in the order of arrival."""

    EVENTS = ("esphome.three_phase_event",)

    @property
    def numbers(self) -> list[int]:
        """The numbers of what was received."""
        return [int(wire["seq"]) for wire in self.wires]

    async def ask(self, boot: str = "", after: int = 0) -> None:
        """Call `read_events`, and forget what was received before."""
        self.wires.clear()
        await self._call("read_events", {"meter": "meter", "boot": boot, "after": after})

    async def receive(self, **fields: str) -> Wire:
        """Wait for a record with these fields since the last call, and return it."""

        def found() -> list[Wire]:
            return [wire for wire in self.wires if fields.items() <= wire.items()]

        await self.until(lambda: bool(found()), seconds=25)
        return found()[0]
