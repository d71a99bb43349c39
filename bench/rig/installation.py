"""A whole installation on this machine: simulated meter, embedded broker, and Home Assistant set up by its own config flows."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .edge import EdgeBroker, edge_broker
from .firmware import SimulatedMeter, build
from .home_assistant import HomeAssistant, home_assistant
from .processes import Part, accepts, free_port

ROOT = Path(__file__).parents[2]
METER_YAML = ROOT / "esphome" / "three-phase-meter-simulated.yaml"
TENANT = "demo"
SERVICE_PATH = "/building"
CONNECTING = {"no_esphome_device", "no_action"}
"""A flow's answers for a device that was added but is not connected yet."""

type Progress = Callable[[str], None]


class SetUpError(RuntimeError):
    """A config flow took an unexpected turn; the text is its last step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """TCP ports of the installation, on loopback except the meter's, whose API cannot be bound to one interface."""

    home_assistant: int = 8123
    broker: int = 1026
    history: int = 8668
    meter: int = 6053

    @classmethod
    def free(cls) -> Ports:
        """Return unused ports."""
        return cls(home_assistant=free_port(), broker=free_port(), history=free_port(), meter=free_port())

    async def taken(self) -> list[int]:
        """Return the ports that are already in use."""
        ports = (self.home_assistant, self.broker, self.history, self.meter)
        return [port for port in ports if await accepts(port)]


class Installation:
    """A running installation. Each part can fail and come back with the same data and ports."""

    def __init__(self, folder: Path, ports: Ports, firmware: Path) -> None:
        """Take the folder for data and logs, and the meter's program; nothing runs yet."""
        self.ports = ports
        self.meter_part = Part(lambda: SimulatedMeter(firmware, folder / "meter", port=ports.meter))
        self.broker_part = Part(lambda: edge_broker(folder / "edge", port=ports.broker, history_port=ports.history))
        self.home_assistant_part = Part(lambda: home_assistant(folder / "home-assistant", port=ports.home_assistant))

    @property
    def meter(self) -> SimulatedMeter:
        """The running meter."""
        return self.meter_part.value

    @property
    def broker(self) -> EdgeBroker:
        """The running broker."""
        return self.broker_part.value

    @property
    def home_assistant(self) -> HomeAssistant:
        """A client of the running Home Assistant."""
        return self.home_assistant_part.value

    async def start(self, progress: Progress) -> None:
        """Start all parts and set them up, unless an earlier start did."""
        progress("starting the simulated meter and the embedded broker")
        await self.meter_part.start()
        await self.broker_part.start()
        progress("starting Home Assistant")
        await self.home_assistant_part.start()
        await self._set_up(progress)

    async def stop(self) -> None:
        """Stop all parts."""
        for part in (self.home_assistant_part, self.broker_part, self.meter_part):
            await part.stop()

    async def _set_up(self, progress: Progress) -> None:
        client = self.home_assistant
        if not await client.entries("esphome"):
            progress("adding the meter to ESPHome's integration")
            await _run_flow(client, "esphome", {"user": {"host": "127.0.0.1", "port": self.ports.meter}})
        entries = await client.entries("three_phase_energy")
        if not entries:
            progress("connecting the context broker")
            await _run_flow(client, "three_phase_energy", {
                "user": {"next_step_id": "broker"},
                "broker": {
                    "url": self.broker.url, "tenant": TENANT, "service_path": SERVICE_PATH,
                    "quantumleap_url": self.broker.history_url,
                },
            })  # fmt: skip
        if len(entries) < 2:
            progress("adding the meter to Three-Phase Energy")
            await _run_flow(client, "three_phase_energy", {"user": {"next_step_id": "meter"}})


@contextlib.asynccontextmanager
async def installation(folder: Path, ports: Ports, progress: Progress) -> AsyncGenerator[Installation]:
    """Run everything with its data in a folder, and stop it with the context. An earlier set-up is reused."""
    progress("building the simulated meter (a minute at first, seconds later)")
    running = Installation(folder, ports, await build(METER_YAML))
    try:
        await running.start(progress)
        yield running
    finally:
        await running.stop()


async def _run_flow(client: HomeAssistant, domain: str, answers: Mapping[str, Mapping[str, Any]]) -> None:
    """Complete a config flow, answering each step by name; a step without an answer gets its defaults."""
    step = await client.start_flow(domain)
    async with asyncio.timeout(60):
        while step["type"] in {"form", "menu"}:
            if set((step.get("errors") or {}).values()) - CONNECTING:
                raise SetUpError(f"{domain}: step {step['step_id']} refused its answers: {step['errors']}")
            before, step = step, await client.continue_flow(step, answers.get(step["step_id"]) or _defaults(step))
            if step.get("step_id") == before["step_id"]:
                await asyncio.sleep(1)
    if step["type"] != "create_entry":
        raise SetUpError(f"{domain}: {step['type']} {step.get('reason')} instead of an entry")


def _defaults(step: Mapping[str, Any]) -> dict[str, Any]:
    """Return the UI's input for a form that the user only confirms: defaults, and the first of a required choice."""
    answers: dict[str, Any] = {}
    for field in step.get("data_schema") or []:
        if "default" in field:
            answers[field["name"]] = field["default"]
        elif field.get("required") and (options := field.get("selector", {}).get("select", {}).get("options")):
            answers[field["name"]] = options[0]["value"] if isinstance(options[0], dict) else options[0]
    return answers
