"""Answers to an update that was not done, or not wholly."""

from collections.abc import Sequence

from ..base.errors import NgsiError, ambiguous_entity, entity_not_found
from ..entities.model import EntityUpdate
from ..entities.updates import Outcome, Refusal

_TWO_PLACES = (
    "You cannot use more than one geo location attribute when creating an entity. "
    "Use ignoreType metadata if you want to add additional informative locations."
)
_ATTRIBUTES_TEXT = {
    Refusal.NO_ATTRIBUTE: "do not exist: ",
    Refusal.ATTRIBUTE_EXISTS: "one or more of the attributes in the request already exist: ",
}


def check_single(update: EntityUpdate, outcome: Outcome) -> None:
    """Raise what a request for one entity is answered when something was refused."""
    match outcome.refusal:
        case None:
            return
        case Refusal.NO_ENTITY:
            raise entity_not_found()
        case Refusal.ENTITY_EXISTS:
            raise NgsiError("Unprocessable", "Already Exists")
        case _:
            check_batch([update], [outcome])


def check_batch(updates: Sequence[EntityUpdate], outcomes: Sequence[Outcome]) -> None:
    """Raise the answer to a batch with refused parts; the accepted parts stay done."""
    refused = [(update, outcome) for update, outcome in zip(updates, outcomes, strict=True) if outcome.refusal]
    if not refused:
        return
    if all(outcome.change is None for outcome in outcomes):
        raise _nothing_done(refused)
    raise NgsiError("PartialUpdate", _description(refused))


def _nothing_done(refused: list[tuple[EntityUpdate, Outcome]]) -> NgsiError:
    reasons = {outcome.refusal for _, outcome in refused}
    if reasons == {Refusal.AMBIGUOUS}:
        return ambiguous_entity()
    if reasons == {Refusal.TWO_PLACES}:
        return NgsiError("NoResourcesAvailable", _TWO_PLACES)
    return NgsiError("NotFound" if reasons == {Refusal.NO_ENTITY} else "Unprocessable", _description(refused))


def _description(refused: list[tuple[EntityUpdate, Outcome]]) -> str:
    """Return Orion's list of the refused parts: the reason of the first, then the entities."""
    text = ""
    for update, outcome in refused:
        label = f"{update.id}/{update.type}" if update.type else update.id
        text += _first(label, outcome) if not text else _following(label, outcome)
    return text


def _first(label: str, outcome: Outcome) -> str:
    if outcome.refusal is Refusal.NO_ENTITY:
        return f"do not exist: {label} - [entity itself]"
    if outcome.refusal in _ATTRIBUTES_TEXT:
        return _ATTRIBUTES_TEXT[outcome.refusal] + f"{label} - [ {', '.join(outcome.refused)} ]"
    return f"{outcome.refusal}: {label}"


def _following(label: str, outcome: Outcome) -> str:
    if outcome.refusal is Refusal.NO_ENTITY:
        return f", {label} [entity itself]"
    if outcome.refused:
        return f", {label} - [ {', '.join(outcome.refused)} ]"
    return f", {outcome.refusal}: {label}"
