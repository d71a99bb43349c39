"""The live values of a meter: its newest live reading, at the user's update interval, and whether the meter is heard.

Records that waited on the meter during an outage go to the brokers with their own times. Sensors would show them as if they
were current, so this module ignores them.
"""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..const import CONF_UPDATE_INTERVAL, DEFAULT_UPDATE_INTERVAL_S, LOGGER
from ..model.reading import Reading

LOST_AFTER_S: Final = 10
"""Ten readings."""
FLAG_LOGGED: Final = "logged"
"""The meter could not send the record at once, and kept it in its log."""
LIVE_AGE: Final = timedelta(seconds=10)
PUNCTUALITY: Final = timedelta(seconds=0.5)
"""Half a reading: a reading that arrives slightly early must not double the interval."""


class Live:
    """The live side of one meter."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin without a reading."""
        self._hass = hass
        self._entry = entry
        self._listeners: set[CALLBACK_TYPE] = set()
        self._newest: Reading | None = None
        self._arrived: datetime | None = None
        self._shown: datetime | None = None
        self._stop_timer: CALLBACK_TYPE | None = None
        self._is_reported_lost = False
        self.reading: Reading | None = None
        """The reading that the sensors show."""
        self.is_heard = False

    @callback
    def start(self) -> None:
        """Start to wait for the first reading."""
        self._restart_timer()

    @callback
    def stop(self) -> None:
        """Stop waiting."""
        if self._stop_timer is not None:
            self._stop_timer()
            self._stop_timer = None

    @callback
    def async_add_listener(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener after each change of the shown values; return a function that removes it."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    @callback
    def offer(self, reading: Reading, arrived: datetime) -> None:
        """Note a record, and show it if it is live and due."""
        is_live = self._is_new(reading) and self._is_live(reading, arrived)
        self._arrived = arrived
        if not is_live:
            return
        self._newest = reading
        self._restart_timer()
        if self.is_heard and not self._is_due(arrived):
            return
        self._report_return()
        self.reading, self._shown, self.is_heard = reading, arrived, True
        self._notify()

    def _is_new(self, reading: Reading) -> bool:
        newest = self._newest
        return newest is None or newest.boot != reading.boot or newest.seq < reading.seq

    def _is_live(self, reading: Reading, arrived: datetime) -> bool:
        """Return whether a record is current.

        If the clocks disagree, the pace decides: records that waited arrive in bursts, live ones one span apart.
        """
        if reading.end is not None and arrived - reading.end <= LIVE_AGE:
            return True
        if self._arrived is None or FLAG_LOGGED in reading.flags:
            return False
        return reading.span / 2 <= arrived - self._arrived <= reading.span * 3

    def _is_due(self, arrived: datetime) -> bool:
        interval = timedelta(seconds=self._entry.options.get(CONF_UPDATE_INTERVAL, DEFAULT_UPDATE_INTERVAL_S))
        return self._shown is None or arrived - self._shown >= interval - PUNCTUALITY

    @callback
    def _restart_timer(self) -> None:
        self.stop()
        self._stop_timer = async_call_later(
            self._hass, LOST_AFTER_S, HassJob(self._on_lost, "three-phase meter lost", cancel_on_shutdown=True)
        )

    @callback
    def _on_lost(self, _now: datetime) -> None:
        self._stop_timer = None
        self.is_heard = False
        self._is_reported_lost = True
        LOGGER.warning("No reading of meter %s for %s s", self._entry.title, LOST_AFTER_S)
        self._notify()

    @callback
    def _report_return(self) -> None:
        if self._is_reported_lost:
            self._is_reported_lost = False
            LOGGER.info("Meter %s is heard again", self._entry.title)

    @callback
    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()
