"""One HTTP request to a broker or its history, and the meaning of its answer.

Every request has a time limit, and every answer a size limit. No redirect is followed: it would carry the token and the
readings to a server that the user did not choose.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
import re

import aiohttp
import orjson

from .errors import (
    BrokerBusyError,
    BrokerError,
    BrokerRefusedError,
    BrokerUnreachableError,
    ContentRefusedError,
    InvalidTenantError,
    InvalidUrlError,
    NotABrokerError,
)

_TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=10)
"""A batch of 300 kB takes 6 s at 50 kB/s; Orion itself needs less than a second."""
_LONGEST_ANSWER = 4 * 1024 * 1024
"""A page of 100 subscriptions is below 100 kB."""
_LONGEST_TEXT = 200
_LONGEST_WAIT = 3600.0
"""Seconds; after this a broker is asked again, even if it requested a longer wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A successful answer (2xx)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> object:
        """Return the body as JSON.

        Raises:
            NotABrokerError: the body is not JSON.
        """
        try:
            document: object = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise NotABrokerError(f"{self.url} does not answer in JSON; is it the address of the broker?") from error
        return document


async def exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> Answer:
    """Make a request and return its successful answer.

    Raises:
        BrokerError: the subclass names the failure.
    """
    try:
        async with session.request(
            method, url, params=params, data=content, headers=headers, allow_redirects=False, timeout=_TIMEOUT
        ) as response:
            answer = Answer(status=response.status, headers=response.headers, body=await _body(response), url=url)
    except TimeoutError as error:
        raise BrokerUnreachableError(f"{url} did not answer within {_TIMEOUT.total:.0f} s") from error
    except aiohttp.InvalidURL as error:
        raise InvalidUrlError(f"{url} is not an address") from error
    except aiohttp.ClientSSLError as error:
        raise BrokerUnreachableError(f"no secure connection to {url}: {error}") from error
    except aiohttp.ClientError as error:
        raise BrokerUnreachableError(f"{url} cannot be reached: {error or type(error).__name__}") from error
    if not 200 <= answer.status < 300:
        raise _failure(answer)
    return answer


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        body += chunk
        if len(body) > _LONGEST_ANSWER:
            raise NotABrokerError(f"{response.url.origin()} answers with more than {_LONGEST_ANSWER} bytes")
    return bytes(body)


def _failure(answer: Answer) -> BrokerError:
    """Return the error that an unsuccessful answer stands for."""
    status = answer.status
    name, description = _orion_error(answer.body)
    text = f"{answer.url} answered {status} {name} {description}".rstrip()
    if status in (401, 403):
        return BrokerRefusedError(text)
    if status in (408, 425, 429) or status >= 500:
        return BrokerBusyError(text, retry_after=_retry_after(answer.headers.get("Retry-After")))
    if 300 <= status < 400:
        return NotABrokerError(f"{answer.url} redirects to {answer.headers.get('Location', 'nowhere')}; enter the final address")
    if status == 400 and re.search("tenant|service ?path|fiware-service", description, re.IGNORECASE):
        return InvalidTenantError(text)
    if status in (413, 422) or (status in (400, 404, 409) and name and not description.startswith("Service not found")):
        return ContentRefusedError(text, status=status, failed=_failed(name, description))
    return NotABrokerError(text)


def _orion_error(body: bytes) -> tuple[str, str]:
    """Return name and description of an NGSI-v2 error; both are empty if the body is none."""
    try:
        error = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(error, dict) or not isinstance(error.get("error"), str):
        return "", ""
    return error["error"][:_LONGEST_TEXT], str(error.get("description", ""))[:_LONGEST_TEXT]


def _failed(name: str, description: str) -> frozenset[str]:
    """Return the ids of entities that a partial update names as not updated, as in `do not exist: e1/Room - [ a ]`."""
    if name != "PartialUpdate":
        return frozenset()
    return frozenset(re.findall(r"([^\s,/]+)/[^\s,/]+ (?:- )?\[", description))


def _retry_after(text: str | None) -> float | None:
    """Return the seconds of a `Retry-After` header, which holds seconds or a date."""
    if text is None:
        return None
    if text.isdecimal():
        return min(float(text), _LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except TypeError, ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)
