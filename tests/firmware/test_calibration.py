"""Calibration as its user does it: numbers, buttons and texts in Home Assistant, and what of it survives a reboot."""

from collections.abc import AsyncGenerator
import contextlib
from pathlib import Path
import shutil

import pytest

from bench.rig.firmware import SimulatedMeter, build

from .conftest import HERE
from .entities import Entities

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("esphome"), pytest.mark.own_meter]

LINES = ("L1", "L2", "L3")
TENTH_OF_A_PER_CENT = 1e-3


@contextlib.asynccontextmanager
async def running(folder: Path, firmware: Path | None = None) -> AsyncGenerator[Entities]:
    """Start a meter with what it kept in a folder, and wait until it measures."""
    program = firmware or await build(HERE / "calibration.yaml")
    async with SimulatedMeter(program, folder) as meter, Entities.connected(meter.port) as entities:
        await entities.known_number("L3 voltage")
        yield entities


async def step(entities: Entities, button: str) -> str:
    """Press a button of the calibration and return what it says in the end."""
    before = await entities.text("Calibration")
    await entities.press(button)
    return await entities.text_that("Calibration", lambda text: text != before and not text.startswith("Measuring"))


async def shown(entities: Entities, name: str) -> float:
    """Return a value from a span that lies behind all that was done before."""
    for _ in range(3):
        await entities.next_number(name)
    return await entities.next_number(name)


async def calibrate(entities: Entities) -> None:
    """Make the three steps with a kettle on each phase and trusted instruments."""
    for line in LINES:
        await entities.enter(f"{line} voltage (reference)", 230)
        await entities.enter(f"{line} current (reference)", 8)
    await entities.enter("Neutral current (reference)", 6)
    assert await step(entities, "Calibrate gain") == "L1, L2, L3, N calibrated"
    assert await step(entities, "Calibrate phase") == "L1, L2, L3 calibrated"
    await entities.press("Nothing")
    assert await step(entities, "Calibrate offset") == "L1, L2, L3, N calibrated"


async def expect_true(entities: Entities) -> None:
    """Expect the right values of a load of another current and angle than the calibration had."""
    await entities.press("Motors")
    apparent = 230 * 20
    await shown(entities, "L3 reactive power")
    for line in LINES:
        assert await entities.number(f"{line} voltage") == pytest.approx(230, rel=TENTH_OF_A_PER_CENT)
        assert await entities.number(f"{line} current") == pytest.approx(20, rel=TENTH_OF_A_PER_CENT)
        tolerance = TENTH_OF_A_PER_CENT * apparent
        assert await entities.number(f"{line} power") == pytest.approx(apparent * 0.5, abs=tolerance)
        assert await entities.number(f"{line} reactive power") == pytest.approx(apparent * 0.8660254, abs=tolerance)


async def test_meter_is_true_after_its_calibration_and_after_a_reboot(tmp_path: Path) -> None:
    async with running(tmp_path) as entities:
        assert await entities.text("Calibration") == "The calibration in YAML is in effect"
        assert await entities.number("L1 current") == pytest.approx(7.6, rel=0.001)
        await calibrate(entities)
        snippets = {line: await entities.text(f"{line} calibration") for line in LINES}
        assert snippets["L1"].startswith("l1: {calibration: {voltage: 0.9523")
        await expect_true(entities)

    async with running(tmp_path) as entities:
        assert await entities.text("Calibration") == "The stored calibration is in effect"
        assert {line: await entities.text(f"{line} calibration") for line in LINES} == snippets
        await expect_true(entities)

        assert await step(entities, "Clear calibration") == "The calibration in YAML is in effect"
        assert await shown(entities, "L1 current") == pytest.approx(19, rel=0.001)
        assert await entities.text("L1 calibration") == "l1: {calibration: {}}"
        assert await entities.text("L2 calibration") == "l2: {calibration: {voltage: 1.010000}}"

        assert await step(entities, "Undo calibration") == "The last change is undone"
        assert {line: await entities.text(f"{line} calibration") for line in LINES} == snippets

        await step(entities, "Clear calibration")

    async with running(tmp_path) as entities:
        assert await entities.text("Calibration") == "The calibration in YAML is in effect"
        assert await entities.text("L1 calibration") == "l1: {calibration: {}}"


async def test_calibration_in_yaml_counts_once_it_is_changed(tmp_path: Path) -> None:
    async with running(tmp_path) as entities:
        await entities.enter("L1 voltage (reference)", 230)
        assert await step(entities, "Calibrate gain") == "L1 calibrated"

    updated = await build(HERE / "calibration.yaml", {"name": "test-recalibrated", "l2_voltage": "1.02"})
    preferences = tmp_path / "preferences"
    # What ESPHome keeps on this platform has the name of the device.
    (preferences / "test-calibration.prefs").rename(preferences / "test-recalibrated.prefs")
    async with running(tmp_path, updated) as entities:
        assert await entities.text("Calibration") == (
            "The calibration in YAML was changed and is in effect; the stored one is dropped"
        )
        assert await entities.text("L1 calibration") == "l1: {calibration: {}}"
        assert await entities.text("L2 calibration") == "l2: {calibration: {voltage: 1.020000}}"


async def test_yaml_that_is_shown_gives_the_same_meter(tmp_path: Path) -> None:
    """The snippet goes into YAML as it is: the log has it as a whole, below the key that it belongs to."""
    async with running(tmp_path) as entities:
        await calibrate(entities)
        lines = [await entities.text(f"{name} calibration") for name in (*LINES, "Neutral")]

    log = (tmp_path / "meter.log").read_text(encoding="utf-8")
    assert "to keep the calibration, put into YAML under `ade9000:`" in log
    assert all(line in log for line in lines)


async def test_wrong_references_are_refused_with_a_reason(tmp_path: Path) -> None:
    async with running(tmp_path) as entities:
        assert await step(entities, "Calibrate gain") == (
            "Set a reference voltage or a reference current first: what a trusted instrument shows"
        )
        assert await step(entities, "Undo calibration") == "There is nothing to undo"

        await entities.enter("L1 current (reference)", 16)
        await entities.enter("L3 voltage (reference)", 230)
        assert await step(entities, "Calibrate gain") == (
            # 7.6 A, and 0.7 mA of crosstalk.
            "L3 calibrated; L1 refused: 7.601 A are shown and the reference is 16 A, more than 20 % apart: "
            "check ratio and burden in YAML"
        )
        assert await entities.number("L1 current (reference)") == 16, "it can be put right"
        assert await entities.number("L3 voltage (reference)") == 0, "it is used up"

        assert (await step(entities, "Calibrate offset")).startswith("L1 refused: 7.6 A are shown: switch the load off")

        await entities.enter("L2 voltage (reference)", 230)
        await entities.enter("L1 current (reference)", 8)
        assert await step(entities, "Calibrate L2 gain") == "L2 calibrated"
        assert await entities.number("L1 current (reference)") == 8, "another phase is left alone"


async def test_calibration_that_cannot_be_stored_says_so(tmp_path: Path) -> None:
    async with running(tmp_path) as entities:
        shutil.rmtree(tmp_path / "preferences")
        await entities.enter("L1 voltage (reference)", 230)
        assert await step(entities, "Calibrate gain") == (
            "NOT STORED, so it ends with the next reboot: keep the YAML. L1 calibrated"
        )
