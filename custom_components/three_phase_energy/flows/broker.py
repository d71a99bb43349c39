"""Steps that connect a context broker after a test, and change its address or its token."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import TextSelector, TextSelectorConfig, TextSelectorType
import probatio
from yarl import URL

from ..const import (
    CONF_KIND,
    CONF_NOTIFICATION_URL,
    CONF_QUANTUMLEAP_URL,
    CONF_SERVICE_PATH,
    CONF_TENANT,
    CONF_TOKEN,
    CONF_URL,
    DOCUMENTATION_URL,
    KIND_BROKER,
)
from ..mirror.broker import broker_address
from ..ngsi.access import checked_url
from ..ngsi.client import NgsiClient
from ..ngsi.errors import (
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
from ..ngsi.quantumleap import QuantumLeap

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


class BrokerSteps(ConfigFlow):
    """The steps that connect a context broker."""

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

    async def async_reconfigure_broker(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change the address of a context broker; a token that is left empty stays as it is."""
        entry = self._get_reconfigure_entry()
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


def _normalized(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields in one canonical form that identifies equal brokers, without empty ones."""
    fields = {key: value.strip().rstrip("/") for key, value in user_input.items()}
    required = {CONF_TENANT: fields[CONF_TENANT].lower(), CONF_SERVICE_PATH: "/" + fields[CONF_SERVICE_PATH].lstrip("/")}
    return {key: value for key, value in fields.items() if value} | required


def _broker_unique_id(data: Mapping[str, Any]) -> str:
    return f"{data[CONF_URL]}|{data[CONF_TENANT]}|{data[CONF_SERVICE_PATH]}"


def _broker_title(data: Mapping[str, Any]) -> str:
    place = "/".join(part for part in (data[CONF_TENANT], data[CONF_SERVICE_PATH].strip("/")) if part)
    return f"{URL(data[CONF_URL]).authority} {place}".rstrip()
