"""Config flow: add a meter, or connect a context broker."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigFlow, ConfigFlowResult, OptionsFlow
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.device_registry import format_mac
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import probatio
from yarl import URL

from .const import (
    CONF_KIND,
    CONF_MAC,
    CONF_METER,
    CONF_NOTIFICATION_URL,
    CONF_QUANTUMLEAP_URL,
    CONF_SERVICE_PATH,
    CONF_TENANT,
    CONF_TOKEN,
    CONF_UPDATE_INTERVAL,
    CONF_URL,
    DEFAULT_UPDATE_INTERVAL_S,
    DOCUMENTATION_URL,
    DOMAIN,
    KIND_BROKER,
    KIND_METER,
)
from .issues import side_to_update
from .meters.esphome_device import EsphomeDevice, async_find_meters, esphome_devices, find_esphome_device, offers_readings
from .meters.esphome_source import meter_key
from .mirror.broker import broker_address
from .model.record import CONTRACT_VERSION
from .ngsi.client import NgsiClient, checked_url
from .ngsi.errors import (
    BrokerBusyError,
    BrokerError,
    BrokerRefusedError,
    BrokerUnreachableError,
    ContentRefusedError,
    InvalidServicePathError,
    InvalidTenantError,
    InvalidUrlError,
    NotABrokerError,
)
from .ngsi.quantumleap import QuantumLeap

CONF_DEVICE: Final = "device"

URL_FIELD: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))
TOKEN_FIELD: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))

BROKER_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_URL): URL_FIELD,
        probatio.Optional(CONF_TENANT, default=""): TextSelector(),
        probatio.Optional(CONF_SERVICE_PATH, default="/"): TextSelector(),
        probatio.Optional(probatio.Secret(CONF_TOKEN)): TOKEN_FIELD,
        probatio.Optional(CONF_QUANTUMLEAP_URL): URL_FIELD,
        probatio.Optional(CONF_NOTIFICATION_URL): URL_FIELD,
    }
)
BROKER_PLACEHOLDERS: Final = {
    "broker_example": "http://192.168.1.10:1026",
    "docker_example": "http://quantumleap:8668",
    "documentation": DOCUMENTATION_URL,
    "quantumleap_example": "http://192.168.1.10:8668",
}
REAUTH_SCHEMA: Final = probatio.Schema({probatio.Required(probatio.Secret(CONF_TOKEN)): TOKEN_FIELD})
OPTIONS_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_UPDATE_INTERVAL, default=DEFAULT_UPDATE_INTERVAL_S): probatio.All(
            NumberSelector(NumberSelectorConfig(min=1, max=60, mode=NumberSelectorMode.BOX, unit_of_measurement="s")),
            probatio.Coerce(int),
        )
    }
)

BROKER_ERRORS: Final[dict[type[BrokerError], dict[str, str]]] = {
    BrokerBusyError: {CONF_URL: "broker_busy"},
    BrokerRefusedError: {CONF_TOKEN: "invalid_auth"},
    BrokerUnreachableError: {CONF_URL: "cannot_connect"},
    ContentRefusedError: {CONF_URL: "not_a_broker"},
    InvalidServicePathError: {CONF_SERVICE_PATH: "invalid_service_path"},
    InvalidTenantError: {CONF_TENANT: "invalid_tenant"},
    InvalidUrlError: {CONF_URL: "invalid_url"},
    NotABrokerError: {CONF_URL: "not_a_broker"},
}
QUANTUMLEAP_ERRORS: Final[dict[type[BrokerError], dict[str, str]]] = {
    BrokerBusyError: {CONF_QUANTUMLEAP_URL: "quantumleap_unreachable"},
    BrokerRefusedError: {CONF_QUANTUMLEAP_URL: "quantumleap_refused"},
    BrokerUnreachableError: {CONF_QUANTUMLEAP_URL: "quantumleap_unreachable"},
    ContentRefusedError: {CONF_QUANTUMLEAP_URL: "not_quantumleap"},
    InvalidServicePathError: {CONF_SERVICE_PATH: "invalid_service_path"},
    InvalidTenantError: {CONF_QUANTUMLEAP_URL: "not_quantumleap"},
    InvalidUrlError: {CONF_QUANTUMLEAP_URL: "invalid_url"},
    NotABrokerError: {CONF_QUANTUMLEAP_URL: "not_quantumleap"},
}


class ThreePhaseConfigFlow(ConfigFlow, domain=DOMAIN):
    """Handle the config flow of both kinds of entries."""

    VERSION = 1

    _device: EsphomeDevice
    _search: asyncio.Task[dict[str, str]] | None = None
    _found: list[str]
    _discovered_mac = ""
    _problem: str | None = None

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the options flow, which only meters have."""
        return MeterOptionsFlow()

    @classmethod
    @callback
    @override
    def async_supports_options_flow(cls, config_entry: ConfigEntry) -> bool:
        """Return whether an entry is a meter."""
        # The entry of a discovery that the user ignores is empty.
        return config_entry.data.get(CONF_KIND) == KIND_METER

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose what to add."""
        return self.async_show_menu(step_id="user", menu_options=[KIND_METER, KIND_BROKER])

    async def async_step_meter(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose the ESPHome device; submitting the page without a choice looks for devices again."""
        known = esphome_devices(self.hass)
        devices = {device.mac: device for device in known if offers_readings(self.hass, device)}
        if user_input is not None and (mac := user_input.get(CONF_DEVICE)) in devices:
            self._device = devices[mac]
            return await self.async_step_search()
        problem, self._problem = self._problem, None
        if not devices:
            problem = "no_action" if known else "no_esphome_device"
        return self.async_show_form(
            step_id=KIND_METER,
            data_schema=_device_schema(devices.values()) if devices else None,
            errors={"base": problem} if problem else None,
            description_placeholders={"documentation": DOCUMENTATION_URL},
        )

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Handle a meter that was found on the network, which ESPHome may not have added yet."""
        mac = format_mac(discovery_info.properties["mac"])
        if any(entry.data.get(CONF_MAC) == mac for entry in self._async_current_entries()):
            return self.async_abort(reason="already_configured")
        await self.async_set_unique_id(mac)
        self._abort_if_unique_id_configured()
        self._discovered_mac = mac
        name = discovery_info.properties.get("friendly_name") or discovery_info.name.partition(".")[0]
        self.context["title_placeholders"] = {"name": name}
        return await self.async_step_discovered()

    async def async_step_discovered(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Confirm the meter that was found."""
        problem, self._problem = self._problem, None
        if user_input is not None:
            device = find_esphome_device(self.hass, self._discovered_mac)
            if device is not None and offers_readings(self.hass, device):
                self._device = device
                return await self.async_step_search()
            problem = "add_to_esphome_first"
        return self.async_show_form(
            step_id="discovered",
            errors={"base": problem} if problem else None,
            description_placeholders=self.context["title_placeholders"],
        )

    async def async_step_search(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask the device for its meters."""
        if self._search is None:
            self._search = self.hass.async_create_task(async_find_meters(self.hass, self._device), f"{DOMAIN} search")
        if not self._search.done():
            return self.async_show_progress(
                step_id="search",
                progress_action="search",
                progress_task=self._search,
                description_placeholders={"device": self._device.name},
            )
        search, self._search = self._search, None
        self._problem = self._take_answers(search)
        return self.async_show_progress_done(next_step_id="searched")

    async def async_step_searched(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go on with what was found, or go back and tell why nothing was.

        After a search that ends at once, Home Assistant hands over the answers that led to it a second time.
        """
        if self._problem is None:
            return await self.async_step_choose()
        return await (self.async_step_discovered() if self._discovered_mac else self.async_step_meter())

    def _take_answers(self, search: asyncio.Task[dict[str, str]]) -> str | None:
        """Keep the meters that answered, or return what is wrong."""
        try:
            versions = search.result()
        except HomeAssistantError:
            return "device_offline"
        self._found = sorted(versions)
        if foreign := set(versions.values()) - {CONTRACT_VERSION}:
            return side_to_update(max(foreign))
        return None if versions else "no_answer"

    async def async_step_choose(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose one of the meters of the device, unless it has only one that is new."""
        configured = {entry.unique_id for entry in self._async_current_entries()}
        new = [meter for meter in self._found if meter_key(self._device.mac, meter) not in configured]
        if not new:
            return self.async_abort(reason="already_configured")
        if len(new) == 1:
            return await self._async_create_meter(new[0])
        if user_input is not None:
            return await self._async_create_meter(user_input[CONF_METER])
        choice = SelectSelector(SelectSelectorConfig(options=new))
        return self.async_show_form(step_id="choose", data_schema=probatio.Schema({probatio.Required(CONF_METER): choice}))

    async def _async_create_meter(self, meter: str) -> ConfigFlowResult:
        await self.async_set_unique_id(meter_key(self._device.mac, meter), raise_on_progress=False)
        self._abort_if_unique_id_configured()
        name = self._device.name if len(self._found) == 1 else f"{self._device.name} {meter}"
        data = {CONF_KIND: KIND_METER, CONF_MAC: self._device.mac, CONF_METER: meter}
        return self.async_create_entry(title=name, data=data)

    async def async_step_broker(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Connect a context broker, which is tested before it is accepted."""
        errors: dict[str, str] = {}
        if user_input is not None:
            data = {CONF_KIND: KIND_BROKER, **_normalized(user_input)}
            if not (errors := await self._async_test(data)):
                await self.async_set_unique_id(_broker_unique_id(data))
                self._abort_if_unique_id_configured()
                return self.async_create_entry(title=_broker_title(data), data=data)
        return self._show_broker_form(KIND_BROKER, user_input or {}, errors)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change where a context broker is; a token that is left empty stays as it is."""
        entry = self._get_reconfigure_entry()
        if entry.data[CONF_KIND] == KIND_METER:
            return self.async_abort(reason="meter_has_nothing_to_enter")
        if user_input is None:
            shown = {key: value for key, value in entry.data.items() if key != CONF_TOKEN}
            return self._show_broker_form("reconfigure", shown, {})
        kept = {key: entry.data[key] for key in (CONF_KIND, CONF_TOKEN) if key in entry.data}
        data = {**kept, **_normalized(user_input)}
        if errors := await self._async_test(data):
            return self._show_broker_form("reconfigure", user_input, errors)
        unique_id = _broker_unique_id(data)
        if unique_id != entry.unique_id:
            await self.async_set_unique_id(unique_id)
            self._abort_if_unique_id_configured()
        title = _broker_title(data) if entry.title == _broker_title(entry.data) else entry.title
        return self.async_update_reload_and_abort(entry, unique_id=unique_id, title=title, data=data)

    async def async_step_reauth(self, _entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Handle a context broker that refuses the token."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a new token."""
        entry = self._get_reauth_entry()
        errors: dict[str, str] = {}
        if user_input is not None and not (errors := await self._async_test_broker({**entry.data, **user_input})):
            return self.async_update_reload_and_abort(entry, data_updates=user_input)
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=REAUTH_SCHEMA,
            errors={field if field == CONF_TOKEN else "base": error for field, error in errors.items()},
            description_placeholders={"broker": entry.title},
        )

    def _show_broker_form(self, step_id: str, values: Mapping[str, Any], errors: dict[str, str]) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(BROKER_SCHEMA, values),
            errors=errors,
            description_placeholders=BROKER_PLACEHOLDERS,
        )

    async def _async_test(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Return the errors of the fields; none when the broker, and QuantumLeap if it is given, answer as they should."""
        return await self._async_test_broker(data) or await self._async_test_history(data)

    async def _async_test_broker(self, data: Mapping[str, Any]) -> dict[str, str]:
        try:
            await NgsiClient(async_get_clientsession(self.hass), broker_address(data)).probe()
        except BrokerError as error:
            return BROKER_ERRORS[type(error)]
        return {}

    async def _async_test_history(self, data: Mapping[str, Any]) -> dict[str, str]:
        if CONF_QUANTUMLEAP_URL not in data:
            return {}
        try:
            session, url = async_get_clientsession(self.hass), data[CONF_QUANTUMLEAP_URL]
            await QuantumLeap(session, url, broker_address(data)).probe()
        except BrokerError as error:
            return QUANTUMLEAP_ERRORS[type(error)]
        try:
            checked_url(data.get(CONF_NOTIFICATION_URL, url))
        except InvalidUrlError:
            return {CONF_NOTIFICATION_URL: "invalid_url"}
        return {}


class MeterOptionsFlow(OptionsFlow):
    """Handle how a meter is shown."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose how often the sensors follow the meter. The meter reads it with each record, so nothing is reloaded."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        schema = self.add_suggested_values_to_schema(OPTIONS_SCHEMA, self.config_entry.options)
        return self.async_show_form(step_id="init", data_schema=schema)


def _device_schema(devices: Iterable[EsphomeDevice]) -> probatio.Schema:
    options = [SelectOptionDict(value=device.mac, label=device.name) for device in devices]
    choice = SelectSelector(SelectSelectorConfig(options=options))
    return probatio.Schema({probatio.Required(CONF_DEVICE, default=options[0]["value"]): choice})


def _normalized(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields in the one form that tells equal brokers, without those that were left empty."""
    fields = {key: value.strip().rstrip("/") for key, value in user_input.items()}
    required = {CONF_TENANT: fields[CONF_TENANT].lower(), CONF_SERVICE_PATH: "/" + fields[CONF_SERVICE_PATH].lstrip("/")}
    return {key: value for key, value in fields.items() if value} | required


def _broker_unique_id(data: Mapping[str, Any]) -> str:
    return f"{data[CONF_URL]}|{data[CONF_TENANT]}|{data[CONF_SERVICE_PATH]}"


def _broker_title(data: Mapping[str, Any]) -> str:
    place = "/".join(part for part in (data[CONF_TENANT], data[CONF_SERVICE_PATH].strip("/")) if part)
    return f"{URL(data[CONF_URL]).authority} {place}".rstrip()
