"""Problems that only the user can fix, as repairs. Each appears with its cause and disappears with it."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOCUMENTATION_URL, DOMAIN
from .model.record import CONTRACT_VERSION
from .outbox.records import Salvage

ISSUE_CONTRACT_VERSION: Final = "contract_version"
ISSUE_MIRROR_INCOMPLETE: Final = "mirror_incomplete"
ISSUE_OUTBOX_FAILS: Final = "outbox_fails"
ISSUE_OUTBOX_SALVAGED: Final = "outbox_salvaged"

UPDATE_FIRMWARE: Final = "update_firmware"
UPDATE_INTEGRATION: Final = "update_integration"


def side_to_update(version: str) -> str:
    """Return the translation key of the side that needs an update, judged by a meter's contract version."""
    is_older = version.isascii() and version.isdecimal() and int(version) < int(CONTRACT_VERSION)
    return UPDATE_FIRMWARE if is_older else UPDATE_INTEGRATION


@callback
def report_contract_version(hass: HomeAssistant, entry: ConfigEntry, version: str | None) -> None:
    """Report that a meter speaks another version of the contract, or with None that it speaks ours."""
    if version is None:
        _withdraw(hass, ISSUE_CONTRACT_VERSION, entry)
    else:
        placeholders = {"meter": entry.title, "theirs": version, "ours": CONTRACT_VERSION}
        _raise(hass, ISSUE_CONTRACT_VERSION, entry, placeholders, translation_key=side_to_update(version))


@callback
def report_outbox_failure(hass: HomeAssistant, entry: ConfigEntry, error: Exception | None) -> None:
    """Report that a broker's outbox cannot be written, or with None that it can."""
    _report_error(hass, ISSUE_OUTBOX_FAILS, entry, error)


@callback
def report_incomplete_mirror(hass: HomeAssistant, entry: ConfigEntry, error: Exception | None) -> None:
    """Report why a broker takes readings but not everything that belongs to them, or with None that it does."""
    _report_error(hass, ISSUE_MIRROR_INCOMPLETE, entry, error)


@callback
def report_salvaged_outbox(hass: HomeAssistant, entry: ConfigEntry, salvage: Salvage) -> None:
    """Report a damaged outbox and the number of recovered readings, until the user confirms."""
    placeholders = {"broker": entry.title, "path": str(salvage.set_aside), "recovered": str(salvage.recovered)}
    _raise(hass, ISSUE_OUTBOX_SALVAGED, entry, placeholders, until_confirmed=True)


@callback
def forget_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Withdraw every repair of a removed entry."""
    for issue in (ISSUE_CONTRACT_VERSION, ISSUE_MIRROR_INCOMPLETE, ISSUE_OUTBOX_FAILS, ISSUE_OUTBOX_SALVAGED):
        _withdraw(hass, issue, entry)


def _report_error(hass: HomeAssistant, issue: str, entry: ConfigEntry, error: Exception | None) -> None:
    if error is None:
        _withdraw(hass, issue, entry)
    else:
        _raise(hass, issue, entry, {"broker": entry.title, "error": str(error)})


def _raise(
    hass: HomeAssistant,
    issue: str,
    entry: ConfigEntry,
    placeholders: dict[str, str],
    *,
    translation_key: str | None = None,
    until_confirmed: bool = False,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(issue, entry),
        is_fixable=until_confirmed,
        is_persistent=until_confirmed,
        learn_more_url=DOCUMENTATION_URL,
        severity=ir.IssueSeverity.WARNING if until_confirmed else ir.IssueSeverity.ERROR,
        translation_key=translation_key or issue,
        translation_placeholders=placeholders,
    )


def _withdraw(hass: HomeAssistant, issue: str, entry: ConfigEntry) -> None:
    ir.async_delete_issue(hass, DOMAIN, _issue_id(issue, entry))


def _issue_id(issue: str, entry: ConfigEntry) -> str:
    return f"{issue}_{entry.entry_id}"
