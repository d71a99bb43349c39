"""Waveforms and harmonics of the real firmware over the native API, held against the scenario of `waveforms.yaml`."""

import cmath
from collections.abc import AsyncGenerator
import math
from pathlib import Path
import time

from aioesphomeapi import ButtonInfo
import pytest
import pytest_asyncio

from bench.native_api import connected_client
from bench.rig.firmware import SimulatedMeter, build

from .entities import Entities
from .waveform_receiver import WaveformReceiver, samples_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

POINTS_PER_CYCLE = 128
FREQUENCY = 50.02
CHANNELS = ["l1_current", "l1_voltage", "l2_current", "l2_voltage", "l3_current", "l3_voltage", "n_current"]
VOLT_PER_CODE = 801 / 18196
AMPERE_PER_CODE = 2500 / 10.2 / 18196

# RMS of the fundamental, its angle against the voltage of L1, and the harmonics with their RMS ratios and angles.
TRUTH: dict[str, tuple[float, float, dict[int, tuple[float, float]]]] = {
    "l1_voltage": (231, 0, {5: (0.06, 30)}),
    "l1_current": (12, -30, {3: (0.2, 180), 7: (0.08, -45), 40: (0.02, 0)}),
    "l2_voltage": (229, -120, {}),
    "l2_current": (4, -100, {}),
    "l3_voltage": (230, 120, {}),
    "l3_current": (9, -55, {}),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def meter(esphome: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SimulatedMeter]:
    """The meter of `waveforms.yaml`, whose chip has settled: its first harmonics are there."""
    firmware = await build(Path(__file__).with_name("waveforms.yaml"))
    async with SimulatedMeter(firmware, tmp_path_factory.mktemp("waveforms")) as running:
        async with Entities.connected(running.port) as entities:
            await entities.number("L1 fifth voltage harmonic")
        yield running


def code_of(channel: str) -> float:
    """Return what one code of a sample is worth."""
    return VOLT_PER_CODE if channel.endswith("voltage") else AMPERE_PER_CODE


def wave(channel: str, angle: float) -> float:
    """Return the truth where the fundamental of L1's voltage has an angle in radians."""
    rms, lead, harmonics = TRUTH[channel]
    x = angle + math.radians(lead)
    higher = (ratio * math.sin(order * x + math.radians(shift)) for order, (ratio, shift) in harmonics.items())
    return math.sqrt(2) * rms * (math.sin(x) + sum(higher))


def halves_at(step: int, voltage: list[float]) -> bool:
    """Return whether a voltage is halved from one of its samples on, compared with one cycle (160 samples) later."""
    tolerance = 0.03 * 231 * math.sqrt(2)
    pairs = zip(voltage[:96], voltage[160:], strict=True)
    return all(abs(now - (2 if index < step else 1) * later) < tolerance for index, (now, later) in enumerate(pairs))


def first_angle(voltage: list[float]) -> float:
    """Return the angle of a fundamental at the first sample of whole cycles."""
    turned = (value * cmath.exp(-2j * math.pi * index / POINTS_PER_CYCLE) for index, value in enumerate(voltage))
    return cmath.phase(1j * sum(turned))


async def test_a_capture_on_demand_is_four_cycles_of_all_channels(meter: SimulatedMeter) -> None:
    async with WaveformReceiver.connected(meter.port) as receiver:
        await receiver.capture()
        asked = time.time()
        chunks = await receiver.receive()

    channels = samples_of(chunks)
    assert list(channels) == CHANNELS
    angle = first_angle(channels["l1_voltage"])
    for channel in TRUTH:
        assert len(channels[channel]) == 4 * POINTS_PER_CYCLE
        for index, value in enumerate(channels[channel]):
            truth = wave(channel, angle + 2 * math.pi * index / POINTS_PER_CYCLE)
            assert value == pytest.approx(truth, abs=3 * code_of(channel))
    assert {(chunk["kind"], chunk["rate"], chunk["cause"]) for chunk in chunks} == {("resampled", "128", "demand")}
    assert float(chunks[0]["f"]) == pytest.approx(FREQUENCY, abs=1e-3)
    assert abs(int(chunks[0]["t"]) / 1000 - asked) < 0.5


async def test_an_event_is_small_enough_for_an_esp8266(meter: SimulatedMeter) -> None:
    async with WaveformReceiver.connected(meter.port) as receiver:
        await receiver.capture()
        chunks = await receiver.receive()
        await receiver.acknowledge(chunks[0])
        harmonics = await receiver.receive_harmonics(len(CHANNELS))

    for wire in (*chunks, *harmonics):
        assert sum(len(key) + len(value) for key, value in wire.items()) <= 1024


async def test_a_chunk_that_was_lost_is_sent_again(meter: SimulatedMeter) -> None:
    async with WaveformReceiver.connected(meter.port) as receiver:
        await receiver.capture()
        received = await receiver.receive()
        kept = received[:9]
        with pytest.raises(ValueError, match="missing"):
            samples_of(kept + received[10:])
        await receiver.read(kept[0]["boot"], int(kept[0]["id"]), 9)
        again = await receiver.receive(int(kept[0]["chunks"]) - 9)

    assert samples_of(kept + again) == samples_of(received)


async def test_asking_twice_is_harmless(meter: SimulatedMeter) -> None:
    async with WaveformReceiver.connected(meter.port) as receiver:
        await receiver.capture("l2_current")
        once = await receiver.receive()
        await receiver.read(once[0]["boot"], int(once[0]["id"]))
        twice = await receiver.receive()

    assert once == twice
    assert list(samples_of(once)) == ["l2_current"]


async def test_nothing_is_sent_before_the_first_call_of_a_connection(meter: SimulatedMeter) -> None:
    async with WaveformReceiver.connected(meter.port) as receiver:
        await receiver.capture("l1_voltage")
        await receiver.receive()
    async with WaveformReceiver.connected(meter.port) as silent:
        with pytest.raises(TimeoutError):
            await silent.receive(1, seconds=1)
        await silent.read()
        assert await silent.receive()


@pytest.mark.parametrize(
    ("channel", "trigger", "error"),
    [("l4_voltage", "now", "No such channel is measured"), ("l1_voltage", "dip", "A trigger is now or event")],
)
async def test_what_cannot_be_captured_is_answered_by_a_reason(
    meter: SimulatedMeter, channel: str, trigger: str, error: str
) -> None:
    async with WaveformReceiver.connected(meter.port) as receiver:
        await receiver.capture(channel, trigger=trigger)
        answer = await receiver.failure()

    assert answer["error"] == error
    assert answer["chunks"] == "0"


async def test_a_waveform_that_is_gone_is_answered_by_a_reason(meter: SimulatedMeter) -> None:
    async with WaveformReceiver.connected(meter.port) as receiver:
        await receiver.capture("l1_voltage")
        (first, *_) = await receiver.receive()
        await receiver.capture("l1_voltage")
        await receiver.receive()
        await receiver.read(first["boot"], int(first["id"]))
        answer = await receiver.failure()

    assert answer["error"] == "This waveform is not kept any more"
    assert answer["id"] == first["id"]


async def test_a_dip_is_captured_with_what_was_before_it(meter: SimulatedMeter) -> None:
    async with WaveformReceiver.connected(meter.port) as receiver:
        await receiver.capture(trigger="event")
        chunks = await receiver.receive(cause="event", seconds=40)
        await receiver.acknowledge(chunks[0])

    voltage = samples_of(chunks)["l1_voltage"]
    assert (chunks[0]["kind"], chunks[0]["rate"]) == ("fixed_rate", "8000")
    assert len(voltage) == 256
    # The chip sees a dip to half the voltage once a quarter of its last cycle is in it, and looks every half cycle: 5 to 15.6 ms
    # after the step. Its buffer reaches 15.9 ms back from there, which leaves 2 to 88 samples of 125 µs before the step.
    assert any(halves_at(step, voltage) for step in range(2, 89))
    peak = 231 * math.sqrt(2)
    assert max(map(abs, voltage[-80:])) == pytest.approx(peak / 2, rel=0.1)
    assert max(map(abs, samples_of(chunks)["l2_voltage"])) == pytest.approx(229 * math.sqrt(2), rel=0.01)


async def test_harmonics_have_the_magnitudes_and_angles_of_the_scenario(meter: SimulatedMeter) -> None:
    async with WaveformReceiver.connected(meter.port) as receiver:
        await receiver.capture()
        chunks = await receiver.receive()
        await receiver.until(lambda: len(receiver.harmonics) >= len(CHANNELS), seconds=20)

    harmonics = {wire["channel"]: wire for wire in receiver.harmonics if wire["id"] == chunks[0]["id"]}
    for channel, (fundamental, lead, expected) in TRUTH.items():
        rms = [float(text) for text in harmonics[channel]["rms"].split(",")]
        angles = harmonics[channel]["angle"].split(",")
        assert len(rms) == len(angles) == 40
        assert rms[0] == pytest.approx(fundamental, rel=0.001)
        assert math.remainder(float(angles[0]) - lead, 360) == pytest.approx(0, abs=0.2)
        for order in range(2, 41):
            ratio, angle = expected.get(order, (0, 0))
            assert rms[order - 1] == pytest.approx(ratio * fundamental, abs=0.001 * fundamental)
            if ratio:
                assert math.remainder(float(angles[order - 1]) - angle, 360) == pytest.approx(0, abs=0.05 / ratio)
        distortion = math.sqrt(sum(ratio * ratio for ratio, _ in expected.values()))
        assert float(harmonics[channel]["thd"]) == pytest.approx(distortion, abs=0.001)


async def test_single_harmonics_are_sensors(meter: SimulatedMeter) -> None:
    async with Entities.connected(meter.port) as entities:
        assert await entities.number("L1 fifth voltage harmonic") == pytest.approx(6, abs=0.1)
        assert await entities.number("L1 seventh voltage harmonic") == pytest.approx(0, abs=0.1)
        assert await entities.number("L1 third current harmonic") == pytest.approx(2.4, abs=0.012)
        assert await entities.number("L1 seventh current harmonic") == pytest.approx(0.96, abs=0.012)


async def test_a_button_captures_and_an_automation_hears_of_it(meter: SimulatedMeter) -> None:
    async with WaveformReceiver.connected(meter.port) as receiver, connected_client(meter.port) as client:
        infos, _ = await client.list_entities_services()
        (button,) = (info for info in infos if isinstance(info, ButtonInfo))
        await receiver.read()
        client.button_command(button.key)
        chunks = await receiver.receive()
    async with Entities.connected(meter.port) as entities:
        assert int(await entities.text("Newest waveform")) >= int(chunks[0]["id"])
