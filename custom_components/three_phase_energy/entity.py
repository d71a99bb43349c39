"""The common base of the entities of meters and context brokers."""

from typing import Protocol, override

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.entity import Entity


class Source(Protocol):
    """A source that notifies its listeners of new values."""

    def async_add_listener(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Add a listener; return a function that removes it."""


class PushEntity(Entity):
    """An entity whose source triggers each state update."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, source: Source, unique_id: str) -> None:
        """Initialize the entity."""
        self._source = source
        self._attr_unique_id = unique_id

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the source until the entity is removed."""
        await super().async_added_to_hass()
        self.async_on_remove(self._source.async_add_listener(self.async_write_ha_state))

    @callback
    @override
    def async_entity_id_changed(self, old_entity_id: str) -> None:
        """Keep the listener: nothing here depends on the entity's id."""
