"""An ESPHome device with meters, which keeps to the contract of docs/architecture.md: a log, a window, and one action.

It stands where ESPHome's integration meets ours: a config entry, a device, an action and events of the bus.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr

from .harness import MockConfigEntry

MAC = "02:11:22:33:44:55"
NODE = "power-node"
ACTION = "power_node_read_readings"
BOOT = "0a1b2c3d"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""Where the clock of the simulation begins; it goes on by the records alone."""

VALUES = {
    "u": "230.120,231.020,229.870",
    "uu": "399.390,399.140,398.360",
    "i": "10.0000,0.5000,2.0000,",
    "ic": "",
    "ir": "",
    "upk": "327.12",
    "ipk": "16.204",
    "ubu": "0.01234",
    "ubi": "",
    "p": "-2300.125,100.000,459.000,-1741.125",
    "q": "10.000,57.000,0.000,67.000",
    "s": "2301.200,115.510,459.740,2876.450",
    "pf": "-0.9995,0.8657,0.9984,-0.6053",
    "dpf": "-1.0000,0.8688,1.0000,-0.6100",
    "p1": "-2300.000,99.900,458.900,-1741.200",
    "q1": "10.000,57.000,0.000,67.000",
    "s1": "2300.100,115.200,459.000,2874.300",
    "thdu": "0.012300,0.020000,0.015000",
    "thdi": "0.080000,,0.123400",
    "f": "49.980,49.980,49.981,49.980",
    "au": "0.000,-120.100,119.900",
    "ai": "-179.800,29.700,0.000",
    "tc": "41.5",
    "ei": "0,5000000123,7000000,5007000123,4000000001",
    "ee": "1234567,0,0,1234567,0",
    "ri": "12,34,56,102,90",
    "re": "0,0,0,0,0",
    "si": "0,60,70,130",
    "se": "1500000,0,0,1500000",
    "rq1": "0,34,56,90,90",
    "rq2": "12,0,0,12,0",
    "rq3": "0,0,0,0,0",
    "rq4": "0,0,0,0,0",
    "e1i": "0,4990000123,6900000,4996900123,3990000001",
    "e1e": "1230000,0,0,1230000,0",
    "r1i": "11,33,55,99,88",
    "r1e": "0,0,0,0,0",
    "s1i": "0,59,69,128",
    "s1e": "1490000,0,0,1490000",
}
"""What every record holds: no neutral at all, and no distortion of a current of nothing in L2."""


@dataclass
class MeterLog:
    """What one meter of the device keeps until it is acknowledged."""

    meter: str
    boot: str = BOOT
    next_seq: int = 1
    records: list[dict[str, str]] = field(default_factory=list)
    sent: int = 0
    credit: int = 0
    called: tuple[str, int] | None = None


class Device:
    """A simulated ESPHome device that Home Assistant knows."""

    def __init__(
        self, hass: HomeAssistant, *, mac: str = MAC, node: str = NODE, meters: tuple[str, ...] = ("meter",), window: int = 16
    ) -> None:
        """Let ESPHome's integration have the device, without the action yet."""
        self.hass = hass
        self.window = window
        self.is_online = True
        self.now = NOON
        self.clock_error = timedelta(0)
        """By how much the clock of the device is ahead of Home Assistant's."""
        self.loses_next = 0
        """How many of its next messages get lost on the way."""
        self.logs = {meter: MeterLog(meter) for meter in meters}
        self.fired: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []
        self.version = "1"
        self.node = node
        self.entry = MockConfigEntry(
            domain="esphome", unique_id=mac, title="Power node", data={"host": "127.0.0.1", "port": 6053, "device_name": node}
        )
        self.entry.add_to_hass(hass)
        self.register(mac)

    def register(self, mac: str = MAC) -> None:
        """Enter the device into the device registry, as ESPHome does when it connects."""
        self.id = (
            dr.async_get(self.hass)
            .async_get_or_create(
                config_entry_id=self.entry.entry_id,
                connections={(dr.CONNECTION_NETWORK_MAC, mac)},
                manufacturer="three_phase_energy",
                model="ade9000",
                name="Power node",
                sw_version="0.1.0 (ESPHome 2026.10.0)",
            )
            .id
        )

    @property
    def action(self) -> str:
        """Name of its action in the domain `esphome`."""
        return f"{self.node.replace('-', '_')}_read_readings"

    def offer_action(self) -> None:
        """Register the action, as ESPHome does when it connects."""
        self.hass.services.async_register("esphome", self.action, self._read_readings)

    def reboot(self, meter: str = "meter", boot: str = "ffff0001") -> None:
        """Forget everything, as a power cut does, and begin a new boot."""
        self.logs[meter] = MeterLog(meter, boot=boot)

    def measure(self, count: int = 1, *, meter: str = "meter", **changes: str) -> None:
        """Measure for some seconds, one record each, and send at the end of each second what the credit allows."""
        log = self.logs[meter]
        for _ in range(count):
            self.now += timedelta(seconds=1)
            log.records.append(self._record(log) | changes)
            log.next_seq += 1
            self._send(log)

    def merge(self, meter: str = "meter") -> None:
        """Merge the two oldest records, as a full log does."""
        records = self.logs[meter].records
        older, newer = records[:2]
        span = int(older["span"]) + int(newer["span"])
        records[:2] = [newer | {"first": older["first"], "span": str(span), "flags": "merged"}]

    def lose(self, count: int, meter: str = "meter") -> None:
        """Lose the oldest records for ever."""
        del self.logs[meter].records[:count]

    def fire(self, record: dict[str, Any]) -> None:
        """Send a record as ESPHome's integration hands it on."""
        if self.loses_next:
            self.loses_next -= 1
            return
        self.fired.append(record)
        data = {"device_id": self.id, **record}
        self.hass.bus.async_fire("esphome.three_phase_reading", data, time_fired=self.now.timestamp())

    def _record(self, log: MeterLog) -> dict[str, str]:
        return {
            "v": self.version,
            "meter": log.meter,
            "boot": log.boot,
            "seq": str(log.next_seq),
            "first": str(log.next_seq),
            "t": str(round((self.now + self.clock_error).timestamp() * 1000)),
            "up": str(60_000 + 1000 * log.next_seq),
            "span": "1000",
            "flags": "",
            **VALUES,
        }

    def _send(self, log: MeterLog) -> None:
        for record in list(log.records):
            if log.sent < int(record["seq"]) <= log.credit:
                log.sent = int(record["seq"])
                self.fire(record)

    async def _read_readings(self, call: ServiceCall) -> None:
        if not self.is_online:
            raise HomeAssistantError("not connected")
        self.calls.append(dict(call.data))
        for log in self.logs.values():
            if call.data["meter"] in ("", log.meter):
                self._answer(log, call.data["boot"], call.data["after"])

    def _answer(self, log: MeterLog, boot: str, after: int) -> None:
        point = (boot, after)
        if boot == log.boot:
            log.records = [record for record in log.records if int(record["seq"]) > after]
            log.sent = after if log.called == point or log.called is None else max(log.sent, after)
            log.credit = after + self.window
        else:
            oldest = int(log.records[0]["seq"]) if log.records else log.next_seq
            log.sent = oldest - 1
            log.credit = oldest - 1 + self.window
        log.called = point
        self._send(log)
