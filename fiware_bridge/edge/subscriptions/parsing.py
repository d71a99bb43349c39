"""From the JSON of a subscription to a `Subscription`, with Orion's checks and their texts.

Parts of Orion that the embedded broker lacks are refused with 501: MQTT and Kafka, own payloads and macros of
`httpCustom`, and geographical expressions.
"""

import re

from aiohttp import hdrs
from yarl import URL

from ..base.errors import bad_request, not_implemented
from ..base.instants import orion_text, parse_orion_instant
from ..base.json_text import Json
from ..entities.fields import Fields, flag_of, integer_of, member_of, names_of, text_of, texts_of
from ..entities.model import Alteration
from ..entities.parsing import check_name, has_forbidden
from ..entities.query import Condition, parse_expression
from ..entities.representation import Form, View
from ..entities.selection import EntitySelector, selector_of
from .subscription import DEFAULT_ALTERATIONS, DEFAULT_TIMEOUT_SECONDS, Frame, Status, Subscription, Target

_MAX_DESCRIPTION = 1024
_MAX_TIMEOUT_MS = 1_800_000
_TARGETS = ("http", "httpCustom", "mqtt", "mqttCustom", "kafka", "kafkaCustom")
_PLAIN_HTTP_MEMBERS = frozenset({"url", "timeout"})
_CUSTOM_HTTP_MEMBERS = frozenset({"url", "timeout", "headers"})
_HEADER_NAME = re.compile(r"[!#$%&*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_FORM_OF_FRAME = {
    Frame.NORMALIZED: Form.NORMALIZED,
    Frame.SIMPLIFIED_NORMALIZED: Form.NORMALIZED,
    Frame.KEY_VALUES: Form.KEY_VALUES,
    Frame.SIMPLIFIED_KEY_VALUES: Form.KEY_VALUES,
    Frame.VALUES: Form.VALUES,
}


def parse_subscription(fields: Fields, *, identity: str, tenant: str, path: str) -> Subscription:
    """Return the subscription that a request defines; members that Orion does not know are ignored.

    Raises:
        NgsiError: a member is missing or wrong, or the embedded broker lacks what it asks for.
    """
    if not fields:
        raise bad_request("empty payload")
    subject, entities, conditions = _subject(fields)
    notification, target = _notification(fields)
    definition: dict[str, Json] = {"subject": subject, "notification": notification}
    description = _description(fields)
    if description:
        definition["description"] = description
    expires = _expires(fields)
    if expires is not None:
        definition["expires"] = orion_text(expires)
    throttling = integer_of(fields, "throttling", 0)
    definition["throttling"] = throttling
    condition = member_of(subject, "condition")
    return Subscription(
        id=identity,
        tenant=tenant,
        path=path,
        status=_status(fields),
        expires=expires,
        throttling=throttling,
        entities=entities,
        condition_attrs=frozenset(names_of(condition, "attrs")),
        conditions=conditions,
        alterations=_alterations(condition) or DEFAULT_ALTERATIONS,
        notify_on_metadata_change=flag_of(condition, "notifyOnMetadataChange", default=True),
        target=target,
        definition=definition,
    )


def _description(fields: Fields) -> str:
    description = text_of(fields, "description", "")
    if len(description) > _MAX_DESCRIPTION:
        raise bad_request("max description length exceeded")
    if has_forbidden(description):
        raise bad_request("forbidden characters in description")
    return description


def _expires(fields: Fields) -> int | None:
    text = text_of(fields, "expires", "")
    if not text:
        return None
    instant = parse_orion_instant(text)
    if instant is None:
        raise bad_request("expires has an invalid format")
    return instant


def _status(fields: Fields) -> Status:
    status = text_of(fields, "status", Status.ACTIVE)
    if status not in set(Status):
        raise bad_request("status is not valid: it has to be either active, inactive or oneshot")
    return Status(status)


def _subject(fields: Fields) -> tuple[dict[str, Json], tuple[EntitySelector, ...], tuple[Condition, ...]]:
    """Return the subject in canonical form, its selectors of entities, and the conditions of its expression."""
    if "subject" not in fields:
        raise bad_request("no subject for subscription specified")
    subject = member_of(fields, "subject")
    if "entities" not in subject:
        raise bad_request("no subject entities specified")
    items = subject["entities"]
    if not isinstance(items, list):
        raise bad_request("subject entities is not an array")
    if not items:
        raise bad_request("subject entities is empty")
    entities = [_entity(item) for item in items]
    if "condition" in subject and not member_of(subject, "condition"):
        raise bad_request("condition is empty")
    condition, conditions = _condition(member_of(subject, "condition"))
    canonical: dict[str, Json] = {"entities": list[Json](entities), "condition": condition}
    return canonical, tuple(selector_of(entity) for entity in entities), conditions


def _entity(item: Json) -> dict[str, Json]:
    if not isinstance(item, dict):
        raise bad_request("subject entities element is not an object")
    if "id" not in item and "idPattern" not in item:
        raise bad_request("/entities/ vector item does not have /id/ nor /idPattern/")
    for name in ("id", "type"):
        if name in item and f"{name}Pattern" in item:
            raise bad_request(f"/entities/ vector item has both /{name}/ and /{name}Pattern/")
    entity: dict[str, Json] = {}
    for name in ("id", "idPattern", "type", "typePattern"):
        if name not in item:
            continue
        text = text_of(item, name, "")
        if not name.endswith("Pattern"):
            if has_forbidden(text) or re.search(r"[\s&?/#]", text):
                raise bad_request(f"forbidden characters in /entities/ vector item /{name}/")
            check_name(text, f"entity {name}")
        entity[name] = text
    return entity


def _condition(fields: Fields) -> tuple[dict[str, Json], tuple[Condition, ...]]:
    condition: dict[str, Json] = {"attrs": list[Json](names_of(fields, "attrs"))}
    alterations = _alterations(fields)
    if alterations:
        condition["alterationTypes"] = list[Json](texts_of(fields, "alterationTypes"))
    expression, conditions = parse_expression(member_of(fields, "expression"))
    if expression:
        condition["expression"] = expression
    condition["notifyOnMetadataChange"] = flag_of(fields, "notifyOnMetadataChange", default=True)
    return condition, conditions


def _alterations(condition: Fields) -> frozenset[Alteration]:
    names = texts_of(condition, "alterationTypes")
    for name in names:
        if name not in set(Alteration):
            raise bad_request(f"unknown subscription alterationType: {name}")
    return frozenset(map(Alteration, names))


def _notification(fields: Fields) -> tuple[dict[str, Json], Target]:
    """Return the notification in canonical form, with its address and its content."""
    if "notification" not in fields:
        raise bad_request("no notification for subscription specified")
    notification = member_of(fields, "notification")
    kind, address = _address(notification)
    frame = _frame(notification)
    target = Target(
        url=str(address["url"]),
        headers={name: str(value) for name, value in member_of(address, "headers").items()},
        timeout=integer_of(address, "timeout", 0) / 1000 or DEFAULT_TIMEOUT_SECONDS,
        frame=frame,
        view=_view(notification, frame),
        only_changed_attrs=flag_of(notification, "onlyChangedAttrs", default=False),
        max_fails=_max_fails(notification),
    )
    return _canonical_notification(notification, target, kind, address), target


def _view(notification: Fields, frame: Frame) -> View:
    if "attrs" in notification and "exceptAttrs" in notification:
        raise bad_request("http notification has attrs and exceptAttrs")
    attrs, except_attrs = names_of(notification, "attrs"), names_of(notification, "exceptAttrs")
    if "exceptAttrs" in notification and not except_attrs:
        raise bad_request("http notification has exceptAttrs is empty")
    covered = flag_of(notification, "covered", default=False)
    if covered and not attrs:
        raise bad_request("covered true cannot be used if notification attributes list is empty")
    return View(
        form=_FORM_OF_FRAME[frame],
        attrs=tuple(attrs),
        except_attrs=frozenset(except_attrs),
        metadata=tuple(names_of(notification, "metadata")),
        covered=covered,
    )


def _canonical_notification(notification: Fields, target: Target, kind: str, address: dict[str, Json]) -> dict[str, Json]:
    """Return the notification with every default filled in, in the order of Orion's answers."""
    names = "exceptAttrs" if "exceptAttrs" in notification else "attrs"
    canonical: dict[str, Json] = {
        names: list[Json](names_of(notification, names)),
        "onlyChangedAttrs": target.only_changed_attrs,
        "attrsFormat": target.frame.value,
        kind: address,
    }
    if target.view.metadata:
        canonical["metadata"] = list[Json](target.view.metadata)
    if target.max_fails:
        canonical["maxFailsLimit"] = target.max_fails
    canonical["covered"] = target.view.covered
    return canonical


def _frame(notification: Fields) -> Frame:
    frame = text_of(notification, "attrsFormat", Frame.NORMALIZED)
    if frame not in set(Frame):
        accepted = "normalized, simplifiedNormalized, keyValues, simplifiedkeyValues, values"
        raise bad_request(f"invalid attrsFormat, accepted values: {accepted}")
    return Frame(frame)


def _max_fails(notification: Fields) -> int | None:
    if "maxFailsLimit" not in notification:
        return None
    limit = integer_of(notification, "maxFailsLimit", 0)
    if limit <= 0:
        raise bad_request("maxFailsLimit must be greater than zero")
    return limit


def _address(notification: Fields) -> tuple[str, dict[str, Json]]:
    """Return the name of the target's member and the member in canonical form."""
    kinds = [kind for kind in _TARGETS if kind in notification]
    if not kinds:
        raise bad_request("http, httpCustom, mqtt, mqttCustom, kafka or kafkaCustom is missing")
    if len(kinds) > 1:
        raise bad_request("only one of http, httpCustom, mqtt, mqttCustom, kafka or kafkaCustom is allowed")
    (kind,) = kinds
    if not kind.startswith("http"):
        raise not_implemented(f"notifications by {kind}")
    fields = member_of(notification, kind)
    known = _CUSTOM_HTTP_MEMBERS if kind == "httpCustom" else _PLAIN_HTTP_MEMBERS
    if kind == "httpCustom" and not fields.keys() <= known:
        raise not_implemented(f"{', '.join(sorted(fields.keys() - known))} of httpCustom")
    address: dict[str, Json] = {"url": _url(fields, kind)}
    timeout = integer_of(fields, "timeout", 0)
    if not 0 <= timeout <= _MAX_TIMEOUT_MS:
        raise bad_request(f"timeout out of range: 0 to {_MAX_TIMEOUT_MS} ms")
    if timeout:
        address["timeout"] = timeout
    if kind == "httpCustom" and "headers" in fields:
        address["headers"] = _headers(fields)
    return kind, address


def _url(fields: Fields, kind: str) -> str:
    if "url" not in fields:
        raise bad_request(f"url {kind} notification is missing")
    text = text_of(fields, "url", "")
    if has_forbidden(text.replace("=", "")):
        raise bad_request(f"forbidden characters in {kind} field /url/")
    try:
        url = URL(text)
        valid = url.scheme in {"http", "https"} and bool(url.host) and url.port is not None and not re.search(r"\s", text)
    except ValueError:
        valid = False
    if not valid:
        raise bad_request("Invalid URL parsing notification url")
    if "${" in text:
        raise not_implemented("macros in the URL of a notification")
    return text


def _headers(fields: Fields) -> dict[str, Json]:
    headers = member_of(fields, "headers")
    for name, value in headers.items():
        if not isinstance(value, str):
            raise bad_request("header value is not a string")
        if not _HEADER_NAME.fullmatch(name) or not value.isprintable():
            raise bad_request(f"invalid header /{name}/")
        if name.lower() == hdrs.CONTENT_LENGTH.lower():
            raise bad_request(f"header /{name}/ is set by the broker")
        if "${" in value:
            raise not_implemented("macros in the headers of a notification")
    return headers
