"""Access to a context broker: URL, tenant, service path and token."""

from dataclasses import dataclass, field
import re
from urllib.parse import urlsplit

from .errors import BrokerRefusedError, InvalidServicePathError, InvalidTenantError, InvalidUrlError

_TENANT = re.compile(r"[a-z0-9_]{0,50}")
_SERVICE_PATH = re.compile(r"/|(/[A-Za-z0-9_]{1,50}){1,10}")
_TOKEN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where a broker is, and where in it the entities are.

    Raises:
        InvalidUrlError, InvalidTenantError, InvalidServicePathError, BrokerRefusedError: a part has a form that cannot work.
    """

    url: str
    """http or https, without user, query and fragment."""
    tenant: str = ""
    """`Fiware-Service`; empty is the broker's default tenant. Kept in lower case, as brokers do."""
    service_path: str = "/"
    """`Fiware-ServicePath`."""
    token: str | None = field(default=None, repr=False)
    """OAuth2 access token or API key, sent as `Authorization: Bearer` and as `X-Auth-Token`, which PEP proxies look for."""

    def __post_init__(self) -> None:
        """Check every part, and bring it to the one form that brokers fold it to."""
        object.__setattr__(self, "url", checked_url(self.url))
        object.__setattr__(self, "tenant", self.tenant.lower())
        object.__setattr__(self, "service_path", self.service_path.rstrip("/") or "/")
        if not _TENANT.fullmatch(self.tenant):
            raise InvalidTenantError(f"tenant {self.tenant!r}: only letters, digits and _ are possible, at most 50")
        if not _SERVICE_PATH.fullmatch(self.service_path):
            raise InvalidServicePathError(
                f"service path {self.service_path!r}: it has the form /a/b, of letters, digits and _, at most 10 levels of 50"
            )
        if self.token is not None and not _TOKEN.fullmatch(self.token):
            raise BrokerRefusedError("the token holds characters that no token has; was it copied whole?")

    @property
    def scope(self) -> dict[str, str]:
        """The headers that name tenant and service path."""
        tenant = {"Fiware-Service": self.tenant} if self.tenant else {}
        # Without a path a broker would read everywhere and write to "/".
        return {**tenant, "Fiware-ServicePath": self.service_path}

    @property
    def credentials(self) -> dict[str, str]:
        """The headers that carry the token."""
        return {"Authorization": f"Bearer {self.token}", "X-Auth-Token": self.token} if self.token else {}


def checked_url(url: str) -> str:
    """Return an address without trailing slash.

    Raises:
        InvalidUrlError: it is not one of http or https, or it has a user, a query or a fragment.
    """
    try:
        parts = urlsplit(url.strip())
        is_plain = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as error:
        raise InvalidUrlError(f"{error}; an address looks like http://192.168.1.5:1026") from error
    if parts.username is not None or parts.password is not None:
        raise InvalidUrlError("an address does not hold a user or password; a broker takes a token")
    if not is_plain or parts.query or parts.fragment:
        raise InvalidUrlError(f"{url} is not an address like http://192.168.1.5:1026")
    return url.strip().rstrip("/")
