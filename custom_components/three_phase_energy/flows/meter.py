"""Steps that add a meter, from a list of ESPHome devices or after a discovery, and its options."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final, override

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult, OptionsFlow
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.device_registry import format_mac
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
)
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import probatio

from ..const import (
    CONF_KIND,
    CONF_MAC,
    CONF_METER,
    CONF_UPDATE_INTERVAL,
    DEFAULT_UPDATE_INTERVAL_S,
    DOCUMENTATION_URL,
    DOMAIN,
    KIND_METER,
)
from ..issues import side_to_update
from ..meters.esphome_device import EsphomeDevice, async_find_meters, esphome_devices, find_esphome_device, offers_readings
from ..meters.esphome_source import meter_key
from ..model.record import CONTRACT_VERSION

CONF_DEVICE: Final = "device"

OPTIONS_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_UPDATE_INTERVAL, default=DEFAULT_UPDATE_INTERVAL_S): probatio.All(
            NumberSelector(NumberSelectorConfig(min=1, max=60, mode=NumberSelectorMode.BOX, unit_of_measurement="s")),
            probatio.Coerce(int),
        )
    }
)


class MeterSteps(ConfigFlow):
    """The steps that add a meter."""

    _device: EsphomeDevice
    _search: asyncio.Task[dict[str, str]] | None = None
    _found: list[str]
    _discovered_mac = ""
    _problem: str | None = None

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
        """Go on with the meters found, or go back with the reason for finding none.

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

    async def async_reconfigure_meter(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the place that configures a meter."""
        return self.async_abort(reason="meter_has_nothing_to_enter")

    async def _async_create_meter(self, meter: str) -> ConfigFlowResult:
        await self.async_set_unique_id(meter_key(self._device.mac, meter), raise_on_progress=False)
        self._abort_if_unique_id_configured()
        name = self._device.name if len(self._found) == 1 else f"{self._device.name} {meter}"
        data = {CONF_KIND: KIND_METER, CONF_MAC: self._device.mac, CONF_METER: meter}
        return self.async_create_entry(title=name, data=data)


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
