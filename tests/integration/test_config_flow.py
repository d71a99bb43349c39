"""The config flow: every error is followed by a success in the same flow."""

from ipaddress import ip_address
from typing import Any

from homeassistant.config_entries import SOURCE_IGNORE, SOURCE_USER, SOURCE_ZEROCONF, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import pytest

from bench.waiting import until
from custom_components.three_phase_energy.flows.broker import BROKER_ERRORS, QUANTUMLEAP_ERRORS
from custom_components.three_phase_energy.meters import esphome_device
from custom_components.three_phase_energy.ngsi import errors

from .device import MAC, Device
from .harness import MockConfigEntry, set_up
from .orion import Orion

FOUND = ZeroconfServiceInfo(
    ip_address=ip_address("192.168.1.20"),
    ip_addresses=[ip_address("192.168.1.20")],
    port=6053,
    hostname="power-node.local.",
    type="_esphomelib._tcp.local.",
    name="power-node._esphomelib._tcp.local.",
    properties={"mac": "021122334455", "friendly_name": "Power node", "project_name": "three_phase_energy.ade9000"},
)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for seconds where the simulated device answers at once, or never."""
    monkeypatch.setattr(esphome_device, "FIRST_ANSWER_S", 0.05)
    monkeypatch.setattr(esphome_device, "MORE_ANSWERS_S", 0.01)


async def choose(hass: HomeAssistant, kind: str) -> ConfigFlowResult:
    """Start the flow and choose from its menu."""
    menu = await hass.config_entries.flow.async_init("three_phase_energy", context={"source": SOURCE_USER})
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["meter", "broker"]
    return await answer(hass, menu, {"next_step_id": kind})


async def answer(hass: HomeAssistant, step: ConfigFlowResult, answers: dict[str, Any]) -> ConfigFlowResult:
    """Answer a step, and wait while the flow shows progress."""
    result = await hass.config_entries.flow.async_configure(step["flow_id"], answers)
    while result["type"] in (FlowResultType.SHOW_PROGRESS, FlowResultType.SHOW_PROGRESS_DONE):
        await hass.async_block_till_done()
        result = await hass.config_entries.flow.async_configure(step["flow_id"])
    return result


def assert_form(step: ConfigFlowResult, step_id: str, error: dict[str, str] | None = None) -> None:
    assert step["type"] is FlowResultType.FORM, step
    assert step["step_id"] == step_id
    assert (step["errors"] or None) == error


async def assert_adds_the_meter(hass: HomeAssistant, device: Device, step: ConfigFlowResult) -> None:
    """Go on with a good device from where the flow is."""
    device.measure()
    result = await answer(hass, step, {"device": MAC})
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    assert result["title"] == "Power node"
    assert result["result"].unique_id == "021122334455-meter"
    assert result["data"] == {"kind": "meter", "mac": MAC, "meter": "meter"}


async def test_add_a_meter(hass: HomeAssistant, device: Device) -> None:
    device.measure(3)

    step = await choose(hass, "meter")

    assert_form(step, "meter")
    await assert_adds_the_meter(hass, device, step)
    assert device.calls[0] == {"meter": "", "boot": "", "after": 0}


async def test_without_an_esphome_device_it_says_what_is_missing(hass: HomeAssistant) -> None:
    step = await choose(hass, "meter")
    assert_form(step, "meter", {"base": "no_esphome_device"})
    assert step["description_placeholders"] == {"documentation": "https://github.com/three-phase-energy/three-phase-energy"}

    device = Device(hass)
    step = await answer(hass, step, {})
    assert_form(step, "meter", {"base": "no_action"})

    device.offer_action()
    step = await answer(hass, step, {})
    assert_form(step, "meter")
    await assert_adds_the_meter(hass, device, step)


async def test_devices_that_esphome_never_connected_to_are_left_out(hass: HomeAssistant) -> None:
    MockConfigEntry(domain="esphome", unique_id=None, data={"host": "127.0.0.1"}).add_to_hass(hass)
    unseen = MockConfigEntry(domain="esphome", unique_id="02:00:00:00:00:01", data={"device_name": "unseen"})
    unseen.add_to_hass(hass)

    assert_form(await choose(hass, "meter"), "meter", {"base": "no_esphome_device"})


async def test_an_offline_device_is_told_from_one_without_a_chip(hass: HomeAssistant, device: Device) -> None:
    device.is_online = False
    step = await answer(hass, await choose(hass, "meter"), {"device": MAC})
    assert_form(step, "meter", {"base": "device_offline"})

    device.is_online = True
    step = await answer(hass, step, {"device": MAC})
    assert_form(step, "meter", {"base": "no_answer"})

    await assert_adds_the_meter(hass, device, step)


@pytest.mark.parametrize(("version", "error"), [("0", "update_firmware"), ("2", "update_integration")])
async def test_another_version_says_which_side_to_update(hass: HomeAssistant, device: Device, version: str, error: str) -> None:
    device.version = version
    device.measure()
    step = await answer(hass, await choose(hass, "meter"), {"device": MAC})
    assert_form(step, "meter", {"base": error})

    device.version = "1"
    device.reboot()
    await assert_adds_the_meter(hass, device, step)


async def test_what_is_not_an_answer_is_not_taken_for_a_meter(hass: HomeAssistant, device: Device) -> None:
    device.logs["meter"].records = [{"seq": "1", "meter": "not an id", "v": "1"}]

    step = await answer(hass, await choose(hass, "meter"), {"device": MAC})

    assert_form(step, "meter", {"base": "no_answer"})


async def test_choose_between_several_meters(hass: HomeAssistant) -> None:
    device = Device(hass, meters=("grid", "heat_pump", "solar"))
    device.offer_action()

    def measure() -> None:
        for meter in device.logs:
            device.measure(meter=meter)

    async def search() -> ConfigFlowResult:
        step = await choose(hass, "meter")
        hass.loop.call_later(0.005, measure)
        return await answer(hass, step, {"device": MAC})

    step = await search()
    assert_form(step, "choose")
    result = await answer(hass, step, {"meter": "heat_pump"})
    assert result["title"] == "Power node heat_pump"
    assert result["result"].unique_id == "021122334455-heat_pump"

    step = await search()
    schema = step["data_schema"]
    assert schema
    assert schema.schema["meter"].config["options"] == ["grid", "solar"]
    await answer(hass, step, {"meter": "grid"})

    result = await search()
    assert result["title"] == "Power node solar"

    result = await search()
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_discovered_meter(hass: HomeAssistant) -> None:
    step = await hass.config_entries.flow.async_init("three_phase_energy", context={"source": SOURCE_ZEROCONF}, data=FOUND)
    assert_form(step, "discovered")
    assert step["description_placeholders"] == {"name": "Power node"}

    step = await answer(hass, step, {})
    assert_form(step, "discovered", {"base": "add_to_esphome_first"})

    device = Device(hass)
    device.offer_action()
    step = await answer(hass, step, {})
    assert_form(step, "discovered", {"base": "no_answer"})

    await assert_adds_the_meter(hass, device, step)


async def test_discovered_meter_that_is_known_or_ignored_or_being_added(
    hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry
) -> None:
    flow = hass.config_entries.flow
    result = await flow.async_init("three_phase_energy", context={"source": SOURCE_ZEROCONF}, data=FOUND)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")

    await hass.config_entries.async_remove(meter_entry.entry_id)
    ignored = MockConfigEntry(domain="three_phase_energy", unique_id=MAC, source=SOURCE_IGNORE)
    ignored.add_to_hass(hass)
    result = await flow.async_init("three_phase_energy", context={"source": SOURCE_ZEROCONF}, data=FOUND)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert not ignored.supports_options

    await hass.config_entries.async_remove(ignored.entry_id)
    await flow.async_init("three_phase_energy", context={"source": SOURCE_ZEROCONF}, data=FOUND)
    result = await flow.async_init("three_phase_energy", context={"source": SOURCE_ZEROCONF}, data=FOUND)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_in_progress")


async def test_options_of_a_meter(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry) -> None:
    step = await hass.config_entries.options.async_init(meter_entry.entry_id)
    assert_form(step, "init")

    result = await hass.config_entries.options.async_configure(step["flow_id"], {"update_interval": 30})

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert meter_entry.options == {"update_interval": 30}


async def test_a_broker_has_no_options(hass: HomeAssistant, broker_entry: MockConfigEntry) -> None:
    assert not broker_entry.supports_options


async def test_a_meter_has_nothing_to_reconfigure(hass: HomeAssistant, device: Device, meter_entry: MockConfigEntry) -> None:
    result = await meter_entry.start_reconfigure_flow(hass)

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "meter_has_nothing_to_enter")


def suggested(step: ConfigFlowResult) -> dict[str, str]:
    """Return what a form shows in its fields."""
    schema = step["data_schema"]
    assert schema
    values = {str(key): (key.description or {}).get("suggested_value") for key in schema.schema}
    return {key: value for key, value in values.items() if value is not None}


def broker_fields(orion: Orion, **changes: str) -> dict[str, str]:
    """Return the form as a user fills it in."""
    return {"url": orion.url, "tenant": "demo", "service_path": "/building", **changes}


async def test_connect_a_broker(hass: HomeAssistant, orion: Orion) -> None:
    step = await choose(hass, "broker")
    assert_form(step, "broker")

    result = await answer(
        hass,
        step,
        broker_fields(
            orion,
            url=f" {orion.url}/ ",
            tenant="Demo",
            service_path="building/",
            token="secret-token",
            quantumleap_url=orion.quantumleap_url,
            notification_url="http://quantumleap:8668/",
        ),
    )

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == f"{orion.url}|demo|/building"
    assert result["title"] == f"{orion.url.removeprefix('http://')} demo/building"
    assert result["data"] == {
        "kind": "broker",
        "url": orion.url,
        "tenant": "demo",
        "service_path": "/building",
        "token": "secret-token",
        "quantumleap_url": orion.quantumleap_url,
        "notification_url": "http://quantumleap:8668",
    }
    assert orion.headers[0]["Authorization"] == "Bearer secret-token"
    await until(lambda: orion.subscriptions)
    assert orion.subscriptions[0]["notification"]["httpCustom"]["url"] == "http://quantumleap:8668/v2/notify"


async def test_connect_a_broker_with_the_least(hass: HomeAssistant, orion: Orion) -> None:
    result = await answer(hass, await choose(hass, "broker"), {"url": orion.url})

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {"kind": "broker", "url": orion.url, "tenant": "", "service_path": "/"}
    assert result["title"] == orion.url.removeprefix("http://")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"url": "192.168.1.10:1026"}, {"url": "invalid_url"}),
        ({"url": "ftp://192.168.1.10"}, {"url": "invalid_url"}),
        ({"url": "http://user:password@192.168.1.10:1026"}, {"url": "invalid_url"}),
        ({"url": "http://127.0.0.1:9"}, {"url": "cannot_connect"}),
        ({"tenant": "my tenant"}, {"tenant": "invalid_tenant"}),
        ({"service_path": "/build ing"}, {"service_path": "invalid_service_path"}),
        ({"token": "two words"}, {"token": "invalid_auth"}),
        ({"quantumleap_url": "127.0.0.1:8668"}, {"quantumleap_url": "invalid_url"}),
        ({"quantumleap_url": "http://127.0.0.1:9"}, {"quantumleap_url": "quantumleap_unreachable"}),
        ({"notification_url": "quantumleap:8668"}, {"notification_url": "invalid_url"}),
    ],
)
async def test_fields_that_cannot_work(hass: HomeAssistant, orion: Orion, fields: dict[str, str], error: dict[str, str]) -> None:
    step = await choose(hass, "broker")
    wrong = broker_fields(orion, token="secret-token", quantumleap_url=orion.quantumleap_url) | fields

    step = await answer(hass, step, wrong)

    assert_form(step, "broker", error)
    shown = suggested(step)
    assert shown == wrong
    result = await answer(hass, step, broker_fields(orion))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ({"status": 401}, {"token": "invalid_auth"}),
        ({"status": 403}, {"token": "invalid_auth"}),
        ({"status": 404}, {"url": "not_a_broker"}),
        ({"status": 503}, {"url": "broker_busy"}),
        ({"is_web_page": True}, {"url": "not_a_broker"}),
        ({"tenant_error": True}, {"tenant": "invalid_tenant"}),
        ({"quantumleap_status": 401}, {"quantumleap_url": "quantumleap_refused"}),
        ({"quantumleap_status": 500}, {"quantumleap_url": "quantumleap_unreachable"}),
        ({"quantumleap_body": {"orion": {"version": "4.7.0"}}}, {"quantumleap_url": "not_quantumleap"}),
    ],
)
async def test_servers_that_do_not_answer_as_they_should(
    hass: HomeAssistant, orion: Orion, state: dict[str, Any], error: dict[str, str]
) -> None:
    step = await choose(hass, "broker")
    fields = broker_fields(orion, quantumleap_url=orion.quantumleap_url)
    healthy = {key: getattr(orion, key) for key in state}
    for key, value in state.items():
        setattr(orion, key, value)

    step = await answer(hass, step, fields)
    assert_form(step, "broker", error)

    for key, value in healthy.items():
        setattr(orion, key, value)
    result = await answer(hass, step, fields)
    assert result["type"] is FlowResultType.CREATE_ENTRY


def test_every_error_of_a_broker_has_a_field() -> None:
    kinds = set(errors.BrokerError.__subclasses__())

    assert set(BROKER_ERRORS) == kinds
    assert set(QUANTUMLEAP_ERRORS) == kinds


async def test_the_same_broker_twice(hass: HomeAssistant, orion: Orion, broker_entry: MockConfigEntry) -> None:
    step = await choose(hass, "broker")
    result = await answer(hass, step, broker_fields(orion, url=f"{orion.url}/"))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")

    result = await answer(hass, await choose(hass, "broker"), broker_fields(orion, tenant="other"))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_reconfigure_a_broker(hass: HomeAssistant, orion: Orion, broker_entry: MockConfigEntry) -> None:
    hass.config_entries.async_update_entry(broker_entry, data={**broker_entry.data, "token": "secret-token"})
    await set_up(hass, broker_entry)
    step = await broker_entry.start_reconfigure_flow(hass)
    assert_form(step, "reconfigure")
    shown = suggested(step)
    assert shown == broker_fields(orion)

    step = await answer(hass, step, broker_fields(orion, url="http://127.0.0.1:9"))
    assert_form(step, "reconfigure", {"url": "cannot_connect"})

    result = await answer(hass, step, broker_fields(orion, tenant="moved"))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert broker_entry.title == "Orion"
    assert broker_entry.unique_id == f"{orion.url}|moved|/building"
    assert broker_entry.data["tenant"] == "moved"
    assert broker_entry.data["token"] == "secret-token"
    await hass.async_block_till_done()


async def test_reconfigure_moves_the_name_along(hass: HomeAssistant, orion: Orion, broker_entry: MockConfigEntry) -> None:
    place = orion.url.removeprefix("http://")
    hass.config_entries.async_update_entry(broker_entry, title=f"{place} demo/building")
    step = await broker_entry.start_reconfigure_flow(hass)

    result = await answer(hass, step, broker_fields(orion, service_path="/"))

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert broker_entry.title == f"{place} demo"
    await hass.async_block_till_done()


async def test_reconfigure_only_the_token(hass: HomeAssistant, orion: Orion, broker_entry: MockConfigEntry) -> None:
    step = await broker_entry.start_reconfigure_flow(hass)

    result = await answer(hass, step, broker_fields(orion, token="new-token"))

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert broker_entry.data["token"] == "new-token"
    await hass.async_block_till_done()


async def test_reconfigure_a_broker_to_the_place_of_another(
    hass: HomeAssistant, orion: Orion, broker_entry: MockConfigEntry
) -> None:
    MockConfigEntry(domain="three_phase_energy", unique_id=f"{orion.url}|other|/", data={"kind": "broker"}).add_to_hass(hass)
    step = await broker_entry.start_reconfigure_flow(hass)

    result = await answer(hass, step, broker_fields(orion, tenant="other", service_path="/"))

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_reauthentication(hass: HomeAssistant, orion: Orion, broker_entry: MockConfigEntry) -> None:
    orion.status = 401
    hass.config_entries.async_update_entry(broker_entry, data={**broker_entry.data, "quantumleap_url": orion.quantumleap_url})
    step = await broker_entry.start_reauth_flow(hass)
    assert_form(step, "reauth_confirm")
    assert step["description_placeholders"]["broker"] == "Orion"

    step = await answer(hass, step, {"token": "wrong-token"})
    assert_form(step, "reauth_confirm", {"token": "invalid_auth"})

    orion.status = 503
    step = await answer(hass, step, {"token": "right-token"})
    assert_form(step, "reauth_confirm", {"base": "broker_busy"})

    # The history has nothing to do with the token.
    orion.status, orion.quantumleap_status = 200, 500
    result = await answer(hass, step, {"token": "right-token"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert broker_entry.data["token"] == "right-token"
    await hass.async_block_till_done()
