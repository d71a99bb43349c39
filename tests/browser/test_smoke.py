"""What a user sees in Home Assistant's frontend, in a real browser."""

from collections.abc import AsyncGenerator
from pathlib import Path
import re
import shutil

from playwright.async_api import Page, async_playwright
import pytest
import pytest_asyncio

from bench.rig.home_assistant import PASSWORD, USER
from bench.rig.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHROMIUM = shutil.which("chromium")
# The closed network of a test machine would let each of Chromium's own connections time out.
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
]  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def page() -> AsyncGenerator[Page]:
    """Open a window of a browser without any stored state."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: scripts/setup installs it on Debian as root")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        # A service worker would serve the frontend of an earlier run.
        context = await browser.new_context(viewport={"width": 1280, "height": 1400}, locale="en-US", service_workers="block")
        yield await context.new_page()
        await browser.close()


async def log_in(page: Page, url: str) -> None:
    """Fill in the login form as a user does."""
    await page.goto(url)
    await page.locator("input[name=username]").fill(USER)
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator("home-assistant-main").wait_for()


async def device_id(running: Installation, name: str) -> str:
    """Return the id of one of our devices by its name."""
    devices = await running.home_assistant.command("config/device_registry/list")
    found: str = next(device["id"] for device in devices if device["name"] == name)
    return found


async def test_device_page_of_l1_shows_its_voltage(running: Installation, page: Page, tmp_path: Path) -> None:
    await log_in(page, running.home_assistant.url)
    await page.goto(f"{running.home_assistant.url}/config/devices/device/{await device_id(running, 'L1')}")
    # Of all that a phase shows, only its voltage is in volts.
    voltage = page.get_by_text(re.compile(r"[\d.]+\sV\b")).first
    await voltage.wait_for()
    await page.screenshot(path=tmp_path / "device.png")

    # The simulated phase carries about 230 V.
    assert 200 < float((await voltage.text_content() or "").strip().removesuffix("V")) < 260
