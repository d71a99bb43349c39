"""An outbox, and a broker to deliver it to."""

from tests.ngsi.conftest import broker, client, session
from tests.outbox.conftest import outbox

__all__ = ["broker", "client", "outbox", "session"]
