"""What can go wrong between a meter and a context broker; every text tells a person what to look at."""


class BrokerError(Exception):
    """A context broker or its history did not do what was asked; nothing is lost, the readings wait in the outbox."""


class InvalidUrlError(BrokerError):
    """An address that no request can be made from; found before anything is sent."""


class InvalidTenantError(BrokerError):
    """A tenant of a form that no broker takes, or a tenant or service path that the broker refused."""


class InvalidServicePathError(BrokerError):
    """A service path of a form that no broker takes; found before anything is sent."""


class BrokerUnreachableError(BrokerError):
    """No answer: unknown host, refused or broken connection, failed TLS, or silence until the time limit."""


class NotABrokerError(BrokerError):
    """Something answers, but not as an NGSI-v2 context broker."""


class BrokerRefusedError(BrokerError):
    """The broker wants other credentials (401, 403)."""


class BrokerBusyError(BrokerError):
    """The broker cannot serve now (429, 5xx)."""

    def __init__(self, text: str, *, retry_after: float | None = None) -> None:
        """Keep how many seconds the broker asked to be left alone."""
        super().__init__(text)
        self.retry_after = retry_after


class ContentRefusedError(BrokerError):
    """The broker takes requests, but not this content (400, 404, 409, 413, 422)."""

    def __init__(self, text: str, *, status: int = 400, failed: frozenset[str] = frozenset()) -> None:
        """Keep the HTTP status and, of a partial update, the ids of the entities that were not updated."""
        super().__init__(text)
        self.status = status
        self.failed = failed
