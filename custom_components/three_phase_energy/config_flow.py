"""Config flow: add a meter, or connect a context broker. The steps of each kind are in `flows/`."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult, OptionsFlow
from homeassistant.core import callback

from .const import CONF_KIND, DOMAIN, KIND_BROKER, KIND_METER
from .flows.broker import BrokerSteps
from .flows.meter import MeterOptionsFlow, MeterSteps

OPTIONS_FLOWS: Final[Mapping[str, type[OptionsFlow]]] = MappingProxyType({KIND_METER: MeterOptionsFlow})
"""Of the kinds of entries that have options."""
RECONFIGURE: Final[Mapping[str, Callable[[Any, dict[str, Any] | None], Awaitable[ConfigFlowResult]]]] = MappingProxyType(
    {KIND_METER: MeterSteps.async_reconfigure_meter, KIND_BROKER: BrokerSteps.async_reconfigure_broker}
)


class ThreePhaseConfigFlow(MeterSteps, BrokerSteps, domain=DOMAIN):
    """Handle the config flow of both kinds of entries."""

    VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the options flow of an entry."""
        return OPTIONS_FLOWS[config_entry.data[CONF_KIND]]()

    @classmethod
    @callback
    @override
    def async_supports_options_flow(cls, config_entry: ConfigEntry) -> bool:
        """Return whether an entry is of a kind that has options."""
        # The entry of a discovery that the user ignores is empty.
        return config_entry.data.get(CONF_KIND) in OPTIONS_FLOWS

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose what to add."""
        return self.async_show_menu(step_id="user", menu_options=[KIND_METER, KIND_BROKER])

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change what can be changed of an entry of its kind."""
        return await RECONFIGURE[self._get_reconfigure_entry().data[CONF_KIND]](self, user_input)
